/*
 * Tests of server: addresses with ports, lists of them, resolv.conf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "dns/server.h"

/* All of them as "ADDRESS@PORT ADDRESS@PORT ...". */
static void
expect_servers(const struct servers *s, const char *expected)
{
	struct buf have;

	buf_init(&have);
	buf_puts(&have, "");
	for (size_t i = 0; i < s->n; i++) {
		const struct sockaddr_storage *any = &s->v[i].addr;
		const struct sockaddr_in *in = (const void *)any;
		const struct sockaddr_in6 *in6 = (const void *)any;
		bool is4 = any->ss_family == AF_INET;
		char text[INET6_ADDRSTRLEN];

		assert_int_equal(s->v[i].len, is4 ? sizeof(*in) : sizeof(*in6));
		assert_non_null(inet_ntop(any->ss_family,
		    is4 ? (const void *)&in->sin_addr : &in6->sin6_addr, text,
		    sizeof(text)));
		buf_printf(&have, "%s%s@%u", i > 0 ? " " : "", text,
		    ntohs(is4 ? in->sin_port : in6->sin6_port));
	}
	assert_string_equal(have.data, expected);
	buf_clear(&have);
}

/* How messages name them. */
static void
test_text(void **state)
{
	struct servers s = {0};
	struct buf text;

	(void)state;
	buf_init(&text);
	assert_int_equal(
	    servers_add_list(&s, "192.0.2.1 2001:db8::1@5353 fe80::1%lo"), 0);
	servers_to_text(&text, &s);
	assert_string_equal(
	    text.data, "192.0.2.1@53, 2001:db8::1@5353, fe80::1%lo@53");
	buf_clear(&text);
}

static void
expect_one(const char *text, const char *expected)
{
	struct servers s = {0};

	assert_int_equal(servers_add(&s, text), 0);
	expect_servers(&s, expected);
}

static void
test_addresses_and_ports(void **state)
{
	(void)state;
	expect_one("192.0.2.1", "192.0.2.1@53");
	expect_one("192.0.2.1@1", "192.0.2.1@1");
	expect_one("192.0.2.1@65535", "192.0.2.1@65535");
	expect_one("192.0.2.1@00053", "192.0.2.1@53");
	expect_one("2001:DB8::1", "2001:db8::1@53");
	expect_one("2001:db8::1@5353", "2001:db8::1@5353");
	expect_one("::ffff:192.0.2.1@5353", "::ffff:192.0.2.1@5353");
	expect_one("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255@53",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff@53");
}

static void
test_neither(void **state)
{
	static const char *const wrong[] = {"", "@", "@53", "192.0.2.1@",
	    "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@99999",
	    "192.0.2.1@000053", "192.0.2.1@53@53", "192.0.2.1@+53",
	    "192.0.2.1@-1", "192.0.2.1@0x35", "192.0.2.1@53 ", "192.0.2.1 ",
	    "192.0.2.1@domain", "192.0.2.1:53", "192.0.2", "192.0.2.256",
	    "[2001:db8::1]", "[2001:db8::1]@53", "fe80::1%",
	    "fe80::1%none.such", "fe80::1%0", "192.0.2.1%1", "fe80::1%1%1",
	    "2001:db8:::1", "localhost", "ns.example.com@53",
	    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct servers s = {0};

		if (servers_add(&s, wrong[i]) != -1 || s.n != 0)
			fail_msg("\"%s\" is taken", wrong[i]);
	}
}

static void
test_lists(void **state)
{
	struct servers s = {0}, empty = {0};

	(void)state;
	assert_int_equal(
	    servers_add_list(&s, " 192.0.2.1,2001:db8::1@54\t,, 192.0.2.1\r\n"),
	    0);
	expect_servers(&s, "192.0.2.1@53 2001:db8::1@54 192.0.2.1@53");
	assert_int_equal(servers_add_list(&empty, ""), 0);
	assert_int_equal(servers_add_list(&empty, " ,\t"), 0);
	expect_servers(&empty, "");
	assert_int_equal(servers_add_list(&empty, "192.0.2.1 none"), -1);
	assert_int_equal(servers_add_list(&empty, "192.0.2.1 @ 53"), -1);
}

static void
test_too_many(void **state)
{
	struct servers s = {0};

	(void)state;
	for (int i = 0; i < SERVERS_MAX; i++)
		assert_int_equal(servers_add(&s, "192.0.2.1"), 0);
	assert_int_equal(servers_add(&s, "192.0.2.2"), -1);
	assert_int_equal(servers_add_list(&s, "192.0.2.2"), -1);
	assert_int_equal(s.n, SERVERS_MAX);
}

/* What a resolv.conf with this content comes to. */
static void
expect_system(const char *content, const char *expected)
{
	char path[] = "/tmp/resolv.conf.XXXXXX";
	int fd = mkstemp(path);
	struct servers s = {0};

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(close(fd), 0);
	servers_add_system(&s, path);
	unlink(path);
	expect_servers(&s, expected);
}

/* A link-local address needs its interface; the first one has the number 1. */
static void
test_scopes(void **state)
{
	struct servers s = {0};
	const struct sockaddr_in6 *in6 = (const void *)&s.v[0].addr;
	char name[IF_NAMESIZE], text[IF_NAMESIZE + 20];

	(void)state;
	assert_int_equal(servers_add(&s, "fe80::1%7@5353"), 0);
	assert_int_equal(in6->sin6_scope_id, 7);
	expect_servers(&s, "fe80::1@5353");
	s.n = 0;
	assert_non_null(if_indextoname(1, name));
	snprintf(text, sizeof(text), "fe80::1%%%s", name);
	assert_int_equal(servers_add(&s, text), 0);
	assert_int_equal(in6->sin6_scope_id, 1);
	expect_servers(&s, "fe80::1@53");
	s.n = 0;
	expect_system("nameserver fe80::1%7\n", "fe80::1@53");
}

static void
test_system(void **state)
{
	struct servers s = {0};

	(void)state;
	servers_add_system(&s, "/none/resolv.conf");
	expect_servers(&s, "127.0.0.1@53");
	servers_add_system(&s, "/");
	expect_servers(&s, "127.0.0.1@53");

	expect_system("", "127.0.0.1@53");
	expect_system(
	    "# nameserver 192.0.2.1\nsearch example.com\n", "127.0.0.1@53");
	expect_system("nameserver 192.0.2.1\nnameserver 2001:db8::1\n",
	    "192.0.2.1@53 2001:db8::1@53");
	expect_system("; made by hand\nnameserver\t192.0.2.1", "192.0.2.1@53");
	expect_system(
	    "domain example.com\nsearch a.example b.example\n"
	    "options edns0 trust-ad\nsortlist 192.0.2.0/24\n\n"
	    "nameserver   192.0.2.1   \nnameserver 192.0.2.2 # second\n",
	    "192.0.2.1@53 192.0.2.2@53");
	expect_system("options timeout:1\r\nnameserver 192.0.2.1\r\n"
		      "nameserver 192.0.2.2\r\n",
	    "192.0.2.1@53 192.0.2.2@53");
	expect_system("nameserver fe80::1%none.such\nnameserver 192.0.2.1\n",
	    "192.0.2.1@53");
	expect_system("nameserver bad\nnameserver 192.0.2.1\n", "192.0.2.1@53");
	expect_system("nameserver\nnameserver 192.0.2.1\n", "192.0.2.1@53");
}

/* More than there is room for: the first ones. */
static void
test_system_with_many(void **state)
{
	struct buf content, expected;

	(void)state;
	buf_init(&content);
	buf_init(&expected);
	for (int i = 1; i <= 20; i++) {
		buf_printf(&content, "nameserver 192.0.2.%d\n", i);
		if (i <= SERVERS_MAX)
			buf_printf(
			    &expected, "%s192.0.2.%d@53", i > 1 ? " " : "", i);
	}
	expect_system(content.data, expected.data);
	buf_clear(&content);
	buf_clear(&expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses_and_ports),
	    cmocka_unit_test(test_neither),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_scopes),
	    cmocka_unit_test(test_system),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_system_with_many),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
