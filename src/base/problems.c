/*
 * problems: messages that a parser collects for its caller to print.
 */
#include "base/problems.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

void
problems_init(struct problems *p)
{
	*p = (struct problems){0};
}

void
problems_clear(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	problems_init(p);
}

void
problems_add(struct problems *p, const char *fmt, ...)
{
	va_list ap;

	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	va_start(ap, fmt);
	p->v[p->n++] = xvasprintf(fmt, ap);
	va_end(ap);
}

size_t
problems_cut(struct problems *p, size_t n)
{
	size_t dropped = 0;

	for (; p->n > n; dropped++)
		free(p->v[--p->n]);
	return dropped;
}

void
problems_add_more(
    struct problems *p, const char *file, size_t n, const char *what)
{
	if (n > 0)
		problems_add(p, "%s: %zu more %s like these: is it %s?", file,
		    n, plural(n, "mistake", "mistakes"), what);
}
