/*
 * zonetext: the entries of a zone file.
 */
#include "dns/zonetext.h"

#include <string.h>

#include "base/checksum.h"

/* Where in an entry the reader is. */
struct place {
	bool quoted, escaped, comment;
	unsigned open; /* parentheses */
};

void
zonetext_init(struct zonetext *z, FILE *in)
{
	*z = (struct zonetext){.in = in, .sum = CHECKSUM_START};
	buf_init(&z->text);
	buf_init(&z->comment);
}

void
zonetext_clear(struct zonetext *z)
{
	buf_clear(&z->text);
	buf_clear(&z->comment);
}

/* The first mistake of an entry is the one to be told. */
static void
mistake(struct zonetext *z, const char *what)
{
	if (z->wrong == NULL)
		z->wrong = what;
}

/* A line ends; returns whether the entry ends with it. */
static bool
end_line(struct zonetext *z, struct place *p)
{
	z->line++;
	p->comment = false;
	if (p->quoted)
		mistake(z, "expected a closing quote");
	if (p->escaped)
		mistake(z, "a backslash at the line's end");
	return p->quoted || p->escaped || p->open == 0;
}

/* What parentheses, quotes and the like outside of comments become. */
static char
read_special(struct zonetext *z, struct place *p, char c)
{
	if (c == '"')
		p->quoted = !p->quoted;
	if (p->quoted)
		return c;
	if (c == '(')
		p->open++;
	else if (c == ')' && p->open == 0)
		mistake(z, "an unmatched closing parenthesis");
	else if (c == ')')
		p->open--;
	if (c == '(' || c == ')' || c == '\r')
		return ' ';
	return c;
}

static void
read_char(struct zonetext *z, struct place *p, char c)
{
	if (p->comment || (c == ';' && !p->quoted && !p->escaped)) {
		if (!p->comment)
			z->comment.len = 0;
		p->comment = true;
		if (c != '\r')
			buf_add(&z->comment, &c, 1);
		return;
	}
	if (c == '\0') {
		mistake(z, "a NUL byte");
		c = ' ';
	}
	/* What follows a backslash loses any meaning of its own. */
	if (p->escaped)
		p->escaped = false;
	else if (c == '\\')
		p->escaped = true;
	else
		c = read_special(z, p, c);
	buf_add(&z->text, &c, 1);
}

bool
zonetext_next(struct zonetext *z)
{
	struct place p = {0};
	int c, last = EOF;

	if (z->too_long)
		return false;
	z->text.len = z->comment.len = 0;
	buf_puts(&z->text, "");
	buf_puts(&z->comment, "");
	z->first = z->line + 1;
	z->wrong = NULL;
	z->before = z->sum;
	z->whole = false;
	while ((c = getc_unlocked(z->in)) != EOF) {
		last = c;
		z->sum = checksum_byte(z->sum, (uint8_t)c);
		if (c == '\n' && end_line(z, &p)) {
			z->whole = true;
			return true;
		}
		read_char(z, &p, (char)(c == '\n' ? ' ' : c));
		z->too_long =
		    z->text.len > ZONETEXT_MAX || z->comment.len > ZONETEXT_MAX;
		if (z->too_long) {
			mistake(z, "an entry of more than a megabyte");
			return true;
		}
	}
	if (p.escaped)
		mistake(z, "a backslash at the line's end");
	if (p.quoted || p.open > 0)
		mistake(z, "the file ends in the middle of an entry");
	z->line += last != EOF && last != '\n';
	return last != EOF;
}

char *
zonetext_word(char **at)
{
	char *p = *at + strspn(*at, " \t"), *begin = p;

	if (*p == '\0')
		return NULL;
	for (; *p != '\0' && *p != ' ' && *p != '\t'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	*at = p;
	if (*p != '\0') {
		*p = '\0';
		*at = p + 1;
	}
	return begin;
}
