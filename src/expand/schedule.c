/*
 * schedule: which lookup is asked next.
 */
#include "expand/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/system.h"
#include "spf/limits.h"

#define AHEAD 4UL /* times max_inflight: lookups that the threads are given */
#define CROWD 8   /* the share of max_inflight for one crowd */
#define CROWDS 2  /* the share of it for all crowds */
#define ITEMS_MANY 65536 /* taken out of a queue: their memory is freed */
#define AT_HAND 64       /* crowds that are compared */
#define FEW_SHARE 8 /* of all entries: few, within SCHEDULE_FEW_MIN and MAX */
/*
 * Who comes later has half the patience, so often, so that entries that are
 * slow one after the other take no more than twice as long.
 */
#define HALVED_MAX 5

void
schedule_init(struct schedule *s, unsigned max_inflight, unsigned patience,
    unsigned pause)
{
	*s = (struct schedule){.max_inflight = max_inflight,
	    .patience = patience,
	    .pause = pause,
	    .few = SCHEDULE_FEW_MIN};
}

void
schedule_clear(struct schedule *s)
{
	free(s->accounts);
	free(s->light.v);
	free(s->again.v);
	for (size_t i = 0; i < s->ncrowds; i++)
		free(s->crowds[i].items.v);
	free(s->crowds);
	for (size_t i = 0; i < PAUSES; i++)
		free(s->paused[i].v);
}

/* Drops those that were taken out. */
static void
compact(struct items *items)
{
	items->n -= items->next;
	memmove(items->v, items->v + items->next, items->n * sizeof(*items->v));
	items->next = 0;
}

static void
push(struct items *items, const struct item *item)
{
	/* Room that is free at the front is used before there is more. */
	if (items->n == items->cap && items->next > items->n / 2)
		compact(items);
	items->v = grow(items->v, items->n, &items->cap, sizeof(*items->v));
	items->v[items->n++] = *item;
}

static struct account *
account(struct schedule *s, uint32_t entry)
{
	while (s->naccounts <= entry) {
		s->accounts = grow(s->accounts, s->naccounts, &s->accounts_cap,
		    sizeof(*s->accounts));
		s->accounts[s->naccounts++] = (struct account){0};
		s->few = s->naccounts / FEW_SHARE;
		s->few = s->few < SCHEDULE_FEW_MIN ? SCHEDULE_FEW_MIN : s->few;
		s->few = s->few > SCHEDULE_FEW_MAX ? SCHEDULE_FEW_MAX : s->few;
	}
	return &s->accounts[entry];
}

uint32_t
schedule_charge(struct schedule *s, uint32_t entry)
{
	return ++account(s, entry)->charge;
}

uint32_t
schedule_read(struct schedule *s, uint32_t entry, size_t len)
{
	struct account *a = account(s, entry);

	return a->read += (uint32_t)len;
}

bool
schedule_charge_bytes(struct schedule *s, uint32_t entry, size_t bytes)
{
	struct account *a = account(s, entry);

	if (bytes > ENTRY_BYTES_MAX - a->bytes) {
		a->spent = true;
		return false;
	}
	a->bytes += (uint32_t)bytes;
	return true;
}

bool
schedule_is_spent(struct schedule *s, uint32_t entry)
{
	return account(s, entry)->spent;
}

uint8_t
schedule_level(struct schedule *s, uint32_t entry)
{
	uint32_t charge = account(s, entry)->charge;
	uint8_t level = 0;

	for (; charge > SCHEDULE_LIGHT; charge /= 2)
		level++;
	return level;
}

int
schedule_rank(struct schedule *s, uint32_t entry)
{
	const struct account *a = account(s, entry);

	if (a->spent || a->waited >= s->patience)
		return 2;
	return schedule_level(s, entry) > 0 || a->waited > s->patience / 2 ||
	       a->bytes > ENTRY_BYTES_MAX / 2;
}

bool
schedule_has_given_up(struct schedule *s, uint32_t entry)
{
	return account(s, entry)->waited >= s->patience;
}

static struct crowd *
crowd_of(struct schedule *s, uint32_t entry)
{
	struct account *a = account(s, entry);

	if (a->crowd == 0) {
		s->crowds = grow(
		    s->crowds, s->ncrowds, &s->crowds_cap, sizeof(*s->crowds));
		s->crowds[s->ncrowds++] = (struct crowd){.entry = entry};
		a->crowd = (uint32_t)s->ncrowds;
	}
	return &s->crowds[a->crowd - 1];
}

/* Its queue is empty: the last one takes its place. */
static void
remove_crowd(struct schedule *s, size_t i)
{
	free(s->crowds[i].items.v);
	s->accounts[s->crowds[i].entry].crowd = 0;
	s->crowds[i] = s->crowds[--s->ncrowds];
	if (i < s->ncrowds)
		s->accounts[s->crowds[i].entry].crowd = (uint32_t)i + 1;
}

static void
enqueue(struct schedule *s, const struct item *item)
{
	if (item->answer->level > 0)
		push(&crowd_of(s, item->answer->entry)->items, item);
	else
		push(item->attempts > 0 ? &s->again : &s->light, item);
}

static void
add_pending(struct schedule *s, uint32_t entry)
{
	if (account(s, entry)->pending++ == 0)
		s->busy++;
	s->pending++;
}

static void
remove_pending(struct schedule *s, uint32_t entry)
{
	if (--account(s, entry)->pending == 0)
		s->busy--;
	s->pending--;
}

void
schedule_add(struct schedule *s, struct answer *a)
{
	a->status = ANSWER_PENDING;
	a->asked = a->sent = false;
	a->turn++;
	a->level = schedule_level(s, a->entry);
	a->also = 0;
	add_pending(s, a->entry);
	enqueue(s, &(struct item){.answer = a, .turn = a->turn});
}

void
schedule_move(struct schedule *s, struct answer *a, uint32_t entry)
{
	remove_pending(s, a->entry);
	a->entry = entry;
	a->level = schedule_level(s, entry);
	add_pending(s, entry);
	/*
	 * Takes the lookup that is due first: this one, or one that is queued
	 * already.
	 */
	if (!a->asked)
		enqueue(s, &(struct item){.answer = a, .turn = a->turn});
}

void
schedule_join(struct schedule *s, struct answer *a, uint32_t entry)
{
	uint32_t bytes = account(s, entry)->bytes;

	if (entry != a->entry &&
	    (a->also == 0 || bytes < s->accounts[a->also - 1].bytes))
		a->also = entry + 1;
}

void
schedule_done(struct schedule *s, struct answer *a)
{
	remove_pending(s, a->entry);
	if (!a->sent)
		a->turn--;
	a->asked = false;
}

static bool
is_pending(const struct item *item)
{
	return item->answer->status == ANSWER_PENDING &&
	       item->answer->turn == item->turn;
}

/* The next of these that still waits; false if there is none. */
static bool
pop(struct items *items, struct item *item)
{
	/* Entries may have asked for very many. */
	if (items->next >= ITEMS_MANY && items->next > items->n / 2) {
		compact(items);
		items->v = shrink_to(
		    items->v, items->n, &items->cap, sizeof(*items->v));
	}
	while (items->next < items->n) {
		*item = items->v[items->next++];
		if (is_pending(item) && !item->answer->asked)
			return true;
	}
	items->n = items->next = 0;
	return false;
}

/*
 * The entry with the fewest lookups of its own that may ask for more, among
 * those at hand: there may be thousands.
 */
static struct crowd *
next_crowd(struct schedule *s)
{
	unsigned most = s->max_inflight / CROWD + 1;
	struct crowd *best = NULL;

	if (s->crowds_out > s->max_inflight / CROWDS)
		return NULL;
	for (size_t i = 0; i < s->ncrowds && i < AT_HAND; i++) {
		struct crowd *c = &s->crowds[s->next_crowd++ % s->ncrowds];
		const struct account *a = &s->accounts[c->entry];

		if (a->out < most &&
		    (best == NULL ||
			a->charge < s->accounts[best->entry].charge))
			best = c;
	}
	return best;
}

/* Lookups whose pause has ended are asked again. */
static void
end_pauses(struct schedule *s)
{
	int64_t now = now_ms();
	struct item item;

	for (size_t i = 0; i < PAUSES; i++) {
		struct items *p = &s->paused[i];

		for (; p->next < p->n && p->v[p->next].time <= now; p->next++) {
			item = p->v[p->next];
			item.time -= (int64_t)s->pause << i;
			if (!is_pending(&item))
				continue;
			item.answer->asked = false;
			enqueue(s, &item);
		}
	}
}

static bool
pop_crowds(struct schedule *s, struct item *item)
{
	struct crowd *c;

	while ((c = next_crowd(s)) != NULL) {
		if (pop(&c->items, item))
			return true;
		remove_crowd(s, (size_t)(c - s->crowds));
	}
	return false;
}

/* How many lookups the threads may be given. */
static unsigned long
most_out(const struct schedule *s)
{
	return AHEAD * (s->max_inflight + LOOKUP_BATCH);
}

bool
schedule_is_low(const struct schedule *s)
{
	return s->light.n - s->light.next < most_out(s);
}

bool
schedule_next(struct schedule *s, struct lookup *l)
{
	struct item item;

	end_pauses(s);
	if (s->out >= most_out(s) ||
	    (!pop(&s->again, &item) && !pop(&s->light, &item) &&
		!pop_crowds(s, &item)))
		return false;
	item.answer->asked = item.answer->sent = true;
	*l = (struct lookup){
	    .name = item.answer->name,
	    .ref = item.answer,
	    .started = item.time,
	    .entry = item.answer->entry,
	    .type = item.answer->type,
	    .attempts = item.attempts,
	    .turn = item.answer->turn,
	    .heavy = item.answer->level > 0,
	};
	s->out++;
	s->crowds_out += l->heavy;
	account(s, l->entry)->out++;
	return true;
}

void
schedule_returned(struct schedule *s, const struct lookup *l)
{
	s->out--;
	s->crowds_out -= l->heavy;
	account(s, l->entry)->out--;
}

void
schedule_pause(struct schedule *s, struct answer *a, const struct lookup *l)
{
	size_t i = l->attempts < PAUSES ? l->attempts - 1U : PAUSES - 1;
	struct item item = {.answer = a,
	    .time = now_ms() + ((int64_t)s->pause << i),
	    .attempts = l->attempts,
	    .turn = l->turn};

	/* It stays marked as asked: it is not to go out before. */
	push(&s->paused[i], &item);
}

struct answer *
schedule_paused(struct schedule *s)
{
	for (size_t i = 0; i < PAUSES; i++)
		while (s->paused[i].next < s->paused[i].n) {
			struct item *item =
			    &s->paused[i].v[s->paused[i].next++];

			if (is_pending(item))
				return item->answer;
		}
	return NULL;
}

int
schedule_wait(const struct schedule *s, int max)
{
	int64_t now = now_ms();

	for (size_t i = 0; i < PAUSES; i++) {
		const struct items *p = &s->paused[i];

		if (p->next < p->n && p->v[p->next].time - now < max)
			max = p->v[p->next].time <= now
				  ? 0
				  : (int)(p->v[p->next].time - now);
	}
	return max;
}

bool
schedule_pass(struct schedule *s, unsigned milliseconds)
{
	unsigned halved = s->ends < HALVED_MAX ? s->ends : HALVED_MAX;
	bool ended = false;

	if (s->busy > s->few && !(s->late && s->light.next == s->light.n))
		return false;
	for (size_t i = 0; i < s->naccounts; i++) {
		struct account *a = &s->accounts[i];

		if (a->pending == 0 || a->waited >= s->patience)
			continue;
		a->waited += milliseconds << halved;
		ended = ended || a->waited >= s->patience;
	}
	s->ends += ended;
	return ended;
}

void
schedule_drop(struct schedule *s)
{
	s->light.n = s->light.next = 0;
	s->again.n = s->again.next = 0;
	for (size_t i = 0; i < s->ncrowds; i++)
		s->crowds[i].items.n = s->crowds[i].items.next = 0;
	for (size_t i = 0; i < PAUSES; i++)
		s->paused[i].n = s->paused[i].next = 0;
}
