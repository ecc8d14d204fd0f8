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

static uint64_t
read_bytes(const char *from, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, from, n);
	return to_lower(word);
}

/* The last bytes are read by loads of fixed sizes that overlap: a load of what
 * has just been stored byte by byte would have to wait. */
static uint64_t
last_bytes(const char *text, size_t len)
{
	const char *end = text + len;

	if (len >= 8)
		return read_bytes(end - 8, 8);
	if (len >= 4)
		return read_bytes(text, 4) << 32 | read_bytes(end - 4, 4);
	if (len >= 2)
		return read_bytes(text, 2) << 16 | read_bytes(end - 2, 2);
	return len == 1 ? read_bytes(text, 1) : 0;
}

uint64_t
hash_text(uint64_t h, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i + 8 < len; i += 8)
		h = hash_word(h, read_bytes(text + i, 8));
	return hash_word(hash_word(h, last_bytes(text, len)), len);
}
