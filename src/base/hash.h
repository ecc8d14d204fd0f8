/*
 * hash: keyed hashes for tables whose keys come from outside. They are not for
 * secrets: they prevent an attacker, who does not know the key, from choosing
 * keys that collide.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* One more word. */
static inline uint64_t
hash_word(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ (h >> 29);
}

/* A text and its length; ASCII letters count alike in either case. */
uint64_t hash_text(uint64_t h, const char *text, size_t len);

#endif
