/*
 * list: domain lists, line by line. A list uses SPF syntax: names and terms,
 * separated by white space, each with an optional sign; "#" begins a comment.
 */
#include "expand/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/name.h"
#include "base/text.h"

void
list_init(struct list *l)
{
	*l = (struct list){0};
	arena_init(&l->texts);
}

void
list_clear(struct list *l)
{
	free(l->v);
	free(l->ignored);
	free(l->files);
	arena_clear(&l->texts);
	list_init(l);
}

struct spf_term
entry_term(const struct entry *e)
{
	struct spf_term t;

	spf_parse_term(&t, e->full, strlen(e->full));
	return t;
}

static bool
begins(const char *text, const char *word)
{
	return strncasecmp(text, word, strlen(word)) == 0;
}

void
entry_name(struct buf *b, const struct entry *e)
{
	struct spf_term term = entry_term(e);

	if (term.kind == SPF_INCLUDE && !e->exclude)
		buf_add_escaped(b, term.spec, term.spec_len, SHOWN_MAX);
	else
		buf_add_escaped(b, e->text, strlen(e->text), SHOWN_MAX);
}

bool
entry_is_domain(const struct entry *e)
{
	return !begins(e->full, "ip4:") && !begins(e->full, "ip6:");
}

/* Whether the text is an address or network without its mechanism's name. */
static bool
is_bare_address(const char *text, enum family *f)
{
	struct addr a;

	return addr_from_part(text, strcspn(text, "/"), f, &a) == 0;
}

/* What is wrong with a character that is not ASCII; NULL if it is a letter. */
static const char *
wrong_character(uint32_t c)
{
	if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
	    c == 0x205f || c == 0x3000)
		return "contains a no-break or other special space, which "
		       "looks like a space: write a plain space";
	if (c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
	    c == 0xfeff)
		return "contains an invisible character, as copied from a web "
		       "page: type it again";
	if (c >= 0x2010 && c <= 0x2015)
		return "contains a dash that is not the minus sign: write -";
	if (c >= 0x2018 && c <= 0x201f)
		return "contains a quotation mark: write the name without it";
	return NULL;
}

/* What is wrong with text that is not ASCII; NULL if it is ASCII. */
static const char *
wrong_encoding(const char *text)
{
	const char *wrong = NULL;
	bool letters = false;
	size_t n;

	for (; *text != '\0'; text += n) {
		uint32_t c;

		n = utf8_len(text, strlen(text), &c);
		if (n == 0 && (unsigned char)*text == 0xa0)
			c = 0xa0; /* of Latin-1 */
		else if (n == 1 || n == 0)
			c = 0;
		letters |= n != 1;
		if (wrong == NULL)
			wrong = wrong_character(c);
		n = n > 0 ? n : 1;
	}
	if (wrong != NULL || !letters)
		return wrong;
	return "write names with other letters as A-labels (xn--...), which "
	       "idn2 NAME prints";
}

/* Whether an IPv4 address has a number like 002 in it. */
static bool
has_leading_zero(const char *text)
{
	bool start = true;

	if (begins(text, "include:"))
		text += strlen("include:");
	if (begins(text, "ip4:"))
		text += strlen("ip4:");
	if (text[strspn(text, "0123456789./")] != '\0' ||
	    strchr(text, '.') == NULL)
		return false;
	for (; *text != '\0'; text++) {
		if (start && *text == '0' && text[1] >= '0' && text[1] <= '9')
			return true;
		start = *text == '.' || *text == '/';
	}
	return false;
}

/* What is wrong with separators, comments and quotes; NULL if nothing is. */
static const char *
wrong_separator(const char *text)
{
	if (text[0] == ';' || begins(text, "//"))
		return "a comment begins with #";
	if (strchr(text, ',') != NULL)
		return "separate terms by white space, without the comma";
	if (strchr(text, ';') != NULL)
		return "separate terms by white space, without the semicolon";
	if (strchr("\"'", text[0]) != NULL && text[0] != '\0')
		return "write it without quotation marks";
	return NULL;
}

/* What is wrong with the spelling of a term; NULL if nothing is. */
static const char *
wrong_text(const struct entry *e)
{
	const char *text = e->full, *wrong;
	const char *body = begins(text, "include:") ? text + 8 : text;
	enum family f;

	if ((wrong = wrong_encoding(text)) != NULL ||
	    (wrong = wrong_separator(body)) != NULL)
		return wrong;
	if (has_leading_zero(text))
		return "numbers of an IPv4 address have no leading zeros: "
		       "write ip4:192.0.2.1, not ip4:192.000.002.001";
	if (e->text[0] == '?' || e->text[0] == '~')
		return "the signs are + (or none), - and !";
	if (is_bare_address(text, &f))
		return f == IPV4 ? "write an address as ip4:ADDRESS"
				 : "write an address as ip6:ADDRESS";
	if (strcasecmp(text, "include:a") == 0 ||
	    strcasecmp(text, "include:mx") == 0 || begins(text, "a/") ||
	    begins(text, "mx/"))
		return "a and mx need a name: a:NAME, mx:NAME";
	if (strcasecmp(text, "v=spf1") == 0)
		return "a list has terms, not records: remove v=spf1";
	if (strcasecmp(text, "include:all") == 0)
		return "all means every address: name a domain or network "
		       "instead";
	if (strcasecmp(text, "include:ptr") == 0)
		return "ptr cannot be enumerated: use ip4: or ip6:";
	if (strstr(text, "://") != NULL)
		return "write only the name, without the rest of the URL";
	if (strchr(text, '%') != NULL)
		return "macros have no meaning in a list";
	return NULL;
}

/* What was expected instead of an invalid term. */
static const char *
expected_term(const char *text)
{
	if (begins(text, "a:") || begins(text, "mx:"))
		return "expected a name of two or more labels, then /LENGTH "
		       "for IPv4, //LENGTH for IPv6";
	if (begins(text, "ip4:"))
		return "expected ip4:ADDRESS or ip4:ADDRESS/LENGTH (0 to 32)";
	if (begins(text, "ip6:"))
		return "expected ip6:ADDRESS or ip6:ADDRESS/LENGTH (0 to 128)";
	return "expected a name of two or more labels, include:NAME, a:NAME, "
	       "mx:NAME, ip4:NETWORK or ip6:NETWORK";
}

/* What to write instead of a term that is not allowed; NULL if it is. */
static const char *
objection(const struct entry *e, const struct spf_term *term)
{
	const char *wrong = wrong_text(e);

	if (wrong != NULL)
		return wrong;
	switch (term->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_IP4:
	case SPF_IP6:
		return NULL;
	case SPF_PTR:
	case SPF_EXISTS:
		return "ptr and exists cannot be enumerated: use ip4: or ip6:";
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER_MODIFIER:
		return "modifiers have no meaning in a list: write the name";
	default:
		return expected_term(e->full);
	}
}

/*
 * SPF's grammar accepts nearly anything as a name; a list has names of hosts or
 * mail domains (RFC 1123 section 2.1, and underscores).
 */
static bool
has_bad_name(const struct spf_term *t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	uint8_t wire[NAME_MAX_WIRE];

	if (t->spec == NULL)
		return false;
	for (size_t i = 0; i < t->spec_len; i++)
		if (strchr(allowed, t->spec[i]) == NULL)
			return true;
	return t->spec[0] == '-' ||
	       name_from_text(t->spec, t->spec_len, wire) != 0;
}

/* What is wrong with an invalid name. */
static const char *
what_is_wrong(const char *text)
{
	if (strchr(text, '@') != NULL)
		return "write only the domain part after the @";
	if (strchr(text, '*') != NULL)
		return "wildcards are not supported: write each name";
	return "not a domain name";
}

/* Keeps prefix and text as one string, as long as the list. */
static const char *
keep(struct list *l, const char *prefix, const char *text, size_t len)
{
	size_t before = strlen(prefix);
	char *copy = arena_alloc(&l->texts, before + len + 1);

	memcpy(copy, prefix, before);
	memcpy(copy + before, text, len);
	copy[before + len] = '\0';
	return copy;
}

/* A bare name means include:NAME. */
static bool
is_bare_name(const char *text)
{
	return text[strcspn(text, ":=/%")] == '\0' &&
	       !is_bare_address(text, &(enum family){0});
}

/* Fills in an entry's strings. Returns the text after its sign. */
static const char *
read_entry(struct list *l, struct entry *e, const char *text, size_t len)
{
	static const char include[] = "include:";
	bool has_sign =
	    len > 0 && strchr("+-!", text[0]) != NULL && text[0] != '\0';
	const char *body;

	e->exclude = has_sign && text[0] == '-';
	e->ignore = has_sign && text[0] == '!';
	/* Without a sign one string serves as both. */
	e->full = keep(l, include, text + has_sign, len - has_sign);
	body = e->full + strlen(include);
	e->text = has_sign ? keep(l, "", text, len) : body;
	if (!is_bare_name(body))
		e->full = body;
	return body;
}

int
list_add_term(struct list *l, const char *file, unsigned line, const char *text,
    size_t len, struct problems *problems)
{
	struct entry e = {.file = file, .line = line};
	const char *body = read_entry(l, &e, text, len);
	struct spf_term term = entry_term(&e);
	const char *wrong = objection(&e, &term);
	struct buf shown;

	if (memchr(text, '\0', len) != NULL)
		wrong = "contains a NUL byte";
	if (body[0] != '\0' && e.text != body &&
	    strchr("+-?~!", body[0]) != NULL)
		wrong = "one sign is enough";
	if (wrong == NULL && has_bad_name(&term))
		wrong = what_is_wrong(body);
	if (wrong == NULL) {
		l->v = grow(l->v, l->n, &l->cap, sizeof(*l->v));
		l->v[l->n++] = e;
		return 0;
	}
	buf_init(&shown);
	buf_puts(&shown, len > 0 ? "" : "\"\"");
	buf_add_typed(&shown, text, len, SHOWN_MAX);
	if (line > 0)
		problems_add(
		    problems, "%s:%u: %s: %s", file, line, shown.data, wrong);
	else
		problems_add(problems, "%s: %s", shown.data, wrong);
	buf_clear(&shown);
	return -1;
}

int
list_add_line(struct list *l, const char *file, unsigned line, const char *text,
    size_t len, struct problems *problems)
{
	const char *comment = memchr(text, '#', len);
	size_t end = comment != NULL ? (size_t)(comment - text) : len;
	int result = 0;

	for (size_t i = 0; i < end;) {
		size_t from = i;

		while (i < end &&
		       (text[i] == '\0' || strchr(BLANKS, text[i]) == NULL))
			i++;
		if (i > from && list_add_term(l, file, line, text + from,
				    i - from, problems) != 0)
			result = -1;
		if (i == from)
			i++;
	}
	return result;
}

static bool
same_term(const struct spf_term *a, const struct spf_term *b)
{
	uint8_t name[2][NAME_MAX_WIRE];

	if (a->kind != b->kind || a->prefix[IPV4] != b->prefix[IPV4] ||
	    a->prefix[IPV6] != b->prefix[IPV6])
		return false;
	if (a->spec == NULL)
		return addr_cmp(&a->addr, &b->addr) == 0;
	return name_from_text(a->spec, a->spec_len, name[0]) == 0 &&
	       name_from_text(b->spec, b->spec_len, name[1]) == 0 &&
	       name_equal(name[0], name[1]);
}

/* Drops the entries that are marked. */
static void
drop_ignored(struct list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].ignore)
			l->v[kept++] = l->v[i];
	l->n = kept;
}

/* A "!" entry of a list. */
struct ignored {
	struct spf_term term;
	struct entry entry;
	const struct list *used; /* the last one that it dropped an entry of */
};

static void
use_ignored(struct list *l, struct ignored *i)
{
	if (i->used == l)
		return;
	i->used = l;
	l->ignored =
	    grow(l->ignored, l->nignored, &l->ignored_cap, sizeof(*l->ignored));
	l->ignored[l->nignored++] = i->entry;
}

/* Marks the permitting entries that one of these names. */
static void
mark_ignored(struct list *l, struct ignored *v, size_t n)
{
	for (size_t i = 0; i < l->n; i++) {
		struct entry *e = &l->v[i];
		struct spf_term t = entry_term(e);
		bool permits = !e->exclude && !e->ignore;

		for (size_t k = 0; permits && k < n; k++)
			if (same_term(&v[k].term, &t)) {
				e->ignore = true;
				use_ignored(l, &v[k]);
			}
	}
}

void
list_ignore(struct list *const *lists, size_t n, struct problems *unused)
{
	struct ignored *v = NULL;
	size_t ignores = 0, cap = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i]->n; k++) {
			const struct entry *e = &lists[i]->v[k];

			if (!e->ignore)
				continue;
			v = grow(v, ignores, &cap, sizeof(*v));
			v[ignores++] =
			    (struct ignored){entry_term(e), *e, NULL};
		}
	for (size_t i = 0; ignores > 0 && i < n; i++)
		mark_ignored(lists[i], v, ignores);
	for (size_t i = 0; unused != NULL && i < ignores; i++)
		if (v[i].used == NULL)
			problems_add(unused, "%s:%u: %s: matches no list entry",
			    v[i].entry.file, v[i].entry.line, v[i].entry.text);
	for (size_t i = 0; ignores > 0 && i < n; i++)
		drop_ignored(lists[i]);
	free(v);
}

/* The length of an entry's term without a name's final dot. */
static size_t
term_len(const struct entry *e)
{
	size_t len = strlen(e->full);

	return len > 0 && e->full[len - 1] == '.' ? len - 1 : len;
}

static size_t
hash_entry(const struct entry *e)
{
	return (size_t)hash_text(e->exclude, e->full, term_len(e));
}

/* Terms of the same text, as far as case and the final dot do not matter. */
static bool
same_entry(const struct entry *a, const struct entry *b)
{
	size_t len = term_len(a);

	return a->exclude == b->exclude && len == term_len(b) &&
	       strncasecmp(a->full, b->full, len) == 0;
}

static void
add_repeat(
    struct problems *repeats, const struct entry *e, const struct entry *first)
{
	if (e->file != NULL && first->file != NULL)
		problems_add(repeats, "%s:%u: %s: duplicate of %s:%u", e->file,
		    e->line, e->text, first->file, first->line);
}

void
list_drop_repeats(struct list *l, struct problems *repeats)
{
	size_t nslots = 16, kept = 0, *slots; /* numbers from 1; 0: none */

	while (nslots < 2 * l->n)
		nslots *= 2;
	slots = xcalloc(nslots, sizeof(*slots));
	for (size_t i = 0; i < l->n; i++) {
		struct entry e = l->v[i];
		size_t at = hash_entry(&e) & (nslots - 1);

		while (slots[at] != 0 && !same_entry(&l->v[slots[at] - 1], &e))
			at = (at + 1) & (nslots - 1);
		if (slots[at] == 0) {
			l->v[kept++] = e;
			slots[at] = kept;
		} else if (repeats != NULL)
			add_repeat(repeats, &e, &l->v[slots[at] - 1]);
	}
	l->n = kept;
	free(slots);
}
