/*
 * Tests of evaluate: what check_host() (RFC 7208) passes, address by address,
 * the limits when they are taken to the letter, the guards, and the notes.
 *
 * An expected result is one line: the networks, then the keyword of each
 * note in brackets.
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
#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "dns/zone.h"
#include "spf/evaluate.h"
#include "spf/evaluator.h"
#include "expand/expand.h"

#define SAVED "; postpermit answers 1\n"
#define END "; end of answers\n"

/* Nothing but RFC 7208: without its limits, and with them. */
static const struct policy lenient = {
    .max_coverage = {1000000, 1000000}, .permit_reserved = true};
static const struct policy strict = {.max_coverage = {1000000, 1000000},
    .permit_reserved = true,
    .strict = true};
/* The defaults. */
static const struct policy guarded = {
    .min_prefix = {12, 24}, .max_coverage = {2000, 2}, .max_networks = 1000};

static struct answers *
read_zone(const char *text)
{
	FILE *in = tmpfile();
	struct problems p;
	struct answers *as;

	assert_non_null(in);
	assert_true(fputs(text, in) >= 0);
	rewind(in);
	problems_init(&p);
	as = zone_read(in, "zone", 1767225600, &p);
	if (as == NULL)
		fail_msg("%s", p.v[0]);
	fclose(in);
	return as;
}

static void
read_list(struct list *l, const char *line)
{
	struct problems p;

	problems_init(&p);
	list_init(l);
	if (list_add_line(l, "list", 1, line, strlen(line), &p) != 0)
		fail_msg("%s", p.v[0]);
}

/* A verdict as a line; clears its set. */
static void
describe(struct buf *b, struct verdict *v)
{
	char text[NET_STRLEN];
	struct net *nets;
	size_t n = addrset_nets(&v->permits, &nets);

	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", b->len > 0 ? " " : "",
		    net_to_text(&nets[i], text));
	for (size_t i = 0; i < v->nnotes; i++)
		buf_printf(b, "%s[%s]", b->len > 0 ? " " : "",
		    note_keyword(v->notes[i]->kind));
	if (v->more > 0)
		buf_printf(b, " and %zu more", v->more);
	free(nets);
	addrset_clear(&v->permits);
}

/* The line of an entry, over answers that an evaluator has already seen. */
static void
expect_again(struct evaluator *ev, const char *entry, const char *expected)
{
	struct verdict v;
	struct list l;
	struct buf b;

	read_list(&l, entry);
	assert_int_equal(l.n, 1);
	expand_entry(ev, &l.v[0], &v);
	buf_init(&b);
	buf_puts(&b, "");
	describe(&b, &v);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	list_clear(&l);
}

/* The lines of all entries of a list, in one evaluator. */
static void
expect(const struct policy *policy, const char *zone, const char *list,
    const char *expected)
{
	struct answers *as = read_zone(zone);
	struct evaluator *ev = evaluate_open(as, policy);
	struct verdict v;
	struct list l;
	struct buf b, all;

	read_list(&l, list);
	buf_init(&all);
	for (size_t i = 0; i < l.n; i++) {
		buf_init(&b);
		buf_puts(&b, "");
		expand_entry(ev, &l.v[i], &v);
		describe(&b, &v);
		buf_printf(&all, "%s%s", i > 0 ? "\n" : "", b.data);
		buf_clear(&b);
	}
	assert_string_equal(all.data, expected);
	buf_clear(&all);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

/* The terms of one record, in both modes. */
static void
expect_terms(const char *terms, const char *others, const char *expected)
{
	char *zone = xasprintf("d.example. TXT \"v=spf1 %s\"\n"
			       "%s",
	    terms, others);

	expect(&lenient, zone, "d.example", expected);
	expect(&strict, zone, "d.example", expected);
	free(zone);
}

static void
test_order(void **state)
{
	(void)state;
	expect_terms("ip4:192.0.2.1 -all", "", "192.0.2.1/32");
	expect_terms("-ip4:192.0.2.7 ip4:192.0.2.0/29 -all", "",
	    "192.0.2.0/30 192.0.2.4/31 192.0.2.6/32");
	/* The first match wins. */
	expect_terms(
	    "ip4:192.0.2.0/29 -ip4:192.0.2.7 -all", "", "192.0.2.0/29");
	expect_terms("-ip4:192.0.2.0/25 ip4:192.0.2.0/24 -ip4:192.0.2.0/23 "
		     "ip4:192.0.0.0/22",
	    "", "192.0.0.0/23 192.0.2.128/25");
	expect_terms("", "", "");
	expect_terms("-all", "", "");
}

static void
test_qualifiers(void **state)
{
	(void)state;
	expect_terms("~ip4:192.0.2.1 ?ip4:192.0.2.2 -ip4:192.0.2.3 "
		     "+ip4:192.0.2.0/30 ~all",
	    "", "192.0.2.0/32");
	expect_terms("~ip6:2001:db8::/33 ip6:2001:db8::/32 ?all", "",
	    "2001:db8:8000::/33");
}

static void
test_all(void **state)
{
	(void)state;
	expect_terms("+all", "", "0.0.0.0/0 ::/0");
	expect_terms(
	    "-ip4:128.0.0.0/1 -ip6:8000::/1 all", "", "0.0.0.0/1 ::/1");
	/* What stands behind all is never looked at. */
	expect_terms(
	    "ip4:192.0.2.1 -all ip4:192.0.2.2 a:b.example", "", "192.0.2.1/32");
	expect_terms(
	    "ip4:192.0.2.1 -all ip4:192.0.2.2 +all", "", "192.0.2.1/32");
}

static void
test_host_bits(void **state)
{
	(void)state;
	expect_terms("ip4:192.0.2.77/25 ip4:192.0.2.200/25 ip4:192.0.2.0/26 "
		     "ip6:2001:db8::ffff/64",
	    "", "192.0.2.0/24 2001:db8::/64");
}

static const char hosts[] = "d.example. A 192.0.2.1\n"
			    "d.example. AAAA 2001:db8::1\n"
			    "h.example. A 203.0.113.77\n"
			    "h.example. AAAA 2001:db8:1::77\n"
			    "c.example. CNAME h.example.\n"
			    "four.example. A 198.51.100.4\n"
			    "six.example. AAAA 2001:db8:6::6\n";

static void
test_a(void **state)
{
	(void)state;
	expect_terms("a", hosts, "192.0.2.1/32 2001:db8::1/128");
	expect_terms(
	    "a:h.example", hosts, "203.0.113.77/32 2001:db8:1::77/128");
	expect_terms(
	    "A:C.Example.", hosts, "203.0.113.77/32 2001:db8:1::77/128");
	expect_terms("a/24", hosts, "192.0.2.0/24 2001:db8::1/128");
	expect_terms(
	    "a:h.example/24", hosts, "203.0.113.0/24 2001:db8:1::77/128");
	expect_terms("a//64", hosts, "192.0.2.1/32 2001:db8::/64");
	expect_terms(
	    "a:h.example/25//64", hosts, "203.0.113.0/25 2001:db8:1::/64");
	expect_terms("a:four.example/24", hosts, "198.51.100.0/24");
	/* An IPv4 length does not apply to an IPv6 address. */
	expect_terms("a:six.example/0", hosts, "2001:db8:6::6/128");
	expect_terms("-a a:d.example/31", hosts, "192.0.2.0/32");
	expect_terms("a:none.example", hosts, "[void]");
}

static void
test_mx(void **state)
{
	static const char zone[] = "d.example. MX 20 m2.example.\n"
				   "d.example. MX 10 m1.example.\n"
				   "m1.example. A 192.0.2.1\n"
				   "m2.example. CNAME m3.example.\n"
				   "m3.example. A 192.0.2.3\n"
				   "m3.example. AAAA 2001:db8::3\n"
				   "n.example. MX 0 .\n"
				   "x.example. MX 0 gone.example.\n"
				   "y.example. CNAME d.example.\n"
				   "h.example. A 192.0.2.9\n";

	(void)state;
	expect_terms("mx", zone, "192.0.2.1/32 192.0.2.3/32 2001:db8::3/128");
	expect_terms("mx/24//64", zone, "192.0.2.0/24 2001:db8::/64");
	expect_terms("mx:y.example/31", zone, "192.0.2.0/30 2001:db8::3/128");
	/* RFC 7505, and no fall-back to A (section 5.4). */
	expect_terms("mx:n.example", zone, "[void]");
	expect_terms("mx:h.example", zone, "[void]");
	expect_terms("mx:x.example", zone, "[void]");
	expect_terms("mx:none.example", zone, "[void]");
}

/* A record's text: several strings, upper case, other TXT beside it. */
static void
test_records(void **state)
{
	(void)state;
	expect(&strict,
	    "d.example. TXT \"v=spf1 ip4:192\" \".0.2.1\" \" -all\"\n",
	    "d.example", "192.0.2.1/32");
	expect(&strict,
	    "d.example. TXT \"V=SPF1 IP4:192.0.2.1 INCLUDE:B.EXAMPLE -ALL\"\n"
	    "b.example. TXT \"v=Spf1 Ip6:2001:DB8::1\"\n",
	    "D.Example", "192.0.2.1/32 2001:db8::1/128");
	expect(&strict,
	    "d.example. TXT \"google-site-verification=x\"\n"
	    "d.example. TXT \"v=spf10 ip4:192.0.2.9\"\n"
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1\"\n"
	    "d.example. TXT \"spf2.0/pra ip4:192.0.2.8\"\n",
	    "d.example", "192.0.2.1/32");
	expect(&strict, "d.example. TXT \"v=spf1\"\n", "d.example", "");
}

static void
test_no_record(void **state)
{
	static const char zone[] = "d.example. TXT \"x\"\n"
				   "e.example. A 192.0.2.1\n"
				   "f.example. TXT \"v=spf1;a\"\n";

	(void)state;
	expect(&lenient, zone, "d.example", "[no-record]");
	expect(&lenient, zone, "e.example", "[no-record]");
	expect(&lenient, zone, "none.example", "[no-record]");
	expect(&lenient, zone, "f.example", "[no-record] [no-record]");
	expect(&strict, zone, "d.example", "[no-record]");
}

static void
test_two_records(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 -ip4:192.0.2.2 -all\"\n"
	    "d.example. TXT \"v=spf1 ip4:192.0.2.2 -ip4:192.0.2.1 -all\"\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.9 include:d.example -all\"\n";

	(void)state;
	expect(&lenient, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 [two-records]");
	expect(&strict, zone, "d.example", "[permerror]");
	expect(&strict, zone, "e.example", "192.0.2.9/32 [permerror]");
}

/* Section 5.2: pass matches; fail, softfail and neutral do not. */
static void
test_include(void **state)
{
	static const char b[] =
	    "b.example. TXT \"v=spf1 ip4:192.0.2.0/30 -ip4:192.0.2.4/30 "
	    "~ip4:192.0.2.8/30 ?ip4:192.0.2.12/30\"\n";

	(void)state;
	expect_terms("include:b.example -all", b, "192.0.2.0/30");
	expect_terms(
	    "include:b.example ip4:192.0.2.0/28 -all", b, "192.0.2.0/28");
	expect_terms("-include:b.example ip4:192.0.2.0/28", b,
	    "192.0.2.4/30 192.0.2.8/29");
	expect_terms("?include:b.example +all", b,
	    "0.0.0.0/1 128.0.0.0/2 192.0.0.0/23 192.0.2.4/30 192.0.2.8/29 "
	    "192.0.2.16/28 192.0.2.32/27 192.0.2.64/26 192.0.2.128/25 "
	    "192.0.3.0/24 192.0.4.0/22 192.0.8.0/21 192.0.16.0/20 "
	    "192.0.32.0/19 192.0.64.0/18 192.0.128.0/17 192.1.0.0/16 "
	    "192.2.0.0/15 192.4.0.0/14 192.8.0.0/13 192.16.0.0/12 "
	    "192.32.0.0/11 192.64.0.0/10 192.128.0.0/9 193.0.0.0/8 "
	    "194.0.0.0/7 196.0.0.0/6 200.0.0.0/5 208.0.0.0/4 224.0.0.0/3 "
	    "::/0");
	/* "all" inside ends the include alone. */
	expect_terms("include:b.example ip4:198.51.100.1",
	    "b.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n",
	    "192.0.2.1/32 198.51.100.1/32");
}

static void
test_nested_negatives(void **state)
{
	static const char zone[] =
	    "b.example. TXT \"v=spf1 -include:c.example ip4:192.0.2.0/24\"\n"
	    "c.example. TXT \"v=spf1 -ip4:192.0.2.0/26 ip4:192.0.2.0/25 "
	    "-all\"\n";

	(void)state;
	expect_terms("include:b.example", zone, "192.0.2.0/26 192.0.2.128/25");
	expect_terms(
	    "-include:b.example ip4:192.0.2.0/24", zone, "192.0.2.64/26");
}

/* An include without a record costs itself; to the letter, permerror. */
static void
test_include_that_fails(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 include:none.example "
	    "ip4:192.0.2.2\"\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.1 include:txt.example "
	    "ip4:192.0.2.2\"\n"
	    "f.example. TXT \"v=spf1 ip4:192.0.2.1 include:bad.example "
	    "ip4:192.0.2.2\"\n"
	    "g.example. TXT \"v=spf1 ip4:192.0.2.1 include:%{d1} "
	    "ip4:192.0.2.2\"\n"
	    "bad.example. TXT \"v=spf1 ip4:192.0.2.0/33 ip4:192.0.2.3\"\n"
	    "txt.example. TXT x\n";

	(void)state;
	expect(&lenient, zone, "d.example e.example f.example g.example",
	    "192.0.2.1/32 192.0.2.2/32 [no-record]\n"
	    "192.0.2.1/32 192.0.2.2/32 [no-record]\n"
	    "192.0.2.1/32 192.0.2.2/31 [syntax]\n"
	    "192.0.2.1/32 192.0.2.2/32 [bad-name]");
	expect(&strict, zone, "d.example e.example f.example g.example",
	    "192.0.2.1/32 [permerror]\n"
	    "192.0.2.1/32 [permerror]\n"
	    "192.0.2.1/32 [syntax] [permerror]\n"
	    "192.0.2.1/32 [permerror]");
}

static void
test_redirect(void **state)
{
	static const char b[] =
	    "b.example. TXT \"v=spf1 ip4:192.0.2.0/30 -all\"\n";

	(void)state;
	expect_terms("redirect=b.example", b, "192.0.2.0/30");
	/* It comes last, wherever it stands (section 6.1). */
	expect_terms("redirect=b.example -ip4:192.0.2.1 ip4:192.0.2.8", b,
	    "192.0.2.0/32 192.0.2.2/31 192.0.2.8/32");
	expect_terms(
	    "ip4:192.0.2.8 redirect=b.example ~all", b, "192.0.2.8/32");
	expect_terms("?all redirect=b.example", b, "");
	expect_terms("include:c.example ip4:192.0.2.8",
	    "c.example. TXT \"v=spf1 -ip4:192.0.2.2 redirect=b.example\"\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.2.0/30 -all\"\n",
	    "192.0.2.0/31 192.0.2.3/32 192.0.2.8/32");
}

static void
test_redirect_that_fails(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 redirect=none.example\"\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.1 redirect=%{d1}\"\n"
	    "f.example. TXT \"v=spf1 ip4:192.0.2.1 redirect=%{i}.example\"\n";

	(void)state;
	expect(&lenient, zone, "d.example", "192.0.2.1/32 [no-record]");
	expect(&strict, zone, "d.example", "192.0.2.1/32 [permerror]");
	expect(&strict, zone, "e.example", "192.0.2.1/32 [permerror]");
	expect(&lenient, zone, "f.example", "192.0.2.1/32 [not-enumerable]");
}

/* In a zone, unlike after a crawl, CNAMEs lead from name to name. */
static void
test_aliases(void **state)
{
	static const char *const aliases[] = {"d.example", "alias.example"};
	struct answers *as = read_zone(
	    "d.example. CNAME c.example.\n"
	    "alias.example. CNAME b.example.\n"
	    "c.example. TXT \"v=spf1 include:alias.example a:mail.%{d}\"\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.2.1 a:mail.%{d}\"\n"
	    "mail.d.example. A 192.0.2.2\n"
	    "mail.alias.example. A 192.0.2.4\n"
	    "mail.b.example. A 192.0.2.6\n");
	struct evaluator *ev = evaluate_open(as, &strict);
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	for (size_t i = 0; i < COUNT(aliases); i++) {
		name_from_text(aliases[i], strlen(aliases[i]), wire);
		answers_make(as, wire, RR_TXT);
	}
	/* <domain> is the name that was asked for, not the CNAME's target. */
	expect_again(ev, "d.example", "192.0.2.1/32 192.0.2.2/32 192.0.2.4/32");
	evaluate_close(ev);
	answers_close(as);
}

static void
test_exists(void **state)
{
	static const char zone[] = "yes.example. A 127.0.0.2\n"
				   "no.example. AAAA 2001:db8::1\n"
				   "d.example.yes.example. A 127.0.0.1\n";

	(void)state;
	/* The type is A, for IPv6 clients too (section 5.7). */
	expect_terms("exists:yes.example", zone, "0.0.0.0/0 ::/0");
	expect_terms("exists:no.example ip4:192.0.2.1", zone, "192.0.2.1/32");
	expect_terms("exists:%{d}.yes.example", zone, "0.0.0.0/0 ::/0");
	expect_terms("-exists:yes.example +all", zone, "");
	expect_terms(
	    "-exists:none.example ip4:192.0.2.1", zone, "192.0.2.1/32");
}

static void
test_what_cannot_be_enumerated(void **state)
{
	(void)state;
	expect_terms("ptr ip4:192.0.2.1", "", "192.0.2.1/32 [not-enumerable]");
	expect_terms("ptr:b.example -all", "", "[not-enumerable]");
	expect_terms("exists:%{i}.example ip4:192.0.2.1 -all",
	    "192.0.2.9.example. A 127.0.0.1\n",
	    "192.0.2.1/32 [not-enumerable]");
	expect_terms("a:%{h}.example mx:%{s}.example include:%{l}.example", "",
	    "[not-enumerable] [not-enumerable] [not-enumerable]");
}

static void
expect_notes(const struct policy *policy, const char *zone, const char *entry,
    const char *expected)
{
	struct answers *as = read_zone(zone);
	struct evaluator *ev = evaluate_open(as, policy);
	struct verdict v;
	struct list l;
	struct buf b;

	read_list(&l, entry);
	expand_entry(ev, &l.v[0], &v);
	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < v.nnotes; i++) {
		note_to_text(&b, v.notes[i]);
		buf_puts(&b, "\n");
	}
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

static void
test_notes_on_client_terms(void **state)
{
	static const char zone[] =
	    "a.example. TXT \"v=spf1 exists:%{i}.x.example -all\"\n"
	    "b.example. TXT \"v=spf1 -exists:%{i}.x.example ip4:192.0.2.0/24 "
	    "-all\"\n"
	    "c.example. TXT \"v=spf1 -exists:%{i}.x.example -ip4:192.0.2.0/24 "
	    "-all\"\n"
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 ~ptr redirect=a.example\"\n";
	static const char wider[] =
	    "depends on the client, cannot be enumerated (a macro of the "
	    "client); matches nothing, so the table may permit too much "
	    "[not-enumerable]\n";
	static const char plain[] =
	    "depends on the client, cannot be enumerated (a macro of the "
	    "client); matches nothing [not-enumerable]\n";
	char *expected;

	(void)state;
	expected = xasprintf("a.example: exists:%%{i}.x.example: %s", plain);
	expect_notes(&lenient, zone, "a.example", expected);
	free(expected);
	expected = xasprintf("b.example: -exists:%%{i}.x.example: %s", wider);
	expect_notes(&lenient, zone, "b.example", expected);
	free(expected);
	expected = xasprintf("c.example: -exists:%%{i}.x.example: %s", plain);
	expect_notes(&lenient, zone, "c.example", expected);
	free(expected);
	expect_notes(&lenient, zone, "d.example",
	    "d.example: ~ptr: depends on the client, cannot be enumerated (the "
	    "client's host name); matches nothing, so the table may permit too "
	    "much [not-enumerable]\n"
	    "a.example: exists:%{i}.x.example: depends on the client, cannot "
	    "be enumerated (a macro of the client); matches nothing "
	    "[not-enumerable]\n");
}

static void
test_notes_are_escaped(void **state)
{
	(void)state;
	expect_notes(&lenient, "a.example. TXT \"v=spf1 x\\027[2J\"\n",
	    "a.example",
	    "a.example: x\\027[2J: syntax error (not printable ASCII); left "
	    "out [syntax]\n");
}

static void
test_syntax_errors(void **state)
{
	static const char zone[] =
	    "a.example. TXT \"v=spf1 ip4:192.0.2.1 ipv4:192.0.2.3 "
	    "ip4:192.0.2.2 -all\"\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.2.1 -all foo\"\n"
	    "c.example. TXT \"v=spf1 ip4:192.0.2.1 redirect=x.example "
	    "redirect=y.example\"\n"
	    "x.example. TXT \"v=spf1 ip4:192.0.2.2\"\n"
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 moo= x=%{i} "
	    "exp=%{i}.x.example\"\n";

	(void)state;
	expect(
	    &lenient, zone, "a.example", "192.0.2.1/32 192.0.2.2/32 [syntax]");
	expect(&strict, zone, "a.example", "[syntax] [permerror]");
	/* An error is one also behind all (section 4.6). */
	expect(&lenient, zone, "b.example", "192.0.2.1/32 [syntax]");
	expect(&strict, zone, "b.example", "[syntax] [permerror]");
	expect(
	    &lenient, zone, "c.example", "192.0.2.1/32 192.0.2.2/32 [syntax]");
	expect(&strict, zone, "c.example", "[syntax] [permerror]");
	/* Unknown modifiers and exp= have no effect on the result. */
	expect(&lenient, zone, "d.example", "192.0.2.1/32");
	expect(&strict, zone, "d.example", "192.0.2.1/32");
}

static void
test_macros(void **state)
{
	(void)state;
	expect_terms("a:mail.%{d} a:%{d1r}.%{dr}.x",
	    "mail.d.example. A 192.0.2.2\n"
	    "d.example.d.x. A 192.0.2.3\n",
	    "192.0.2.2/31");
	/* What macros make of it is no name: no match (section 4.8). */
	expect_terms("a:%{d}..x ip4:192.0.2.1", "", "192.0.2.1/32 [bad-name]");
	/* %{d} is the domain of the record at hand. */
	expect_terms("include:b.example",
	    "b.example. TXT \"v=spf1 a:mail.%{d}\"\n"
	    "mail.b.example. A 192.0.2.1\n"
	    "mail.d.example. A 192.0.2.2\n",
	    "192.0.2.1/32");
}

/* %{o} is the listed domain, also inside of what others share. */
static void
test_origin(void **state)
{
	static const char zone[] =
	    "x.example. TXT \"v=spf1 include:a.example\"\n"
	    "y.example. TXT \"v=spf1 include:a.example\"\n"
	    "z.example. TXT \"v=spf1 redirect=b.example\"\n"
	    "a.example. TXT \"v=spf1 include:b.example ip4:203.0.113.0/24\"\n"
	    "b.example. TXT \"v=spf1 a:mail.%{o} include:%{o1r}.c.example\"\n"
	    "x.c.example. TXT \"v=spf1 ip4:198.51.100.1\"\n"
	    "y.c.example. TXT \"v=spf1 ip4:198.51.100.2\"\n"
	    "z.c.example. TXT \"v=spf1 ip4:198.51.100.3\"\n"
	    "b.c.example. TXT \"v=spf1 ip4:198.51.100.4\"\n"
	    "mail.x.example. A 192.0.2.1\n"
	    "mail.y.example. A 192.0.2.2\n"
	    "mail.z.example. A 192.0.2.3\n"
	    "mail.b.example. A 192.0.2.4\n";
	static const char list[] = "x.example y.example z.example x.example "
				   "b.example";
	static const char expected[] =
	    "192.0.2.1/32 198.51.100.1/32 203.0.113.0/24\n"
	    "192.0.2.2/32 198.51.100.2/32 203.0.113.0/24\n"
	    "192.0.2.3/32 198.51.100.3/32\n"
	    "192.0.2.1/32 198.51.100.1/32 203.0.113.0/24\n"
	    "192.0.2.4/32 198.51.100.4/32";

	(void)state;
	expect(&lenient, zone, list, expected);
	expect(&strict, zone, list, expected);
}

static const char loop_zone[] =
    "a.example. TXT \"v=spf1 ip4:192.0.2.1 include:b.example ip4:192.0.2.3\"\n"
    "b.example. TXT \"v=spf1 ip4:192.0.2.5 include:a.example ip4:192.0.2.7\"\n"
    "c.example. TXT \"v=spf1 include:a.example include:b.example\"\n"
    "self.example. TXT \"v=spf1 ip4:192.0.2.1 include:self.example "
    "ip4:192.0.2.9\"\n"
    "r.example. TXT \"v=spf1 ip4:192.0.2.1 redirect=r.example\"\n";

/* What a loop cut short is not what others see. */
static void
test_loops(void **state)
{
	static const char all[] = "192.0.2.1/32 192.0.2.3/32 192.0.2.5/32 "
				  "192.0.2.7/32 [loop]";
	struct answers *as = read_zone(loop_zone);
	struct evaluator *ev = evaluate_open(as, &lenient);

	(void)state;
	expect_again(ev, "a.example", all);
	expect_again(ev, "b.example", all);
	expect_again(ev, "a.example", all);
	expect_again(ev, "c.example",
	    "192.0.2.1/32 192.0.2.3/32 192.0.2.5/32 192.0.2.7/32 [loop] "
	    "[loop]");
	expect_again(ev, "self.example", "192.0.2.1/32 192.0.2.9/32 [loop]");
	expect_again(ev, "r.example", "192.0.2.1/32 [loop]");
	evaluate_close(ev);
	answers_close(as);
}

/* To the letter, a loop is ten lookups and then permerror. */
static void
test_loops_to_the_letter(void **state)
{
	(void)state;
	expect(&strict, loop_zone, "self.example r.example a.example",
	    "192.0.2.1/32 [permerror]\n"
	    "192.0.2.1/32 [permerror]\n"
	    "192.0.2.1/32 192.0.2.5/32 [permerror]");
}

/* The same record twice is no loop. */
static void
test_shared_records(void **state)
{
	(void)state;
	expect_terms("include:b.example include:c.example include:b.example",
	    "b.example. TXT \"v=spf1 include:e.example\"\n"
	    "c.example. TXT \"v=spf1 include:e.example ip4:192.0.2.2\"\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.1\"\n",
	    "192.0.2.1/32 192.0.2.2/32");
}

/* "a:h0.example a:h1.example ..." and their addresses. */
static char *
lookups(unsigned n, const char *before, const char *behind)
{
	struct buf b;

	buf_init(&b);
	buf_printf(&b, "d.example. TXT \"v=spf1 %s", before);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, " a:h%u.example", i);
	buf_printf(&b, "\" \" %s\"\n", behind);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b,
		    "h%u.example. A 198.51.100.0\n"
		    "h%u.example. AAAA 2001:db8:9::\n",
		    i, i);
	return b.data;
}

static void
test_ten_lookups(void **state)
{
	char *zone = lookups(10, "ip4:192.0.2.1", "ip4:192.0.2.2");

	(void)state;
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8:9::/128");
	free(zone);
	/* What was passed before the eleventh stays passed. */
	zone = lookups(11, "ip4:192.0.2.1", "ip4:192.0.2.2");
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 198.51.100.0/32 2001:db8:9::/128 [permerror]");
	expect(&lenient, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8:9::/128");
	free(zone);
}

/* ip4, ip6, all, exp and unknown modifiers cost nothing (section 4.6.4). */
static void
test_what_costs_a_lookup(void **state)
{
	char *zone =
	    lookups(9, "ip4:192.0.2.1 ip6:2001:db8::1 exp=x.example x=y",
		"ptr ip4:192.0.2.2 -all");

	(void)state;
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8::1/128 "
	    "2001:db8:9::/128 [not-enumerable]");
	free(zone);
	zone = lookups(9, "", "exists:%{i}.example redirect=b.example");
	expect(&strict, zone, "d.example",
	    "198.51.100.0/32 2001:db8:9::/128 [not-enumerable] [permerror]");
	free(zone);
}

static void
test_lookups_of_includes_count(void **state)
{
	static const char zone[] =
	    "b.example. TXT \"v=spf1 include:c1.example include:c2.example "
	    "include:c3.example ip4:192.0.2.1\"\n"
	    "c1.example. TXT \"v=spf1 a:h.example a:h.example ip4:192.0.2.2\"\n"
	    "c2.example. TXT \"v=spf1 a:h.example a:h.example ip4:192.0.2.3\"\n"
	    "c3.example. TXT \"v=spf1 a:h.example ip4:192.0.2.4\"\n"
	    "h.example. A 198.51.100.0\n"
	    "h.example. AAAA 2001:db8:9::\n"
	    "d.example. TXT \"v=spf1 include:b.example a:h.example "
	    "ip4:192.0.2.5\"\n"
	    "e.example. TXT \"v=spf1 include:b.example ip4:192.0.2.5\"\n";

	(void)state;
	/* 1 + 3 + 2 + 2 + 1 = 9 for those that match nothing in b. */
	expect(&strict, zone, "e.example",
	    "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 198.51.100.0/32 "
	    "2001:db8:9::/128");
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 198.51.100.0/32 "
	    "2001:db8:9::/128");
}

/* An address that matches early spends nothing on what stands behind. */
static void
test_lookups_are_those_of_an_address(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 include:b.example include:b.example "
	    "ip4:192.0.2.9\"\n"
	    "b.example. TXT \"v=spf1 -ip4:192.0.2.8/30 a:h1.example "
	    "a:h2.example a:h3.example a:h4.example a:h5.example -all\"\n"
	    "h1.example. A 198.51.100.1\n"
	    "h1.example. AAAA 2001:db8::1\n"
	    "h2.example. A 198.51.100.2\n"
	    "h2.example. AAAA 2001:db8::2\n"
	    "h3.example. A 198.51.100.3\n"
	    "h3.example. AAAA 2001:db8::3\n"
	    "h4.example. A 198.51.100.4\n"
	    "h4.example. AAAA 2001:db8::4\n"
	    "h5.example. A 198.51.100.5\n"
	    "h5.example. AAAA 2001:db8::5\n";

	(void)state;
	/* 192.0.2.9 costs 2 lookups, other addresses 12. */
	expect(&strict, zone, "d.example",
	    "192.0.2.9/32 198.51.100.1/32 198.51.100.2/31 198.51.100.4/31 "
	    "2001:db8::1/128 2001:db8::2/127 2001:db8::4/127 [permerror]");
}

static void
test_two_voids(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 a:v1.example a:v2.example "
	    "ip4:192.0.2.2 ip6:2001:db8::2\"\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.1 a:v1.example a:v2.example "
	    "exists:v3.example ip4:192.0.2.2\"\n"
	    "f.example. TXT \"v=spf1 ip4:192.0.2.1 a:v1.example a:v1.example "
	    "a:v1.example ip4:192.0.2.2\"\n";

	(void)state;
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 2001:db8::2/128 [void] [void]");
	expect(&strict, zone, "e.example",
	    "192.0.2.1/32 [void] [void] [permerror]");
	/* Repeated ones count again. */
	expect(&strict, zone, "f.example", "192.0.2.1/32 [void] [permerror]");
	expect(&lenient, zone, "e.example",
	    "192.0.2.1/32 192.0.2.2/32 [void] [void]");
}

/* A is asked for IPv4 clients, AAAA for IPv6 ones: the others are not void. */
static void
test_voids_of_a_family(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 a:h1.example a:h2.example a:h3.example "
	    "ip4:192.0.2.1 ip6:2001:db8::1\"\n"
	    "h1.example. A 198.51.100.1\n"
	    "h2.example. A 198.51.100.2\n"
	    "h3.example. A 198.51.100.3\n";

	(void)state;
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 198.51.100.1/32 198.51.100.2/31 [permerror]");
	expect(&lenient, zone, "d.example",
	    "192.0.2.1/32 198.51.100.1/32 198.51.100.2/31 2001:db8::1/128");
}

static void
test_voids_of_other_terms(void **state)
{
	static const char zone[] =
	    "d.example. TXT \"v=spf1 mx:m.example ip4:192.0.2.1\"\n"
	    "e.example. TXT \"v=spf1 mx:v1.example mx:v2.example mx:v3.example "
	    "ip4:192.0.2.1\"\n"
	    "f.example. TXT \"v=spf1 a:v1.example a:v2.example "
	    "include:b.example\"\n"
	    "g.example. TXT \"v=spf1 include:c.example a:v3.example "
	    "ip4:192.0.2.9\"\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.2.1\"\n"
	    "c.example. TXT \"v=spf1 a:v1.example ip4:192.0.2.8 a:v2.example "
	    "-all\"\n"
	    "m.example. MX 1 v1.example.\n"
	    "m.example. MX 2 v2.example.\n"
	    "m.example. MX 3 v3.example.\n";

	(void)state;
	/* Each MX host's lookup is one. */
	expect(&strict, zone, "d.example", "[permerror] [void]");
	expect(&strict, zone, "e.example", "[void] [void] [permerror] [void]");
	expect(&strict, zone, "f.example", "192.0.2.1/32 [void] [void]");
	expect(&strict, zone, "g.example",
	    "192.0.2.8/32 [void] [void] [permerror] [void]");
}

static char *
mx_names(unsigned n)
{
	struct buf b;

	buf_init(&b);
	buf_puts(
	    &b, "d.example. TXT \"v=spf1 ip4:192.0.2.1 mx ip4:192.0.2.2\"\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b,
		    "d.example. MX %u m%u.example.\n"
		    "m%u.example. A 198.51.100.0\n"
		    "m%u.example. AAAA 2001:db8:9::\n",
		    i, i, i, i);
	return b.data;
}

static void
test_ten_mx_names(void **state)
{
	char *zone = mx_names(10);

	(void)state;
	expect(&strict, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8:9::/128");
	free(zone);
	zone = mx_names(11);
	expect(&strict, zone, "d.example", "192.0.2.1/32 [permerror]");
	expect(&lenient, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8:9::/128");
	free(zone);
	zone = mx_names(MX_NAMES_MAX + 1);
	expect(&lenient, zone, "d.example",
	    "192.0.2.1/32 192.0.2.2/32 198.51.100.0/32 2001:db8:9::/128 "
	    "[limit]");
	free(zone);
}

/* Lookups that failed: each costs itself; to the letter, temperror. */
static void
test_failed_lookups(void **state)
{
	static const char zone[] = SAVED
	    "; d.example. TXT FAILED/2 confirmed 2026-01-01T00:00:00Z\n"
	    "; h.example. A FAILED/1 confirmed 2026-01-01T00:00:00Z\n"
	    "; h.example. MX FAILED/1 confirmed 2026-01-01T00:00:00Z\n"
	    "; h.example. AAAA NODATA confirmed 2026-01-01T00:00:00Z\n"
	    "e.example. TXT \"v=spf1 ip4:192.0.2.1 include:d.example "
	    "ip4:192.0.2.2\" ; confirmed 2026-01-01T00:00:00Z\n"
	    "f.example. TXT \"v=spf1 ip4:192.0.2.1 a:h.example "
	    "ip4:192.0.2.2 ip6:2001:db8::1\" ; confirmed 2026-01-01T00:00:00Z\n"
	    "g.example. TXT \"v=spf1 ip4:192.0.2.1 mx:h.example "
	    "ip4:192.0.2.2\" ; confirmed 2026-01-01T00:00:00Z\n"
	    "x.example. TXT \"v=spf1 ip4:192.0.2.1 exists:h.example "
	    "ip4:192.0.2.2\" ; confirmed 2026-01-01T00:00:00Z\n" END;

	(void)state;
	expect(&lenient, zone,
	    "d.example e.example f.example g.example "
	    "x.example",
	    "[failed]\n"
	    "192.0.2.1/32 192.0.2.2/32 [failed]\n"
	    "192.0.2.1/32 192.0.2.2/32 2001:db8::1/128 [failed]\n"
	    "192.0.2.1/32 192.0.2.2/32 [failed]\n"
	    "192.0.2.1/32 192.0.2.2/32 [failed]");
	expect(&strict, zone,
	    "d.example e.example f.example g.example "
	    "x.example",
	    "[failed]\n"
	    "192.0.2.1/32 [failed]\n"
	    "192.0.2.1/32 2001:db8::1/128 [failed]\n"
	    "192.0.2.1/32 [failed]\n"
	    "192.0.2.1/32 [failed]");
}

static void
expect_verdict(struct evaluator *ev, const char *entry, bool answered,
    bool failed, bool incomplete, unsigned lookups_expected)
{
	struct verdict v;
	struct list l;

	read_list(&l, entry);
	expand_entry(ev, &l.v[0], &v);
	assert_int_equal(v.answered, answered);
	assert_int_equal(v.failed, failed);
	assert_int_equal(v.incomplete, incomplete);
	assert_int_equal(v.lookups, lookups_expected);
	addrset_clear(&v.permits);
	list_clear(&l);
}

static void
test_verdicts(void **state)
{
	struct answers *as = read_zone(SAVED
	    "; failed.example. TXT FAILED/2 confirmed 2026-01-01T00:00:00Z\n"
	    "; none.example. TXT NXDOMAIN confirmed 2026-01-01T00:00:00Z\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.2.1 include:none.example\" ; "
	    "confirmed 2026-01-01T00:00:00Z\n"
	    "c.example. TXT \"v=spf1 include:b.example include:b.example "
	    "include:failed.example ptr -all a\" ; confirmed "
	    "2026-01-01T00:00:00Z\n"
	    "d.example. TXT \"v=spf1 include:missing.example\" ; confirmed "
	    "2026-01-01T00:00:00Z\n"
	    "h.example. A 192.0.2.1 ; confirmed 2026-01-01T00:00:00Z\n"
	    "; h.example. AAAA NODATA confirmed 2026-01-01T00:00:00Z\n" END);
	struct evaluator *ev = evaluate_open(as, &lenient);

	(void)state;
	expect_verdict(ev, "failed.example", false, true, false, 0);
	expect_verdict(ev, "none.example", true, false, false, 0);
	expect_verdict(ev, "b.example", true, false, false, 1);
	/* Shared ones count each time. */
	expect_verdict(ev, "c.example", true, true, false, 6);
	expect_verdict(ev, "d.example", true, true, true, 1);
	expect_verdict(ev, "ip4:192.0.2.1", true, false, false, 0);
	expect_verdict(ev, "a:h.example", true, false, false, 1);
	expect_verdict(ev, "-c.example", true, true, false, 6);
	evaluate_close(ev);
	answers_close(as);
}

/* All that is still wanted, one a line; a crawl may meet some twice. */
static void
expect_wants(const char *zone, const char *entry, const char *const *expected)
{
	struct answers *as = read_zone(zone);
	struct evaluator *ev = evaluate_open(as, &lenient);
	uint8_t name[NAME_MAX_WIRE];
	size_t found[8] = {0}, n = 0;
	enum rr_type type;
	struct verdict v;
	struct list l;

	read_list(&l, entry);
	expand_entry(ev, &l.v[0], &v);
	while (evaluate_next_want(ev, name, &type)) {
		bool known = false;
		struct buf b;

		buf_init(&b);
		name_to_text(&b, name);
		buf_printf(&b, " %s", rr_type_name(type));
		for (size_t i = 0; expected[i] != NULL; i++)
			if (strcmp(b.data, expected[i]) == 0) {
				found[i]++;
				known = true;
			}
		if (!known)
			fail_msg("wants %s", b.data);
		buf_clear(&b);
	}
	while (expected[n] != NULL)
		assert_true(found[n++] > 0);
	assert_int_equal(v.incomplete, n > 0);
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

static void
test_wants(void **state)
{
	static const char *const domain[] = {"d.example TXT", NULL};
	static const char *const terms[] = {"a.example A", "a.example AAAA",
	    "m.example MX", "mail.example AAAA", "e.example A", "b.example TXT",
	    NULL};
	static const char *const none[] = {NULL};

	(void)state;
	expect_wants(SAVED END, "d.example", domain);
	expect_wants(SAVED
	    "d.example. TXT \"v=spf1 a:a.example mx:m.example "
	    "mx:n.example exists:e.example include:b.example "
	    "ptr:p.example exists:%{i}.x.example exp=x.example "
	    "-all a:z.example redirect=r.example\" ; confirmed "
	    "2026-01-01T00:00:00Z\n"
	    "n.example. MX 0 mail.example. ; confirmed 2026-01-01T00:00:00Z\n"
	    "mail.example. A 192.0.2.1 ; confirmed 2026-01-01T00:00:00Z\n" END,
	    "d.example", terms);
	/* A zone that is no saved one lacks nothing. */
	expect_wants(
	    "d.example. TXT \"v=spf1 a:a.example include:b.example\"\n",
	    "d.example", none);
}

static void
test_other_entries(void **state)
{
	static const char zone[] =
	    "h.example. A 192.0.2.77\n"
	    "h.example. AAAA 2001:db8::77\n"
	    "m.example. MX 0 h.example.\n"
	    "h.example. TXT \"v=spf1 ip4:198.51.100.1\"\n";

	(void)state;
	expect(&strict, zone,
	    "a:h.example a:h.example/28//64 mx:m.example -a:h.example "
	    "ip4:10.1.2.3/8 ip6:::/0 a:none.example mx:none.example",
	    "192.0.2.77/32 2001:db8::77/128\n"
	    "192.0.2.64/28 2001:db8::/64\n"
	    "192.0.2.77/32 2001:db8::77/128\n"
	    "192.0.2.77/32 2001:db8::77/128\n"
	    "10.0.0.0/8\n"
	    "::/0\n"
	    "[void]\n"
	    "[void]");
	/* The administrator's own addresses need no guard; names do. */
	expect(&guarded, zone, "ip4:10.1.2.3/8 ip6:::/0 a:h.example/8",
	    "10.0.0.0/8\n"
	    "::/0\n"
	    "[too-wide] [reserved]");
}

static void
test_guard_against_wide_networks(void **state)
{
	static const char zone[] =
	    "a.example. TXT \"v=spf1 ip4:8.0.0.0/11 ip4:9.9.0.0/16 "
	    "ip6:2600::/23 ip6:2600::/32 -all\"\n"
	    "b.example. TXT \"v=spf1 +all ip4:9.9.9.9 ip6:2600::1\"\n"
	    "c.example. TXT \"v=spf1 -ip4:9.0.0.0/8 ip4:8.8.8.8 ip4:9.9.9.9 "
	    "?all\"\n"
	    "d.example. TXT \"v=spf1 include:b.example ip4:7.7.7.7\"\n"
	    "e.example. TXT \"v=spf1 a:h.example/11 exists:h.example "
	    "a:h.example\"\n"
	    "h.example. A 6.6.6.6\n";

	(void)state;
	expect(&guarded, zone,
	    "a.example b.example c.example d.example e.example",
	    "9.9.0.0/16 2600::/32 [too-wide] [too-wide]\n"
	    "9.9.9.9/32 2600::1/128 [too-wide] [too-wide]\n"
	    "8.8.8.8/32\n"
	    "7.7.7.7/32 9.9.9.9/32 2600::1/128 [too-wide] [too-wide]\n"
	    "6.6.6.6/32 [too-wide] [too-wide] [too-wide]");
}

/*
 * "Absent when they would permit": what an include with another sign passes
 * is taken out, and that must not become less.
 */
static void
test_wide_networks_that_take_out(void **state)
{
	static const char zone[] =
	    "b.example. TXT \"v=spf1 -include:all.example ip4:8.8.8.8 -all\"\n"
	    "c.example. TXT \"v=spf1 ?include:wide.example ip4:8.8.8.8 -all\"\n"
	    "all.example. TXT \"v=spf1 +all\"\n"
	    "wide.example. TXT \"v=spf1 ip4:8.0.0.0/8\"\n";

	(void)state;
	expect(&lenient, zone, "b.example c.example", "\n");
	expect(&guarded, zone, "c.example", "");
	expect(&guarded, zone, "b.example", "");
}

static void
test_guard_against_reserved_addresses(void **state)
{
	static const char zone[] =
	    "a.example. TXT \"v=spf1 ip4:8.8.8.8 ip4:10.0.0.1 ip6:2600::1 "
	    "ip6:fe80::1\"\n"
	    "b.example. TXT \"v=spf1 ip4:192.0.0.0/16\"\n"
	    "c.example. TXT \"v=spf1 include:a.example -all\"\n"
	    "d.example. TXT \"v=spf1 -ip4:10.0.0.0/8 ip4:8.8.8.8\"\n";

	(void)state;
	expect(&guarded, zone, "a.example c.example d.example",
	    "8.8.8.8/32 2600::1/128 [reserved] [reserved]\n"
	    "8.8.8.8/32 2600::1/128 [reserved] [reserved]\n"
	    "8.8.8.8/32");
	expect(&guarded, zone, "b.example",
	    "192.0.0.9/32 192.0.0.10/32 192.0.1.0/24 192.0.3.0/24 "
	    "192.0.4.0/22 192.0.8.0/21 192.0.16.0/20 192.0.32.0/19 "
	    "192.0.64.0/18 192.0.128.0/17 [reserved]");
	expect(&lenient, zone, "a.example",
	    "8.8.8.8/32 10.0.0.1/32 2600::1/128 fe80::1/128");
}

/* That guard holds by itself, also where the other ones are off. */
static void
test_reserved_addresses_in_all(void **state)
{
	static const struct policy policy = {
	    .max_coverage = {1000000, 1000000}};
	struct answers *as =
	    read_zone("a.example. TXT \"v=spf1 +all\"\n"
		      "b.example. TXT \"v=spf1 exists:h.example\"\n"
		      "h.example. A 6.6.6.6\n");
	struct evaluator *ev = evaluate_open(as, &policy);
	struct verdict v;
	struct list l;

	(void)state;
	read_list(&l, "a.example b.example");
	for (size_t i = 0; i < l.n; i++) {
		static const struct addr private = {0, 0x0a000001};
		static const struct addr public = {0, 0x08080808};

		expand_entry(ev, &l.v[i], &v);
		assert_true(addrset_contains(&v.permits, IPV4, &public));
		assert_false(addrset_contains(&v.permits, IPV4, &private));
		addrset_clear(&v.permits);
	}
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

static void
test_guard_against_coverage(void **state)
{
	static const char zone[] =
	    "a.example. TXT \"v=spf1 ip4:8.0.0.0/12 ip4:9.0.0.0/12 "
	    "ip4:11.0.0.0/12 ip4:12.0.0.0/12 ip4:13.0.0.0/12 ip4:15.0.0.0/12 "
	    "ip4:16.0.0.0/12 ip4:17.0.0.0/12 ip4:18.0.0.0/12 ip6:2600::/32\"\n"
	    "b.example. TXT \"v=spf1 include:a.example ip4:8.8.8.8\"\n"
	    "c.example. TXT \"v=spf1 ip4:8.0.0.0/13\"\n";

	(void)state;
	/* A /12 is 0.0244 % of IPv4, a /13 half of that. */
	expect(&guarded, zone, "a.example", "[coverage]");
	expect(&guarded, zone, "c.example", "8.0.0.0/13");
	/* Only the include that permits too much is left out. */
	expect(&guarded, zone, "b.example", "8.8.8.8/32 [coverage]");
}

/* Of 2000::/3, a /22 is 0.00019 %. */
static void
test_guard_against_coverage_of_ipv6(void **state)
{
	static const char zone[] =
	    "four.example. TXT \"v=spf1 ip6:2600::/24 ip6:2602::/24 "
	    "ip6:2604::/24 ip6:2606::/24\"\n"
	    "five.example. TXT \"v=spf1 ip6:2600::/24 ip6:2602::/24 "
	    "ip6:2604::/24 ip6:2606::/24 ip6:2608::/24\"\n";
	const struct policy off = {.max_coverage = {2000, 1000000}};

	(void)state;
	expect(&guarded, zone, "four.example",
	    "2600::/24 2602::/24 2604::/24 2606::/24");
	expect(&guarded, zone, "five.example", "[coverage]");
	expect(&off, zone, "five.example",
	    "2600::/24 2602::/24 2604::/24 2606::/24 2608::/24");
}

/* What a guard leaves out, of a policy to the letter as well. */
static void
expect_guarded(const char *zone, const char *list, const char *expected)
{
	struct policy p = {.max_coverage = {1000000, 1000000},
	    .permit_reserved = true,
	    .max_networks = 4};

	for (int i = 0; i < 2; i++) {
		p.strict = i == 1;
		expect(&p, zone, list, expected);
	}
}

static void
test_guard_against_many_networks(void **state)
{
	static const char zone[] =
	    "four.example. TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 "
	    "ip4:192.0.2.5 ip6:2600::1\"\n"
	    "five.example. TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 "
	    "ip4:192.0.2.5 ip4:192.0.2.7 ip6:2600::1\"\n"
	    "hole.example. TXT \"v=spf1 -ip4:192.0.2.77 ip4:192.0.2.0/24\"\n"
	    "out.example. TXT \"v=spf1 include:five.example ip4:192.0.2.9 "
	    "ip4:192.0.2.3\"\n"
	    "sum.example. TXT \"v=spf1 include:four.example "
	    "ip4:192.0.2.9\"\n"
	    "deep.example. TXT \"v=spf1 include:out.example "
	    "ip4:192.0.2.11\"\n"
	    "redirect.example. TXT \"v=spf1 ip4:192.0.2.9 "
	    "redirect=five.example\"\n"
	    "taken.example. TXT \"v=spf1 -include:five.example "
	    "ip4:192.0.2.0/30\"\n";

	(void)state;
	expect_guarded(zone, "four.example",
	    "192.0.2.1/32 192.0.2.3/32 192.0.2.5/32 2600::1/128");
	expect_guarded(zone, "five.example", "[networks]");
	expect_guarded(zone, "hole.example", "[networks]");
	/* The include alone is left out, the innermost one that is too much;
	 * later terms still match. */
	expect_guarded(
	    zone, "out.example", "192.0.2.3/32 192.0.2.9/32 [networks]");
	expect_guarded(zone, "deep.example",
	    "192.0.2.3/32 192.0.2.9/32 192.0.2.11/32 [networks]");
	expect_guarded(zone, "redirect.example", "192.0.2.9/32 [networks]");
	/* All that the entry permits counts as well; its own networks stay. */
	expect_guarded(zone, "sum.example", "192.0.2.9/32 [networks]");
	/* What takes addresses out is not left out. */
	expect_guarded(zone, "taken.example", "192.0.2.0/32 192.0.2.2/32");
	/* An exclusion is guarded like any other entry; so is each use. */
	expect_guarded(zone, "-include:five.example out.example",
	    "[networks]\n192.0.2.3/32 192.0.2.9/32 [networks]");
}

/* 0 turns the guard off. */
static void
test_any_number_of_networks(void **state)
{
	struct buf b, expected;

	(void)state;
	buf_init(&b);
	buf_init(&expected);
	buf_puts(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < 900; i++) {
		buf_printf(&b, " \" ip4:192.0.%d.%d\"", i / 100, i % 100 * 2);
		buf_printf(&expected, "%s192.0.%d.%d/32", i > 0 ? " " : "",
		    i / 100, i % 100 * 2);
	}
	expect(&lenient, b.data, "d.example", expected.data);
	buf_clear(&b);
	buf_clear(&expected);
}

/* Notes on limits and guards are shown however many others there are. */
static void
test_notes_that_displace_others(void **state)
{
	const struct policy p = {
	    .max_coverage = {1000000, 1000000}, .max_networks = 4};
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "d.example. TXT \"v=spf1");
	for (int i = 0; i < NOTES_MAX + 5; i++)
		buf_printf(&b, " x%d", i);
	buf_puts(&b, " include:hole.example\"\n"
		     "hole.example. TXT \"v=spf1 -ip4:11.0.2.77 "
		     "ip4:11.0.2.0/24\"\n");
	expect(&p, b.data, "d.example",
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [syntax] [syntax] "
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [syntax] [syntax] "
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [networks] and 6 "
	    "more");
	buf_clear(&b);
}

static void
test_many_notes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < NOTES_MAX + 5; i++)
		buf_printf(&b, " \" x%d x%d\"", i, i);
	buf_puts(&b, "\n");
	expect(&lenient, b.data, "d.example",
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [syntax] [syntax] "
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [syntax] [syntax] "
	    "[syntax] [syntax] [syntax] [syntax] [syntax] [syntax] and 10 "
	    "more");
	buf_clear(&b);
}

/* A chain of includes, each with an address of its own. */
static char *
chain(int n)
{
	struct buf b;

	buf_init(&b);
	for (int i = 0; i < n; i++)
		buf_printf(&b,
		    "n%d.example. TXT \"v=spf1 include:n%d.example "
		    "ip4:192.0.2.%d\"\n",
		    i, i + 1, i);
	buf_printf(&b, "n%d.example. TXT \"v=spf1 -all\"\n", n);
	return b.data;
}

static void
test_depth(void **state)
{
	char *zone = chain(DEPTH_MAX);

	(void)state;
	expect(&lenient, zone, "n0.example", "192.0.2.0/27 192.0.2.32/29");
	free(zone);
	zone = chain(DEPTH_MAX + 10);
	/* Also when the chain's end was evaluated, and shared, before. */
	expect(&lenient, zone, "n10.example n0.example",
	    "192.0.2.10/31 192.0.2.12/30 192.0.2.16/28 192.0.2.32/28 "
	    "192.0.2.48/31\n"
	    "192.0.2.0/27 192.0.2.32/29 192.0.2.40/32 [limit]");
	free(zone);
	zone = chain(DEPTH_MAX + 10);
	expect(&lenient, zone, "n0.example",
	    "192.0.2.0/27 192.0.2.32/29 192.0.2.40/32 [limit]");
	free(zone);
}

/* Every record includes all others: bounded, and the same each time. */
static void
test_many_records(void **state)
{
	struct evaluator *ev;
	struct answers *as;
	struct verdict v;
	struct list l;
	struct buf b;

	(void)state;
	buf_init(&b);
	for (int i = 0; i < 30; i++) {
		buf_printf(
		    &b, "n%d.example. TXT \"v=spf1 ip4:192.0.2.%d\"", i, i);
		for (int k = 0; k < 30; k++)
			if (k != i)
				buf_printf(&b, " \" include:n%d.example\"", k);
		buf_puts(&b, "\n");
	}
	as = read_zone(b.data);
	buf_clear(&b);
	ev = evaluate_open(as, &lenient);
	read_list(&l, "n0.example");
	expand_entry(ev, &l.v[0], &v);
	assert_true(
	    addrset_contains(&v.permits, IPV4, &(struct addr){0, 0xc0000200}));
	assert_true(v.nnotes > 0);
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	ev = evaluate_open(as, &strict);
	read_list(&l, "n0.example");
	expand_entry(ev, &l.v[0], &v);
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

/* Limits of one entry do not wear off on the next. */
static void
test_limits_are_those_of_an_entry(void **state)
{
	struct evaluator *ev;
	struct answers *as;
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < 400; i++)
		buf_printf(&b, " \" include:n%d.example\"", i);
	buf_puts(&b, "\n");
	for (int i = 0; i < 400; i++)
		buf_printf(&b, "n%d.example. TXT \"v=spf1 ip4:192.0.2.%d\"\n",
		    i, i & 255);
	as = read_zone(b.data);
	buf_clear(&b);
	ev = evaluate_open(as, &lenient);
	for (int i = 0; i < 4; i++)
		expect_again(ev, "d.example", "192.0.2.0/24");
	evaluate_close(ev);
	answers_close(as);
}

/* The entry has no notes but on limits, and this is the first. */
static void
expect_limit(const struct policy *policy, const char *zone, const char *detail)
{
	struct answers *as = read_zone(zone);
	struct evaluator *ev = evaluate_open(as, policy);
	struct verdict v;
	struct list l;

	read_list(&l, "d.example");
	expand_entry(ev, &l.v[0], &v);
	assert_true(v.nnotes > 0);
	assert_string_equal(v.notes[0]->detail, detail);
	for (size_t i = 0; i < v.nnotes; i++)
		assert_int_equal(v.notes[i]->kind, NOTE_LIMIT);
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

/* However its lookups are made: by a, mx and exists, or inside an include. */
static void
test_limit_of_queries(void **state)
{
	static const char *const terms[] = {"a:c.example", "mx:b.example",
	    "exists:none.example exists:b.example"};
	const struct policy few = {.max_coverage = {1000000, 1000000},
	    .permit_reserved = true,
	    .max_queries = 4};

	(void)state;
	for (size_t i = 0; i < COUNT(terms); i++) {
		/* Behind the first a, one is left. */
		char *zone = xasprintf("d.example. TXT \"v=spf1 a:b.example "
				       "%s ip4:192.0.2.1\"\n"
				       "b.example. A 192.0.2.2\n"
				       "c.example. A 192.0.2.3\n"
				       "b.example. MX 1 c.example.\n",
		    terms[i]);

		expect(&few, zone, "d.example",
		    "192.0.2.1/32 192.0.2.2/32 [limit]");
		free(zone);
	}
	/* The include was shared when there was room for what it takes. */
	expect(&few,
	    "d.example. TXT \"v=spf1 a:b.example include:i.example\"\n"
	    "e.example. TXT \"v=spf1 include:i.example\"\n"
	    "b.example. A 192.0.2.2\n"
	    "i.example. TXT \"v=spf1 a:b.example/31 ip4:192.0.2.9\"\n",
	    "e.example d.example",
	    "192.0.2.2/31 192.0.2.9/32\n192.0.2.2/32 192.0.2.9/32 [limit]");
}

static const char too_many_steps[] =
    "more steps than one listed domain may use";

/* One include of many addresses, evaluated each time or shared. */
static char *
many_addresses(const char *terms, int n)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < n; i++)
		buf_printf(&b, " \" %s\"", terms);
	buf_puts(&b, "\ni.example. TXT \"v=spf1 a:many.example\"\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(
		    &b, "many.example. A 198.51.%d.%d\n", i / 256, i % 256);
	return b.data;
}

static void
test_limit_of_addresses(void **state)
{
	char *zone;

	(void)state;
	zone = many_addresses("a:many.example", 20);
	expect(&lenient, zone, "d.example",
	    "198.51.0.0/23 198.51.2.0/24 198.51.3.0/25 198.51.3.128/26 "
	    "198.51.3.192/27 198.51.3.224/29");
	free(zone);
	zone = many_addresses("a:many.example", 51);
	expect_limit(&lenient, zone, too_many_steps);
	free(zone);
	zone = many_addresses("include:i.example", 51);
	expect_limit(&lenient, zone, too_many_steps);
	free(zone);
	/*
	 * Where a limit cuts a record short that takes addresses out, what
	 * it would have taken out is not known: none of the rest is permitted.
	 */
	zone = many_addresses("-a:many.example +a:many.example", 26);
	expect(&lenient, zone, "d.example", "[limit]");
	free(zone);
}

/* A record of a thousand terms, again and again: shared, or evaluated anew. */
static void
test_limit_of_text(void **state)
{
	struct buf b;

	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		buf_init(&b);
		buf_puts(&b, "d.example. TXT \"v=spf1\"");
		for (int i = 0; i < 101; i++)
			buf_printf(
			    &b, " \" %sinclude:i.example\"", shared ? "" : "-");
		buf_puts(&b, "\ni.example. TXT \"v=spf1\"");
		for (int i = 0; i < 1000; i++)
			buf_printf(&b, " \" ip4:192.0.2.%d\"", i % 4);
		buf_puts(&b, "\n");
		expect_limit(&lenient, b.data, too_many_steps);
		buf_clear(&b);
	}
}

/* Terms that take in turns from many ranges, at every level of includes. */
static void
test_limit_of_ranges(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "d.example. TXT \"v=spf1 include:i20.example\"\n");
	for (int n = 20; n > 0; n--) {
		buf_printf(&b,
		    "i%d.example. TXT \"v=spf1 include:i%d.example\"", n,
		    n - 1);
		for (int i = 0; i < 900; i++)
			buf_printf(&b, " \" %sip4:10.%d.%d.%d\"",
			    i % 2 == 0 ? "?" : "", n, i / 100, i % 100 * 2);
		buf_puts(&b, "\n");
	}
	buf_puts(&b, "i0.example. TXT \"v=spf1 ip4:10.255.0.0\"\n");
	expect_limit(
	    &lenient, b.data, "more steps than an included record may use");
	buf_clear(&b);
}

/* A record that permits and refuses n addresses in turns. */
static void
add_turns(struct buf *zone, const char *name, const char *first, int n)
{
	buf_printf(zone, "%s. TXT \"v=spf1 %s\"", name, first);
	for (int i = 0; i < n; i++)
		buf_printf(zone, " \" %sip4:10.0.%d.%d\"",
		    i % 2 == 0 ? "-" : "", i / 100, i % 100 * 2);
	buf_puts(zone, "\n");
}

/* The steps that a record takes. */
static unsigned
steps(const char *zone, const char *name)
{
	struct answers *as = read_zone(zone);
	struct evaluator *ev = evaluate_open(as, &lenient);
	struct verdict v;
	struct list l;
	unsigned n;

	read_list(&l, name);
	expand_entry(ev, &l.v[0], &v);
	n = ev->cost.steps;
	addrset_clear(&v.permits);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
	return n;
}

/* Evaluates the first entry; returns whether it has a note on a limit. */
static bool
is_limited(struct evaluator *ev, const char *entry)
{
	bool limited = false;
	struct verdict v;
	struct list l;

	read_list(&l, entry);
	expand_entry(ev, &l.v[0], &v);
	for (size_t i = 0; i < v.nnotes; i++)
		limited = limited || v.notes[i]->kind == NOTE_LIMIT;
	addrset_clear(&v.permits);
	list_clear(&l);
	return limited;
}

/*
 * A shared record exceeds a limit by what it took, and evaluating it anew just
 * ends before that shows: what shares the record that includes it does not
 * refer to that evaluation. Found by going over the limit in small steps.
 */
static void
test_a_repeat_that_just_fits(void **state)
{
	static const char *const names[] = {
	    "b.example", "c.example", "d.example"};
	bool limited[2] = {false, false};
	unsigned sum, each[COUNT(names)];
	struct buf zone;

	(void)state;
	buf_init(&zone);
	add_turns(&zone, "a.example", "broken", 140);
	add_turns(&zone, names[0], "", 300);
	add_turns(&zone, names[1], "", 100);
	add_turns(&zone, names[2], "", 10);
	buf_puts(&zone, "last.example. TXT \"v=spf1 include:a.example\"\n"
			"two.example. TXT \"v=spf1 include:last.example\"\n");
	sum = 2 * steps(zone.data, "a.example");
	for (size_t i = 0; i < COUNT(names); i++)
		each[i] = steps(zone.data, names[i]);
	buf_puts(&zone, "one.example. TXT \"v=spf1 include:a.example\"");
	for (size_t i = 0; i < COUNT(names); i++)
		for (; sum + each[i] <= STEPS_MAX - 2000; sum += each[i] + 18)
			buf_printf(&zone, " \" include:%s\"", names[i]);
	for (int i = 0; i < 60; i++) {
		struct buf more;
		struct answers *as;
		struct evaluator *ev;

		buf_init(&more);
		buf_puts(&more, zone.data);
		for (int k = 0; k < i; k++)
			buf_printf(
			    &more, " \" ip4:192.0.%d.0/25%100s\"", k, "");
		buf_puts(&more, " \" include:last.example\"\n");
		as = read_zone(more.data);
		ev = evaluate_open(as, &lenient);
		limited[is_limited(ev, "one.example")] = true;
		assert_false(is_limited(ev, "two.example"));
		evaluate_close(ev);
		answers_close(as);
		buf_clear(&more);
	}
	assert_true(limited[false] && limited[true]);
	buf_clear(&zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_qualifiers),
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_host_bits),
	    cmocka_unit_test(test_a),
	    cmocka_unit_test(test_mx),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_no_record),
	    cmocka_unit_test(test_two_records),
	    cmocka_unit_test(test_include),
	    cmocka_unit_test(test_nested_negatives),
	    cmocka_unit_test(test_include_that_fails),
	    cmocka_unit_test(test_redirect),
	    cmocka_unit_test(test_redirect_that_fails),
	    cmocka_unit_test(test_aliases),
	    cmocka_unit_test(test_exists),
	    cmocka_unit_test(test_what_cannot_be_enumerated),
	    cmocka_unit_test(test_notes_on_client_terms),
	    cmocka_unit_test(test_notes_are_escaped),
	    cmocka_unit_test(test_syntax_errors),
	    cmocka_unit_test(test_macros),
	    cmocka_unit_test(test_origin),
	    cmocka_unit_test(test_loops),
	    cmocka_unit_test(test_loops_to_the_letter),
	    cmocka_unit_test(test_shared_records),
	    cmocka_unit_test(test_ten_lookups),
	    cmocka_unit_test(test_what_costs_a_lookup),
	    cmocka_unit_test(test_lookups_of_includes_count),
	    cmocka_unit_test(test_lookups_are_those_of_an_address),
	    cmocka_unit_test(test_two_voids),
	    cmocka_unit_test(test_voids_of_a_family),
	    cmocka_unit_test(test_voids_of_other_terms),
	    cmocka_unit_test(test_ten_mx_names),
	    cmocka_unit_test(test_failed_lookups),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_wants),
	    cmocka_unit_test(test_other_entries),
	    cmocka_unit_test(test_guard_against_wide_networks),
	    cmocka_unit_test(test_wide_networks_that_take_out),
	    cmocka_unit_test(test_guard_against_reserved_addresses),
	    cmocka_unit_test(test_reserved_addresses_in_all),
	    cmocka_unit_test(test_guard_against_coverage),
	    cmocka_unit_test(test_guard_against_coverage_of_ipv6),
	    cmocka_unit_test(test_guard_against_many_networks),
	    cmocka_unit_test(test_any_number_of_networks),
	    cmocka_unit_test(test_notes_that_displace_others),
	    cmocka_unit_test(test_many_notes),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_many_records),
	    cmocka_unit_test(test_limits_are_those_of_an_entry),
	    cmocka_unit_test(test_limit_of_queries),
	    cmocka_unit_test(test_limit_of_addresses),
	    cmocka_unit_test(test_limit_of_text),
	    cmocka_unit_test(test_limit_of_ranges),
	    cmocka_unit_test(test_a_repeat_that_just_fits),
	};

	return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
