/*
 * Tests of config: what a configuration file may say, and what is said about
 * the one that is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/problems.h"
#include "base/text.h"
#include "conf.h"

/* A configuration and what is wrong with the text it was read from. */
struct fixture {
	struct conf c;
	struct problems p;
	struct buf all; /* the problems, one a line */
};

static void
begin(struct fixture *f)
{
	conf_init(&f->c);
	problems_init(&f->p);
	buf_init(&f->all);
}

static void
end(struct fixture *f)
{
	conf_clear(&f->c);
	problems_clear(&f->p);
	buf_clear(&f->all);
}

static void
collect(struct fixture *f)
{
	buf_puts(&f->all, "");
	for (size_t i = 0; i < f->p.n; i++)
		buf_printf(&f->all, "%s\n", f->p.v[i]);
}

static int
read_bytes(struct fixture *f, const char *text, size_t len)
{
	FILE *in = tmpfile();
	int result;

	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, len, in), len);
	rewind(in);
	result = conf_read(&f->c, in, "F", &f->p);
	fclose(in);
	collect(f);
	return result;
}

/* The text must be wrong in exactly these ways, "" for none. */
static void
expect(const char *text, const char *problems)
{
	struct fixture f;
	int result;

	begin(&f);
	result = read_bytes(&f, text, strlen(text));
	assert_string_equal(f.all.data, problems);
	assert_int_equal(result, *problems == '\0' ? 0 : -1);
	end(&f);
}

static void
test_defaults(void **state)
{
	struct conf c;

	(void)state;
	conf_init(&c);
	assert_string_equal(c.permit_lists, DATADIR
	    "/postpermit/mailbox.list " DATADIR
	    "/postpermit/gateway.list " DATADIR
	    "/postpermit/services.list " DATADIR
	    "/postpermit/bulk.list " DATADIR
	    "/postpermit/static.list " SYSCONFDIR "/postpermit/permit.list");
	assert_string_equal(
	    c.permit_table, STATEDIR "/permit.cidr");
	assert_string_equal(c.reject_lists, "");
	assert_string_equal(c.reject_table, "");
	assert_string_equal(c.reload_command, "");
	assert_string_equal(c.state_directory, STATEDIR);
	assert_string_equal(c.servers, "");
	assert_int_equal(c.threads, 2);
	assert_int_equal(c.max_inflight, 256);
	assert_int_equal(c.query_timeout, 2000);
	assert_int_equal(c.query_attempts, 4);
	assert_int_equal(c.run_timeout, 600000);
	assert_int_equal(c.patience, 20000);
	assert_int_equal(c.stale_limit, 1209600);
	assert_int_equal(c.max_shrink, 300000);
	assert_int_equal(c.min_prefix4, 12);
	assert_int_equal(c.min_prefix6, 24);
	assert_int_equal(c.max_coverage4, 2000);
	assert_int_equal(c.max_coverage6, 2);
	assert_int_equal(c.max_networks, 1000);
	assert_false(c.permit_reserved);
	assert_false(c.strict);
	assert_int_equal(c.table_layout, LAYOUT_AUTO);
	conf_clear(&c);
}

static void
test_each_default_can_be_written(void **state)
{
	const char *name, *value;
	size_t n = 0;

	(void)state;
	for (; conf_parameter(n, &name, &value); n++) {
		char *line = xasprintf("%s = %s\n", name, value);

		expect(line, "");
		free(line);
	}
	assert_int_equal(n, 30);
}

static void
test_syntax(void **state)
{
	static const char text[] = "# a comment\n"
				   "\n"
				   "threads=3\r\n"
				   "  # an indented comment\n"
				   "  \t \n"
				   "permit_lists = a.list\n"
				   "# between\n"
				   "\n"
				   "\tb.list  \r\n"
				   "   c=d.list\n"
				   "reload_command =\n"
				   "    postfix reload # now \n"
				   "threads \t =   4\n"
				   "servers = 192.0.2.1@5353";
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(read_bytes(&f, text, strlen(text)), 0);
	assert_string_equal(f.all.data, "");
	assert_string_equal(f.c.permit_lists, "a.list\tb.list   c=d.list");
	assert_string_equal(f.c.reload_command, "postfix reload # now");
	assert_int_equal(f.c.threads, 4);
	assert_string_equal(f.c.servers, "192.0.2.1@5353");
	end(&f);
}

static void
test_byte_order_mark(void **state)
{
	(void)state;
	expect("\xef\xbb\xbf# a comment\r\nthreads = 3\r\n", "");
	expect("\xef\xbb\xbfthreads = 3\n", "");
	expect("\xef\xbb\xbf", "");
	expect("threads = 3\n\xef\xbb\xbfthreads = 4\n",
	    "F:2: unknown parameter \"\\239\\187\\191threads\"\n");
}

static void
test_empty_values(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(read_bytes(&f, "permit_lists =\n", 15), 0);
	assert_string_equal(f.c.permit_lists, "");
	end(&f);
	expect("permit_table =\nstate_directory = \nreject_table =\n",
	    "F:1: permit_table: expected a path, not \"\"\n"
	    "F:2: state_directory: expected a path, not \"\"\n");
}

static void
test_every_problem_is_reported(void **state)
{
	(void)state;
	expect("   threads = 2\n"
	       "nonsense\n"
	       "\n"
	       "= 4\n"
	       "thread = 2\n"
	       "Threads = 2\n"
	       "threads = 0\n"
	       "threads = 3\n"
	       "permit_lists = a\n"
	       "\t$b\n"
	       "strict = \n"
	       "  perhaps\n"
	       "table_layout = round\n"
	       "we\033ird = 1\n",
	    "F:1: begins with white space, but there is no previous line to "
	    "continue\n"
	    "F:2: expected name = value, not \"nonsense\"\n"
	    "F:4: expected name = value, not \"= 4\"\n"
	    "F:5: unknown parameter \"thread\"\n"
	    "F:6: unknown parameter \"Threads\"\n"
	    "F:7: threads: expected a number from 1 to 64, not \"0\"\n"
	    "F:11: strict: expected yes or no, not \"perhaps\"\n"
	    "F:13: table_layout: expected auto, flat or indexed, not "
	    "\"round\"\n"
	    "F:14: unknown parameter \"we\\027ird\"\n");
}

static void
test_bad_bytes(void **state)
{
	struct fixture f;
	struct buf b;

	(void)state;
	begin(&f);
	assert_int_equal(
	    read_bytes(&f, "threads = 5\nstrict\0= yes\nthreads = 6", 36), -1);
	assert_string_equal(f.all.data, "F:2: a NUL byte in the line\n");
	assert_int_equal(f.c.threads, 6);
	end(&f);

	buf_init(&b);
	buf_puts(&b, "threads = 5\nreload_command = ");
	for (int i = 0; i < 70000; i++)
		buf_puts(&b, "x");
	buf_puts(&b, "\nthreads = 6\n");
	expect(b.data,
	    "F:2: the line is longer than 65536 bytes; the rest of the file "
	    "was not read\n");
	b.len = 60000;
	begin(&f);
	assert_int_equal(read_bytes(&f, b.data, b.len), 0);
	assert_int_equal(strlen(f.c.reload_command), 60000 - 29);
	end(&f);
	buf_clear(&b);
}

static void
test_long_values_are_cut_in_messages(void **state)
{
	struct fixture f;
	char text[1000] = "threads = ";

	(void)state;
	memset(text + strlen(text), '\001', 900);
	begin(&f);
	assert_int_equal(read_bytes(&f, text, strlen(text)), -1);
	assert_non_null(strstr(f.all.data, "\\001...\""));
	assert_true(f.all.len < 900);
	end(&f);
}

static void
test_unreadable(void **state)
{
	struct fixture f;
	FILE *in = fopen("/", "r");

	(void)state;
	assert_non_null(in);
	begin(&f);
	assert_int_equal(conf_read(&f.c, in, "F", &f.p), -1);
	collect(&f);
	assert_string_equal(f.all.data, "F: cannot read: Is a directory\n");
	fclose(in);
	end(&f);
}

/* "name = text" gives the unsigned at that place this value. */
static void
check_unsigned(const char *name, const char *text, size_t offset, unsigned v)
{
	char *line = xasprintf("%s=%s", name, text);
	struct fixture f;

	begin(&f);
	assert_int_equal(conf_set(&f.c, line, &f.p), 0);
	assert_int_equal(*(unsigned *)(void *)((char *)&f.c + offset), v);
	end(&f);
	free(line);
}

/* "name = text" is refused, and the default stands. */
static void
check_refused(const char *name, const char *text)
{
	char *line = xasprintf("%s=%s", name, text);
	struct fixture f;

	begin(&f);
	assert_int_equal(conf_set(&f.c, line, &f.p), -1);
	assert_int_equal(f.p.n, 1);
	assert_int_equal(f.c.query_timeout, 2000);
	assert_int_equal(f.c.stale_limit, 1209600);
	assert_int_equal(f.c.max_shrink, 300000);
	assert_int_equal(f.c.max_inflight, 256);
	end(&f);
	free(line);
}

#define IS(name, text, v) \
	check_unsigned(#name, text, offsetof(struct conf, name), v)

static void
test_times(void **state)
{
	(void)state;
	IS(query_timeout, "100ms", 100);
	IS(query_timeout, "10ms", 10);
	IS(query_timeout, "3", 3000);
	IS(query_timeout, "60s", 60000);
	IS(query_timeout, "1m", 60000);
	IS(run_timeout, "24h", 86400000);
	IS(run_timeout, "1d", 86400000);
	IS(stale_limit, "0", 0);
	IS(stale_limit, "90s", 90);
	IS(stale_limit, "2w", 1209600);
	IS(stale_limit, "3650d", 315360000);
	IS(stale_limit, "5000ms", 5);
	check_refused("query_timeout", "9ms");
	check_refused("query_timeout", "61");
	check_refused("query_timeout", "1.5s");
	check_refused("query_timeout", "2 s");
	check_refused("query_timeout", "s");
	check_refused("query_timeout", "-1s");
	check_refused("query_timeout", "2S");
	check_refused("query_timeout", "99999999999999999999999");
	check_refused("stale_limit", "18446744073709551615w");
	/* Multiplied, it would be more than fits. */
	check_refused("stale_limit", "1844674407370955161w");
	check_refused("stale_limit", "3651d");
	check_refused("stale_limit", "1500ms");
}

static void
test_shares(void **state)
{
	(void)state;
	IS(max_shrink, "0%", 0);
	IS(max_shrink, "30%", 300000);
	IS(max_shrink, "0.2%", 2000);
	IS(max_shrink, "0.0001%", 1);
	IS(max_shrink, "12.3456%", 123456);
	IS(max_shrink, "100%", 1000000);
	IS(max_shrink, "100.0000%", 1000000);
	check_refused("max_shrink", "100.0001%");
	check_refused("max_shrink", "0.00001%");
	check_refused("max_shrink", "30");
	check_refused("max_shrink", "0.3");
	check_refused("max_shrink", "30 %");
	check_refused("max_shrink", "30%%");
	check_refused("max_shrink", ".5%");
	check_refused("max_shrink", "5.%");
	check_refused("max_shrink", "1.x%");
	check_refused("max_shrink", "1.2.3%");
	check_refused("max_shrink", "%");
	check_refused("max_shrink", "");
	check_refused("max_shrink", "18446744073709551615%");
}

static void
test_numbers(void **state)
{
	(void)state;
	IS(threads, "64", 64);
	IS(min_prefix4, "0", 0);
	IS(min_prefix4, "32", 32);
	IS(min_prefix6, "128", 128);
	IS(max_inflight, "010000", 10000);
	check_refused("threads", "65");
	check_refused("min_prefix4", "33");
	check_refused("min_prefix6", "129");
	check_refused("max_inflight", "10001");
	check_refused("max_inflight", "4294967297");
	check_refused("max_inflight", "0x10");
	check_refused("max_inflight", "+1");
	check_refused("max_inflight", "1 2");
	check_refused("max_inflight", "");
}

static void
test_command_line(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(conf_set(&f.c, "strict=yes", &f.p), 0);
	assert_int_equal(conf_set(&f.c, " table_layout = Flat ", &f.p), 0);
	assert_int_equal(conf_set(&f.c, "permit_reserved=YES", &f.p), 0);
	assert_true(f.c.strict);
	assert_true(f.c.permit_reserved);
	assert_int_equal(f.c.table_layout, LAYOUT_FLAT);
	assert_int_equal(conf_set(&f.c, "strict=no", &f.p), 0);
	assert_false(f.c.strict);
	assert_int_equal(conf_set(&f.c, "max_shrink=30", &f.p), -1);
	assert_int_equal(conf_set(&f.c, "strict", &f.p), -1);
	assert_int_equal(conf_set(&f.c, "", &f.p), -1);
	collect(&f);
	assert_string_equal(f.all.data,
	    "-o max_shrink=30: max_shrink: expected a share from 0% to 100% "
	    "with its % sign and at most four decimals, not \"30\"\n"
	    "-o strict: expected name = value, not \"strict\"\n"
	    "-o \"\": expected name = value, not \"\"\n");
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_each_default_can_be_written),
	    cmocka_unit_test(test_syntax),
	    cmocka_unit_test(test_byte_order_mark),
	    cmocka_unit_test(test_empty_values),
	    cmocka_unit_test(test_every_problem_is_reported),
	    cmocka_unit_test(test_bad_bytes),
	    cmocka_unit_test(test_long_values_are_cut_in_messages),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_shares),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
