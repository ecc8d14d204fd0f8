/*
 * Tests of hash: what counts alike, and what does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

#define LONGEST 20

static uint64_t
hash_of(size_t len, size_t at, int byte)
{
	char text[LONGEST];

	memset(text, 'q', sizeof(text));
	text[at] = (char)byte;
	return hash_text(7, text, len);
}

static int
to_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

/* Two texts that differ in one byte, which may be a letter's case. */
static void
test_letters(void **state)
{
	(void)state;
	for (size_t len = 1; len <= LONGEST; len++)
		for (int a = 0; a < 256; a++)
			for (int b = 0; b < 256; b++)
				assert_int_equal(hash_of(len, len / 2, a) ==
						     hash_of(len, len / 2, b),
				    to_lower(a) == to_lower(b));
}

static void
test_lengths(void **state)
{
	static const char zeros[LONGEST];

	(void)state;
	for (size_t a = 0; a <= LONGEST; a++)
		for (size_t b = 0; b <= LONGEST; b++)
			assert_int_equal(
			    hash_text(7, zeros, a) == hash_text(7, zeros, b),
			    a == b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_letters),
	    cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
