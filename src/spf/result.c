/*
 * result: the result of a domain's SPF record, and where it is kept.
 */
#include "spf/result.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "spf/limits.h"

#define SHARED_MAX 16384 /* results that are kept for others */

/* A note, or a result whose notes are inserted here. */
struct item {
	struct note *note;
	struct result *inner;
};

void
results_init(struct results *rs)
{
	*rs = (struct results){.nslots = 1024};
	rs->slots = xcalloc(rs->nslots, sizeof(struct result *));
}

static void
free_list(struct result *r)
{
	while (r != NULL) {
		struct result *next = r->next;

		for (size_t i = 0; i < r->nitems; i++) {
			struct note *n = r->items[i].note;

			if (n != NULL) {
				free(n->owner);
				free(n->term);
				free(n->detail);
				free(n);
			}
		}
		free(r->items);
		free(r->trace);
		free(r->guard_detail);
		free(r->guarded);
		clients_clear(&r->left);
		free(r);
		r = next;
	}
}

static void
forget_shared(struct results *rs)
{
	free_list(rs->shared);
	rs->shared = NULL;
	rs->nshared = 0;
	memset(rs->slots, 0, rs->nslots * sizeof(struct result *));
}

void
results_forget(struct results *rs)
{
	free_list(rs->own);
	rs->own = NULL;
	/*
	 * Most are of senders that include a record of their own, and need it
	 * once; those that many include are soon there again.
	 */
	if (rs->nshared >= SHARED_MAX)
		forget_shared(rs);
}

void
results_clear(struct results *rs)
{
	results_forget(rs);
	forget_shared(rs);
	free(rs->slots);
}

struct result *
results_new(struct results *rs)
{
	struct result *r = xcalloc(1, sizeof(*r));

	r->guard = NOTE_KINDS;
	clients_init(&r->left);
	r->next = rs->own;
	rs->own = r;
	return r;
}

static size_t
slot(const struct results *rs, const struct answer *key)
{
	uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 32) & (rs->nslots - 1);
}

struct result *
results_find(
    const struct results *rs, const struct answer *key, unsigned variant)
{
	struct result *r = key == NULL ? NULL : rs->slots[slot(rs, key)];

	while (r != NULL && (r->key != key || r->variant != variant))
		r = r->chained;
	return r;
}

static void
put_in_slot(struct results *rs, struct result *r)
{
	size_t i = slot(rs, r->key);

	r->chained = rs->slots[i];
	rs->slots[i] = r;
}

void
results_share(struct results *rs, struct result *r, const struct answer *key,
    unsigned variant)
{
	struct result **at = &rs->own;

	/* One that exceeded the entry's limits: this one, and what refers to
	 * it, goes with the entry, though it may not have been cut short. */
	if (results_find(rs, key, variant) != NULL) {
		r->unshared = true;
		return;
	}
	/* It is near the front: what was made later was inside it. */
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	r->next = rs->shared;
	rs->shared = r;
	r->key = key;
	r->variant = variant;
	clients_trim(&r->left);
	if (++rs->nshared > rs->nslots) {
		rs->nslots *= 2;
		free(rs->slots);
		rs->slots = xcalloc(rs->nslots, sizeof(struct result *));
		for (r = rs->shared; r != NULL; r = r->next)
			put_in_slot(rs, r);
		return;
	}
	put_in_slot(rs, r);
}

static struct item *
add_item(struct result *r)
{
	r->items = grow(r->items, r->nitems, &r->items_cap, sizeof(*r->items));
	r->items[r->nitems] = (struct item){0};
	return &r->items[r->nitems++];
}

/* Enough of them to show NOTES_MAX, even if some are the same. */
#define NOTES_KEPT ((size_t)5 * NOTES_MAX)

void
result_note(struct result *r, const uint8_t *domain,
    const struct spf_term *term, enum note_kind kind, const char *fmt, ...)
{
	size_t len = name_len(domain);
	struct buf shown;
	struct note *n;
	va_list ap;

	/* No more of them could be shown. */
	if (r->notes[note_is_serious(kind)]++ >= NOTES_KEPT) {
		r->more++;
		return;
	}
	n = xcalloc(1, sizeof(*n));
	n->kind = kind;
	n->owner = xmalloc(len);
	memcpy(n->owner, domain, len);
	if (term != NULL) {
		buf_init(&shown);
		buf_add_escaped(&shown, term->text, term->len, SHOWN_MAX);
		n->term = shown.data;
	}
	va_start(ap, fmt);
	n->detail = xvasprintf(fmt, ap);
	va_end(ap);
	add_item(r)->note = n;
}

void
result_confirmed(struct result *r, int64_t when)
{
	if (when != 0 && (r->oldest == 0 || when < r->oldest))
		r->oldest = when;
}

void
result_stale(struct result *r, const struct answer *a)
{
	if (r->stale == NULL || a->confirmed < r->stale->confirmed)
		r->stale = a;
}

void
result_take(struct result *r, struct result *inner)
{
	if (inner->nitems > 0)
		add_item(r)->inner = inner;
	r->lookups += inner->lookups;
	if (inner->height + 1 > r->height)
		r->height = inner->height + 1;
	result_confirmed(r, inner->oldest);
	if (inner->stale != NULL)
		result_stale(r, inner->stale);
	r->failed = r->failed || inner->failed;
	r->incomplete = r->incomplete || inner->incomplete;
	r->given_up = r->given_up || inner->given_up;
	r->cut = r->cut || inner->cut;
	r->limited = r->limited || inner->limited;
	r->left_out = r->left_out || inner->left_out;
	r->uses_origin = r->uses_origin || inner->uses_origin;
	/* A shared result refers only to shared data. */
	r->unshared = r->unshared || inner->unshared;
	r->reserved = r->reserved || inner->reserved;
}

void
result_keep_permits(struct result *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->left.n; i++) {
		if (r->left.v[i].permit)
			r->left.v[kept++] = r->left.v[i];
		else
			addrset_clear(&r->left.v[i].set);
	}
	r->left.n = kept;
}

void
result_refuse(struct result *r)
{
	clients_refuse(&r->left);
}

void
result_add_permits(const struct result *r, struct addrset *to)
{
	if (r->status != RECORD_FOUND)
		return;
	for (size_t i = 0; i < r->left.n; i++)
		if (r->left.v[i].permit)
			addrset_union(to, &r->left.v[i].set);
}

void
result_move_permits(struct result *r, struct addrset *to)
{
	if (r->key != NULL || r->status != RECORD_FOUND) {
		result_add_permits(r, to);
		return;
	}
	for (size_t i = 0; i < r->left.n; i++)
		if (r->left.v[i].permit)
			addrset_move(to, &r->left.v[i].set);
}

bool
result_permits(const struct result *r)
{
	bool permits = false;

	for (size_t i = 0; i < r->left.n; i++)
		permits = permits || r->left.v[i].permit;
	return permits && r->status == RECORD_FOUND;
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

/* Shows the note in place of the last one that is less serious. */
static void
displace(struct collected *c, const struct note *n)
{
	size_t i = c->n;

	while (i > 0 && note_is_serious(c->v[i - 1]->kind))
		i--;
	if (i == 0)
		return;
	memmove(c->v + i - 1, c->v + i, (c->n - i) * sizeof(*c->v));
	c->v[c->n - 1] = n;
}

static void
collect_note(struct collected *c, const struct note *n)
{
	for (size_t i = 0; i < c->n; i++)
		if (same_note(c->v[i], n))
			return;
	if (c->n < c->max) {
		c->v[c->n++] = n;
		return;
	}
	c->more++;
	if (note_is_serious(n->kind))
		displace(c, n);
}

static void
collect(struct result *r, struct collected *c)
{
	if (r->visit == c->visit)
		return;
	r->visit = c->visit;
	for (size_t i = 0; i < r->nitems; i++) {
		if (r->items[i].note != NULL)
			collect_note(c, r->items[i].note);
		else
			collect(r->items[i].inner, c);
	}
	c->more += r->more;
}

void
result_notes(struct results *rs, struct result *r, const struct note **notes,
    size_t max, size_t *n, size_t *more)
{
	struct collected c = {notes, max, 0, 0, ++rs->visits};

	collect(r, &c);
	*n = c.n;
	*more = c.more;
}
