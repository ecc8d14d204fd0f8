/*
 * hash: keyed hashes for tables whose keys come from outside.
 */
#include "base/hash.h"

uint64_t
hash_text(uint64_t h, const char *text, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		word = word << 8 | (c >= 'A' && c <= 'Z' ? c | 32 : c);
		if (i % 8 == 7) {
			h = hash_word(h, word);
			word = 0;
		}
	}
	return hash_word(hash_word(h, word), len);
}
