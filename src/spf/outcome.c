/*
 * outcome: what the SPF record of one domain does, and where it is kept.
 */
#include "spf/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"

/* A note, or an outcome whose notes come here. */
struct item {
	struct note *note;
	struct outcome *inner;
};

void
outcomes_init(struct outcomes *os)
{
	*os = (struct outcomes){.nslots = 1024};
	os->slots = xcalloc(os->nslots, sizeof(struct outcome *));
}

static void
free_list(struct outcome *o)
{
	while (o != NULL) {
		struct outcome *next = o->next;

		for (size_t i = 0; i < o->nitems; i++) {
			struct note *n = o->items[i].note;

			if (n != NULL) {
				free(n->owner);
				free(n->term);
				free(n->detail);
				free(n);
			}
		}
		free(o->items);
		free(o->trace);
		free(o->guarded);
		streams_clear(&o->left);
		free(o);
		o = next;
	}
}

void
outcomes_clear(struct outcomes *os)
{
	outcomes_forget(os);
	free_list(os->shared);
	free(os->slots);
}

void
outcomes_forget(struct outcomes *os)
{
	free_list(os->own);
	os->own = NULL;
}

struct outcome *
outcomes_new(struct outcomes *os)
{
	struct outcome *o = xcalloc(1, sizeof(*o));

	streams_init(&o->left);
	o->next = os->own;
	os->own = o;
	return o;
}

static size_t
slot(const struct outcomes *os, const struct answer *key)
{
	uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 32) & (os->nslots - 1);
}

struct outcome *
outcomes_find(const struct outcomes *os, const struct answer *key)
{
	struct outcome *o = key == NULL ? NULL : os->slots[slot(os, key)];

	while (o != NULL && o->key != key)
		o = o->chained;
	return o;
}

static void
put_in_slot(struct outcomes *os, struct outcome *o)
{
	size_t i = slot(os, o->key);

	o->chained = os->slots[i];
	os->slots[i] = o;
}

void
outcomes_share(struct outcomes *os, struct outcome *o, const struct answer *key)
{
	struct outcome **at = &os->own;

	/* One that was over the entry's bounds: this one, and what refers to
	 * it, goes with the entry, though it may not have been cut short. */
	if (outcomes_find(os, key) != NULL) {
		o->unshared = true;
		return;
	}
	/* It is near the front: what was made later was inside it. */
	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	o->next = os->shared;
	os->shared = o;
	o->key = key;
	streams_trim(&o->left);
	if (++os->nshared > os->nslots) {
		os->nslots *= 2;
		free(os->slots);
		os->slots = xcalloc(os->nslots, sizeof(struct outcome *));
		for (o = os->shared; o != NULL; o = o->next)
			put_in_slot(os, o);
		return;
	}
	put_in_slot(os, o);
}

static struct item *
add_item(struct outcome *o)
{
	o->items = grow(o->items, o->nitems, &o->items_cap, sizeof(*o->items));
	o->items[o->nitems] = (struct item){0};
	return &o->items[o->nitems++];
}

void
outcome_note(struct outcome *o, enum note_kind kind, const uint8_t *owner,
    const char *term, size_t term_len, const char *fmt, va_list ap)
{
	struct note *n = xcalloc(1, sizeof(*n));
	struct buf shown;
	size_t len = name_len(owner);

	n->kind = kind;
	n->owner = xmalloc(len);
	memcpy(n->owner, owner, len);
	if (term != NULL) {
		buf_init(&shown);
		buf_add_escaped(&shown, term, term_len, SHOWN_MAX);
		n->term = shown.data;
	}
	n->detail = xvasprintf(fmt, ap);
	add_item(o)->note = n;
}

void
outcome_confirmed(struct outcome *o, int64_t when)
{
	if (when != 0 && (o->oldest == 0 || when < o->oldest))
		o->oldest = when;
}

void
outcome_stale(struct outcome *o, const struct answer *a)
{
	if (o->stale == NULL || a->confirmed < o->stale->confirmed)
		o->stale = a;
}

void
outcome_take(struct outcome *o, struct outcome *inner)
{
	if (inner->nitems > 0)
		add_item(o)->inner = inner;
	o->lookups += inner->lookups;
	if (inner->height + 1 > o->height)
		o->height = inner->height + 1;
	outcome_confirmed(o, inner->oldest);
	if (inner->stale != NULL)
		outcome_stale(o, inner->stale);
	o->failed = o->failed || inner->failed;
	o->incomplete = o->incomplete || inner->incomplete;
	o->cut = o->cut || inner->cut;
	o->bounded = o->bounded || inner->bounded;
	o->uses_origin = o->uses_origin || inner->uses_origin;
	/* What is shared refers to nothing that is not. */
	o->unshared = o->unshared || inner->unshared;
	o->reserved = o->reserved || inner->reserved;
}

void
outcome_keep_permits(struct outcome *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->left.n; i++) {
		if (o->left.v[i].permit)
			o->left.v[kept++] = o->left.v[i];
		else
			addrset_clear(&o->left.v[i].set);
	}
	o->left.n = kept;
}

static bool
same_note(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && name_equal(a->owner, b->owner) &&
	       (a->term == NULL) == (b->term == NULL) &&
	       (a->term == NULL || strcmp(a->term, b->term) == 0) &&
	       strcmp(a->detail, b->detail) == 0;
}

struct collected {
	const struct note **v;
	size_t max, n, more;
	unsigned visit;
};

static void
collect(struct outcome *o, struct collected *c)
{
	if (o->visit == c->visit)
		return;
	o->visit = c->visit;
	for (size_t i = 0; i < o->nitems; i++) {
		const struct note *n = o->items[i].note;
		bool known = false;

		if (n == NULL) {
			collect(o->items[i].inner, c);
			continue;
		}
		for (size_t k = 0; k < c->n && !known; k++)
			known = same_note(c->v[k], n);
		if (!known && c->n < c->max)
			c->v[c->n++] = n;
		else if (!known)
			c->more++;
	}
}

void
outcome_notes(struct outcomes *os, struct outcome *o, const struct note **notes,
    size_t max, size_t *n, size_t *more)
{
	struct collected c = {notes, max, 0, 0, ++os->visits};

	collect(o, &c);
	*n = c.n;
	*more = c.more;
}
