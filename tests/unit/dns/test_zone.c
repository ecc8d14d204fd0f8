/*
 * Tests of zone: master-file text (RFC 1035 section 5) to answers, what is
 * said about wrong lines, and saved files there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "dns/zone.h"
#include "../needs.h"

/* 2026-01-01T00:00:00Z */
#define NOW 1767225600
#define CONFIRMED "confirmed 2026-01-01T00:00:00Z"
#define OLD "confirmed 2025-01-01T00:00:00Z"
#define SAVED "; postpermit answers 1\n"
#define END "; end of answers\n"

static struct answers *
read_bytes(const char *text, size_t len, struct problems *p)
{
	FILE *in = tmpfile();
	struct answers *as;

	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, len, in), len);
	rewind(in);
	problems_init(p);
	as = zone_read(in, "F", NOW, p);
	assert_int_equal(as == NULL, p->n > 0);
	fclose(in);
	return as;
}

static struct answers *
read_zone(const char *text)
{
	struct problems p;
	struct answers *as = read_bytes(text, strlen(text), &p);

	if (p.n > 0)
		fail_msg("%s", p.v[0]);
	return as;
}

/* Replaces begin, and all up to the next end, wherever it stands. */
static void
cut(char *text, const char *begin, const char *replacement, const char *end)
{
	while ((text = strstr(text, begin)) != NULL) {
		char *rest = strstr(text + strlen(begin), end);
		size_t n = strlen(replacement);

		assert_non_null(rest);
		memcpy(text, replacement, n);
		memmove(text + n, rest, strlen(rest) + 1);
		text += n;
	}
}

/* Appends the answers as a saved file, but without the checksum at its end. */
static void
write_plain(struct buf *b, const struct answers *as)
{
	size_t digits = strlen(", checksum 0123456789abcdef\n");

	zone_write(b, as);
	assert_true(b->len > digits);
	assert_int_equal(
	    strncmp(b->data + b->len - digits, ", checksum ", 11), 0);
	b->len -= digits;
	buf_puts(b, "\n");
}

/*
 * The answers as a saved file has them, shorter: without its first and last
 * line, TTLs, classes and times.
 */
static void
expect_answers(const struct answers *as, const char *expected)
{
	struct buf b;

	buf_init(&b);
	write_plain(&b, as);
	cut(b.data, SAVED, "", "");
	cut(b.data, END, "", "");
	cut(b.data, "\t0\tIN\t", " ", "");
	cut(b.data, "\t; confirmed", "", "\n");
	cut(b.data, "\t", " ", "");
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void
expect(const char *text, const char *expected)
{
	struct answers *as = read_zone(text);

	expect_answers(as, expected);
	answers_close(as);
}

/* Every problem, one a line; a text that ends in "..." is a beginning. */
static void
expect_bytes_wrong(const char *text, size_t len, const char *expected)
{
	struct problems p;
	struct buf all;
	size_t n = strlen(expected);

	assert_null(read_bytes(text, len, &p));
	buf_init(&all);
	for (size_t i = 0; i < p.n; i++)
		buf_printf(&all, "%s\n", p.v[i]);
	if (n > 3 && strcmp(expected + n - 3, "...") == 0 && all.len >= n - 3)
		strcpy(all.data + n - 3, "...");
	assert_string_equal(all.data, expected);
	buf_clear(&all);
	problems_clear(&p);
}

static void
expect_wrong(const char *text, const char *expected)
{
	expect_bytes_wrong(text, strlen(text), expected);
}

static void
expect_status(const struct answers *as, const char *owner, enum rr_type type,
    enum answer_status status)
{
	uint8_t wire[NAME_MAX_WIRE];

	assert_int_equal(name_from_text(owner, strlen(owner), wire), 0);
	assert_int_equal(answers_resolve(as, wire, type, NULL)->status, status);
}

static void
test_types(void **state)
{
	(void)state;
	expect("a.example. 3600 IN A 192.0.2.1\n"
	       "a.example. 3600 IN AAAA 2001:DB8::1\n"
	       "a.example. 3600 IN MX 10 Mail.Example.\n"
	       "a.example. 3600 IN TXT \"v=spf1 -all\"\n"
	       "b.example. 3600 IN CNAME A.Example.\n",
	    "a.example. A 192.0.2.1\n"
	    "a.example. MX 10 mail.example.\n"
	    "a.example. TXT \"v=spf1 -all\"\n"
	    "a.example. AAAA 2001:db8::1\n"
	    "b.example. CNAME a.example.\n");
}

static void
test_columns(void **state)
{
	(void)state;
	/* TTL and class: both, one, none, in any order, in any case. */
	expect("a.example. A 192.0.2.1\n"
	       "A.EXAMPLE. in A 192.0.2.2\n"
	       "a.example. IN 1h30m a 192.0.2.3\n"
	       "a.example.\t0\tA\t192.0.2.4\t\n"
	       "a.example.   1w2d3h4m5s   In   A   192.0.2.5   \n",
	    "a.example. A 192.0.2.1\n"
	    "a.example. A 192.0.2.2\n"
	    "a.example. A 192.0.2.3\n"
	    "a.example. A 192.0.2.4\n"
	    "a.example. A 192.0.2.5\n");
}

static void
test_origin_and_relative_names(void **state)
{
	(void)state;
	expect("a A 192.0.2.1\n"
	       "$ORIGIN example.\n"
	       "@ MX 0 mail\n"
	       "@ MX 1 @\n"
	       "b A 192.0.2.2\n"
	       "$origin sub\n"
	       "c CNAME d\n"
	       "e CNAME d.\n"
	       "g MX 2 \\@.x.\n"
	       "$ORIGIN .\n"
	       "f.org A 192.0.2.3\n",
	    "a. A 192.0.2.1\n"
	    "example. MX 0 mail.example.\n"
	    "example. MX 1 example.\n"
	    "b.example. A 192.0.2.2\n"
	    "c.sub.example. CNAME d.sub.example.\n"
	    "e.sub.example. CNAME d.\n"
	    "g.sub.example. MX 2 \\@.x.\n"
	    "f.org. A 192.0.2.3\n");
}

static void
test_blank_owner(void **state)
{
	(void)state;
	expect("$ORIGIN example.\n"
	       "a A 192.0.2.1\n"
	       "  AAAA 2001:db8::1\n"
	       "\n"
	       "; a comment\n"
	       "\t300 IN MX 0 .\n"
	       "b SRV 0 0 1 a\n"
	       "  A 192.0.2.2\n"
	       "$ORIGIN org.\n"
	       "  TXT x\n",
	    "a.example. A 192.0.2.1\n"
	    "a.example. MX 0 .\n"
	    "a.example. AAAA 2001:db8::1\n"
	    "b.example. A 192.0.2.2\n"
	    "b.example. TXT \"x\"\n");
	expect_wrong(" A 192.0.2.1\n", "F:1: expected an owner name\n");
}

static void
test_parentheses(void **state)
{
	(void)state;
	expect("a.example. TXT ( \"v=spf1 \" ; one\n"
	       "  \"a\" ; two ) \"\n"
	       "\n"
	       "\"-all\" )\n"
	       "b.example. ( A\n192.0.2.1\n)\n"
	       "c.example. MX (10 (mail.example.))\n"
	       "d.example. TXT \"(\" \")\"\n",
	    "a.example. TXT \"v=spf1 \" \"a\" \"-all\"\n"
	    "b.example. A 192.0.2.1\n"
	    "c.example. MX 10 mail.example.\n"
	    "d.example. TXT \"(\" \")\"\n");
}

static void
test_unbalanced_parentheses(void **state)
{
	(void)state;
	expect_wrong("\na.example. A 192.0.2.1 )\n",
	    "F:2: an unmatched closing parenthesis\n");
	expect_wrong("\na.example. A ( 192.0.2.1\nb.example. A 192.0.2.2\n",
	    "F:2: the file ends in the middle of an entry\n");
}

static void
test_quotes_and_escapes(void **state)
{
	(void)state;
	expect("a.example. TXT \"a;b\" ; c\n"
	       "b.example. TXT a\\;b \\\"c \\065\n"
	       "c.example. TXT \"\\\"\\\\\\; \\009\\127\\255\"\n"
	       "d.example. TXT \"\" x \"\"\n"
	       "e.example. TXT \"\"\n"
	       "f.example. TXT \"x\\000y\"\n",
	    "a.example. TXT \"a;b\"\n"
	    "b.example. TXT \"a;b\" \"\\\"c\" \"A\"\n"
	    "c.example. TXT \"\\\"\\\\; \\009\\127\\255\"\n"
	    "d.example. TXT \"\" \"x\" \"\"\n"
	    "e.example. TXT \"\"\n"
	    "f.example. TXT \"x\\000y\"\n");
}

static void
test_escapes_in_names(void **state)
{
	(void)state;
	expect("a\\.b.example. A 192.0.2.1\n"
	       "\\097\\;c.example. A 192.0.2.2\n"
	       "a\\ b.example. A 192.0.2.3\n"
	       "\\@.example. CNAME \\$x.example.\n"
	       "*.example. A 192.0.2.4\n",
	    "*.example. A 192.0.2.4\n"
	    "\\@.example. CNAME \\$x.example.\n"
	    "a\\032b.example. A 192.0.2.3\n"
	    "a\\.b.example. A 192.0.2.1\n"
	    "a\\;c.example. A 192.0.2.2\n");
}

static void
test_unfinished_quotes_and_escapes(void **state)
{
	(void)state;
	expect_wrong("a.example. TXT \"x\nb.example. A 192.0.2.1\n",
	    "F:1: expected a closing quote\n");
	expect_wrong("a.example. TXT \"x", "F:1: the file ends in the middle "
					   "of an entry\n");
	expect_wrong("\na.example. TXT x\\\nb.example. A 192.0.2.1\n",
	    "F:2: a backslash at the line's end\n");
	expect_wrong("a.example. TXT x\\", "F:1: a backslash at the line's "
					   "end\n");
}

static void
test_long_strings(void **state)
{
	char text[400] = "a.example. TXT \"", *end = text + strlen(text);

	(void)state;
	memset(end, 'x', 255);
	strcpy(end + 255, "\"\n");
	answers_close(read_zone(text));
	strcpy(end + 255, "x\"\n");
	expect_wrong(text, "F:1: not the data of TXT: ...");
}

static void
test_directives(void **state)
{
	(void)state;
	expect("$TTL 3600\n$TTL 1h ; c\n$ttl 5m\n", "");
	expect_wrong("a. A 192.0.2.1\n$INCLUDE other.zone\n$include x y\n",
	    "F:2: $INCLUDE is not allowed\nF:3: $INCLUDE is not allowed\n");
	expect_wrong("$TTL\n$TTL x\n$ORIGIN\n$ORIGIN a..b\n$GENERATE 1-2 a A "
		     "192.0.2.$\n$\n",
	    "F:1: expected $TTL TTL, $ORIGIN NAME or an RR\n"
	    "F:2: expected $TTL TTL, $ORIGIN NAME or an RR\n"
	    "F:3: expected $TTL TTL, $ORIGIN NAME or an RR\n"
	    "F:4: expected $TTL TTL, $ORIGIN NAME or an RR\n"
	    "F:5: expected $TTL TTL, $ORIGIN NAME or an RR\n"
	    "F:6: expected $TTL TTL, $ORIGIN NAME or an RR\n");
}

/* Also where ldns could not parse the data, or does not know the type. */
static void
test_other_types_are_skipped(void **state)
{
	(void)state;
	expect("example. SOA ns. hostmaster. ( 1 2 3 4 5 )\n"
	       "example. NS ns.example.\n"
	       "example. SRV not a number\n"
	       "example. HTTPS 1 . alpn=\"h2,h3\" ech=\"(;\"\n"
	       "example. SVCB 0 x\n"
	       "example. TYPE65280 \\# 4 00010203\n"
	       "example. RRSIG TXT 8 1 3600 garbage\n"
	       "example. CH TXT \"not ours\"\n"
	       "example. SPF \"v=spf1 +all\"\n",
	    "");
}

/* They are names nevertheless: a server would say NODATA, not NXDOMAIN. */
static void
test_names_of_skipped_types_exist(void **state)
{
	struct answers *as = read_zone("a.b.example. NS ns.example.\n");

	(void)state;
	expect_status(as, "a.b.example", RR_TXT, ANSWER_NODATA);
	expect_status(as, "b.example", RR_TXT, ANSWER_NODATA);
	answers_close(as);
}

/* RFC 3597 section 5. */
static void
test_unknown_type_notation(void **state)
{
	(void)state;
	expect("a.example. A \\# 4 C0000201\n", "a.example. A 192.0.2.1\n");
	expect("a.example. TXT \\# 3 026869\n", "a.example. TXT \"hi\"\n");
	expect("a.example. MX \\# 3 000A00\n", "a.example. MX 10 .\n");
	expect("a.example. TYPE1 \\# 4 C0000201\n", "a.example. A 192.0.2.1\n");
}

static void
test_wrong_lines(void **state)
{
	static const char form[] = "F:1: expected OWNER [TTL] [IN] TYPE DATA\n";

	(void)state;
	expect_wrong("a.example.\n", form);
	expect_wrong("a.example. 3600 IN\n", form);
	expect_wrong("a.example. NO_TYPE x\n", form);
	expect_wrong("a.example. 192.0.2.1\n", form);
	expect_wrong("a..example. A 192.0.2.1\n", "F:1: not an owner name\n");
	expect_wrong("a.example. A\n", "F:1: not the data of A: ...");
	expect_wrong("a.example. A 192.0.2\n", "F:1: not the data of A: ...");
	expect_wrong(
	    "a.example. A 192.0.2.256\n", "F:1: not the data of A: ...");
	expect_wrong(
	    "a.example. A 2001:db8::1\n", "F:1: not the data of A: ...");
	expect_wrong(
	    "a.example. AAAA 192.0.2.1\n", "F:1: not the data of AAAA: ...");
	expect_wrong(
	    "a.example. MX mail.example.\n", "F:1: not the data of MX: ...");
	expect_wrong("a.example. MX 10\n", "F:1: not the data of MX: ...");
	expect_wrong("a.example. MX 1x a.\n", "F:1: not the data of MX: ...");
	expect_wrong("a.example. CNAME\n", "F:1: not the data of CNAME: ...");
	expect_wrong("a.example. TXT\n", "F:1: not the data of TXT: ...");
	expect_wrong(
	    "a.example. A \\# 3 C00002\n", "F:1: not the data of A: ...");
	expect_wrong(
	    "a.example. MX \\# 2 000A\n", "F:1: not the data of MX: ...");
	expect_wrong(
	    "a.example. TXT \\# 2 0568\n", "F:1: not the data of TXT: ...");
}

/* What stands behind the data must not be dropped in silence. */
static void
test_too_much_data(void **state)
{
	(void)state;
	expect_wrong("a.example. A 192.0.2.1 192.0.2.2\n",
	    "F:1: not the data of A: ...");
	expect_wrong("a.example. CNAME b.example. c.example.\n",
	    "F:1: not the data of CNAME: ...");
	expect_wrong(
	    "a.example. MX 1 b.example. 2\n", "F:1: not the data of MX: ...");
}

/* A name and the origin, which together are more than 255 bytes. */
static void
test_long_relative_names(void **state)
{
	char label[64], *text;

	(void)state;
	memset(label, 'x', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	text = xasprintf(
	    "$ORIGIN %s.%s.\n%s.%s A 192.0.2.1\n", label, label, label, label);
	expect_wrong(text, "F:2: not an owner name\n");
	free(text);
}

/* Who reads a file of another kind is told so, not all of it. */
static void
test_many_wrong_lines(void **state)
{
	struct problems p;
	struct buf text;

	(void)state;
	buf_init(&text);
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "<p>\n");
	assert_null(read_bytes(text.data, text.len, &p));
	assert_true(p.n >= 10 && p.n <= 100);
	assert_string_equal(p.v[p.n - 1], "F: too many mistakes");
	problems_clear(&p);
	buf_clear(&text);
}

static bool
opens_directories(void)
{
	FILE *in = fopen("/", "r");

	if (in != NULL)
		fclose(in);
	return in != NULL;
}

/* A directory opens like a file, and fails when it is read. */
static void
test_unreadable(void **state)
{
	FILE *in = fopen("/", "r");
	struct problems p;

	(void)state;
	problems_init(&p);
	assert_null(zone_read(in, "F", NOW, &p));
	assert_int_equal(p.n, 1);
	assert_string_equal(p.v[0], "F: cannot read: Is a directory");
	problems_clear(&p);
	fclose(in);
}

/* All wrong lines are reported, with the numbers at which entries begin. */
static void
test_numbers_of_wrong_lines(void **state)
{
	(void)state;
	expect_wrong("; comment\n"
		     "a. TXT ( x\n"
		     "         y )\n"
		     "b. F_OO\n"
		     "\n"
		     "c. F_OO (\n"
		     "  10 )\n"
		     "d. A 192.0.2.1\n"
		     "e. )\n"
		     "f",
	    "F:4: expected OWNER [TTL] [IN] TYPE DATA\n"
	    "F:6: expected OWNER [TTL] [IN] TYPE DATA\n"
	    "F:9: an unmatched closing parenthesis\n"
	    "F:10: expected OWNER [TTL] [IN] TYPE DATA\n");
}

static void
test_nul_bytes(void **state)
{
	(void)state;
	expect_bytes_wrong("a. A 192.0.2.1\0\n", 16, "F:1: a NUL byte\n");
	expect_bytes_wrong("\na. TXT \"x\0y\"\nb. F_OO\n", 21,
	    "F:2: a NUL byte\n"
	    "F:3: expected OWNER [TTL] [IN] TYPE DATA\n");
	/* Also as what an escape stands before: nothing may vanish. */
	expect_bytes_wrong("a. TXT x \\\0 y\n", 14, "F:1: a NUL byte\n");
}

static void
test_line_ends(void **state)
{
	(void)state;
	expect("$TTL 1h\r\na.example. A 192.0.2.1\r\n\r\n; c\r\n"
	       "b.example. TXT ( \"x\"\r\n \"y\" )\r\nc. TXT z\r\n",
	    "c. TXT \"z\"\n"
	    "a.example. A 192.0.2.1\n"
	    "b.example. TXT \"x\" \"y\"\n");
	expect("a.example. A 192.0.2.1", "a.example. A 192.0.2.1\n");
	expect(
	    "a.example. A 192.0.2.1\n; no newline", "a.example. A 192.0.2.1\n");
}

static void
test_empty_files(void **state)
{
	struct answers *as = read_zone("");

	(void)state;
	expect_status(as, "a.example", RR_A, ANSWER_NXDOMAIN);
	answers_close(as);
	expect("\n\n", "");
	expect("; only a comment", "");
}

static void
test_rrsets(void **state)
{
	(void)state;
	/* Sorted, without duplicates, wherever the RRs stand. */
	expect("a.example. A 192.0.2.3\n"
	       "b.example. A 192.0.2.9\n"
	       "a.example. MX 20 a.\n"
	       "a.example. A 192.0.2.1\n"
	       "A.example. A 192.0.2.3\n"
	       "a.example. MX 10 b.\n",
	    "a.example. A 192.0.2.1\n"
	    "a.example. A 192.0.2.3\n"
	    "a.example. MX 10 b.\n"
	    "a.example. MX 20 a.\n"
	    "b.example. A 192.0.2.9\n");
}

static void
test_what_a_zone_does_not_hold(void **state)
{
	struct answers *as = read_zone("a.b.example. A 192.0.2.1\n"
				       "*.w.example. A 192.0.2.2\n");

	(void)state;
	expect_status(as, "a.b.example", RR_A, ANSWER_DATA);
	expect_status(as, "a.b.example", RR_TXT, ANSWER_NODATA);
	/* An empty non-terminal. */
	expect_status(as, "b.example", RR_A, ANSWER_NODATA);
	expect_status(as, "c.example", RR_A, ANSWER_NXDOMAIN);
	/* Wildcards are literal. */
	expect_status(as, "x.w.example", RR_A, ANSWER_NXDOMAIN);
	answers_close(as);
}

/* What is written after a saved file was read, to the byte. */
static void
expect_rewritten(const char *text, const char *expected)
{
	struct answers *as = read_zone(text);
	struct buf b;

	buf_init(&b);
	write_plain(&b, as);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	answers_close(as);
}

static void
expect_round_trip(const char *text)
{
	expect_rewritten(text, text);
}

static void
test_saved_files(void **state)
{
	(void)state;
	expect_round_trip(SAVED END);
	expect_round_trip(SAVED
	    "example.\t0\tIN\tMX\t0 .\t; confirmed 2025-12-31T23:59:59Z\n"
	    "example.\t0\tIN\tTXT\t\"v=spf1 \\\"\\\\\\255;()\" \"\"\t; "
	    "confirmed 1999-02-28T01:02:03Z\n"
	    "example.\t0\tIN\tAAAA\t::ffff:192.0.2.1\t; " CONFIRMED "\n"
	    "; a.example. A NODATA " CONFIRMED "\n"
	    "; a.example. MX NXDOMAIN confirmed 2025-06-30T00:00:00Z\n"
	    "; a.example. TXT FAILED/2 " CONFIRMED "\n"
	    "b\\.\\@\\000\\255.example.\t0\tIN\tA\t192.0.2.1\t; " CONFIRMED "\n"
	    "b\\.\\@\\000\\255.example.\t0\tIN\tA\t192.0.2.2\t; " CONFIRMED "\n"
	    "c.example.\t0\tIN\tCNAME\td.example.\t; " CONFIRMED "\n" END);
}

/* As much as an answer holds, every byte an escape: four times as much text. */
static void
test_long_texts(void **state)
{
	struct answers *as;
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, SAVED "a.example.\t0\tIN\tTXT\t");
	for (int i = 0; i < 250; i++) {
		buf_puts(&b, i > 0 ? " \"" : "\"");
		for (int k = 0; k < 255; k++)
			buf_puts(&b, k % 3 == 0   ? "\\001"
				     : k % 3 == 1 ? "\\\""
						  : " ");
		buf_puts(&b, "\"");
	}
	buf_puts(&b, "\t; " CONFIRMED "\n" END);
	expect_round_trip(b.data);
	buf_clear(&b);
	/* Space at the end of so much is none of a string. */
	buf_puts(&b, "a.example. TXT");
	for (int i = 0; i < 10000; i++)
		buf_puts(&b, "   \"x\"");
	buf_puts(&b, "\t  \n");
	as = read_zone(b.data);
	expect_status(as, "a.example", RR_TXT, ANSWER_DATA);
	answers_close(as);
	buf_clear(&b);
}

static void
test_what_a_saved_file_says(void **state)
{
	struct answers *as = read_zone(SAVED
	    "; a.example. A NODATA " CONFIRMED "\n"
	    "; a.example. MX NXDOMAIN " CONFIRMED "\n"
	    "; a.example. TXT FAILED/1 " CONFIRMED "\n"
	    "b.example. A 192.0.2.1 ; confirmed 2025-01-01T00:00:00Z\n" END);
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	expect_status(as, "a.example", RR_A, ANSWER_NODATA);
	expect_status(as, "a.example", RR_MX, ANSWER_NXDOMAIN);
	expect_status(as, "a.example", RR_TXT, ANSWER_FAILED);
	expect_status(as, "a.example", RR_AAAA, ANSWER_UNKNOWN);
	expect_status(as, "b.example", RR_A, ANSWER_DATA);
	/* Never asked is not the same as absent. */
	expect_status(as, "b.example", RR_TXT, ANSWER_UNKNOWN);
	expect_status(as, "c.example", RR_TXT, ANSWER_UNKNOWN);
	name_from_text("a.example", 9, wire);
	assert_int_equal(
	    answers_find(as, wire, RR_TXT)->failure, FAILURE_TIMEOUT);
	name_from_text("b.example", 9, wire);
	assert_true(
	    answers_find(as, wire, RR_A)->confirmed == NOW - 365 * 86400);
	answers_close(as);
}

/* Times in the future count as now; of an RRset, the oldest counts. */
static void
test_times(void **state)
{
	(void)state;
	expect_rewritten(SAVED
	    "a.example. A 192.0.2.1 ; confirmed 2099-01-01T00:00:00Z\n"
	    "d.example. A 192.0.2.1 ; confirmed 2025-02-02T00:00:00Z\n"
	    "d.example. A 192.0.2.2 ; confirmed 2025-01-01T00:00:00Z\n"
	    "; e.example. A NODATA confirmed 2099-01-01T00:00:00Z\n" END,
	    SAVED "a.example.\t0\tIN\tA\t192.0.2.1\t; " CONFIRMED "\n"
		  "d.example.\t0\tIN\tA\t192.0.2.1\t; " OLD "\n"
		  "d.example.\t0\tIN\tA\t192.0.2.2\t; " OLD "\n"
		  "; e.example. A NODATA " CONFIRMED "\n" END);
}

/* Only a saved file has times: comments of others mean nothing. */
static void
test_comments_of_other_zones(void **state)
{
	(void)state;
	expect("a.example. A 192.0.2.1 ; confirmed 2025-01-01T00:00:00Z\n"
	       "; b.example. A FAILED/1 confirmed 2025-01-01T00:00:00Z\n" SAVED,
	    "a.example. A 192.0.2.1\n");
}

static void
test_damaged_saved_files(void **state)
{
	(void)state;
	expect_wrong(SAVED, "F:1: the file is truncated\n");
	expect_wrong(SAVED "a.example. A 192.0.2.1 ; " CONFIRMED "\n",
	    "F:2: the file is truncated\n");
	expect_wrong(SAVED "a.example. A 192.0.2.1 ; conf",
	    "F:2: expected confirmed YYYY-MM-DDTHH:MM:SSZ\n");
	expect_wrong(SAVED "a.example. A 192.0.2.1\n" END,
	    "F:2: expected confirmed YYYY-MM-DDTHH:MM:SSZ\n");
	expect_wrong(SAVED "; a.example. AAAA WHAT " CONFIRMED "\n" END,
	    "F:2: expected NAME TYPE STATUS confirmed TIME\n");
	expect_wrong(SAVED "; end of answe",
	    "F:2: expected NAME TYPE STATUS confirmed TIME\n");
	expect_wrong(SAVED "a.example. A 192.0 ; " CONFIRMED "\n" END,
	    "F:2: not the data of A: ...");
	expect_wrong(SAVED "a.example. A 192.0.2.1 ; " CONFIRMED
			   " alias \n" END,
	    "F:2: expected alias NAME\n");
	expect_wrong(SAVED "; a.example. A NODATA " CONFIRMED
			   " alias b..example.\n" END,
	    "F:2: expected alias NAME\n");
	/* Cut behind this, a file with a checksum would look so. */
	expect_wrong(
	    SAVED "; end of answers", "F:2: the checksum does not match\n");
	expect_wrong(SAVED END "; a.example. A NODATA " CONFIRMED "\n",
	    "F:3: text after the last line\n");
}

/* Every bit that changes is noticed, and every length that is cut. */
static void
test_checksum(void **state)
{
	static const char text[] = SAVED
	    "a.example.\t0\tIN\tTXT\t\"v=spf1 ip4:192.0.2.1\"\t; " CONFIRMED
	    "\n; b.example. A NODATA " CONFIRMED "\n" END;
	struct answers *as = read_zone(text);
	struct problems p;
	struct buf b;

	(void)state;
	buf_init(&b);
	zone_write(&b, as);
	answers_close(as);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		as = read_bytes(b.data, b.len, &p);
		/* Any other zone file has no checksum. */
		assert_true(as == NULL || answers_are_complete(as));
		answers_close(as);
		problems_clear(&p);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < b.len - 1; len++) {
		as = read_bytes(b.data, len, &p);
		assert_true(as == NULL || answers_are_complete(as));
		answers_close(as);
		problems_clear(&p);
	}
	as = read_bytes(b.data, b.len, &p);
	assert_non_null(as);
	answers_close(as);
	problems_clear(&p);
	buf_clear(&b);
}

/* Something may not become "complete" because its line ends were changed. */
static void
test_saved_file_with_crlf(void **state)
{
	static const char text[] = "; postpermit answers 1\r\n"
				   "; a.example. TXT FAILED/1 " CONFIRMED "\r\n"
				   "; end of answers\r\n";
	struct problems p;
	struct answers *as = read_bytes(text, strlen(text), &p);

	(void)state;
	if (as != NULL) {
		expect_status(as, "a.example", RR_TXT, ANSWER_FAILED);
		expect_status(as, "b.example", RR_TXT, ANSWER_UNKNOWN);
	}
	answers_close(as);
	problems_clear(&p);
}

/* What was asked and never answered is not written. */
static void
test_unknown_answers_are_not_saved(void **state)
{
	struct answers *as = answers_open(false);
	struct answer *a;

	(void)state;
	a = answers_make(as, (const uint8_t *)"\1a", RR_A);
	answers_make(as, (const uint8_t *)"\1b", RR_A);
	answer_set(as, a, ANSWER_PENDING, NULL, 0, NULL, NOW);
	expect_answers(as, "");
	answers_close(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_origin_and_relative_names),
	    cmocka_unit_test(test_blank_owner),
	    cmocka_unit_test(test_parentheses),
	    cmocka_unit_test(test_unbalanced_parentheses),
	    cmocka_unit_test(test_quotes_and_escapes),
	    cmocka_unit_test(test_escapes_in_names),
	    cmocka_unit_test(test_unfinished_quotes_and_escapes),
	    cmocka_unit_test(test_long_strings),
	    cmocka_unit_test(test_directives),
	    cmocka_unit_test(test_other_types_are_skipped),
	    cmocka_unit_test(test_names_of_skipped_types_exist),
	    cmocka_unit_test(test_unknown_type_notation),
	    cmocka_unit_test(test_wrong_lines),
	    cmocka_unit_test(test_too_much_data),
	    cmocka_unit_test(test_long_relative_names),
	    cmocka_unit_test(test_many_wrong_lines),
	    NEEDS(opens_directories(), "an fopen() that opens directories",
		test_unreadable, NULL, NULL),
	    cmocka_unit_test(test_numbers_of_wrong_lines),
	    cmocka_unit_test(test_nul_bytes),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_empty_files),
	    cmocka_unit_test(test_rrsets),
	    cmocka_unit_test(test_what_a_zone_does_not_hold),
	    cmocka_unit_test(test_saved_files),
	    cmocka_unit_test(test_long_texts),
	    cmocka_unit_test(test_what_a_saved_file_says),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_comments_of_other_zones),
	    cmocka_unit_test(test_damaged_saved_files),
	    cmocka_unit_test(test_checksum),
	    cmocka_unit_test(test_saved_file_with_crlf),
	    cmocka_unit_test(test_unknown_answers_are_not_saved),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
