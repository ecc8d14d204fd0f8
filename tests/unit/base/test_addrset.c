/*
 * Tests of addrset: addresses and networks as text, and random sets against
 * a naive model, a bitmap of a small universe. $SEED repeats a random run,
 * which otherwise is always the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addrset.h"
#include "base/memory.h"
#include "base/text.h"

static struct addr
address(const char *text, enum family *f)
{
	struct addr a;

	assert_int_equal(addr_from_text(text, f, &a), 0);
	return a;
}

static void
add(struct addrset *s, const char *text, unsigned prefix)
{
	enum family f;
	struct addr a = address(text, &f);

	addrset_add_net(s, f, &a, prefix);
}

static void
add_range(struct addrset *s, const char *first, const char *last)
{
	enum family f;
	struct range r;

	r.first = address(first, &f);
	r.last = address(last, &f);
	addrset_add_range(s, f, &r);
}

/* The set's minimal cover must be these networks, a space behind each. */
static void
expect(struct addrset *s, const char *expected)
{
	char text[NET_STRLEN];
	struct net *nets;
	struct buf b;
	size_t n = addrset_nets(s, &nets);

	assert_int_equal(
	    n, addrset_count_nets(s, IPV4) + addrset_count_nets(s, IPV6));
	assert_false(addrset_needs_more_nets(s, n));
	assert_true(n == 0 || addrset_needs_more_nets(s, n - 1));
	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s ", net_to_text(&nets[i], text));
	assert_string_equal(b.data, expected);
	assert_int_equal(addrset_is_empty(s), n == 0);
	buf_clear(&b);
	free(nets);
}

static void
expect_text(const char *in, const char *out)
{
	char text[NET_STRLEN];
	enum family f;
	struct addr a = address(in, &f);

	assert_string_equal(addr_to_text(f, &a, text), out);
}

static void
test_text(void **state)
{
	(void)state;
	expect_text("192.0.2.255", "192.0.2.255");
	expect_text("0.0.0.0", "0.0.0.0");
	expect_text("255.255.255.255", "255.255.255.255");
	/* RFC 5952 section 4. */
	expect_text(
	    "2001:0DB8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1");
	expect_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	expect_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	expect_text("2001:db8:0:0:0:0:0:0", "2001:db8::");
	expect_text("0:0:0:0:0:0:0:0", "::");
	expect_text("0:0:0:0:0:0:0:1", "::1");
	expect_text("1:0:0:0:0:0:0:0", "1::");
	expect_text("0:0:1:1:1:1:0:0", "::1:1:1:1:0:0");
	expect_text("0:1:1:1:1:1:1:0", "0:1:1:1:1:1:1:0");
	expect_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	expect_text("::ffff:c000:201", "::ffff:192.0.2.1");
	expect_text("::1.2.3.4", "::102:304");
	expect_text("64:ff9b::192.0.2.1", "64:ff9b::c000:201");
}

static void
test_what_is_no_address(void **state)
{
	static const char *const wrong[] = {"", "1.2.3", "1.2.3.4.5",
	    "1.2.3.256", "1.2.3.04", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/32", ":",
	    ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345",
	    "::g", "::1/128", "fe80::1%lo", "0x1.2.3.4"};
	enum family f;
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(addr_from_text(wrong[i], &f, &a), -1);
}

static void
test_bytes(void **state)
{
	static const uint8_t bytes[] = {
	    0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct addr a = addr_from_bytes(IPV6, bytes);

	(void)state;
	assert_true(a.hi == UINT64_C(0x20010db801020304));
	assert_true(a.lo == UINT64_C(0x05060708090a0b0c));
	a = addr_from_bytes(IPV4, bytes);
	assert_true(a.hi == 0 && a.lo == 0x20010db8);
}

static void
test_order_of_nets(void **state)
{
	static const struct net nets[] = {
	    {IPV4, 0, {0, 0}},
	    {IPV4, 8, {0, 0}},
	    {IPV4, 32, {0, UINT32_MAX}},
	    {IPV6, 0, {0, 0}},
	    {IPV6, 128, {0, UINT64_MAX}},
	    {IPV6, 64, {1, 0}},
	    {IPV6, 65, {1, 0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(nets); i++)
		for (size_t k = 0; k < COUNT(nets); k++) {
			int c = net_cmp(&nets[i], &nets[k]);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
}

static void
test_range_of_net(void **state)
{
	struct net n = {IPV6, 63, {2, 0}};
	struct range r = net_range(&n);

	(void)state;
	assert_true(r.first.hi == 2 && r.first.lo == 0);
	assert_true(r.last.hi == 3 && r.last.lo == UINT64_MAX);
	n = (struct net){IPV4, 0, {0, 0}};
	r = net_range(&n);
	assert_true(r.first.lo == 0 && r.last.lo == UINT32_MAX);
	assert_true(r.last.hi == 0);
	assert_int_equal(family_bits(IPV4), 32);
	assert_int_equal(family_bits(IPV6), 128);
}

static void
test_host_bits_and_merging(void **state)
{
	struct addrset s;

	(void)state;
	addrset_init(&s);
	expect(&s, "");
	add(&s, "192.0.2.77", 25);
	add(&s, "192.0.2.128", 25);
	expect(&s, "192.0.2.0/24 ");
	add(&s, "192.0.2.3", 32);
	add(&s, "192.0.3.0", 24);
	add(&s, "2001:db8::8000:0:0:1", 65);
	add(&s, "2001:db8::1", 65);
	expect(&s, "192.0.2.0/23 2001:db8::/64 ");
	add(&s, "192.0.1.0", 24);
	/* Adjacent, but not one block. */
	expect(&s, "192.0.1.0/24 192.0.2.0/23 2001:db8::/64 ");
	addrset_clear(&s);
	expect(&s, "");
}

static void
test_ranges(void **state)
{
	struct addrset s;

	(void)state;
	addrset_init(&s);
	add_range(&s, "192.0.2.1", "192.0.2.6");
	expect(&s, "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32 ");
	addrset_clear(&s);
	add_range(&s, "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::");
	expect(&s, "2001:db8::ffff:ffff:ffff:ffff/128 2001:db8:0:1::/128 ");
	addrset_clear(&s);
	add_range(&s, "0.0.0.1", "255.255.255.255");
	assert_int_equal(addrset_count_nets(&s, IPV4), 32);
	add(&s, "0.0.0.0", 32);
	expect(&s, "0.0.0.0/0 ");
	add_range(&s, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	assert_int_equal(addrset_count_nets(&s, IPV6), 128);
	add(&s, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128);
	expect(&s, "0.0.0.0/0 ::/0 ");
	addrset_clear(&s);
}

static void
test_everything(void **state)
{
	struct addrset s, hole;

	(void)state;
	addrset_init(&s);
	addrset_init(&hole);
	add(&s, "192.0.2.0", 24);
	addrset_fill(&s);
	expect(&s, "0.0.0.0/0 ::/0 ");
	assert_true(addrset_is_full(&s));
	assert_true(addrset_addresses(&s, IPV4) == 4294967296.0);
	assert_true(addrset_addresses(&s, IPV6) == 0x1p128);
	addrset_fill(&hole);
	addrset_subtract(&s, &hole);
	expect(&s, "");
	addrset_clear(&hole);
	add(&hole, "255.255.255.255", 32);
	add(&hole, "0.0.0.0", 1);
	add(&hole, "8000::", 1);
	add(&hole, "::", 128);
	addrset_fill(&s);
	addrset_subtract(&s, &hole);
	assert_true(addrset_addresses(&s, IPV4) == 2147483647.0);
	assert_int_equal(addrset_count_nets(&s, IPV4), 31);
	assert_int_equal(addrset_count_nets(&s, IPV6), 127);
	assert_false(addrset_is_full(&s));
	/* Neither family alone is everything. */
	addrset_fill(&s);
	addrset_subtract(&s, &hole);
	add(&s, "0.0.0.0", 0);
	assert_false(addrset_is_full(&s));
	addrset_clear(&s);
	addrset_clear(&hole);
}

static void
test_set_operations(void **state)
{
	struct addrset s, t;

	(void)state;
	addrset_init(&s);
	addrset_init(&t);
	add(&s, "192.0.2.0", 24);
	add(&t, "192.0.2.64", 26);
	add(&t, "192.0.3.0", 24);
	addrset_subtract(&s, &t);
	expect(&s, "192.0.2.0/26 192.0.2.128/25 ");
	addrset_union(&s, &t);
	expect(&s, "192.0.2.0/23 ");
	add(&s, "2001:db8::", 32);
	addrset_intersect(&s, &t);
	expect(&s, "192.0.2.64/26 192.0.3.0/24 ");
	addrset_clear(&t);
	addrset_subtract(&s, &t);
	expect(&s, "192.0.2.64/26 192.0.3.0/24 ");
	addrset_intersect(&s, &t);
	expect(&s, "");
	addrset_clear(&s);
}

/* Families do not meet, though 0.0.0.1 and ::1 are the same number. */
/* More than are merged at once, in no order, many of them twice. */
static void
test_many(void **state)
{
	struct addrset set;
	uint32_t random = 1;
	static bool model[1 << 16];
	double n = 0;

	(void)state;
	addrset_init(&set);
	for (int i = 0; i < 40000; i++) {
		struct addr a = {0, 0};

		random = random * 1664525 + 1013904223;
		a.lo = random >> 16;
		n += !model[a.lo];
		model[a.lo] = true;
		addrset_add_net(&set, IPV4, &a, 32);
	}
	assert_true(addrset_addresses(&set, IPV4) == n);
	for (unsigned i = 0; i < COUNT(model); i++) {
		struct addr a = {0, i};

		assert_int_equal(addrset_contains(&set, IPV4, &a), model[i]);
	}
	addrset_clear(&set);
}

static void
test_families_are_apart(void **state)
{
	struct addrset s, t;
	struct addr one = {0, 1};

	(void)state;
	addrset_init(&s);
	addrset_init(&t);
	add(&s, "::1", 128);
	assert_false(addrset_contains(&s, IPV4, &one));
	assert_true(addrset_contains(&s, IPV6, &one));
	add(&t, "0.0.0.1", 32);
	addrset_subtract(&s, &t);
	expect(&s, "::1/128 ");
	addrset_intersect(&s, &t);
	expect(&s, "");
	addrset_clear(&s);
	addrset_clear(&t);
}

/* The universes of the random tests: SIZE addresses from base on. */
#define SIZE 256

static const struct universe {
	enum family family;
	const char *base;
} universes[] = {
    {IPV4, "0.0.0.0"},
    {IPV4, "198.51.100.0"},
    {IPV4, "203.0.112.128"}, /* no block of its own */
    {IPV4, "255.255.255.0"},
    {IPV6, "::"},
    {IPV6, "2001:db8:0:1:ffff:ffff:ffff:ff80"}, /* carries */
    {IPV6, "2001:db8::100"},
    {IPV6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00"},
};

struct model {
	bool has[SIZE];
};

static const struct universe *here;
static uint32_t random_state;

static unsigned
draw(unsigned below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static struct addr
at(unsigned i)
{
	enum family f;
	struct addr base = address(here->base, &f), a = base;

	a.lo += i;
	a.hi += a.lo < base.lo;
	return a;
}

static void
draw_set(struct addrset *s, struct model *m)
{
	unsigned n = draw(12);

	addrset_init(s);
	*m = (struct model){{false}};
	while (n-- > 0) {
		unsigned first = draw(SIZE), len = draw(3) ? draw(9) : draw(90);
		unsigned last = first + len < SIZE ? first + len : SIZE - 1;
		struct range r = {at(first), at(last)};

		addrset_add_range(s, here->family, &r);
		for (unsigned i = first; i <= last; i++)
			m->has[i] = true;
		/* Also read while ranges are still to come. */
		if (draw(4) == 0)
			assert_true(addrset_contains(s, here->family, &r.last));
	}
}

/* The minimal cover by its definition: a whole block, or that of its halves. */
static size_t
cover(const struct model *m, unsigned first, unsigned len, struct net *nets)
{
	unsigned prefix = family_bits(here->family), used = 0;
	size_t n;

	for (unsigned i = first; i < first + len; i++)
		used += m->has[i];
	if (used == 0)
		return 0;
	if (used == len) {
		for (unsigned l = len; l > 1; l /= 2)
			prefix--;
		*nets = (struct net){here->family, prefix, at(first)};
		return 1;
	}
	n = cover(m, first, len / 2, nets);
	return n + cover(m, first + len / 2, len / 2, nets + n);
}

/* A universe is a block, or two of half its size. */
static size_t
minimal_cover(const struct model *m, struct net *nets)
{
	size_t n;

	if (at(0).lo % SIZE == 0)
		return cover(m, 0, SIZE, nets);
	n = cover(m, 0, SIZE / 2, nets);
	return n + cover(m, SIZE / 2, SIZE / 2, nets + n);
}

static void
compare_nets(struct addrset *s, const struct model *m)
{
	struct net expected[SIZE], *nets;
	size_t n = minimal_cover(m, expected);

	assert_int_equal(addrset_count_nets(s, here->family), n);
	assert_int_equal(addrset_nets(s, &nets), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(net_cmp(&nets[i], &expected[i]), 0);
	free(nets);
}

static void
compare_ranges(struct addrset *s, const struct model *m)
{
	for (unsigned round = 0; round < 20; round++) {
		unsigned first = draw(SIZE), last = first + draw(SIZE - first);
		struct range r = {at(first), at(last)};
		unsigned used = 0;

		for (unsigned i = first; i <= last; i++)
			used += m->has[i];
		assert_int_equal(
		    addrset_overlaps(s, here->family, &r), used > 0);
		assert_int_equal(addrset_covers(s, here->family, &r),
		    used == last - first + 1);
	}
}

static void
compare(struct addrset *s, const struct model *m)
{
	unsigned used = 0;

	for (unsigned i = 0; i < SIZE; i++) {
		struct addr a = at(i);

		assert_int_equal(
		    addrset_contains(s, here->family, &a), m->has[i]);
		used += m->has[i];
	}
	assert_true(addrset_addresses(s, here->family) == used);
	assert_int_equal(addrset_is_empty(s), used == 0);
	compare_ranges(s, m);
	compare_nets(s, m);
}

static void
compare_operations(void)
{
	struct addrset s, t;
	struct model m, n;

	draw_set(&s, &m);
	draw_set(&t, &n);
	for (unsigned step = 0; step < 4; step++) {
		unsigned operation = draw(3);

		for (unsigned i = 0; i < SIZE; i++)
			m.has[i] = operation == 0   ? m.has[i] || n.has[i]
				   : operation == 1 ? m.has[i] && !n.has[i]
						    : m.has[i] && n.has[i];
		if (operation == 0)
			addrset_union(&s, &t);
		else if (operation == 1)
			addrset_subtract(&s, &t);
		else
			addrset_intersect(&s, &t);
		/* Sometimes the next operation meets it unsorted. */
		if (draw(2) == 0)
			compare(&s, &m);
		compare(&t, &n);
		addrset_clear(&t);
		draw_set(&t, &n);
	}
	compare(&s, &m);
	addrset_clear(&s);
	addrset_clear(&t);
}

static void
test_against_a_model(void **state)
{
	const char *seed = getenv("SEED");

	(void)state;
	random_state = seed != NULL ? (uint32_t)strtoul(seed, NULL, 10) : 1;
	for (unsigned round = 0; round < 60; round++)
		for (size_t i = 0; i < COUNT(universes); i++) {
			here = &universes[i];
			compare_operations();
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_what_is_no_address),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_order_of_nets),
	    cmocka_unit_test(test_range_of_net),
	    cmocka_unit_test(test_host_bits_and_merging),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_everything),
	    cmocka_unit_test(test_set_operations),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_families_are_apart),
	    cmocka_unit_test(test_against_a_model),
	};

	return cmocka_run_group_tests_name("addrset", tests, NULL, NULL);
}
