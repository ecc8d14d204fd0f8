/*
 * sender: envelope senders.
 *
 *	SRS0=HASH=DAY=DOMAIN=LOCAL@FORWARDER         SRS, the first forwarder
 *	SRS1=HASH=FIRST==HASH=DAY=DOMAIN=LOCAL@NEXT  the next one
 *	USER+SRS=HASH=DAY=DOMAIN=LOCAL@FORWARDER     as Exchange writes it
 *	prvs=TAG=LOCAL@DOMAIN                        BATV
 *	LOCAL+USER=HOST@DOMAIN                       VERP, also with "-"
 */
#include "maillog/sender.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"

static bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(text, word, n) == 0;
}

/* The n-th "=" of a text, or NULL. */
static const char *
equals(const char *text, size_t len, int n)
{
	const char *end = text + len, *p = text;

	while ((p = memchr(p, '=', (size_t)(end - p))) != NULL && --n > 0)
		p++;
	return p;
}

static bool
is_separator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

/* "HASH=DAY=DOMAIN=LOCAL" to LOCAL@DOMAIN; the length, 0: it is none. */
static int
unwrap_srs0(const char *text, size_t len, char *room)
{
	const char *day = equals(text, len, 1), *domain = equals(text, len, 2),
		   *local = equals(text, len, 3);

	if (local == NULL || domain == day + 1 || local == domain + 1)
		return 0;
	return snprintf(room, SENDER_MAX, "%.*s@%.*s",
	    (int)(text + len - local - 1), local + 1, (int)(local - domain - 1),
	    domain + 1);
}

/* "HASH=FIRST==HASH=DAY=DOMAIN=LOCAL" to SRS0=HASH=...@FIRST, likewise. */
static int
unwrap_srs1(const char *text, size_t len, char *room)
{
	const char *first = equals(text, len, 1), *rest = equals(text, len, 2);

	if (rest == NULL || rest == first + 1 || rest + 1 == text + len)
		return 0;
	return snprintf(room, SENDER_MAX, "SRS0%s%.*s@%.*s",
	    is_separator(rest[1]) ? "" : "=", (int)(text + len - rest - 1),
	    rest + 1, (int)(rest - first - 1), first + 1);
}

/* The local part without the tag of BATV, or the recipient of VERP. */
static size_t
strip_tag(const char **local, size_t len)
{
	static const char *const tags[] = {"prvs=", "msprvs1=", "btv1=="};
	const char *equal, *from = *local, *slash, *p;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t n = strlen(tags[i]);

		if (!begins(from, len, tags[i]))
			continue;
		*local = from + n;
		equal = memchr(*local, '=', len - n);
		slash = memchr(*local, '/', len - n);
		if (slash != NULL && equal == NULL) /* prvs=LOCAL/TAG */
			return (size_t)(slash - *local);
		if (equal == NULL)
			return 0;
		*local = equal + 1 + (equal[1] == '=');
		return *local < from + len ? (size_t)(from + len - *local) : 0;
	}
	equal = memchr(from, '=', len);
	p = equal == NULL ? NULL : memchr(from, '+', (size_t)(equal - from));
	if (equal != NULL && p == NULL)
		p = memrchr(from, '-', (size_t)(equal - from));
	return p != NULL ? (size_t)(p - from) : 0;
}

static int
unwrap(const char *local, size_t len, const char *domain, size_t ndomain,
    char *room)
{
	const char *srs;

	if (begins(local, len, "SRS0") && len > 5 && is_separator(local[4]))
		return unwrap_srs0(local + 5, len - 5, room);
	if (begins(local, len, "SRS1") && len > 5 && is_separator(local[4]))
		return unwrap_srs1(local + 5, len - 5, room);
	srs = memchr(local, '+', len);
	if (srs != NULL && begins(srs, (size_t)(local + len - srs), "+SRS="))
		return unwrap_srs0(
		    srs + 5, (size_t)(local + len - srs - 5), room);
	len = strip_tag(&local, len);
	if (len == 0)
		return 0;
	return snprintf(room, SENDER_MAX, "%.*s@%.*s", (int)len, local,
	    (int)ndomain, domain);
}

bool
sender_unwrap(struct maillog_text *a, char room[SENDER_MAX])
{
	const char *at = a->len == 0 ? NULL : memrchr(a->text, '@', a->len);
	char result[SENDER_MAX];
	size_t nlocal;
	int n;

	if (at == NULL || a->len >= SENDER_MAX)
		return false;
	nlocal = (size_t)(at - a->text);
	if (memchr(a->text, '=', nlocal) == NULL)
		return false;
	n = unwrap(a->text, nlocal, at + 1, a->len - nlocal - 1, result);
	if (n <= 0 || n >= SENDER_MAX || (size_t)n >= a->len)
		return false;
	memcpy(room, result, (size_t)n);
	*a = (struct maillog_text){room, (size_t)n};
	return true;
}

uint64_t
sender_hash(uint64_t h, struct maillog_text a)
{
	char room[SENDER_MAX];

	while (sender_unwrap(&a, room))
		;
	return hash_text(h, a.text, a.len);
}

bool
sender_domain(const struct maillog_text *a, char out[SENDER_DOMAIN_MAX + 1])
{
	const char *at = a->len == 0 ? NULL : memrchr(a->text, '@', a->len);
	size_t len, dots = 0;

	if (at == NULL)
		return false;
	len = a->len - (size_t)(at + 1 - a->text);
	if (len > 0 && at[len] == '.')
		len--;
	if (len == 0 || len > SENDER_DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = at[1 + i];
		bool edge = i == 0 || i == len - 1 || out[i - 1] == '.';

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 32);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '_' || (c == '-' && i > 0) || (c == '.' && !edge)))
			return false;
		dots += c == '.';
		out[i] = c;
	}
	out[len] = '\0';
	return dots > 0;
}
