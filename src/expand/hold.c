/*
 * hold: whether what an entry permits has changed so much that the change has
 * to wait.
 */
#include "expand/hold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Growth by so few addresses is not worth a wait: 4,096, and a /40. */
static const double few[FAMILIES] = {4096, 0x1p88};

void
holds_init(struct holds *h)
{
	*h = (struct holds){0};
}

void
held_clear(struct held *e)
{
	free(e->entry);
	addrset_clear(&e->before);
	addrset_clear(&e->after);
	addrset_clear(&e->reference);
	*e = (struct held){0};
}

void
holds_clear(struct holds *h)
{
	for (size_t i = 0; i < h->n; i++)
		held_clear(&h->v[i]);
	free(h->v);
	holds_init(h);
}

void
hold_key(struct buf *b, const struct entry *e)
{
	size_t from = b->len;

	buf_puts(b, e->exclude ? "-" : "");
	buf_puts(b, e->full);
	if (b->data[b->len - 1] == '.')
		b->data[--b->len] = '\0';
	for (size_t i = from; i < b->len; i++)
		b->data[i] = (char)tolower((unsigned char)b->data[i]);
}

const char *
held_name(const struct held *e)
{
	static const char include[] = "include:";
	size_t len = strlen(include);

	return strncmp(e->entry, include, len) == 0 ? e->entry + len : e->entry;
}

void
holds_add(struct holds *h, const struct held *e)
{
	h->v = grow(h->v, h->n, &h->cap, sizeof(*h->v));
	h->v[h->n++] = *e;
}

/* The order of a file: permit entries, then reject entries. */
static int
compare(const void *a, const void *b)
{
	const struct held *ha = a, *hb = b;

	if (ha->reject != hb->reject)
		return ha->reject ? 1 : -1;
	return strcmp(ha->entry, hb->entry);
}

void
holds_sort(struct holds *h)
{
	if (h->n > 0)
		qsort(h->v, h->n, sizeof(*h->v), compare);
}

struct held *
holds_find(struct holds *h, const struct entry *e, bool reject)
{
	struct held *found = NULL, key = {.reject = reject};
	struct buf name;

	if (h->n == 0)
		return NULL;
	buf_init(&name);
	hold_key(&name, e);
	key.entry = name.data;
	found = bsearch(&key, h->v, h->n, sizeof(*h->v), compare);
	buf_clear(&name);
	return found;
}

bool
held_is_held(const struct held *e)
{
	return e->reason != HOLD_NONE && e->reason != HOLD_NEW;
}

void
held_apply(struct held *e, struct addrset *permits)
{
	if (!held_is_held(e))
		return;
	if (e->reason != HOLD_LOSS && e->reason != HOLD_UNANSWERED)
		addrset_clear(permits);
	addrset_union(permits, &e->before);
}

int64_t
held_until(const struct held *e, const struct hold_limits *limits)
{
	if (!held_is_held(e) || e->reason == HOLD_UNANSWERED)
		return 0;
	return e->proposed + limits->hold_time;
}

struct loss
hold_loss(struct addrset *before, struct addrset *after)
{
	struct loss l = {0};

	l.of = addrset_nets(before, &l.gone);
	for (size_t i = 0; i < l.of; i++) {
		struct range r = net_range(&l.gone[i]);

		if (!addrset_overlaps(after, l.gone[i].family, &r))
			l.gone[l.n++] = l.gone[i];
	}
	return l;
}

bool
hold_is_loss(const struct hold_limits *limits, const struct loss *l)
{
	return (double)l->n * 1e6 > (double)limits->max_shrink * (double)l->of;
}

bool
hold_is_much(struct addrset *come)
{
	for (int f = 0; f < FAMILIES; f++)
		if (addrset_addresses(come, (enum family)f) > few[f])
			return true;
	return false;
}

static bool
is_growth(const struct hold_limits *limits, struct addrset *before,
    struct addrset *after)
{
	for (int f = 0; f < FAMILIES; f++) {
		double was = addrset_addresses(before, (enum family)f);
		double more = addrset_addresses(after, (enum family)f) - was;

		if (more > few[f] && more * 1e6 > was * limits->max_growth)
			return true;
	}
	return false;
}

enum hold_reason
hold_judge(const struct hold_limits *limits, struct addrset *before,
    struct addrset *after, bool guarded)
{
	struct loss loss;
	bool lost;

	if (addrset_equal(before, after))
		return HOLD_NONE;
	if (is_growth(limits, before, after))
		return HOLD_GROWTH;
	if (guarded && !addrset_is_empty(before))
		return HOLD_GUARD;
	loss = hold_loss(before, after);
	lost = hold_is_loss(limits, &loss);
	free(loss.gone);
	return lost ? HOLD_LOSS : HOLD_NONE;
}
