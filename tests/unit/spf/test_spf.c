/*
 * Tests of spf: the grammar of RFC 7208 section 12, term by term and record
 * by record, and the expansion of macros (section 7).
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
#include "base/text.h"
#include "spf/macro.h"
#include "spf/spf.h"

static const char *const kinds[] = {
    [SPF_ALL] = "all",
    [SPF_INCLUDE] = "include",
    [SPF_A] = "a",
    [SPF_MX] = "mx",
    [SPF_PTR] = "ptr",
    [SPF_IP4] = "ip4",
    [SPF_IP6] = "ip6",
    [SPF_EXISTS] = "exists",
    [SPF_REDIRECT] = "redirect",
    [SPF_EXP] = "exp",
    [SPF_OTHER_MODIFIER] = "other",
    [SPF_BROKEN] = "broken",
};

/* A term in a few words: "+a host.example /24 //64". */
static void
describe(struct buf *b, const struct spf_term *t)
{
	char text[NET_STRLEN];

	if (t->kind <= SPF_EXISTS)
		buf_printf(b, "%c", t->qualifier);
	buf_puts(b, kinds[t->kind]);
	if (t->kind == SPF_BROKEN)
		return;
	if (t->spec != NULL)
		buf_printf(b, " %.*s", (int)t->spec_len, t->spec);
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		buf_printf(b, " %s",
		    addr_to_text(
			t->kind == SPF_IP4 ? IPV4 : IPV6, &t->addr, text));
	if (t->prefix[IPV4] != 32)
		buf_printf(b, " /%u", t->prefix[IPV4]);
	if (t->prefix[IPV6] != 128)
		buf_printf(b, " //%u", t->prefix[IPV6]);
}

static void
expect_bytes(const char *text, size_t len, const char *expected)
{
	struct spf_term t;
	struct buf b;
	bool ok = spf_parse_term(&t, text, len);

	buf_init(&b);
	describe(&b, &t);
	assert_string_equal(b.data, expected);
	assert_int_equal(ok, t.kind != SPF_BROKEN);
	assert_int_equal(t.why != NULL, t.kind == SPF_BROKEN);
	assert_ptr_equal(t.text, text);
	assert_int_equal(t.len, len);
	buf_clear(&b);
}

static void
expect(const char *text, const char *expected)
{
	expect_bytes(text, strlen(text), expected);
}

static void
expect_broken(const char *text)
{
	expect(text, "broken");
}

static void
expect_why(const char *text, const char *why)
{
	struct spf_term t;

	assert_false(spf_parse_term(&t, text, strlen(text)));
	assert_string_equal(t.why, why);
}

static void
test_qualifiers(void **state)
{
	(void)state;
	expect("all", "+all");
	expect("+all", "+all");
	expect("-all", "-all");
	expect("~all", "~all");
	expect("?all", "?all");
	expect("-include:b.example", "-include b.example");
	expect("~ip4:192.0.2.1", "~ip4 192.0.2.1");
	expect_broken("--all");
	expect_broken("+-all");
	expect_broken("-");
	expect_broken("");
	expect_broken("!all");
	expect_broken("- all");
}

static void
test_all(void **state)
{
	(void)state;
	expect("ALL", "+all");
	expect_broken("all:");
	expect_broken("all.");
	expect_broken("all/8");
	expect_broken("all:example.org");
	expect_broken("alll");
	expect_broken("al");
}

static void
test_upper_case(void **state)
{
	(void)state;
	expect("-INCLUDE:B.Example", "-include B.Example");
	expect("Ip4:192.0.2.0/24", "+ip4 192.0.2.0 /24");
	expect("IP6:2001:DB8::/32", "+ip6 2001:db8:: //32");
	expect("Redirect=B.Example", "redirect B.Example");
	expect("EXP=b.example", "exp b.example");
	expect("A:%{D}", "+a %{D}");
	expect("pTr", "+ptr");
}

static void
test_include_and_exists(void **state)
{
	(void)state;
	expect("include:b.example.", "+include b.example.");
	expect("exists:%{ir}.b.example", "+exists %{ir}.b.example");
	expect_broken("include");
	expect_broken("include:");
	expect_broken("exists");
	expect_broken("exists:");
	expect_broken("include:b.example/24");
	expect_broken("include :b.example");
	expect_broken("include: b.example");
}

static void
test_a_and_mx(void **state)
{
	(void)state;
	expect("a", "+a");
	expect("mx", "+mx");
	expect("a:host.example", "+a host.example");
	expect("mx:host.example", "+mx host.example");
	expect_broken("a:");
	expect_broken("mx:");
	expect_broken("a.host.example");
	expect_broken("aa");
	expect_broken("amx");
}

/* dual-cidr-length (section 12). */
static void
test_dual_cidr(void **state)
{
	(void)state;
	expect("a/24", "+a /24");
	expect("a//64", "+a //64");
	expect("a/24//64", "+a /24 //64");
	expect("a/0//0", "+a /0 //0");
	expect("mx/32//128", "+mx");
	expect("a:host.example/24", "+a host.example /24");
	expect("a:host.example//64", "+a host.example //64");
	expect("a:host.example/24//64", "+a host.example /24 //64");
	expect("mx:%{d}/24//64", "+mx %{d} /24 //64");
	/* A "/" may stand inside a name. */
	expect("a:host/24.example/25", "+a host/24.example /25");
	expect("a:host.example/24/25.example", "+a host.example/24/25.example");
}

static void
test_wrong_cidr(void **state)
{
	(void)state;
	expect_broken("a/");
	expect_broken("a//");
	expect_broken("a/33");
	expect_broken("a//129");
	expect_broken("a/024");
	expect_broken("a/00");
	expect_broken("a//064");
	expect_broken("a/24/64");
	expect_broken("a/24//");
	expect_broken("a///64");
	expect_broken("a//64/24");
	expect_broken("a/-1");
	expect_broken("a/24x");
	expect_broken("a:/24");
	expect_broken("a/24:host.example");
	expect_broken("a:host/24//64");
	expect_broken("a/999999999999999999999999");
}

static void
test_ptr(void **state)
{
	(void)state;
	expect("ptr", "+ptr");
	expect("-ptr:b.example", "-ptr b.example");
	expect_broken("ptr:");
	expect_broken("ptr/24");
	expect_broken("ptr:b.example/24//64 ");
}

static void
test_ip4(void **state)
{
	(void)state;
	expect("ip4:192.0.2.1", "+ip4 192.0.2.1");
	expect("ip4:192.0.2.1/24", "+ip4 192.0.2.1 /24");
	expect("ip4:0.0.0.0/0", "+ip4 0.0.0.0 /0");
	expect("ip4:192.0.2.1/32", "+ip4 192.0.2.1");
	expect_broken("ip4");
	expect_broken("ip4:");
	expect_broken("ip4:1.2.3.4/33");
	expect_broken("ip4:1.2.3.4/024");
	expect_broken("ip4:1.2.3.4/");
	expect_broken("ip4:1.2.3.4//24");
	expect_broken("ip4:1.2.3.4/24//64");
	expect_broken("ip4:1.2.3");
	expect_broken("ip4:1.2.3.4.5");
	expect_broken("ip4:1.2.3.");
	expect_broken("ip4:1.2.3.256");
	expect_broken("ip4:01.2.3.4");
	expect_broken("ip4:1.2.3.00");
	expect_broken("ip4:1.2.3.0x4");
	expect_broken("ip4:host.example");
	expect_broken("ip4:::1");
	expect_broken("ip4:%{i}");
	expect_broken("ip4.1.2.3.4");
}

static void
test_ip6(void **state)
{
	(void)state;
	expect("ip6:2001:db8::1", "+ip6 2001:db8::1");
	expect("ip6:2001:db8::1/64", "+ip6 2001:db8::1 //64");
	expect("ip6:::/0", "+ip6 :: //0");
	expect("ip6:::1", "+ip6 ::1");
	expect("ip6:::ffff:192.0.2.1/128", "+ip6 ::ffff:192.0.2.1");
	expect("ip6:1:2:3:4:5:6:192.0.2.1", "+ip6 1:2:3:4:5:6:c000:201");
	expect_broken("ip6");
	expect_broken("ip6:");
	expect_broken("ip6:::1/129");
	expect_broken("ip6:::1/064");
	expect_broken("ip6:::1//64");
	expect_broken("ip6:::1/");
	expect_broken("ip6:192.0.2.1");
	expect_broken("ip6:2001:db8::1::2");
	expect_broken("ip6:2001:db8");
	expect_broken("ip6:12345::");
	expect_broken("ip6:fe80::1%25lo");
	expect_broken("ip6:1111:2222:3333:4444:5555:6666:1111:2222:3333:4444:"
		      "5555:6666:7777:8888");
}

/* domain-end = ( "." toplabel [ "." ] ) / macro-expand */
static void
test_toplabels(void **state)
{
	(void)state;
	expect("a:b.c", "+a b.c");
	expect("a:b.1c", "+a b.1c");
	expect("a:b.c1", "+a b.c1");
	expect("a:b.11c1", "+a b.11c1");
	expect("a:b.1-1", "+a b.1-1");
	expect("a:b.c--d.", "+a b.c--d.");
	expect("a:b.xn--p1ai", "+a b.xn--p1ai");
	expect("a:.c", "+a .c");
	expect("a:_b!#$&'()*+,;<=>?@[]^`{|}~.c",
	    "+a _b!#$&'()*+,;<=>?@[]^`{|}~.c");
	expect_broken("a:b");
	expect_broken("a:b.");
	expect_broken("a:b.1");
	expect_broken("a:192.0.2.1");
	expect_broken("a:b.-c");
	expect_broken("a:b.c-");
	expect_broken("a:b.c_d");
	expect_broken("a:b.c..");
	expect_broken("a:b.c!");
}

static void
test_macro_syntax(void **state)
{
	(void)state;
	expect("a:%{d}", "+a %{d}");
	expect("a:b%{d}", "+a b%{d}");
	expect("a:%{d}.b", "+a %{d}.b");
	expect("a:%%", "+a %%");
	expect("a:%_", "+a %_");
	expect("a:b.%-", "+a b.%-");
	expect("a:%{s1r-.+,/_=}%{l}%{o}%{d}%{i}%{p}%{v}%{h}.x",
	    "+a %{s1r-.+,/_=}%{l}%{o}%{d}%{i}%{p}%{v}%{h}.x");
	expect("a:%{D99R=}.x", "+a %{D99R=}.x");
	expect("a:%%{d0}.x", "+a %%{d0}.x");
	expect("a:%{d010}.x", "+a %{d010}.x");
	expect_broken("a:%{d}b");
	expect_broken("a:%");
	expect_broken("a:%b.c");
	expect_broken("a:b%.c");
	expect_broken("a:%{}.c");
	expect_broken("a:%{d.c");
	expect_broken("a:%{x}.c");
	expect_broken("a:%{dr2}.c");
	expect_broken("a:%{d-r}.c");
	expect_broken("a:%{d;}.c");
	expect_broken("a:%{ d}.c");
	expect_broken("a:%{d2rr}.c");
	expect_broken("a:%%%.c");
}

/* Section 7.3: DIGIT transformers must be nonzero. */
static void
test_zero_transformers(void **state)
{
	(void)state;
	expect_broken("a:%{d0}.c");
	expect_broken("a:%{d00r}.c");
	expect_broken("a:%{d}.%{o0-}.c");
	expect_broken("a:%{d0}");
	expect_broken("exists:%{i0}.c");
	expect_broken("redirect=%{d0}.c");
	expect_broken("a:%%%{d0}.c");
}

static void
test_modifiers(void **state)
{
	(void)state;
	expect("redirect=b.example", "redirect b.example");
	expect("exp=%{d}.b.example", "exp %{d}.b.example");
	expect("x=", "other");
	expect("x-y_z.1=anything/at:all", "other anything/at:all");
	expect("include=b.example", "other b.example");
	expect("ip4=1.2.3.4", "other 1.2.3.4");
	expect("redirects=b", "other b");
	expect("exp.x=b", "other b");
	expect("a=b=c", "other b=c");
	expect("x=%{i}%%", "other %{i}%%");
	expect_broken("redirect=");
	expect_broken("redirect=b");
	expect_broken("redirect:b.example");
	expect_broken("redirect");
	expect_broken("exp=");
	expect_broken("exp=b");
	expect_broken("exp:b.example");
	expect_broken("-redirect=b.example");
	expect_broken("+x=y");
	expect_broken("=x");
	expect_broken("1x=y");
	expect_broken("_x=y");
	expect_broken("x=%");
	expect_broken("x=%{i");
	expect_broken("x!y=z");
}

static void
test_bytes(void **state)
{
	(void)state;
	expect_broken("a:b.example\t");
	expect_broken("a:b\x01.example");
	expect_broken("a:b\xc3\xa4.example");
	expect_broken("a:b.example\x7f");
	expect_broken("\xe2\x80\x8b"
		      "all");
	expect_broken("x=\xc3\xa4");
	expect_broken("all\n");
	expect_bytes("all\0", 4, "broken");
	expect_bytes("a:b\0.example", 12, "broken");
	expect_bytes("all-not-here", 3, "+all");
}

static void
test_reasons(void **state)
{
	(void)state;
	expect_why("ip4:1.2.3.4/33", "not an IPv4 network");
	expect_why("ip6:1.2.3.4", "not an IPv6 network");
	expect_why("all:x", "all takes no argument");
	expect_why("-redirect=b.example", "a modifier with a qualifier");
	expect_why("exp=", "a malformed modifier");
	expect_why("exp:b.example", "a modifier needs = after its name");
	expect_why("ipv4:1.2.3.4", "an unknown mechanism");
	expect_why("1.2.3.4", "an unknown mechanism");
	expect_why("include:", "a malformed domain-spec or prefix length");
	expect_why("a\tmx", "not printable ASCII");
}

/* However hostile the text, it is parsed in no time. */
static void
test_hostile_text(void **state)
{
	static const char *const pieces[] = {"a", "1", "-", ".", "%%", "%{d}",
	    "a.", "a-", "1.a", "/", "=", "%{i999r-.+,/_=}", "9"};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++)
		for (int k = 0; k < 2; k++) {
			struct spf_term t;

			buf_init(&b);
			buf_puts(&b, k == 0 ? "a:" : "x=");
			while (b.len < SPF_RECORD_MAX)
				buf_puts(&b, pieces[i]);
			buf_puts(&b, "\x7f");
			assert_false(spf_parse_term(&t, b.data, b.len));
			buf_clear(&b);
		}
}

/* The terms of a record, a comma behind each, and what is true of all. */
static void
expect_record(const char *text, const char *expected)
{
	struct spf_record r;
	struct buf b;

	assert_true(spf_is_record(text, strlen(text)));
	spf_parse(&r, text, strlen(text));
	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < r.n; i++) {
		describe(&b, &r.terms[i]);
		buf_puts(&b, ",");
	}
	buf_puts(&b, r.broken ? " is broken" : "");
	buf_puts(&b, r.too_long ? " is too long" : "");
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	spf_record_clear(&r);
	assert_null(r.terms);
}

static void
test_version_section(void **state)
{
	static const char *const others[] = {"", "v=spf", "v=spf10", "v=spf1-",
	    "v=spf1\ta", "v=spf2.0/pra", " v=spf1 a", "v= spf1", "vspf1",
	    "\"v=spf1 a\"", "v=spf1,a", "spf1",
	    ("v=spf1\xc2\xa0"
	     "a")};

	(void)state;
	assert_true(spf_is_record("v=spf1", 6));
	assert_true(spf_is_record("v=spf1 ", 7));
	assert_true(spf_is_record("V=SpF1 a", 8));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(spf_is_record(others[i], strlen(others[i])));
	assert_false(spf_is_record("v=spf1\0a", 8));
	assert_true(spf_is_almost_record("v=spf10", 7));
	assert_true(spf_is_almost_record("v=spf1;a", 8));
	assert_false(spf_is_almost_record("v=spf1", 6));
	assert_false(spf_is_almost_record("v=spf1 a", 8));
	assert_false(spf_is_almost_record("v=spf", 5));
	assert_true(spf_is_almost_record(" v=spf1 a", 9));
	assert_true(spf_is_almost_record("\"v=spf1 a\"", 10));
	assert_true(spf_is_almost_record("\t'V=SPF1", 8));
	assert_false(spf_is_almost_record("x v=spf1 a", 10));
	assert_false(spf_is_almost_record(" \"", 2));
}

static void
test_records(void **state)
{
	(void)state;
	expect_record("v=spf1", "");
	expect_record("v=spf1 ", "");
	expect_record("v=spf1    ", "");
	expect_record("v=spf1 -all", "-all,");
	expect_record("v=spf1  mx   a  ", "+mx,+a,");
	expect_record(
	    "V=SPF1 MX A:Host.Example -ALL", "+mx,+a Host.Example,-all,");
	expect_record("v=spf1 a\tmx -all", "broken,-all, is broken");
	expect_record("v=spf1 -all\r\n", "broken, is broken");
	expect_record("v=spf1 v=spf1 a", "other spf1,+a,");
	expect_record("v=spf1 \xc3\xa4 -all", "broken,-all, is broken");
	expect_record("v=spf1 -all foo", "-all,broken, is broken");
}

static void
test_repeated_modifiers(void **state)
{
	(void)state;
	expect_record("v=spf1 redirect=b.example exp=b.example x=1 x=2",
	    "redirect b.example,exp b.example,other 1,other 2,");
	expect_record("v=spf1 redirect=b.example a redirect=c.example",
	    "redirect b.example,+a,broken, is broken");
	expect_record("v=spf1 exp=b.example EXP=b.example",
	    "exp b.example,broken, is broken");
}

static void
test_all_and_redirect_are_found(void **state)
{
	static const char text[] = "v=spf1 redirect=b.example a ~all mx -all";
	struct spf_record r;

	(void)state;
	spf_parse(&r, text, strlen(text));
	assert_int_equal(r.n, 5);
	assert_ptr_equal(r.redirect, &r.terms[0]);
	assert_ptr_equal(r.all, &r.terms[2]);
	spf_record_clear(&r);
	spf_parse(&r, "v=spf1 a", 8);
	assert_null(r.redirect);
	assert_null(r.all);
	spf_record_clear(&r);
}

static void
test_many_terms(void **state)
{
	struct spf_record r;
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "v=spf1");
	for (int i = 0; i < SPF_TERMS_MAX; i++)
		buf_puts(&b, "  a");
	buf_puts(&b, "   ");
	spf_parse(&r, b.data, b.len);
	assert_int_equal(r.n, SPF_TERMS_MAX);
	assert_false(r.too_long);
	spf_record_clear(&r);
	buf_puts(&b, "mx");
	spf_parse(&r, b.data, b.len);
	assert_int_equal(r.n, SPF_TERMS_MAX);
	assert_true(r.too_long);
	spf_record_clear(&r);
	buf_clear(&b);
}

static void
test_long_records(void **state)
{
	struct spf_record r;
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "v=spf1 mx x=");
	while (b.len < SPF_RECORD_MAX - 5)
		buf_puts(&b, "y");
	buf_puts(&b, " -all");
	spf_parse(&r, b.data, b.len);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.terms[2].kind, SPF_ALL);
	assert_false(r.too_long);
	spf_record_clear(&r);
	/* Now the bound falls into the last term: "-all" is not "-all.x". */
	buf_puts(&b, ".x");
	spf_parse(&r, b.data, b.len);
	assert_int_equal(r.n, 2);
	assert_true(r.too_long);
	spf_record_clear(&r);
	buf_clear(&b);
}

static void
test_strings_are_joined(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	spf_join_strings(&b, (const uint8_t *)"\6v=spf1\0\1 \4-all", 15);
	assert_string_equal(b.data, "v=spf1 -all");
	spf_join_strings(&b, (const uint8_t *)"", 1);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	spf_join_strings(&b, (const uint8_t *)"\3a\0b", 4);
	assert_int_equal(b.len, 3);
	/* A length that leads outside ends with the data. */
	spf_join_strings(&b, (const uint8_t *)"\1a\377bc", 5);
	assert_string_equal(b.data, "abc");
	buf_clear(&b);
}

static void
name(const char *text, uint8_t *wire)
{
	assert_int_equal(name_from_text(text, strlen(text), wire), 0);
}

/*
 * What "a:SPEC" asks about; domain: %{d}; origin: %{o}. Returns whether
 * %{o} was used.
 */
static bool
expect_target_of(const char *spec, const char *domain, const char *origin,
    const char *expected)
{
	uint8_t d[NAME_MAX_WIRE], o[NAME_MAX_WIRE], out[NAME_MAX_WIRE];
	char *text = xasprintf("a:%s", spec);
	bool uses_origin = false;
	struct spf_term t;
	struct buf b;

	name(domain, d);
	name(origin, o);
	assert_true(spf_parse_term(&t, text, strlen(text)));
	buf_init(&b);
	switch (macro_expand(&t, d, o, out, &uses_origin)) {
	case MACRO_NAME:
		name_to_text(&b, out);
		break;
	case MACRO_CLIENT:
		buf_puts(&b, "client");
		break;
	case MACRO_INVALID:
		buf_puts(&b, "invalid");
		break;
	}
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	free(text);
	return uses_origin;
}

static void
expect_target(const char *spec, const char *expected)
{
	expect_target_of(
	    spec, "email.example.com", "a-b.c_d.example.org", expected);
}

static void
test_plain_targets(void **state)
{
	(void)state;
	expect_target("Host.Example", "host.example");
	expect_target("host.example.", "host.example");
	expect_target("a\\b.example", "a\\\\b.example");
	expect_target("a..example", "invalid");
	expect_target(".example", "invalid");
}

static void
test_target_without_a_spec(void **state)
{
	uint8_t domain[NAME_MAX_WIRE], out[NAME_MAX_WIRE];
	bool uses_origin = false;
	struct spf_term t;

	(void)state;
	name("b.example", domain);
	assert_true(spf_parse_term(&t, "mx/24", 5));
	assert_int_equal(
	    macro_expand(&t, domain, domain, out, &uses_origin), MACRO_NAME);
	assert_true(name_equal(out, domain));
	assert_false(uses_origin);
}

/* The examples of section 7.4, as far as they need no client. */
static void
test_transformers(void **state)
{
	(void)state;
	expect_target("%{d}", "email.example.com");
	expect_target("%{d4}", "email.example.com");
	expect_target("%{d3}", "email.example.com");
	expect_target("%{d2}", "example.com");
	expect_target("%{d1}", "com");
	expect_target("%{dr}", "com.example.email");
	expect_target("%{d2r}", "example.email");
	expect_target("%{d1r}.x", "email.x");
	expect_target("%{d02}", "example.com");
	expect_target("%{d99999999999999999999}", "email.example.com");
	expect_target("_spf.%{d2}", "_spf.example.com");
}

static void
test_delimiters(void **state)
{
	(void)state;
	expect_target("%{o}", "a-b.c_d.example.org");
	expect_target("%{o-}", "a.b.c_d.example.org");
	expect_target("%{o_}", "a-b.c.d.example.org");
	expect_target("%{o-_}", "a.b.c.d.example.org");
	/* "." is a delimiter only where it is named. */
	expect_target("%{o1r-}.x", "a.x");
	expect_target("%{o1-}", "b.c_d.example.org");
	expect_target("%{or_}", "d.example.org.a-b.c");
	expect_target("%{o2r-.}.x", "b.a.x");
	expect_target("%{o+,/=}", "a-b.c_d.example.org");
	expect_target("%{OR-}.x", "b.c_d.example.org.a.x");
}

static void
test_literal_macros(void **state)
{
	(void)state;
	expect_target("a%%b.example", "a%b.example");
	expect_target("a%_b.example", "a\\032b.example");
	expect_target("a%-b.example", "a%20b.example");
	expect_target("%%{d}.example", "%{d}.example");
	expect_target("%%%{d2}", "%example.com");
	expect_target("%%%%.%{d1}", "%%.com");
}

static void
test_upper_case_macros(void **state)
{
	(void)state;
	expect_target("%{D2}", "example.com");
	assert_false(expect_target_of(
	    "%{D}", "a+b~c.example", "x.y", "a%2bb~c.example"));
	assert_false(
	    expect_target_of("%{d}", "a+b~c.example", "x.y", "a+b~c.example"));
	/* Escapes come after the split. */
	assert_true(expect_target_of(
	    "%{O+}", "x.y", "a+b/c.example", "a.b%2fc.example"));
}

static void
test_origin_is_noted(void **state)
{
	(void)state;
	assert_true(expect_target_of("%{o}", "a.b", "c.d", "c.d"));
	assert_true(expect_target_of("%{d}.%{O2}", "a.b", "c.d", "a.b.c.d"));
	assert_false(expect_target_of("%{d}", "a.b", "c.d", "a.b"));
	assert_false(expect_target_of("%%{o}.x", "a.b", "c.d", "%{o}.x"));
	assert_false(expect_target_of("o.x", "a.b", "c.d", "o.x"));
}

static void
test_client_macros(void **state)
{
	static const char letters[] = "slihpvSLIHPV";

	(void)state;
	for (const char *l = letters; *l != '\0'; l++) {
		char *spec = xasprintf("%%{d}.%%{%c1r}.x.example", *l);

		expect_target(spec, "client");
		free(spec);
	}
	expect_target("%{i}", "client");
	expect_target("a%%%{i}.x", "client");
	expect_target("%%{i}.x", "%{i}.x");
}

static void
test_needs_client(void **state)
{
	struct spf_term t;

	(void)state;
	assert_true(spf_parse_term(&t, "exists:%{ir}.%{d}", 17));
	assert_true(macro_needs_client(&t));
	assert_true(spf_parse_term(&t, "exists:%{d}.x", 13));
	assert_false(macro_needs_client(&t));
	assert_true(spf_parse_term(&t, "mx", 2));
	assert_false(macro_needs_client(&t));
}

/* A name of that many characters that ends in %{d}. */
static char *
long_spec(size_t labels, const char *end)
{
	struct buf b;

	buf_init(&b);
	for (size_t i = 0; i < labels; i++)
		buf_printf(&b, "%c%062d.", 'a' + (int)i, 0);
	buf_puts(&b, end);
	return b.data;
}

/* Section 7.3: labels go from the left until 253 characters are left. */
static void
test_long_targets_are_cut(void **state)
{
	char *spec = long_spec(4, "%{d}");
	char *cut = long_spec(4, "email.example.com");

	(void)state;
	expect_target(spec, cut + 64);
	free(spec);
	free(cut);
	/* 3 * 64 + 43 + 1 + 17 = 253. */
	spec = long_spec(3, "0123456789012345678901234567890123456789012.%{d}");
	cut = long_spec(
	    3, "0123456789012345678901234567890123456789012.email.example.com");
	assert_int_equal(strlen(cut), 253);
	expect_target(spec, cut);
	free(spec);
	/* One more: the first label goes. */
	spec =
	    long_spec(3, "01234567890123456789012345678901234567890123.%{d}");
	free(cut);
	cut = long_spec(3,
	    "01234567890123456789012345678901234567890123.email.example.com");
	expect_target(spec, cut + 64);
	free(spec);
	free(cut);
}

static void
test_long_labels_are_no_name(void **state)
{
	char spec[400];

	(void)state;
	memset(spec, 'a', 64);
	strcpy(spec + 64, ".%{d}");
	expect_target(spec, "invalid");
	/* Left of the cut it does not matter. */
	memset(spec, 'a', 300);
	strcpy(spec + 300, ".%{d}");
	expect_target(spec, "email.example.com");
	/* There is nothing but one label, and it is too long. */
	strcpy(spec + 300, "%{d1}");
	expect_target(spec, "invalid");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_qualifiers),
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_upper_case),
	    cmocka_unit_test(test_include_and_exists),
	    cmocka_unit_test(test_a_and_mx),
	    cmocka_unit_test(test_dual_cidr),
	    cmocka_unit_test(test_wrong_cidr),
	    cmocka_unit_test(test_ptr),
	    cmocka_unit_test(test_ip4),
	    cmocka_unit_test(test_ip6),
	    cmocka_unit_test(test_toplabels),
	    cmocka_unit_test(test_macro_syntax),
	    cmocka_unit_test(test_zero_transformers),
	    cmocka_unit_test(test_modifiers),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_hostile_text),
	    cmocka_unit_test(test_version_section),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_repeated_modifiers),
	    cmocka_unit_test(test_all_and_redirect_are_found),
	    cmocka_unit_test(test_many_terms),
	    cmocka_unit_test(test_long_records),
	    cmocka_unit_test(test_strings_are_joined),
	    cmocka_unit_test(test_plain_targets),
	    cmocka_unit_test(test_target_without_a_spec),
	    cmocka_unit_test(test_transformers),
	    cmocka_unit_test(test_delimiters),
	    cmocka_unit_test(test_literal_macros),
	    cmocka_unit_test(test_upper_case_macros),
	    cmocka_unit_test(test_origin_is_noted),
	    cmocka_unit_test(test_client_macros),
	    cmocka_unit_test(test_needs_client),
	    cmocka_unit_test(test_long_targets_are_cut),
	    cmocka_unit_test(test_long_labels_are_no_name),
	};

	return cmocka_run_group_tests_name("spf", tests, NULL, NULL);
}
