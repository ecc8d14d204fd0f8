/*
 * changes: what each entry permits now, compared with what it permitted before.
 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "changesay.h"
#include "takers.h"

/*
 * So many entries at the least lose networks at once before it is taken for
 * the resolver's fault.
 */
#define MANY 3

void
changes_init(struct changes *c, struct session *r)
{
	*c = (struct changes){.run = r,
	    .limits = {.max_shrink = r->config.max_shrink,
		.max_growth = r->config.max_growth,
		.hold_time = r->config.hold_time}};
	if (r->saved != NULL)
		c->saved = session_evaluator(r, r->saved);
	session_read_holds(r, &c->kept);
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
	return h != NULL && h->reason != HOLD_NONE;
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
	if (last == HOLD_GROWTH || b->reference == b->before)
		return last;
	first = hold_judge(&c->limits, b->reference, now, b->guarded);
	return last == HOLD_NONE || first == HOLD_GROWTH ? first : last;
}

/*
 * Begins or goes on to hold an entry. Its time begins again if what DNS says
 * now is as different from what was announced as a change that is held: what
 * is accepted later has been announced for hold_time.
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
 * Small changes are taken, and watched: the reference stays what the entry
 * permitted when they began, for hold_time.
 */
static void
watch(struct changes *c, struct change *ch, const struct basis *b)
{
	struct held *h = &ch->held;
	bool is_old;

	h->reason = HOLD_NONE;
	h->since = b->kept != NULL ? b->kept->since : c->run->now;
	is_old = c->run->now - h->since > c->limits.hold_time;
	if (is_old)
		h->since = c->run->now;
	h->proposed = h->since;
	copy_set(&h->reference, is_old ? &ch->old : b->reference);
	ch->forget = addrset_equal(&h->reference, &ch->now);
}

/* What the table has of the entry up to now. */
static void
find_old(struct change *ch, const struct basis *b)
{
	copy_set(&ch->old, b->saved != NULL ? b->saved : b->before);
	if (b->kept != NULL)
		held_apply(b->kept, &ch->old);
}

/* Keeps what is to be known of an entry that changed; see changes_settle(). */
static void
take(struct changes *c, int list, const struct entry *e, struct verdict *v,
    const struct basis *b)
{
	enum hold_reason reason = judge(c, b, &v->permits);
	struct change ch = {.entry = e, .list = list};
	struct buf key;

	if (b->unanswered && reason == HOLD_NONE)
		reason = HOLD_UNANSWERED;
	if (b->unanswered && reason == HOLD_LOSS)
		reason = HOLD_UNANSWERED;
	if (reason == HOLD_NONE && b->kept == NULL &&
	    addrset_equal(b->before, &v->permits))
		return;
	buf_init(&key);
	hold_key(&key, e);
	ch.held.entry = key.data;
	ch.held.reject = list == REJECT;
	ch.kept_before = is_held(b->kept);
	find_old(&ch, b);
	copy_set(&ch.now, &v->permits);
	copy_set(&ch.new, &v->permits);
	if (reason == HOLD_NONE) {
		ch.released = ch.kept_before;
		watch(c, &ch, b);
	} else {
		hold(c, &ch, b, reason);
		addrset_clear(&v->permits);
	}
	c->v = grow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = ch;
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
	else if (b->kept != NULL)
		b->before = &b->kept->reference;
	if (b->before == NULL)
		return false;
	b->reference = b->kept != NULL ? &b->kept->reference : b->before;
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
	if (!entry_is_domain(e))
		return c->saved != NULL;
	c->knew |=
	    c->saved != NULL && list == PERMIT && !e->exclude && old->answered;
	if (!find_basis(c, &b, list, e, v, c->saved != NULL ? old : NULL))
		return c->saved != NULL;
	c->permitting += !addrset_is_empty(b.before);
	if (b.unanswered)
		v->failed = false;
	take(c, list, e, v, &b);
	return c->saved != NULL;
}

/* Whether --accept names the entry, with its sign or without. */
static bool
is_named(const struct options *o, const char *key)
{
	struct problems problems;
	bool named = false;
	struct list l;
	struct buf text;

	for (size_t i = 0; i < o->accepted.n && !named; i++) {
		const char *arg = o->accepted.v[i];

		list_init(&l);
		problems_init(&problems);
		buf_init(&text);
		if (list_add_term(&l, NULL, 0, arg, strlen(arg), &problems) ==
		    0) {
			hold_key(&text, &l.v[0]);
			named =
			    strcmp(text.data, key) == 0 ||
			    (key[0] == '-' && strcmp(text.data, key + 1) == 0);
		}
		buf_clear(&text);
		problems_clear(&problems);
		list_clear(&l);
	}
	return named;
}

/* Whether an entry of the lists has the name that --accept gives. */
static bool
is_listed(const struct session *r, const char *arg)
{
	const struct options one = {
	    .accepted = {.v = (const char *[]){arg}, .n = 1}};
	struct buf key;
	bool listed = false;

	buf_init(&key);
	for (int i = 0; i < LISTS; i++)
		for (size_t k = 0; k < r->lists[i].n && !listed; k++) {
			key.len = 0;
			hold_key(&key, &r->lists[i].v[k]);
			listed = is_named(&one, key.data);
		}
	buf_clear(&key);
	return listed;
}

int
changes_check_accepted(const struct session *r)
{
	const struct strings *accepted = &r->o->accepted;
	struct buf shown;
	int result = 0;

	buf_init(&shown);
	for (size_t i = 0; i < accepted->n; i++) {
		if (is_listed(r, accepted->v[i]))
			continue;
		shown.len = 0;
		buf_puts(&shown, "");
		buf_add_escaped(
		    &shown, accepted->v[i], strlen(accepted->v[i]), SHOWN_MAX);
		say(ERROR, "--accept %s: not an entry of the lists",
		    shown.data);
		result = -1;
	}
	buf_clear(&shown);
	return result;
}

/* Whether DNS says the same of the entry's own name as before. */
static bool
is_same_answer(struct changes *c, const struct entry *e)
{
	static const enum rr_type types[] = {RR_A, RR_MX, RR_TXT, RR_AAAA};
	struct spf_term term = entry_term(e);
	uint8_t name[NAME_MAX_WIRE];

	if (c->run->saved == NULL ||
	    name_from_text(term.spec, term.spec_len, name) != 0)
		return false;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct answer *a =
		    answers_resolve(c->run->saved, name, types[i], NULL);
		const struct answer *b =
		    answers_resolve(c->run->answers, name, types[i], NULL);

		if (a->status != b->status || a->len != b->len ||
		    (a->len > 0 && memcmp(a->rrs, b->rrs, a->len) != 0))
			return false;
	}
	return true;
}

/* A number for the addresses that an entry loses. */
static uint64_t
hash_loss(struct change *ch)
{
	uint64_t sum = CHECKSUM_START;
	struct addrset lost;

	addrset_init(&lost);
	addrset_union(&lost, &ch->held.before);
	addrset_subtract(&lost, &ch->now);
	for (int f = 0; f < FAMILIES; f++)
		if (lost.of[f].n > 0)
			sum = checksum_bytes(sum, (const char *)lost.of[f].v,
			    lost.of[f].n * sizeof(*lost.of[f].v));
	addrset_clear(&lost);
	return sum;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *na = a, *nb = b;

	return *na < *nb ? -1 : *na > *nb;
}

/*
 * How many entries lose networks by what DNS says of themselves. Those that
 * lose the same addresses by what they include count once: that is one
 * provider's doing.
 */
static size_t
count_losses(struct changes *c)
{
	uint64_t *shared = xcalloc(c->n, sizeof(*shared));
	size_t own = 0, n = 0, distinct = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		if (ch->held.reason != HOLD_LOSS)
			continue;
		if (is_same_answer(c, ch->entry))
			shared[n++] = hash_loss(ch);
		else
			own++;
	}
	if (n > 0)
		qsort(shared, n, sizeof(*shared), by_number);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || shared[i] != shared[i - 1];
	free(shared);
	return own + distinct;
}

/* Whether the change of an entry that would be held is accepted now. */
static bool
is_accepted(struct changes *c, const struct change *ch)
{
	const struct held *h = &ch->held;

	if (h->reason == HOLD_UNANSWERED)
		return false;
	if (c->run->o->force || is_named(c->run->o, h->entry))
		return true;
	return !(c->many && h->reason == HOLD_LOSS) &&
	       c->run->now >= held_until(h, &c->limits);
}

/* Decides about one change, and completes the list's expansion. */
static void
settle(struct changes *c, struct change *ch)
{
	struct expansion *x = &c->run->expansions[ch->list];

	if (ch->held.reason == HOLD_NONE)
		return;
	ch->accepted = is_accepted(c, ch);
	if (!ch->accepted) {
		held_apply(&ch->held, &ch->new);
		/* Nobody has proposed what a resolver made up. */
		if (c->many && ch->held.reason == HOLD_LOSS) {
			ch->held.proposed = c->run->now;
			copy_set(&ch->held.after, &ch->now);
		}
	}
	addrset_union(
	    ch->entry->exclude ? &x->excluded : &x->permits, &ch->new);
}

void
changes_settle(struct changes *c)
{
	size_t losses = count_losses(c);

	c->many = losses >= MANY &&
		  (double)losses * 1e6 >
		      (double)c->limits.max_shrink * (double)c->permitting;
	for (size_t i = 0; i < c->n; i++)
		settle(c, &c->v[i]);
	for (int i = 0; i < LISTS; i++) {
		struct expansion *x = &c->run->expansions[i];

		addrset_subtract(&x->permits, &x->excluded);
	}
	changes_say(c);
	takers_settle(c);
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

bool
changes_allow(struct changes *c, const char *path, int list,
    const struct net *installed, size_t ninstalled)
{
	struct expansion *x = &c->run->expansions[list];
	bool force = c->run->o->force, too_much;
	struct addrset old;
	struct loss loss;

	if (c->saved != NULL)
		return true;
	addrset_init(&old);
	for (size_t i = 0; i < ninstalled; i++)
		addrset_add_net(&old, installed[i].family, &installed[i].addr,
		    installed[i].prefix);
	/* What an exclusion takes out is no loss. */
	addrset_subtract(&old, &x->excluded);
	loss = hold_loss(&old, &x->permits);
	too_much = hold_is_loss(&c->limits, &loss);
	if (too_much)
		say(force ? WARNING : ERROR,
		    "%s: without saved answers, %zu of %zu %s would go, more "
		    "than max_shrink: %s",
		    path, loss.n, loss.of,
		    plural(loss.of, "network", "networks"),
		    force ? "accepted by --force"
			  : "keeping the old table; --force accepts it");
	free(loss.gone);
	addrset_clear(&old);
	return force || !too_much;
}
