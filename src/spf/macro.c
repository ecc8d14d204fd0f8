/*
 * macro: expands macro-strings to the name that a term asks about.
 *
 * spf.c accepts only domain-specs of the grammar: a "%" is followed by one of
 * "%", "_", "-", or by letter, transformers and delimiters in braces.
 */
#include "spf/macro.h"

#include <string.h>

#include "base/name.h"
#include "base/text.h"

#define PARTS_MAX 256     /* no name has more */
#define NAME_MAX_TEXT 253 /* characters of a domain name (section 7.3) */

/* A name's text for a macro: labels and dots, nothing escaped. */
static size_t
plain_text(const uint8_t *wire, char *out)
{
	size_t n = 0;

	for (; *wire != 0; wire += *wire + 1) {
		if (n > 0)
			out[n++] = '.';
		memcpy(out + n, wire + 1, *wire);
		n += *wire;
	}
	return n;
}

/* Upper-case macro letters: URL escapes but for unreserved characters. */
static void
add_escaped(struct buf *b, const char *text, size_t len)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._~";

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\0' && strchr(unreserved, text[i]) != NULL)
			buf_add(b, text + i, 1);
		else
			buf_printf(b, "%%%02X", (unsigned char)text[i]);
	}
}

/* The parts of a macro between its braces. */
struct macro {
	char letter;
	size_t keep; /* that many parts on the right; 0: all */
	bool reverse;
	const char *delimiters;
	size_t ndelimiters;
};

/* Reads letter, transformers and delimiters; text: len bytes. */
static struct macro
parse(const char *text, size_t len)
{
	struct macro m = {.letter = text[0]};
	size_t i = 1;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		if (m.keep < PARTS_MAX)
			m.keep = m.keep * 10 + (size_t)(text[i] - '0');
	m.reverse = i < len && (text[i] == 'r' || text[i] == 'R');
	if (m.reverse)
		i++;
	m.delimiters = i < len ? text + i : ".";
	m.ndelimiters = i < len ? len - i : 1;
	return m;
}

/* Appends the value of a macro (section 7.3): a name, split and put together.
 */
static void
add_value(struct buf *b, const struct macro *m, const uint8_t *name)
{
	char text[NAME_MAX_WIRE];
	size_t len = plain_text(name, text), n = 0, start = 0, keep = m->keep;
	struct {
		const char *text;
		size_t len;
	} parts[PARTS_MAX];

	for (size_t at = 0; at <= len && n < PARTS_MAX; at++) {
		if (at < len &&
		    memchr(m->delimiters, text[at], m->ndelimiters) == NULL)
			continue;
		parts[n].text = text + start;
		parts[n++].len = at - start;
		start = at + 1;
	}
	if (keep == 0 || keep > n)
		keep = n;
	for (size_t k = n - keep; k < n; k++) {
		/* Of a reversed list the right-most parts are the first. */
		size_t i = m->reverse ? n - 1 - k : k;

		if (k > n - keep)
			buf_puts(b, ".");
		if (m->letter < 'a')
			add_escaped(b, parts[i].text, parts[i].len);
		else
			buf_add(b, parts[i].text, parts[i].len);
	}
}

static bool
is_origin_letter(char c)
{
	return c == 'o' || c == 'O';
}

static bool
is_client_letter(char c)
{
	return c != 'd' && c != 'D' && !is_origin_letter(c);
}

bool
macro_needs_client(const struct spf_term *t)
{
	for (size_t i = 0; i + 2 < t->spec_len; i++) {
		if (t->spec[i] != '%')
			continue;
		if (t->spec[i + 1] == '{' && is_client_letter(t->spec[i + 2]))
			return true;
		i++;
	}
	return false;
}

/* The name from an expanded text; the left side goes if it is too long. */
static enum macro_result
to_name(const char *text, size_t len, uint8_t *out)
{
	if (len > 0 && text[len - 1] == '.')
		len--;
	while (len > NAME_MAX_TEXT) {
		const char *dot = memchr(text, '.', len);

		if (dot == NULL)
			return MACRO_INVALID;
		len -= (size_t)(dot + 1 - text);
		text = dot + 1;
	}
	return name_from_text(text, len, out) == 0 ? MACRO_NAME : MACRO_INVALID;
}

/* Appends what one "%" and what belongs to it expand to; returns its length. */
static size_t
add_macro(struct buf *b, const char *text, const char *end,
    const uint8_t *domain, const uint8_t *origin, bool *uses_origin)
{
	const char *close;
	struct macro m;

	switch (text[1]) {
	case '%':
		buf_puts(b, "%");
		return 2;
	case '_':
		buf_puts(b, " ");
		return 2;
	case '-':
		buf_puts(b, "%20");
		return 2;
	}
	close = memchr(text, '}', (size_t)(end - text));
	m = parse(text + 2, (size_t)(close - text - 2));
	if (is_origin_letter(m.letter)) {
		*uses_origin = true;
		domain = origin;
	}
	add_value(b, &m, domain);
	return (size_t)(close + 1 - text);
}

enum macro_result
macro_expand(const struct spf_term *t, const uint8_t *domain,
    const uint8_t *origin, uint8_t *out, bool *uses_origin)
{
	enum macro_result result;
	const char *at, *end;
	struct buf b;

	if (t->spec == NULL) {
		memcpy(out, domain, name_len(domain));
		return MACRO_NAME;
	}
	if (memchr(t->spec, '%', t->spec_len) == NULL)
		return to_name(t->spec, t->spec_len, out);
	if (macro_needs_client(t))
		return MACRO_CLIENT;
	at = t->spec;
	end = at + t->spec_len;
	buf_init(&b);
	while (at < end) {
		if (*at == '%')
			at +=
			    add_macro(&b, at, end, domain, origin, uses_origin);
		else
			buf_add(&b, at++, 1);
	}
	result = to_name(b.data, b.len, out);
	buf_clear(&b);
	return result;
}
