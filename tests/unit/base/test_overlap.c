/*
 * Tests of overlap: random sets of a small universe against a naive model.
 * $SEED repeats a random run, which otherwise is always the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/overlap.h"

#define SETS 6
#define UNIVERSE 64

/* Both ends of each family's addresses are in the universe. */
static struct addr
at(enum family f, unsigned i)
{
	struct addr a = {0, i};

	if (i >= UNIVERSE / 2) {
		a.lo =
		    (f == IPV4 ? UINT32_MAX : UINT64_MAX) - (UNIVERSE - 1 - i);
		a.hi = f == IPV4 ? 0 : UINT64_MAX;
	}
	return a;
}

static void
fill(struct addrset *s, enum family f, bool *has)
{
	for (int k = rand() % 6; k > 0; k--) {
		/* No range from one end to the other. */
		unsigned half = (unsigned)rand() % 2 * UNIVERSE / 2;
		unsigned first = (unsigned)rand() % (UNIVERSE / 2);
		unsigned last =
		    first + (unsigned)rand() % (UNIVERSE / 2 - first);
		struct range r = {at(f, half + first), at(f, half + last)};

		addrset_add_range(s, f, &r);
		for (unsigned i = first; i <= last; i++)
			has[half + i] = true;
	}
}

/* What the sets say of one address, the slow way. */
static void
check_address(bool has[SETS][UNIVERSE], const struct overlap *v, size_t n,
    enum family f, unsigned i)
{
	struct addr a = at(f, i);
	size_t found = overlap_from(v, n, &a);
	size_t sets[2] = {OVERLAP_NONE, OVERLAP_NONE}, k = 0;

	for (size_t s = 0; s < SETS; s++)
		if (has[s][i] && k < 2)
			sets[k++] = s;
	if (k == 0) {
		assert_true(found == n || addr_cmp(&v[found].r.first, &a) > 0);
		return;
	}
	assert_true(found < n);
	assert_true(addr_cmp(&v[found].r.first, &a) <= 0);
	assert_int_equal(v[found].first, sets[0]);
	assert_int_equal(v[found].second, sets[1]);
}

static void
check_random(enum family f)
{
	bool has[SETS][UNIVERSE] = {{false}};
	struct addrset sets[SETS], *pointers[SETS];
	struct overlap *v;
	size_t n;

	for (size_t s = 0; s < SETS; s++) {
		addrset_init(&sets[s]);
		fill(&sets[s], f, has[s]);
		pointers[s] = &sets[s];
	}
	n = overlap_find(pointers, SETS, f, &v);
	for (size_t i = 1; i < n; i++)
		assert_true(addr_cmp(&v[i - 1].r.last, &v[i].r.first) < 0);
	for (unsigned i = 0; i < UNIVERSE; i++)
		check_address(has, v, n, f, i);
	free(v);
	for (size_t s = 0; s < SETS; s++)
		addrset_clear(&sets[s]);
}

static void
test_random(void **state)
{
	const char *seed = getenv("SEED");

	(void)state;
	srand(seed != NULL ? (unsigned)atoi(seed) : 1);
	for (int i = 0; i < 3000; i++)
		check_random(i % 2 == 0 ? IPV4 : IPV6);
}

static void
test_nothing(void **state)
{
	struct overlap *v;
	struct addr a = {0, 1};

	(void)state;
	assert_int_equal(overlap_find(NULL, 0, IPV4, &v), 0);
	assert_int_equal(overlap_from(v, 0, &a), 0);
	free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
