/*
 * Tests of table: every format to the byte, and Postfix tables back to
 * networks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "table/table.h"

#define TITLE                                                           \
	"# postpermit " PACKAGE_VERSION ": 3 networks from 2 domains. " \
	"Generated; edit the domain list instead.\n"
#define EMPTY_TITLE                                                     \
	"# postpermit " PACKAGE_VERSION ": 0 networks from 0 domains. " \
	"Generated; edit the domain list instead.\n"

static struct net nets[] = {
    {IPV4, 24, {0, 0xc0000200}},
    {IPV4, 32, {0, 0xcb007107}},
    {IPV6, 32, {UINT64_C(0x20010db800000000), 0}},
};
static const struct table full = {
    .action = "permit", .domains = 2, .nets = nets, .n = COUNT(nets)};
static const struct table empty = {.action = "reject"};

static void
expect(const char *format, const struct table *t, const char *expected)
{
	table_printer *print = table_format(format);
	struct buf b;

	assert_non_null(print);
	buf_init(&b);
	buf_puts(&b, "");
	print(&b, t);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void
test_postfix(void **state)
{
	(void)state;
	expect("postfix", &full,
	    TITLE "192.0.2.0/24\tpermit\n203.0.113.7/32\tpermit\n"
		  "2001:db8::/32\tpermit\n");
	expect("postfix", &empty, EMPTY_TITLE);
}

/* Blocks: none for two rules, one for up to eight, two inside for nine. */
static void
test_indexed(void **state)
{
	struct net many[12];
	struct table t = {.action = "permit",
	    .domains = 1,
	    .nets = many,
	    .n = COUNT(many),
	    .indexed = true};

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		many[i] = (struct net){IPV4, 32, {0, 0x0b000000 + 2 * i}};
	for (unsigned i = 9; i < 12; i++)
		many[i] = (struct net){IPV6, 128, {0x2a0f0b00ULL << 32, 2 * i}};
	expect("postfix", &t,
	    "# postpermit " PACKAGE_VERSION ": 12 networks from 1 domain. "
	    "Generated; edit the domain list instead.\n"
	    "if 11.0.0.0/27\n"
	    "if 11.0.0.0/28\n"
	    "11.0.0.0/32\tpermit\n11.0.0.2/32\tpermit\n"
	    "11.0.0.4/32\tpermit\n11.0.0.6/32\tpermit\n"
	    "11.0.0.8/32\tpermit\n11.0.0.10/32\tpermit\n"
	    "11.0.0.12/32\tpermit\n11.0.0.14/32\tpermit\n"
	    "endif\n"
	    "11.0.0.16/32\tpermit\n"
	    "endif\n"
	    "if 2a0f:b00::10/125\n"
	    "2a0f:b00::12/128\tpermit\n2a0f:b00::14/128\tpermit\n"
	    "2a0f:b00::16/128\tpermit\n"
	    "endif\n");
	t.n = 2;
	expect("postfix", &t,
	    "# postpermit " PACKAGE_VERSION ": 2 networks from 1 domain. "
	    "Generated; edit the domain list instead.\n"
	    "11.0.0.0/32\tpermit\n11.0.0.2/32\tpermit\n");
	assert_false(table_is_large(1024));
	assert_true(table_is_large(1025));
}

static void
test_plain(void **state)
{
	(void)state;
	expect("plain", &full, "192.0.2.0/24\n203.0.113.7/32\n2001:db8::/32\n");
	expect("plain", &empty, "");
}

static void
test_json(void **state)
{
	(void)state;
	expect("json", &full,
	    "{\n  \"generator\": \"postpermit " PACKAGE_VERSION "\",\n"
	    "  \"domains\": 2,\n  \"action\": \"permit\",\n"
	    "  \"networks\": [\n    \"192.0.2.0/24\",\n"
	    "    \"203.0.113.7/32\",\n    \"2001:db8::/32\"\n  ]\n}\n");
	expect("json", &empty,
	    "{\n  \"generator\": \"postpermit " PACKAGE_VERSION "\",\n"
	    "  \"domains\": 0,\n  \"action\": \"reject\",\n"
	    "  \"networks\": []\n}\n");
}

static void
test_nft(void **state)
{
	(void)state;
	expect("nft", &full,
	    TITLE
	    "add table inet postpermit\n"
	    "add set inet postpermit permit4 "
	    "{ type ipv4_addr; flags interval; }\n"
	    "flush set inet postpermit permit4\n"
	    "add element inet postpermit permit4 {\n"
	    "\t192.0.2.0/24,\n\t203.0.113.7/32,\n}\n"
	    "add set inet postpermit permit6 "
	    "{ type ipv6_addr; flags interval; }\n"
	    "flush set inet postpermit permit6\n"
	    "add element inet postpermit permit6 {\n\t2001:db8::/32,\n}\n");
	/* An empty set is emptied, not left as it was. */
	expect("nft", &empty,
	    EMPTY_TITLE "add table inet postpermit\n"
			"add set inet postpermit reject4 "
			"{ type ipv4_addr; flags interval; }\n"
			"flush set inet postpermit reject4\n"
			"add set inet postpermit reject6 "
			"{ type ipv6_addr; flags interval; }\n"
			"flush set inet postpermit reject6\n");
}

static void
test_unknown_formats(void **state)
{
	(void)state;
	assert_null(table_format(""));
	assert_null(table_format("Postfix"));
	assert_null(table_format("xml"));
	assert_null(table_format("postfix, plain"));
}

/* The networks that are read, each with a space behind it. */
static void
expect_read(const char *text, const char *action, const char *expected)
{
	FILE *in = tmpfile();
	char shown[NET_STRLEN];
	struct net *read;
	struct buf b;
	size_t n, others;

	assert_non_null(in);
	assert_true(fputs(text, in) >= 0);
	rewind(in);
	n = table_read(in, action, &read, &others);
	fclose(in);
	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s ", net_to_text(&read[i], shown));
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	free(read);
}

static void
test_reading(void **state)
{
	(void)state;
	expect_read("", "permit", "");
	expect_read("2001:db8::/32 permit\n"
		    "# 192.0.2.9/32 permit\n"
		    "\n"
		    "203.0.113.7\tpermit\n"
		    "192.0.2.0/24  \t permit  \r\n"
		    "198.51.100.0/24 reject\n"
		    "192.0.2.0/25 permit_later\n"
		    "192.0.2.128/25\n"
		    "if 192.0.2.0/24\n"
		    "endif\n"
		    "192.0.2.0/33 permit\n"
		    "192.0.2.0/ permit\n"
		    "192.0.2.0/-1 permit\n"
		    "host.example permit\n"
		    "192.0.2.1 permit",
	    "permit",
	    "192.0.2.0/24 192.0.2.1/32 203.0.113.7/32 2001:db8::/32 ");
	expect_read("198.51.100.0/24 reject\n", "reject", "198.51.100.0/24 ");
}

static void
test_there_and_back(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	table_format("postfix")(&b, &full);
	expect_read(
	    b.data, "permit", "192.0.2.0/24 203.0.113.7/32 2001:db8::/32 ");
	expect_read(b.data, "reject", "");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_postfix),
	    cmocka_unit_test(test_indexed),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_nft),
	    cmocka_unit_test(test_unknown_formats),
	    cmocka_unit_test(test_reading),
	    cmocka_unit_test(test_there_and_back),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
