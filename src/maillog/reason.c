/*
 * reason: what servers tell the clients that they refuse.
 */
#include "maillog/reason.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/pattern.h"

/* The texts of greylisting; the manual has them in a table. */
static const char greylisting[] =
    "(?s) .*? (?: gr[ae]y[-_ ]?list"                /* most of them */
    "| by[ ]postgrey"                               /* docker-mailserver */
    "| Intentional[ ]policy[ ]rejection"            /* iRedAPD */
    "| Service[ ]is[ ]unavailable[ ]\\(try[ ]later" /* Proxmox */
    "| Service[ ]is[ ]unavailable \\z"              /* Postfix's own example */
    "| Policy[ ]Rejection-[ ]Please[ ]try[ ]later"  /* policyd */
    "| come[ ]back[ ](?:later|in[ ])"               /* milter-greylist */
    "| (?: rejected:[ ]| \\A ) (?:please[ ])?+try[ ]again[ ]later [.]? \\z )";

/* Postfix's for a milter that fails or says no more; Plesk's is the same. */
static const char milter[] =
    "(?: Service[ ]unavailable[ ]-[ ]try[ ]again[ ]later )?+ [ ]*+ \\z";

/*
 * Causes that a permit list does not fix: DNS, the server's own trouble,
 * limits.
 */
static const char other[] =
    "(?s) .*? (?: (?:domain|host)[ ]not[ ]found | cannot[ ]find[ ]your"
    "| malformed[ ]dns | unverified[ ]address | undeliverable[ ]address"
    "| address[ ]verification | verify[ ](?:your|the)[ ]address"
    "| server[ ]configuration | configuration[ ](?:problem|error)"
    "| lookup[ ](?:failure|error|failed) | insufficient[ ]system"
    "| queue[ ]file | internal[ ](?:server[ ])?error"
    "| too[ ](?:many|much|fast)[ ] | rate[- ]?limit | quota | mailbox[ ]"
    "(?:is[ ])?full | user[ ]unknown | user[ ]lookup | blocked[ ]using"
    "| relay[ ]access | \\bspf\\b | \\bdmarc\\b | \\bdkim\\b | starttls"
    "| \\btls\\b | virus[ ]scan | \\bdns\\b | name[ ]?server | time[- ]?out"
    "| timed[ ]out | all[ ]server[ ]ports )";

void
reasons_init(struct reasons *r, const char *added)
{
	memset(r, 0, sizeof(*r));
	r->greylisting = pattern_open(greylisting, true);
	r->milter = pattern_open(milter, true);
	r->other = pattern_open(other, true);
	r->added = added;
	snprintf(r->v[REASONS_MAX].text, sizeof(r->v->text), "other texts");
}

void
reasons_clear(struct reasons *r)
{
	pattern_close(r->greylisting);
	pattern_close(r->milter);
	pattern_close(r->other);
}

static bool
contains(const struct maillog_text *t, const char *word, size_t len)
{
	for (size_t i = 0; len > 0 && i + len <= t->len; i++)
		if (strncasecmp(t->text + i, word, len) == 0)
			return true;
	return false;
}

/* Whether one of the administrator's texts is in it. */
static bool
has_added(const char *added, const struct maillog_text *t)
{
	while (added != NULL && *added != '\0') {
		size_t len;

		added += strspn(added, ", \t\n");
		len = strcspn(added, ",\n");
		if (contains(t, added, len))
			return true;
		added += len;
	}
	return false;
}

static enum reason_kind
kind_of(const struct reasons *r, const struct maillog_text *t)
{
	if (has_added(r->added, t))
		return REASON_GREYLISTING;
	if (pattern_match(r->greylisting, t->text, t->len))
		return REASON_GREYLISTING;
	if (pattern_match(r->milter, t->text, t->len))
		return REASON_MILTER;
	return pattern_match(r->other, t->text, t->len) ? REASON_OTHER
							: REASON_UNKNOWN;
}

/* A byte that a text may be shown with. */
static char
shown(char c)
{
	return (char)(c >= ' ' && c <= '~' ? c : '?');
}

static bool
ends_word(char c)
{
	return c == ' ' || c == ',' || c == '(' || c == ')';
}

/* The last byte of the word that the byte at i is in. */
static size_t
word_end(const struct maillog_text *text, size_t i)
{
	while (i + 1 < text->len && !ends_word(text->text[i + 1]))
		i++;
	return i;
}

/*
 * The text in one form for all clients: numbers become "N", and possible mail
 * addresses "*", so that no local part is printed.
 */
static void
normalize(
    char *out, const struct maillog_text *code, const struct maillog_text *text)
{
	size_t n = 0, word;

	for (size_t i = 0; i < code->len && n < 12; i++)
		out[n++] = shown(code->text[i]);
	if (n > 0 && n < REASON_TEXT_MAX)
		out[n++] = ' ';
	word = n;
	for (size_t i = 0; i < text->len && n < REASON_TEXT_MAX; i++) {
		char c = shown(text->text[i]);

		if (ends_word(c))
			word = n + 1;
		if (c >= '0' && c <= '9') {
			if (n > word && out[n - 1] == 'N')
				continue;
			c = 'N';
		}
		if (c == '@') {
			n = word;
			c = '*';
			i = word_end(text, i);
		}
		out[n++] = c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

unsigned
reason_find(struct reasons *r, const struct maillog_text *code,
    const struct maillog_text *text, enum reason_kind *kind)
{
	char shown_text[REASON_TEXT_MAX + 1];
	unsigned i;

	normalize(shown_text, code, text);
	for (i = 0; i < r->n; i++)
		if (strcmp(r->v[i].text, shown_text) == 0)
			break;
	if (i < r->n) {
		*kind = r->v[i].kind;
	} else {
		*kind = kind_of(r, text);
		if (i < REASONS_MAX) {
			r->n++;
			r->v[i].kind = *kind;
			memcpy(r->v[i].text, shown_text, sizeof(shown_text));
		} else {
			i = REASONS_MAX;
		}
	}
	r->v[i].times++;
	return i;
}
