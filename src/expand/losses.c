/*
 * losses: whether the name servers are to blame that lookups end without an
 * answer.
 */
#include "expand/losses.h"

#include "base/system.h"

void
losses_add(struct losses *l, const struct lookup *lookup)
{
	size_t i = 0;

	if (lookup->started <= l->answered)
		return;
	while (i < l->n && l->entry[i] != lookup->entry)
		i++;
	if (i == l->n && l->n < LOSSES_ENTRIES)
		l->entry[l->n++] = lookup->entry;
}

void
losses_end(struct losses *l)
{
	l->n = 0;
	l->answered = now_ms();
}

bool
losses_are_many(const struct losses *l)
{
	return l->n == LOSSES_ENTRIES;
}
