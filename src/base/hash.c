/*
 * hash: keyed hashes for tables whose keys come from outside.
 */
#include "base/hash.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Makes capitals small in all eight bytes. */
static uint64_t
to_lower(uint64_t word)
{
	uint64_t low = word & EACH(0x7f);
	uint64_t from_a = low + EACH(0x80 - 'A'),
		 past_z = low + EACH(0x7f - 'Z');

	/* The highest bit of each: it is a capital, and ASCII. */
	return word | ((from_a & ~past_z & ~word & EACH(0x80)) >> 2);
}

uint64_t
hash_text(uint64_t h, const char *text, size_t len)
{
	size_t rest = len % sizeof(uint64_t);
	const char *end = text + len - rest;
	uint64_t word;

	for (; text < end; text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		h = hash_word(h, to_lower(word));
	}
	word = 0;
	memcpy(&word, text, rest);
	return hash_word(hash_word(h, to_lower(word)), len);
}
