/*
 * Tests of list: what a domain list may say, what is said about the rest,
 * files and patterns, and "!" entries.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/problems.h"
#include "base/text.h"
#include "expand/list.h"
#include "expand/listfile.h"

struct fixture {
	struct list l;
	struct problems p;
};

static void
begin(struct fixture *f)
{
	list_init(&f->l);
	problems_init(&f->p);
}

static void
end(struct fixture *f)
{
	list_clear(&f->l);
	problems_clear(&f->p);
}

/* An entry in a few words: its sign and its term as SPF has it. */
static void
describe(struct buf *b, const struct entry *e)
{
	struct spf_term term = entry_term(e);

	buf_puts(b, e->ignore ? "!" : e->exclude ? "-" : "");
	buf_printf(b, "%.*s", (int)term.len, term.text);
	if (term.prefix[IPV4] != 32)
		buf_printf(b, " %u", term.prefix[IPV4]);
	if (term.prefix[IPV6] != 128)
		buf_printf(b, " %u", term.prefix[IPV6]);
	buf_puts(b, "\n");
}

static void
expect_entries(const struct list *l, const char *expected)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < l->n; i++)
		describe(&b, &l->v[i]);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void
expect_problems(const struct problems *p, const char *expected)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&b, "%s\n", p->v[i]);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

/* A line that is right. */
static void
expect(const char *line, const char *entries)
{
	struct fixture f;
	int result;

	begin(&f);
	result = list_add_line(&f.l, "F", 7, line, strlen(line), &f.p);
	expect_problems(&f.p, "");
	assert_int_equal(result, 0);
	expect_entries(&f.l, entries);
	end(&f);
}

/* A term that is wrong in this way. */
static void
expect_wrong(const char *term, const char *why)
{
	struct fixture f;
	char *problem = xasprintf("F:7: %s: %s\n", term, why);

	begin(&f);
	assert_int_equal(
	    list_add_term(&f.l, "F", 7, term, strlen(term), &f.p), -1);
	expect_problems(&f.p, problem);
	assert_int_equal(f.l.n, 0);
	free(problem);
	end(&f);
}

static const char general[] =
    "expected a name of two or more labels, include:NAME, a:NAME, mx:NAME, "
    "ip4:NETWORK or ip6:NETWORK";

static void
test_names(void **state)
{
	(void)state;
	expect("google.com", "include:google.com\n");
	expect("GOOGLE.com.", "include:GOOGLE.com.\n");
	expect("_spf1.yahoo.com", "include:_spf1.yahoo.com\n");
	expect("xn--p1ai.xn--p1ai", "include:xn--p1ai.xn--p1ai\n");
	/* Names that begin like mechanisms. */
	expect("a.example all.example mx.example ip4.example ptr.example",
	    "include:a.example\ninclude:all.example\ninclude:mx.example\n"
	    "include:ip4.example\ninclude:ptr.example\n");
}

static void
test_terms(void **state)
{
	(void)state;
	expect("include:b.example", "include:b.example\n");
	expect("a:host.example/28", "a:host.example/28 28\n");
	expect("MX:host.example/24//64", "MX:host.example/24//64 24 64\n");
	expect("ip4:198.51.100.7", "ip4:198.51.100.7\n");
	expect("ip4:198.51.100.0/24", "ip4:198.51.100.0/24 24\n");
	expect("ip6:2001:db8::/32", "ip6:2001:db8::/32 32\n");
}

static void
test_signs(void **state)
{
	(void)state;
	expect("+b.example", "include:b.example\n");
	expect("-b.example", "-include:b.example\n");
	expect("-include:b.example", "-include:b.example\n");
	expect("-ip4:203.0.113.9", "-ip4:203.0.113.9\n");
	expect("+a:host.example", "a:host.example\n");
	expect("!ebay.com !ip6:2001:db8::/32",
	    "!include:ebay.com\n!ip6:2001:db8::/32 32\n");
}

static void
test_lines(void **state)
{
	(void)state;
	expect("", "");
	expect("# a comment", "");
	expect("  \t ", "");
	expect("b.example # why", "include:b.example\n");
	expect("b.example#why", "include:b.example\n");
	expect("\tb.example  c.example\t", "include:b.example\n"
					   "include:c.example\n");
	expect("b.example\r\n", "include:b.example\n");
	expect("b.example # c\r\n", "include:b.example\n");
	expect("b.example\n", "include:b.example\n");
}

static void
test_where_an_entry_stands(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(
	    list_add_line(&f.l, "F", 3, "-B.example x.y", 14, &f.p), 0);
	assert_int_equal(f.l.n, 2);
	assert_string_equal(f.l.v[0].file, "F");
	assert_int_equal(f.l.v[0].line, 3);
	assert_string_equal(f.l.v[0].text, "-B.example");
	assert_string_equal(f.l.v[0].full, "include:B.example");
	assert_true(f.l.v[0].exclude);
	assert_false(f.l.v[1].exclude);
	assert_false(f.l.v[1].ignore);
	assert_true(entry_is_domain(&f.l.v[0]));
	end(&f);
}

static void
test_what_needs_dns(void **state)
{
	static const char line[] = "b.example a:b.example mx:b.example "
				   "ip4:192.0.2.1 ip6:2001:db8::1";
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(
	    list_add_line(&f.l, "F", 1, line, strlen(line), &f.p), 0);
	for (size_t i = 0; i < f.l.n; i++)
		assert_int_equal(entry_is_domain(&f.l.v[i]), i < 3);
	end(&f);
}

static void
test_what_is_not_a_name(void **state)
{
	(void)state;
	expect_wrong("com", general);
	expect_wrong("com.", general);
	expect_wrong("b.123", general);
	expect_wrong("b.example,c.example",
	    "separate terms by white space, without the comma");
	expect_wrong("b.example;",
	    "separate terms by white space, without the semicolon");
	expect_wrong(
	    "b.example,", "separate terms by white space, without the comma");
	expect_wrong(";", "a comment begins with #");
	expect_wrong("//comment", "a comment begins with #");
	expect_wrong("\"b.example\"", "write it without quotation marks");
	expect_wrong(
	    "user@b.example.", "write only the domain part after the @");
	expect_wrong("*.b.example", "wildcards are not supported: write each name");
	expect_wrong("b..example", "not a domain name");
	expect_wrong(".b.example", "not a domain name");
	expect_wrong("http://b.example/",
	    "write only the name, without the rest of the URL");
	expect_wrong("b.example/24", general);
	expect_wrong("ipv4:192.0.2.1", general);
	expect_wrong("include:b", general);
	expect_wrong("include:", general);
}

static void
test_what_looks_right(void **state)
{
	static const char space[] =
	    "contains a no-break or other special space, "
	    "which looks like a space: write a plain space";
	static const char invisible[] = "contains an invisible character, as "
					"copied from a web page: type it again";
	static const char zeros[] =
	    "numbers of an IPv4 address have no leading zeros: write "
	    "ip4:192.0.2.1, not ip4:192.000.002.001";
	static const char *const with_zeros[] = {"ip4:192.000.002.001",
	    "ip4:192.0.2.01", "192.000.002.001", "-ip4:010.0.0.0/8",
	    "ip4:192.0.2.0/024"};
	char line[200], wanted[300];
	struct fixture f;

	(void)state;
	begin(&f);
	list_add_line(&f.l, "F", 1, "b.example\xc2\xa0", 11, &f.p);
	list_add_line(&f.l, "F", 2, "b.exa\xe2\x80\x8bmple", 12, &f.p);
	list_add_line(&f.l, "F", 3, "b.example\xa0", 10, &f.p);
	for (size_t i = 0; i < COUNT(with_zeros); i++)
		list_add_line(&f.l, "F", 4 + (unsigned)i, with_zeros[i],
		    strlen(with_zeros[i]), &f.p);
	assert_int_equal(f.p.n, 3 + COUNT(with_zeros));
	for (size_t i = 0; i < f.p.n; i++) {
		snprintf(line, sizeof(line), "F:%zu: ", i + 1);
		assert_int_equal(strncmp(f.p.v[i], line, strlen(line)), 0);
		snprintf(wanted, sizeof(wanted), ": %s",
		    i == 1  ? invisible
		    : i < 3 ? space
			    : zeros);
		assert_non_null(strstr(f.p.v[i], wanted));
	}
	end(&f);
}

static void
test_what_is_not_a_host(void **state)
{
	static const char why[] = "expected a name of two or more labels, then "
				  "/LENGTH for IPv4, //LENGTH for IPv6";

	(void)state;
	expect_wrong("a:", why);
	expect_wrong("mx:com", why);
	expect_wrong("a:b.example/33", why);
	expect_wrong("a:b.example/24/64", why);
	expect_wrong("-a:192.0.2.1", why);
	expect_wrong("a:b@c.example", "write only the domain part after the @");
}

static void
test_what_to_write_instead(void **state)
{
	static const char two_words[] = "a and mx need a name: a:NAME, mx:NAME";
	static const char client[] = "ptr and exists cannot be enumerated: "
				     "use ip4: or ip6:";
	static const char modifier[] = "modifiers have no meaning in a list: "
				       "write the name";

	(void)state;
	expect_wrong("a", two_words);
	expect_wrong("MX", two_words);
	expect_wrong("a/24", two_words);
	expect_wrong("mx//64", two_words);
	expect_wrong(
	    "v=spf1", "a list has terms, not records: remove v=spf1");
	expect_wrong(
	    "all", "all means every address: name a domain or network instead");
	expect_wrong("-ALL",
	    "all means every address: name a domain or network instead");
	expect_wrong("exists:b.example", client);
	expect_wrong("ptr:b.example", client);
	expect_wrong("ptr", "ptr cannot be enumerated: use ip4: or ip6:");
	expect_wrong("redirect=b.example", modifier);
	expect_wrong("exp=b.example", modifier);
	expect_wrong("x=y", modifier);
	expect_wrong(
	    "exists:%{i}.b.example", "macros have no meaning in a list");
	expect_wrong("%{d}", "macros have no meaning in a list");
	expect_wrong("?b.example", "the signs are + (or none), - and !");
	expect_wrong("~ip4:192.0.2.1", "the signs are + (or none), - and !");
}

static void
test_addresses(void **state)
{
	static const char four[] = "write an address as ip4:ADDRESS";
	static const char six[] = "write an address as ip6:ADDRESS";

	(void)state;
	expect_wrong("192.0.2.1", four);
	expect_wrong("-192.0.2.0/24", four);
	expect_wrong("2001:db8::1", six);
	expect_wrong("!2001:db8::/32", six);
	expect_wrong("ip4:192.0.2.1/33",
	    "expected ip4:ADDRESS or ip4:ADDRESS/LENGTH (0 to 32)");
	expect_wrong("ip4:2001:db8::1",
	    "expected ip4:ADDRESS or ip4:ADDRESS/LENGTH (0 to 32)");
	expect_wrong("ip6:192.0.2.1",
	    "expected ip6:ADDRESS or ip6:ADDRESS/LENGTH (0 to 128)");
	expect_wrong(
	    "ip6:", "expected ip6:ADDRESS or ip6:ADDRESS/LENGTH (0 to 128)");
}

static void
test_signs_that_are_wrong(void **state)
{
	(void)state;
	expect_wrong("--b.example", "one sign is enough");
	expect_wrong("!-b.example", "one sign is enough");
	expect_wrong("-?b.example", "one sign is enough");
	expect_wrong("-", general);
	expect_wrong("!", general);
	expect_wrong("- b.example", general);
}

static void
test_foreign_bytes(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(
	    list_add_line(&f.l, "F", 1, "b\xc3\xbc.example", 11, &f.p), -1);
	assert_int_equal(
	    list_add_line(&f.l, "F", 2, "b\x1b[m.example", 12, &f.p), -1);
	expect_problems(&f.p,
	    "F:1: b\\195\\188.example: write names with other letters as "
	    "A-labels (xn--...), which idn2 NAME prints\n"
	    "F:2: b\\027[m.example: expected a name of two or more labels, "
	    "include:NAME, a:NAME, mx:NAME, ip4:NETWORK or ip6:NETWORK\n");
	end(&f);
}

/* What stands behind a NUL byte must not be dropped in silence. */
static void
test_nul_bytes(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(
	    list_add_line(&f.l, "F", 1, "b.example\0.evil", 15, &f.p), -1);
	assert_int_equal(f.l.n, 0);
	assert_int_equal(f.p.n, 1);
	assert_int_equal(
	    strncmp(f.p.v[0], "F:1: b.example\\000.evil: ", 25), 0);
	end(&f);
	begin(&f);
	assert_int_equal(list_add_line(&f.l, "F", 1, "\0", 1, &f.p), -1);
	end(&f);
}

static void
test_the_command_line(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(list_add_term(&f.l, "", 0, "com", 3, &f.p), -1);
	assert_int_equal(strncmp(f.p.v[0], "com: expected a name", 20), 0);
	assert_int_equal(list_add_term(&f.l, "", 0, "", 0, &f.p), -1);
	assert_int_equal(strncmp(f.p.v[1], "\"\": expected a name", 19), 0);
	end(&f);
}

static void
test_long_terms_are_cut_in_messages(void **state)
{
	struct fixture f;
	char text[1000];

	(void)state;
	begin(&f);
	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    list_add_term(&f.l, "F", 1, text, sizeof(text), &f.p), -1);
	assert_true(strlen(f.p.v[0]) < 400);
	assert_non_null(strstr(f.p.v[0], "xxx...: "));
	end(&f);
}

/* All wrong lines are reported, and the right ones taken. */
static void
test_reading_a_file(void **state)
{
	static char text[] = "\xef\xbb\xbf# a byte order mark\n"
			     "b.example\r\n"
			     "com a:host.example 192.0.2.1\n"
			     "\n"
			     "all";
	FILE *in = fmemopen(text, strlen(text), "r");
	struct fixture f;

	(void)state;
	assert_non_null(in);
	begin(&f);
	assert_int_equal(listfile_read(&f.l, in, "F", &f.p), -1);
	fclose(in);
	expect_entries(&f.l, "include:b.example\na:host.example\n");
	assert_int_equal(f.l.v[1].line, 3);
	assert_int_equal(f.p.n, 3);
	assert_int_equal(strncmp(f.p.v[0], "F:3: com: ", 10), 0);
	assert_int_equal(strncmp(f.p.v[1], "F:3: 192.0.2.1: ", 16), 0);
	assert_int_equal(strncmp(f.p.v[2], "F:5: all: ", 10), 0);
	end(&f);
}

static void
write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* Works in a directory of its own; returns to where it was. */
static int
setup_directory(void **state)
{
	static char dir[64];

	strcpy(dir, "/tmp/test_list.XXXXXX");
	*state = dir;
	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return -1;
	write_file("a.list", "a.example\n");
	write_file("b.list", "com\nb.example\n");
	write_file("c.list", "c.example\n");
	return mkdir("directory", 0700);
}

static int
teardown_directory(void **state)
{
	static const char *const files[] = {"a.list", "b.list", "c.list"};
	int result = rmdir("directory");

	for (size_t i = 0; i < COUNT(files); i++)
		result |= unlink(files[i]);
	return result | chdir("/") | rmdir(*state);
}

static void
expect_paths(
    const char *paths, int result, const char *entries, const char *problems)
{
	struct fixture f;

	begin(&f);
	assert_int_equal(listfile_read_paths(&f.l, paths, &f.p), result);
	expect_entries(&f.l, entries);
	expect_problems(&f.p, problems);
	end(&f);
}

static void
test_paths(void **state)
{
	char *told;

	(void)state;
	expect_paths("", 0, "", "");
	expect_paths(" c.list,\n\ta.list ", 0,
	    "include:c.example\ninclude:a.example\n", "");
	expect_paths(
	    "[ac].list", 0, "include:a.example\ninclude:c.example\n", "");
	expect_paths("*.none x?.list", 0, "", "");
	expect_paths("none.list a.list", -1, "include:a.example\n",
	    "none.list: No such file or directory\n");
	expect_paths("directory", -1, "", "directory: Is a directory\n");
	/* A directory that is missing or cannot be read may hold lists. */
	expect_paths("none/*.list a.list/*.list", -1, "",
	    "none/*.list: none/: No such file or directory\n"
	    "a.list/*.list: a.list/: Not a directory\n");
	assert_int_equal(symlink("loop", "loop"), 0);
	told = xasprintf("loop/*.list: cannot read a directory of this pattern: %s\n",
	    strerror(ELOOP));
	expect_paths("loop/*.list a.list", -1, "include:a.example\n", told);
	free(told);
	assert_int_equal(unlink("loop"), 0);
}

static void
test_pattern_with_a_wrong_file(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(listfile_read_paths(&f.l, "*.list", &f.p), -1);
	expect_entries(
	    &f.l, "include:a.example\ninclude:b.example\ninclude:c.example\n");
	assert_string_equal(f.l.v[1].file, "b.list");
	assert_int_equal(f.l.v[1].line, 2);
	assert_int_equal(f.p.n, 1);
	assert_int_equal(strncmp(f.p.v[0], "b.list:1: com: ", 15), 0);
	end(&f);
}

static void
expect_ignored(const char *first, const char *second, const char *entries,
    const char *others)
{
	struct fixture f, g;
	struct list *const lists[] = {&f.l, &g.l};

	begin(&f);
	begin(&g);
	assert_int_equal(
	    list_add_line(&f.l, "F", 1, first, strlen(first), &f.p), 0);
	assert_int_equal(
	    list_add_line(&g.l, "G", 1, second, strlen(second), &g.p), 0);
	list_ignore(lists, COUNT(lists), NULL);
	expect_entries(&f.l, entries);
	expect_entries(&g.l, others);
	end(&f);
	end(&g);
}

static void
test_ignored_entries(void **state)
{
	(void)state;
	expect_ignored(
	    "a.example b.example", "!A.Example.", "include:b.example\n", "");
	expect_ignored("!a.example", "a.example include:a.example b.example",
	    "", "include:b.example\n");
	/* The same entry, not whatever covers it. */
	expect_ignored("a:a.example a.example mx:a.example", "!a:a.example",
	    "include:a.example\nmx:a.example\n", "");
	expect_ignored("ip4:192.0.2.0/24 ip4:192.0.2.0", "!ip4:192.0.2.0/24",
	    "ip4:192.0.2.0\n", "");
	expect_ignored(
	    "a:a.example/24", "!a:a.example", "a:a.example/24 24\n", "");
	/* Exclusions stay. */
	expect_ignored("-a.example", "!a.example", "-include:a.example\n", "");
	expect_ignored("a.example", "!b.example", "include:a.example\n", "");
	expect_ignored("a.example", "b.example", "include:a.example\n",
	    "include:b.example\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_terms),
	    cmocka_unit_test(test_signs),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_where_an_entry_stands),
	    cmocka_unit_test(test_what_needs_dns),
	    cmocka_unit_test(test_what_is_not_a_name),
	    cmocka_unit_test(test_what_looks_right),
	    cmocka_unit_test(test_what_is_not_a_host),
	    cmocka_unit_test(test_what_to_write_instead),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_signs_that_are_wrong),
	    cmocka_unit_test(test_foreign_bytes),
	    cmocka_unit_test(test_nul_bytes),
	    cmocka_unit_test(test_the_command_line),
	    cmocka_unit_test(test_long_terms_are_cut_in_messages),
	    cmocka_unit_test(test_reading_a_file),
	    cmocka_unit_test_setup_teardown(
		test_paths, setup_directory, teardown_directory),
	    cmocka_unit_test_setup_teardown(test_pattern_with_a_wrong_file,
		setup_directory, teardown_directory),
	    cmocka_unit_test(test_ignored_entries),
	};

	/* Of the letters that messages show as they are typed there are none.
	 */
	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
