/*
 * Tests of pool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/pool.h"

#define PIECES 200000u

static size_t
size_of(uint32_t i)
{
	return 1 + i * 7919 % 61;
}

/* Pieces are aligned, apart from each other, and stay where they are. */
static void
test_pieces(void **state)
{
	uint32_t *numbers = xcalloc(PIECES, sizeof(*numbers));
	void **places = xcalloc(PIECES, sizeof(*places));
	struct pool p;

	(void)state;
	pool_init(&p);
	for (uint32_t i = 0; i < PIECES; i++) {
		numbers[i] = pool_alloc(&p, size_of(i));
		places[i] = pool_at(&p, numbers[i]);
		assert_int_not_equal(numbers[i], 0);
		assert_int_equal((uintptr_t)places[i] % POOL_UNIT, 0);
		memset(places[i], (int)(i & 255), size_of(i));
	}
	assert_true(p.nblocks > 1);
	for (uint32_t i = 0; i < PIECES; i++) {
		const unsigned char *at = pool_at(&p, numbers[i]);

		assert_ptr_equal(at, places[i]);
		for (size_t k = 0; k < size_of(i); k++)
			assert_int_equal(at[k], i & 255);
	}
	pool_clear(&p);
	assert_int_equal(p.nblocks, 0);
	free(places);
	free(numbers);
}

/* A piece may nearly fill a block; an empty pool is cleared as well. */
static void
test_large(void **state)
{
	struct pool p;
	uint32_t a, b;

	(void)state;
	pool_init(&p);
	pool_clear(&p);
	a = pool_alloc(&p, LARGE_BLOCK - POOL_UNIT);
	b = pool_alloc(&p, LARGE_BLOCK - POOL_UNIT);
	memset(pool_at(&p, a), 1, LARGE_BLOCK - POOL_UNIT);
	memset(pool_at(&p, b), 1, LARGE_BLOCK - POOL_UNIT);
	assert_int_not_equal(a, b);
	assert_int_equal(p.nblocks, 2);
	pool_clear(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
