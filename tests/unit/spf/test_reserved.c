/*
 * Tests of reserved: the blocks of the IANA special-purpose address
 * registries, by their first and last addresses and the neighbours of these.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "spf/reserved.h"

static int
setup(void **state)
{
	struct addrset *s = xcalloc(1, sizeof(*s));

	addrset_init(s);
	reserved_add(s);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	addrset_clear(*state);
	free(*state);
	return 0;
}

static void
expect(struct addrset *s, const char *text, bool expected)
{
	enum family f;
	struct addr a;

	assert_int_equal(addr_from_text(text, &f, &a), 0);
	if (addrset_contains(s, f, &a) != expected)
		fail_msg(
		    "%s is %s", text, expected ? "not reserved" : "reserved");
}

/* Not globally reachable, or no unicast at all. */
static void
test_reserved_addresses(void **state)
{
	static const char *const addresses[] = {"0.0.0.0", "0.255.255.255",
	    "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
	    "127.0.0.0", "127.255.255.255", "169.254.0.0", "169.254.255.255",
	    "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.8",
	    "192.0.0.11", "192.0.0.170", "192.0.0.255", "192.0.2.0",
	    "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0",
	    "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0",
	    "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0",
	    "239.255.255.255", "240.0.0.0", "255.255.255.254",
	    "255.255.255.255", "::", "::1", "::ffff:192.0.2.1",
	    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1",
	    "100:0:0:1::1", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001::", "2001::1", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:1::", "2001:1::4", "2001:2::1", "2001:4::1", "2001:5::1",
	    "2001:10::1", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:40::1",
	    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "4000::", "5f00::1", "8000::", "fc00::1", "fd00::1", "fe80::1",
	    "fec0::1", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

	for (size_t i = 0; i < COUNT(addresses); i++)
		expect(*state, addresses[i], true);
}

/* The neighbours of the blocks above, and what is reachable inside them. */
static void
test_reachable_addresses(void **state)
{
	static const char *const addresses[] = {"1.0.0.0", "8.8.8.8",
	    "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
	    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
	    "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.0.9",
	    "192.0.0.10", "192.0.1.0", "192.0.1.255", "192.0.3.0",
	    "192.31.196.1", "192.52.193.1", "192.88.98.255", "192.88.100.0",
	    "192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255",
	    "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255",
	    "203.0.114.0", "223.255.255.255", "2000::", "2001:1::1",
	    "2001:1::2", "2001:1::3", "2001:3::1", "2001:4:112::1",
	    "2001:20::1", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:30::1",
	    "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:db9::", "2001:4860:4860::8888",
	    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2003::", "2620:4f:8000::1", "2a00::1", "3ffe::1",
	    "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

	for (size_t i = 0; i < COUNT(addresses); i++)
		expect(*state, addresses[i], false);
}

static void
expect_name(const char *first, const char *last, const char *expected)
{
	enum family f;
	struct range r;

	assert_int_equal(addr_from_text(first, &f, &r.first), 0);
	assert_int_equal(addr_from_text(last, &f, &r.last), 0);
	assert_string_equal(reserved_name(f, &r), expected);
}

static void
test_names(void **state)
{
	(void)state;
	expect_name("10.1.2.3", "10.1.2.3", "private");
	expect_name("192.168.0.0", "192.168.255.255", "private");
	expect_name("127.0.0.1", "127.0.0.1", "loopback");
	expect_name("9.0.0.0", "10.0.0.0", "private");
	expect_name("203.0.112.0", "203.0.114.0", "documentation");
	expect_name("2001:db8::", "2001:db8::", "documentation");
	expect_name("2002::", "2002::1", "6to4");
	expect_name("2001::1", "2001::1", "Teredo");
	expect_name("fe80::1", "fe80::1", "not global unicast");
	expect_name("::ffff:10.0.0.1", "::ffff:10.0.0.1", "IPv4-mapped");
	/* What is in no block has no name. */
	expect_name("8.8.8.8", "8.8.8.8", "reserved");
	expect_name("2600::", "2600::1", "reserved");
}

/* It adds; what the set held before stays. */
static void
test_adds_to_a_set(void **state)
{
	struct addrset s;
	struct addr a;
	enum family f;

	(void)state;
	addrset_init(&s);
	assert_int_equal(addr_from_text("8.8.8.8", &f, &a), 0);
	addrset_add_net(&s, f, &a, 32);
	reserved_add(&s);
	expect(&s, "8.8.8.8", true);
	expect(&s, "10.0.0.1", true);
	expect(&s, "8.8.8.9", false);
	addrset_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reserved_addresses),
	    cmocka_unit_test(test_reachable_addresses),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_adds_to_a_set),
	};

	return cmocka_run_group_tests_name("reserved", tests, setup, teardown);
}
