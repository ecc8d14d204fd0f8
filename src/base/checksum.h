/*
 * checksum: whether a file of ours is still what was written (FNV-1a, 64 bits).
 * One byte that differs always changes the sum: each step maps different sums
 * to different ones. It is for damage, not for forgery.
 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define CHECKSUM_START UINT64_C(0xcbf29ce484222325)

/* One more byte. */
static inline uint64_t
checksum_byte(uint64_t sum, uint8_t byte)
{
	return (sum ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t
checksum_bytes(uint64_t sum, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = checksum_byte(sum, (uint8_t)p[i]);
	return sum;
}

#endif
