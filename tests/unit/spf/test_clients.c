/*
 * Tests of stream: addresses that travel together as long as they cost the
 * same, and the limits of RFC 7208 section 4.6.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "spf/clients.h"

/* A set of networks, with spaces between them. */
static struct addrset
set_of(const char *nets)
{
	char *copy = xstrdup(nets), *rest = copy, *word;
	struct addrset s;

	addrset_init(&s);
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		char *slash = strchr(word, '/');
		enum family f;
		struct addr a;

		*slash = '\0';
		assert_int_equal(addr_from_text(word, &f, &a), 0);
		addrset_add_net(&s, f, &a, (unsigned)atoi(slash + 1));
	}
	free(copy);
	return s;
}

static void
add(struct clients *s, const char *nets, unsigned lookups, unsigned voids,
    bool permit)
{
	struct addrset set = set_of(nets);

	clients_add(s, &set, lookups, voids, permit);
	assert_true(addrset_is_empty(&set));
	addrset_clear(&set);
}

/* Each stream: its cost, its result, its networks; in any order. */
static void
expect(struct clients *s, size_t n, ...)
{
	va_list ap;

	assert_int_equal(s->n, n);
	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		const char *expected = va_arg(ap, const char *);
		bool found = false;

		for (size_t k = 0; k < s->n; k++) {
			char text[NET_STRLEN];
			struct net *nets;
			struct buf b;
			size_t count = addrset_nets(&s->v[k].set, &nets);

			buf_init(&b);
			buf_printf(&b, "%u %u %c", s->v[k].lookups,
			    s->v[k].voids, s->v[k].permit ? '+' : '-');
			for (size_t j = 0; j < count; j++)
				buf_printf(
				    &b, " %s", net_to_text(&nets[j], text));
			found = found || strcmp(b.data, expected) == 0;
			buf_clear(&b);
			free(nets);
		}
		if (!found)
			fail_msg("no stream %s", expected);
	}
	va_end(ap);
}

static void
match(struct clients *s, const char *nets, bool permit, struct clients *out)
{
	struct addrset set = set_of(nets);

	clients_match(s, &set, permit, false, out);
	addrset_clear(&set);
}

static void
test_adding(void **state)
{
	struct clients s;

	(void)state;
	clients_init(&s);
	add(&s, "", 1, 1, true);
	assert_int_equal(s.n, 0);
	add(&s, "192.0.2.0/25", 1, 0, true);
	add(&s, "192.0.2.128/25", 1, 0, true);
	add(&s, "2001:db8::/32", 1, 0, false);
	add(&s, "192.0.3.0/24", 1, 1, true);
	add(&s, "192.0.4.0/24", 2, 0, true);
	expect(&s, 4, "1 0 + 192.0.2.0/24", "1 0 - 2001:db8::/32",
	    "1 1 + 192.0.3.0/24", "2 0 + 192.0.4.0/24");
	clients_clear(&s);
	assert_int_equal(s.n, 0);
}

static void
test_matching(void **state)
{
	struct clients s, out;

	(void)state;
	clients_init(&s);
	clients_init(&out);
	add(&s, "192.0.2.0/24 2001:db8::/32", 3, 1, false);
	add(&s, "192.0.3.0/24", 4, 0, false);
	match(&s, "192.0.2.128/25 192.0.3.0/24 203.0.113.0/24", true, &out);
	expect(&s, 1, "3 1 - 192.0.2.0/25 2001:db8::/32");
	expect(&out, 2, "3 1 + 192.0.2.128/25", "4 0 + 192.0.3.0/24");
	/* What has left is not matched again. */
	match(&s, "0.0.0.0/0", false, &out);
	expect(&s, 1, "3 1 - 2001:db8::/32");
	expect(&out, 3, "3 1 + 192.0.2.128/25", "4 0 + 192.0.3.0/24",
	    "3 1 - 192.0.2.0/25");
	clients_clear(&s);
	clients_clear(&out);
}

static void
test_lookups(void **state)
{
	struct clients s;

	(void)state;
	clients_init(&s);
	add(&s, "192.0.2.0/24", 8, 0, false);
	add(&s, "192.0.3.0/24", 9, 0, false);
	assert_false(clients_count_lookups(&s, 1));
	expect(&s, 2, "9 0 - 192.0.2.0/24", "10 0 - 192.0.3.0/24");
	assert_true(clients_count_lookups(&s, 1));
	expect(&s, 1, "10 0 - 192.0.2.0/24");
	assert_true(clients_count_lookups(&s, 1));
	assert_int_equal(s.n, 0);
	assert_false(clients_count_lookups(&s, 1));
	clients_clear(&s);
}

/* Void lookups are those of one family: A for IPv4, AAAA for IPv6. */
static void
test_voids(void **state)
{
	struct clients s;

	(void)state;
	clients_init(&s);
	add(&s, "192.0.2.0/24 2001:db8::/32", 1, 1, false);
	add(&s, "192.0.3.0/24", 1, 2, false);
	assert_false(clients_count_voids(&s, IPV4, 0));
	assert_int_equal(s.n, 2);
	assert_true(clients_count_voids(&s, IPV4, 1));
	expect(&s, 2, "1 1 - 2001:db8::/32", "1 2 - 192.0.2.0/24");
	assert_false(clients_count_voids(&s, IPV6, 1));
	expect(&s, 1, "1 2 - 192.0.2.0/24 2001:db8::/32");
	assert_true(clients_count_voids(&s, IPV6, 1));
	assert_true(clients_count_voids(&s, IPV4, 1));
	assert_int_equal(s.n, 0);
	clients_clear(&s);
}

static void
test_dropping(void **state)
{
	struct clients s;

	(void)state;
	clients_init(&s);
	add(&s, "192.0.2.0/24 2001:db8::/32", 1, 1, false);
	add(&s, "192.0.3.0/24", 2, 1, false);
	clients_drop(&s, IPV4);
	expect(&s, 1, "1 1 - 2001:db8::/32");
	clients_drop(&s, IPV6);
	assert_int_equal(s.n, 0);
	clients_clear(&s);
}

/*
 * RFC 7208 section 5.2: pass matches; fail, softfail and neutral do not; an
 * error (in neither stream of the inner record) ends it.
 */
static void
test_include(void **state)
{
	struct clients s, inner, out;

	(void)state;
	clients_init(&s);
	clients_init(&inner);
	clients_init(&out);
	add(&s, "192.0.2.0/24", 1, 0, false);
	add(&s, "192.0.3.0/24", 3, 1, false);
	add(&inner, "192.0.2.0/26 192.0.3.0/26", 2, 1, true);
	add(&inner, "192.0.2.64/26 192.0.3.64/26", 4, 0, false);
	assert_false(clients_include(&s, &inner, true, &out));
	expect(&out, 2, "3 1 + 192.0.2.0/26", "5 2 + 192.0.3.0/26");
	expect(&s, 2, "5 0 - 192.0.2.64/26", "7 1 - 192.0.3.64/26");
	clients_clear(&s);
	clients_clear(&inner);
	clients_clear(&out);
}

static void
test_include_that_excludes(void **state)
{
	struct clients s, inner, out;

	(void)state;
	clients_init(&s);
	clients_init(&inner);
	clients_init(&out);
	add(&s, "192.0.2.0/24", 0, 0, false);
	add(&inner, "192.0.2.0/25", 0, 0, true);
	add(&inner, "192.0.2.128/25", 0, 0, false);
	assert_false(clients_include(&s, &inner, false, &out));
	expect(&out, 1, "0 0 - 192.0.2.0/25");
	expect(&s, 1, "0 0 - 192.0.2.128/25");
	clients_clear(&s);
	clients_clear(&inner);
	clients_clear(&out);
}

static void
test_include_over_a_limit(void **state)
{
	struct clients s, inner, out;

	(void)state;
	clients_init(&s);
	clients_init(&inner);
	clients_init(&out);
	add(&s, "192.0.2.0/24", 6, 2, false);
	add(&inner, "192.0.2.0/26", 4, 0, true);
	add(&inner, "192.0.2.64/26", 5, 0, true);
	add(&inner, "192.0.2.128/26", 4, 1, false);
	add(&inner, "192.0.2.192/26", 0, 0, false);
	assert_true(clients_include(&s, &inner, true, &out));
	expect(&out, 1, "10 2 + 192.0.2.0/26");
	expect(&s, 1, "6 2 - 192.0.2.192/26");
	/* Costly streams that nobody takes are no error. */
	clients_clear(&inner);
	add(&inner, "198.51.100.0/24", 9, 0, true);
	add(&inner, "192.0.2.0/24", 0, 0, false);
	assert_false(clients_include(&s, &inner, true, &out));
	expect(&s, 1, "6 2 - 192.0.2.192/26");
	clients_clear(&s);
	clients_clear(&inner);
	clients_clear(&out);
}

static void
test_redirect(void **state)
{
	struct clients s, inner, out;

	(void)state;
	clients_init(&s);
	clients_init(&inner);
	clients_init(&out);
	add(&s, "192.0.2.0/24", 1, 0, false);
	add(&inner, "192.0.2.0/25", 2, 0, true);
	add(&inner, "192.0.2.128/26", 2, 1, false);
	add(&inner, "192.0.2.192/26", 10, 0, true);
	assert_true(clients_redirect(&s, &inner, &out));
	assert_int_equal(s.n, 0);
	expect(&out, 2, "3 0 + 192.0.2.0/25", "3 1 - 192.0.2.128/26");
	clients_clear(&s);
	clients_clear(&inner);
	clients_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_adding),
	    cmocka_unit_test(test_matching),
	    cmocka_unit_test(test_lookups),
	    cmocka_unit_test(test_voids),
	    cmocka_unit_test(test_dropping),
	    cmocka_unit_test(test_include),
	    cmocka_unit_test(test_include_that_excludes),
	    cmocka_unit_test(test_include_over_a_limit),
	    cmocka_unit_test(test_redirect),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
