/*
 * spf: the text of an SPF record to terms.
 */
#include "spf/spf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/pattern.h"
#include "base/text.h"

/*
 * The collected ABNF of RFC 7208 section 12, from macro-expand to domain-spec.
 * Every text is tried in only a few ways: a macro-literal has no "%", and
 * digits before the first letter of a toplabel and the like are possessive.
 */
#define MACRO "% (?: [%_-] | \\{ [slodiphv] [0-9]* r? [-.+,/_=]* \\} )"
#define LITERALS "[\\x21-\\x24\\x26-\\x7e]*"
#define MACRO_STRING LITERALS " (?: " MACRO " " LITERALS " )*"
#define TOPLABEL \
	"(?: [0-9]*+ [a-z] [0-9a-z]*+ | [0-9a-z]++ - [0-9a-z-]* [0-9a-z] )"
#define SPEC MACRO_STRING " (?: \\. " TOPLABEL " \\.? | " MACRO " )"

/* One term. The groups: see enum group. */
static const char grammar[] =
    "^(?| ([-+?~]?) (?|"
    "    (all)"
    "  | (include|exists|ptr) : (" SPEC ")"
    "  | (a|mx) (?: : (" SPEC ") )?"
    "      (?: / (0|[1-9][0-9]?) )? (?: // (0|[1-9][0-9]{0,2}) )?"
    "  | (ptr)"
    "  | (ip4) : ([0-9.]+) (?: / (0|[1-9][0-9]?) )?"
    "  | (ip6) : ([0-9a-f:.]+) (?: / () (0|[1-9][0-9]{0,2}) )?"
    "  )"
    "| () (redirect|exp) = (" SPEC ")"
    "| () (?! redirect=|exp= ) ([a-z][a-z0-9_.-]*) = (" MACRO_STRING ")"
    ")\\z";

/* What it captures, the prefix lengths last. */
enum group { QUALIFIER = 1, KEYWORD, ARGUMENT, LENGTH4, LENGTH6 };

static const struct {
	const char *word;
	enum spf_kind kind;
} keywords[] = {
    /* The most frequent ones first. */
    {"ip4", SPF_IP4},
    {"include", SPF_INCLUDE},
    {"all", SPF_ALL},
    {"ip6", SPF_IP6},
    {"a", SPF_A},
    {"mx", SPF_MX},
    {"ptr", SPF_PTR},
    {"exists", SPF_EXISTS},
    {"redirect", SPF_REDIRECT},
    {"exp", SPF_EXP},
};

static struct pattern *term_pattern;

/* What a group matched; *len: its length, 0 if it took no part. */
static const char *
group(const char *text, enum group g, size_t *len)
{
	return pattern_group(term_pattern, text, g, len);
}

static bool
word_is(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && strncasecmp(word, text, len) == 0;
}

/* The kind of a keyword; modifier: a "=" follows it. */
static enum spf_kind
kind_of(const char *word, size_t len, bool modifier)
{
	for (size_t i = 0; i < COUNT(keywords); i++)
		if (modifier == (keywords[i].kind >= SPF_REDIRECT) &&
		    word_is(keywords[i].word, word, len))
			return keywords[i].kind;
	return SPF_OTHER_MODIFIER;
}

/* A hint for the person who fixes the record. */
static const char *
what_is_wrong(const char *text, size_t len)
{
	size_t sign = len > 0 && strchr("+-?~", text[0]) != NULL ? 1 : 0;
	size_t end = sign;
	enum spf_kind kind;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x21 ||
		    (unsigned char)text[i] > 0x7e)
			return "not printable ASCII";
	while (end < len && strchr(":/=", text[end]) == NULL)
		end++;
	kind = kind_of(text + sign, end - sign, false);
	if (kind == SPF_OTHER_MODIFIER)
		kind = kind_of(text + sign, end - sign, true);
	if (end < len && text[end] == '=')
		return sign ? "a modifier with a qualifier"
			    : "a malformed modifier";
	switch (kind) {
	case SPF_IP4:
		return "not an IPv4 network";
	case SPF_IP6:
		return "not an IPv6 network";
	case SPF_ALL:
		return "all takes no argument";
	case SPF_OTHER_MODIFIER:
		return "an unknown mechanism";
	case SPF_REDIRECT:
	case SPF_EXP:
		return "a modifier needs = after its name";
	default:
		return "a malformed domain-spec or prefix length";
	}
}

/* Reads the address of ip4 or ip6. */
static bool
set_address(struct spf_term *t, const char *text, size_t len)
{
	enum family f;

	return addr_from_part(text, len, &f, &t->addr) == 0 &&
	       f == (t->kind == SPF_IP4 ? IPV4 : IPV6);
}

static bool
set_prefix(struct spf_term *t, enum family f, const char *text, size_t len)
{
	t->prefix[f] = family_bits(f);
	if (len == 0)
		return true;
	t->prefix[f] = 0;
	for (size_t i = 0; i < len; i++)
		t->prefix[f] = t->prefix[f] * 10 + (unsigned)(text[i] - '0');
	return t->prefix[f] <= family_bits(f);
}

/* DIGIT transformers must not be 0 (RFC 7208 section 7.3). */
static bool
has_zero_transformer(const char *spec, size_t len)
{
	for (size_t i = 0; i + 3 < len; i++) {
		size_t digit = i + 3;

		if (spec[i] == '%' && spec[i + 1] != '{') {
			i++; /* %%, %_ or %- */
			continue;
		}
		if (spec[i] != '%')
			continue;
		while (digit < len && spec[digit] == '0')
			digit++;
		if (digit > i + 3 &&
		    (digit == len || spec[digit] < '1' || spec[digit] > '9'))
			return true;
	}
	return false;
}

bool
spf_parse_term(struct spf_term *t, const char *text, size_t len)
{
	const char *sign, *word, *argument, *p;
	size_t sign_len, word_len, n;
	bool ok;

	*t = (struct spf_term){.kind = SPF_BROKEN, .text = text, .len = len};
	if (term_pattern == NULL)
		term_pattern = pattern_open(grammar, true);
	if (!pattern_match(term_pattern, text, len)) {
		t->why = what_is_wrong(text, len);
		return false;
	}
	sign = group(text, QUALIFIER, &sign_len);
	word = group(text, KEYWORD, &word_len);
	argument = group(text, ARGUMENT, &t->spec_len);
	t->qualifier = '+';
	if (sign_len > 0)
		t->qualifier = *sign;
	t->kind = kind_of(word, word_len,
	    word + word_len < text + len && word[word_len] == '=');
	t->spec = t->spec_len > 0 ? argument : NULL;

	p = group(text, LENGTH4, &n);
	ok = set_prefix(t, IPV4, p, n);
	p = group(text, LENGTH6, &n);
	ok = set_prefix(t, IPV6, p, n) && ok;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6) {
		ok = set_address(t, argument, t->spec_len) && ok;
		t->spec = NULL;
		t->spec_len = 0;
	} else if (t->spec != NULL)
		ok = !has_zero_transformer(t->spec, t->spec_len) && ok;
	if (!ok) {
		t->why = what_is_wrong(text, len);
		t->kind = SPF_BROKEN;
	}
	return ok;
}

static const char version[] = "v=spf1";
#define VERSION_LEN (sizeof(version) - 1)

void
spf_join_strings(struct buf *text, const uint8_t *rdata, size_t len)
{
	text->len = 0;
	for (size_t i = 0; i < len;) {
		size_t n = rdata[i++];

		if (n > len - i)
			n = len - i;
		buf_add(text, rdata + i, n);
		i += n;
	}
	buf_puts(text, ""); /* there may have been no strings */
}

bool
spf_is_record(const char *text, size_t len)
{
	return len >= VERSION_LEN &&
	       strncasecmp(text, version, VERSION_LEN) == 0 &&
	       (len == VERSION_LEN || text[VERSION_LEN] == ' ');
}

bool
spf_is_almost_record(const char *text, size_t len)
{
	const char *end = text + len;

	if (spf_is_record(text, len))
		return false;
	while (text < end && *text != '\0' && strchr(" \t\"'", *text) != NULL)
		text++;
	return (size_t)(end - text) >= VERSION_LEN &&
	       strncasecmp(text, version, VERSION_LEN) == 0;
}

bool
spf_next_record(const struct answer *txt, const uint8_t **at, struct buf *text)
{
	struct rr rr;

	while (answer_next(txt, at, &rr)) {
		spf_join_strings(text, rr.data, rr.len);
		if (spf_is_record(text->data, text->len))
			return true;
	}
	return false;
}

/* Takes note of all and redirect=; a modifier must not repeat (section 6). */
static void
look_at(struct spf_record *r, struct spf_term *t, bool *exp_seen)
{
	if (t->kind == SPF_ALL && r->all == NULL)
		r->all = t;
	if ((t->kind == SPF_REDIRECT && r->redirect != NULL) ||
	    (t->kind == SPF_EXP && *exp_seen)) {
		t->kind = SPF_BROKEN;
		t->why = "a second one in the same record";
	}
	if (t->kind == SPF_REDIRECT)
		r->redirect = t;
	if (t->kind == SPF_EXP)
		*exp_seen = true;
	if (t->kind == SPF_BROKEN)
		r->broken = true;
}

void
spf_parse(struct spf_record *r, const char *text, size_t len)
{
	size_t cap = 0, at = VERSION_LEN;
	bool exp_seen = false;

	*r = (struct spf_record){.too_long = len > SPF_RECORD_MAX};
	if (r->too_long)
		len = SPF_RECORD_MAX;
	while (at < len) {
		const char *space = memchr(text + at, ' ', len - at);
		size_t end = space == NULL ? len : (size_t)(space - text);

		if (end > at && r->n == SPF_TERMS_MAX) {
			r->too_long = true;
			break;
		}
		/* A term that the bound cuts is not the one published. */
		if (end == len && len == SPF_RECORD_MAX && r->too_long)
			break;
		if (end > at) {
			r->terms =
			    grow(r->terms, r->n, &cap, sizeof(*r->terms));
			spf_parse_term(&r->terms[r->n++], text + at, end - at);
		}
		at = end + 1;
	}
	/* Only now do the terms stay where they are. */
	for (size_t i = 0; i < r->n; i++)
		look_at(r, &r->terms[i], &exp_seen);
}

void
spf_record_clear(struct spf_record *r)
{
	free(r->terms);
	*r = (struct spf_record){0};
}
