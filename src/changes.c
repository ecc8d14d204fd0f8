/*
 * changes: what each entry permits now, compared with what it permitted before.
 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "accept.h"
#include "included.h"
#include "many.h"
#include "state.h"

/*
 * A run that comes so much later than the last one may have a wrong clock. Who
 * runs update once a week has a right one.
 */
#define RUN_GAP 691200 /* seconds: 8 days */

/*
 * A time that is still to come was set by a clock that was wrong, or the clock
 * is wrong now. It was the former if the last run had an earlier one, too: then
 * it counts as now.
 */
static void
mend_time(const struct changes *c, int64_t *t)
{
	if (*t > c->run->now && *t > c->last_run)
		*t = c->run->now;
}

/* What the last run held. */
static void
read_kept(struct changes *c)
{
	c->damaged = state_read_holds(c->run, &c->kept) != 0;
	for (size_t i = 0; i < c->kept.n; i++) {
		mend_time(c, &c->kept.v[i].since);
		mend_time(c, &c->kept.v[i].proposed);
	}
}

void
changes_init(struct changes *c, struct session *r, int64_t last_run)
{
	*c = (struct changes){.run = r,
	    .last_run = last_run,
	    .limits = {.max_shrink = r->config.max_shrink,
		.max_growth = r->config.max_growth,
		.hold_time = r->config.hold_time}};
	if (r->saved != NULL)
		c->saved = session_evaluator(r, r->saved);
	read_kept(c);
	for (int i = 0; i < LISTS; i++) {
		addrset_init(&c->known[i].permits);
		addrset_init(&c->known[i].excluded);
	}
}

static void
clear_change(struct change *ch)
{
	addrset_clear(&ch->old);
	addrset_clear(&ch->now);
	addrset_clear(&ch->new);
	held_clear(&ch->held);
}

void
changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		clear_change(&c->v[i]);
	free(c->v);
	holds_clear(&c->kept);
	for (int i = 0; i < LISTS; i++)
		expansion_clear(&c->known[i]);
	if (c->saved != NULL)
		evaluate_close(c->saved);
}

static void
copy_set(struct addrset *to, const struct addrset *from)
{
	addrset_clear(to);
	addrset_union(to, from);
}

static bool
is_held(const struct held *h)
{
	return h != NULL && held_is_held(h);
}

/* Whether so much time went by since the last run that the clock may be wrong.
 */
static bool
is_gap(const struct changes *c)
{
	int64_t most = c->limits.hold_time;

	most = most > RUN_GAP ? most : RUN_GAP;
	return c->last_run != 0 && c->run->now - c->last_run > most;
}

bool
changes_is_due(const struct changes *c, const struct held *h)
{
	int64_t until = held_until(h, &c->limits);

	return c->run->now >= until && (!is_gap(c) || c->last_run >= until);
}

/* An entry that was listed lately, and has never been answered as a whole. */
static bool
is_new(const struct changes *c, const struct held *h)
{
	return h != NULL && h->reason == HOLD_NEW &&
	       c->run->now - h->since <= c->limits.hold_time;
}

/* What an entry's verdict is compared with. */
struct basis {
	struct held *kept; /* from the last run, or NULL */
	struct addrset *before, *reference;
	struct addrset *saved; /* by the saved answers, or NULL */
	bool guarded;          /* a guard newly leaves it out */
	bool unanswered;       /* it keeps what it has, see is_safer() */
};

/* Growth is the worst: it would open the door. */
static enum hold_reason
judge(struct changes *c, const struct basis *b, struct addrset *now)
{
	enum hold_reason last, first;

	if (addrset_equal(b->before, now))
		return HOLD_NONE;
	last = hold_judge(&c->limits, b->before, now, b->guarded);
	/* It only becomes complete. */
	if (last == HOLD_GROWTH && is_new(c, b->kept))
		return HOLD_NONE;
	if (last == HOLD_GROWTH || b->reference == b->before)
		return last;
	first = hold_judge(&c->limits, b->reference, now, b->guarded);
	return last == HOLD_NONE || first == HOLD_GROWTH ? first : last;
}

/*
 * Begins or continues to hold an entry. Its time starts again if the answers of
 * today differ from the announced ones by so much that this change would be
 * held, too: networks are accepted only after they were announced for
 * hold_time.
 */
static void
hold(struct changes *c, struct change *ch, const struct basis *b,
    enum hold_reason reason)
{
	struct held *h = &ch->held, *was = is_held(b->kept) ? b->kept : NULL;
	int64_t now = c->run->now;

	h->reason = reason;
	h->since = was != NULL ? was->since : now;
	h->proposed = was != NULL ? was->proposed : now;
	copy_set(&h->before, b->before);
	copy_set(&h->reference, b->reference);
	copy_set(&h->after, &ch->now);
	if (was == NULL)
		return;
	if (hold_judge(&c->limits, &was->after, &ch->now, false) == HOLD_NONE)
		copy_set(&h->after, &was->after);
	else
		h->proposed = now;
}

/*
 * Small changes take effect, and are watched: for hold_time, the reference
 * stays the set that the entry permitted when they began.
 */
static void
watch(struct changes *c, struct change *ch, const struct basis *b)
{
	struct held *h = &ch->held;
	bool is_old;

	h->reason = HOLD_NONE;
	h->since = b->kept != NULL ? b->kept->since : c->run->now;
	is_old = c->run->now - h->since > c->limits.hold_time && !is_gap(c);
	if (is_old)
		h->since = c->run->now;
	h->proposed = h->since;
	copy_set(&h->reference, is_old ? &ch->old : b->reference);
	ch->forget = addrset_equal(&h->reference, &ch->now);
}

/* A new entry stays new while lookups for it fail. */
static void
stay_new(
    struct changes *c, struct change *ch, const struct held *kept, bool failed)
{
	ch->held.reason = HOLD_NEW;
	ch->held.since = kept != NULL ? kept->since : c->run->now;
	ch->held.proposed = ch->held.since;
	ch->forget = !failed;
}

/* The addresses of the entry that the table has now. */
static void
find_old(struct change *ch, const struct basis *b)
{
	copy_set(&ch->old, b->saved != NULL ? b->saved : b->before);
	if (b->kept != NULL)
		held_apply(b->kept, &ch->old);
}

/* What an entry would bring that it did not have before; whether it is much. */
static bool
find_coming(
    struct addrset *come, const struct addrset *now, struct addrset *before)
{
	addrset_init(come);
	addrset_union(come, now);
	addrset_subtract(come, before);
	return hold_is_much(come);
}

static bool
is_much(const struct addrset *now, struct addrset *before)
{
	struct addrset come;
	bool much = find_coming(&come, now, before);

	addrset_clear(&come);
	return much;
}

static void
begin_change(
    struct change *ch, int list, const struct entry *e, const struct verdict *v)
{
	struct buf key;

	*ch = (struct change){.entry = e, .list = list};
	buf_init(&key);
	hold_key(&key, e);
	ch->held.entry = key.data;
	ch->held.reject = list == REJECT;
	copy_set(&ch->now, &v->permits);
	copy_set(&ch->new, &v->permits);
}

static void
add_change(struct changes *c, const struct change *ch)
{
	c->v = grow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = *ch;
}

/* Remembers an entry that changed, for changes_settle(). */
static void
take(struct changes *c, int list, const struct entry *e, struct verdict *v,
    const struct basis *b)
{
	enum hold_reason reason = judge(c, b, &v->permits);
	struct change ch;

	if (b->unanswered && (reason == HOLD_NONE || reason == HOLD_LOSS))
		reason = HOLD_UNANSWERED;
	if (reason == HOLD_NONE && b->kept == NULL &&
	    addrset_equal(b->before, &v->permits))
		return;
	/* Saved answers are today's: until its time is over, or it is gone. */
	if (reason == HOLD_NONE && is_held(b->kept) &&
	    b->kept->reason == HOLD_INCLUDED && is_much(&v->permits, b->before))
		reason = HOLD_INCLUDED;
	begin_change(&ch, list, e, v);
	ch.kept_before = is_held(b->kept);
	find_old(&ch, b);
	if (reason == HOLD_NONE && is_new(c, b->kept))
		stay_new(c, &ch, b->kept, v->failed);
	else if (reason == HOLD_NONE) {
		ch.released = ch.kept_before;
		ch.suspect = b->saved != NULL && !ch.kept_before &&
			     is_much(&v->permits, b->saved);
		if (ch.suspect)
			addrset_clear(&v->permits);
		watch(c, &ch, b);
	} else {
		hold(c, &ch, b, reason);
		addrset_clear(&v->permits);
	}
	add_change(c, &ch);
}

/* An entry that was never answered as a whole: it may still grow. */
static void
take_new(struct changes *c, int list, const struct entry *e, struct verdict *v)
{
	const struct held *kept = holds_find(&c->kept, e, list == REJECT);
	struct change ch;

	begin_change(&ch, list, e, v);
	stay_new(c, &ch, kept, true);
	add_change(c, &ch);
}

/*
 * Whether it is safer to go on with what an entry brought last, however old
 * that is: it takes addresses away, and lookups for it fail.
 */
static bool
is_safer(int list, const struct entry *e, const struct verdict *v)
{
	return v->failed && (e->exclude || list == REJECT);
}

/* What to compare an entry with; false: nothing is known about it. */
static bool
find_basis(struct changes *c, struct basis *b, int list, const struct entry *e,
    struct verdict *v, struct verdict *old)
{
	bool knew = old != NULL && old->answered;

	*b = (struct basis){.kept = holds_find(&c->kept, e, list == REJECT)};
	if (knew)
		b->saved = &old->permits;
	b->guarded = v->left_out && !(knew && old->left_out);
	if (is_held(b->kept))
		b->before = &b->kept->before;
	else if (knew)
		b->before = &old->permits;
	else if (b->kept != NULL && b->kept->reason != HOLD_NEW)
		b->before = &b->kept->reference;
	if (b->before == NULL)
		return false;
	b->reference = b->kept != NULL && b->kept->reason != HOLD_NEW
			   ? &b->kept->reference
			   : b->before;
	/* What failed in part before is not all that it brought. */
	b->unanswered = is_safer(list, e, v) &&
			(is_held(b->kept) || (knew && !old->failed));
	return true;
}

bool
changes_visit(struct changes *c, const struct entry *e, struct verdict *v,
    struct verdict *old)
{
	int list = session_list_of(c->run, e);
	struct basis b;

	if (c->saved != NULL)
		expand_entry(c->saved, e, old);
	if (c->saved != NULL && c->damaged)
		addrset_union(e->exclude ? &c->known[list].excluded
					 : &c->known[list].permits,
		    &old->permits);
	if (!entry_is_domain(e))
		return c->saved != NULL;
	c->knew |=
	    c->saved != NULL && list == PERMIT && !e->exclude && old->answered;
	if (!find_basis(c, &b, list, e, v, c->saved != NULL ? old : NULL)) {
		if (v->failed)
			take_new(c, list, e, v);
		return c->saved != NULL;
	}
	c->permitting += !addrset_is_empty(b.before);
	if (b.unanswered)
		v->failed = false;
	take(c, list, e, v, &b);
	return c->saved != NULL;
}

/* Whether the change of an entry that would be held is accepted now. */
static bool
is_accepted(struct changes *c, const struct change *ch)
{
	const struct held *h = &ch->held;

	if (h->reason == HOLD_UNANSWERED)
		return false;
	if (c->run->o->force || accept_names(c->run->o, h->entry))
		return true;
	return !(c->many && h->reason == HOLD_LOSS) && changes_is_due(c, h);
}

/* A change waits: the table gets what the hold leaves of it. */
static void
keep_waiting(struct changes *c, struct change *ch)
{
	held_apply(&ch->held, &ch->new);
	/*
	 * These answers came from a broken resolver, so the time of the
	 * proposal does not count.
	 */
	if (c->many && ch->held.reason == HOLD_LOSS) {
		ch->held.proposed = c->run->now;
		copy_set(&ch->held.after, &ch->now);
	}
}

/* Decides about one change, and completes the list's expansion. */
static void
settle(struct changes *c, struct change *ch)
{
	struct expansion *x = &c->run->expansions[ch->list];

	if (held_is_held(&ch->held)) {
		ch->accepted = is_accepted(c, ch);
		if (!ch->accepted)
			keep_waiting(c, ch);
	} else if (!ch->suspect)
		return; /* its set was added when it was visited */
	addrset_union(
	    ch->entry->exclude ? &x->excluded : &x->permits, &ch->new);
}

/*
 * Holds a change that would bring too much through a record that the entry
 * includes. What else it brings may come.
 */
static void
judge_suspect(struct changes *c, struct change *ch)
{
	struct basis b = {
	    .kept = holds_find(&c->kept, ch->entry, ch->list == REJECT),
	    .before = &ch->old};
	struct addrset come, grown;

	addrset_init(&grown);
	find_coming(&come, &ch->now, &ch->old);
	included_growth(c, ch->entry, &come, &grown);
	if (!addrset_is_empty(&grown)) {
		b.reference = b.kept != NULL ? &b.kept->reference : b.before;
		hold(c, ch, &b, HOLD_INCLUDED);
		copy_set(&ch->held.before, &ch->now);
		addrset_subtract(&ch->held.before, &grown);
		ch->forget = false;
	}
	addrset_clear(&come);
	addrset_clear(&grown);
}

void
changes_settle(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].suspect)
			judge_suspect(c, &c->v[i]);
	c->many = many_lose(c);
	for (size_t i = 0; i < c->n; i++)
		settle(c, &c->v[i]);
	for (int i = 0; i < LISTS; i++) {
		struct expansion *x = &c->run->expansions[i];

		addrset_subtract(&x->permits, &x->excluded);
		addrset_subtract(&c->known[i].permits, &c->known[i].excluded);
	}
	expand_yield(
	    &c->run->lists[REJECT], &c->known[REJECT], &c->known[PERMIT]);
}

bool
changes_is_silent(const struct changes *c, const struct entry *e)
{
	const struct change *last = c->n > 0 ? &c->v[c->n - 1] : NULL;

	return last != NULL && last->entry == e &&
	       last->held.reason == HOLD_LOSS;
}

static void
add_copy(struct holds *h, const struct held *from)
{
	struct held to = *from;

	to.entry = xstrdup(from->entry);
	addrset_init(&to.before);
	addrset_init(&to.after);
	addrset_init(&to.reference);
	addrset_union(&to.before, &from->before);
	addrset_union(&to.after, &from->after);
	addrset_union(&to.reference, &from->reference);
	holds_add(h, &to);
}

bool
changes_holds(struct changes *c, struct holds *h, bool released)
{
	bool some = false;

	holds_init(h);
	for (size_t i = 0; i < c->n; i++) {
		const struct change *ch = &c->v[i];

		if (released && ch->released) {
			add_copy(h, holds_find(&c->kept, ch->entry,
					ch->list == REJECT));
			some = true;
		} else if (!ch->forget && !ch->accepted)
			add_copy(h, &ch->held);
	}
	holds_sort(h);
	return some;
}
