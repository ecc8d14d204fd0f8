/*
 * crawl: finds out which answers are needed and fetches each (name, type)
 * once.
 */
#include "expand/crawl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/resolver.h"
#include "expand/kept.h"
#include "expand/losses.h"
#include "expand/needs.h"
#include "expand/schedule.h"
#include "expand/stale.h"
#include "spf/limits.h"

#define PROGRESS_EVERY 100 /* milliseconds */
#define PAUSE_SHARE 8      /* of a time-out: the pause after a failure */

struct crawl {
	struct crawl_config config;
	struct answers *answers;
	struct crawl_stats stats;
	crawl_feed *feed; /* NULL: there are no more entries */
	void *feed_arg;
	struct resolver *resolver; /* NULL for replay */
	struct schedule schedule;
	struct losses silent;  /* nothing came back */
	struct losses useless; /* nothing but errors */
	struct {
		struct losses silent, useless;
		unsigned ends;    /* of the schedule */
	} first;                  /* after the first run */
	struct answer **failures; /* for saved answers to replace */
	size_t nfailures, failures_cap;
	bool left_out;     /* see crawl_left_out() */
	bool owed;         /* some lookup failed that others may ask again */
	bool saving;       /* see crawl_use_saved() */
	int64_t time_left; /* of run_timeout, milliseconds */
	int64_t looked_at; /* when that was right; 0: nothing was asked yet */
};

struct crawl *
crawl_open(
    struct answers *answers, const struct crawl_config *config, struct buf *why)
{
	struct resolver_config resolving = {
	    .servers = config->servers,
	    .threads = config->threads,
	    .max_inflight = config->max_inflight,
	    .timeout = config->query_timeout,
	    .attempts = config->query_attempts,
	};
	struct crawl *c = xcalloc(1, sizeof(*c));

	c->config = *config;
	c->answers = answers;
	c->time_left = config->run_timeout;
	schedule_init(&c->schedule, config->max_inflight, config->patience,
	    config->query_timeout / PAUSE_SHARE + 1);
	if (config->replay == NULL &&
	    (c->resolver = resolver_open(&resolving, why)) == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
crawl_close(struct crawl *c)
{
	if (c->resolver != NULL)
		resolver_close(c->resolver);
	schedule_clear(&c->schedule);
	free(c->failures);
	free(c);
}

const struct crawl_stats *
crawl_stats(const struct crawl *c)
{
	return &c->stats;
}

/* A lookup failed: perhaps a saved answer can replace it later. */
static void
fail(struct crawl *c, struct answer *a, enum answer_failure failure)
{
	a->status = ANSWER_FAILED;
	a->failure = (uint8_t)failure;
	if (answer_is_given_up(a))
		c->left_out = c->owed = true;
	c->stats.failed++;
	c->stats.done++;
	c->failures = grow(c->failures, c->nfailures, &c->failures_cap,
	    sizeof(struct answer *));
	c->failures[c->nfailures++] = a;
}

static void follow(struct crawl *c, const struct answer *a);

/*
 * The lookup failed only because its entry took too long or had too large
 * answers: may this entry ask once more?
 */
static bool
may_ask_again(struct crawl *c, const struct answer *a, uint32_t entry)
{
	return answer_can_be_asked(a) && c->config.replay == NULL &&
	       !schedule_is_spent(&c->schedule, entry);
}

static void
want(struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry,
    unsigned depth)
{
	struct answer *a = answers_make(c->answers, name, type);
	bool late = schedule_has_given_up(&c->schedule, entry);
	uint8_t level = schedule_level(&c->schedule, entry);

	if (a->status == ANSWER_UNKNOWN ||
	    (may_ask_again(c, a, entry) && !late)) {
		if (a->status == ANSWER_UNKNOWN)
			c->stats.known++;
		else {
			c->stats.failed--;
			c->stats.done--;
			c->stats.again++;
		}
		a->entry = entry;
		a->depth = (uint8_t)depth;
		if (late)
			fail(c, a, FAILURE_PATIENCE);
		else
			schedule_add(&c->schedule, a);
		return;
	}
	/*
	 * Another entry asked for it first. If that entry has many more
	 * lookups, this one does not have to wait for its turn: neither for the
	 * answer, nor for the lookups that follow. Nor does it if it has as
	 * many and includes fewer records to get there: a domain's own lookups
	 * are not left to those that include it, wherever in the list they are.
	 */
	if (c->config.replay != NULL || late)
		return;
	if (level > a->level || (level == a->level && depth >= a->depth)) {
		if (a->status == ANSWER_PENDING || a->status == ANSWER_FAILED)
			schedule_join(&c->schedule, a, entry);
		return;
	}
	if (depth < a->depth)
		a->depth = (uint8_t)depth;
	if (a->status == ANSWER_PENDING) {
		schedule_move(&c->schedule, a, entry);
		return;
	}
	a->entry = entry;
	a->level = level;
	follow(c, a);
}

void
crawl_want(
    struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry)
{
	want(c, name, type, entry, 0);
}

/* The entry whose answer is followed, for want_more(). */
struct wanter {
	struct crawl *crawl;
	uint32_t entry;
	unsigned depth;
};

/* A lookup that an answer made necessary. */
static void
want_more(void *arg, const uint8_t *name, enum rr_type type, bool deeper)
{
	const struct wanter *w = arg;
	struct crawl *c = w->crawl;
	unsigned depth = w->depth + (deeper ? 1 : 0);

	/* evaluate applies the limit exactly; this only ends the following. */
	if (depth <= DEPTH_MAX &&
	    schedule_charge(&c->schedule, w->entry) <= c->config.max_queries)
		want(c, name, type, w->entry, depth);
	else
		c->left_out = true;
}

/* What does an answer make necessary? */
static void
follow(struct crawl *c, const struct answer *a)
{
	struct wanter w = {c, a->entry, a->depth};

	if (schedule_read(&c->schedule, a->entry, a->len) > STEPS_MAX ||
	    !needs_of_answer(a->name, (enum rr_type)a->type, a,
		c->config.pass_all, want_more, &w))
		c->left_out = true;
}

/*
 * Counts an answer's bytes to its entry, or to the other one that waits for it.
 */
static bool
charge_bytes(struct crawl *c, struct answer *a, size_t bytes)
{
	if (schedule_charge_bytes(&c->schedule, a->entry, bytes))
		return true;
	if (a->also == 0 ||
	    !schedule_charge_bytes(&c->schedule, a->also - 1, bytes))
		return false;
	a->entry = a->also - 1;
	return true;
}

/*
 * Stores what was said to one question under its own name, also when CNAMEs
 * led elsewhere, so that no other answer can change it, in any order.
 */
static void
store(struct crawl *c, struct answer *a, struct reply *r)
{
	struct answer chain = {.rrs = (const uint8_t *)r->chain.bytes.data,
	    .len = (uint32_t)r->chain.bytes.len};
	const uint8_t *at = NULL, *target = NULL;
	struct rr rr;

	if (a->type == RR_TXT)
		kept_txt(&r->rrs);
	if (!charge_bytes(c, a, kept_size(a->name, &r->rrs, &r->chain))) {
		fail(c, a, FAILURE_ENTRY);
		return;
	}
	if (answer_next(&chain, &at, &rr))
		target = rr.data;
	answer_set(c->answers, a, r->status, r->rrs.bytes.data,
	    r->rrs.bytes.len, target, c->config.now);
	c->stats.done++;
	follow(c, a);
}

static bool
is_silence(enum answer_failure f)
{
	return f == FAILURE_TIMEOUT || f == FAILURE_UNREACHABLE;
}

static void
take_failure(struct crawl *c, struct answer *a, const struct reply *r)
{
	if (!is_silence(r->failure))
		losses_end(&c->silent);
	/* If nothing but errors comes back, each lookup is asked once. */
	if (r->again && !losses_are_many(&c->useless)) {
		a->failure = (uint8_t)r->failure;
		schedule_pause(&c->schedule, a, &r->lookup);
		return;
	}
	losses_add(
	    is_silence(r->failure) ? &c->silent : &c->useless, &r->lookup);
	schedule_done(&c->schedule, a);
	fail(c, a, r->failure);
}

static void
take_reply(struct crawl *c, struct reply *r)
{
	struct answer *a = r->lookup.ref;

	schedule_returned(&c->schedule, &r->lookup);
	/* It may be late: given up in the meantime, even asked again. */
	if (a->status != ANSWER_PENDING || a->turn != r->lookup.turn)
		return;
	if (r->status == ANSWER_FAILED) {
		take_failure(c, a, r);
		return;
	}
	losses_end(&c->silent);
	losses_end(&c->useless);
	schedule_done(&c->schedule, a);
	store(c, a, r);
}

static void
replay(struct crawl *c, struct answer *a)
{
	const uint8_t *target;
	const struct answer *found = answers_resolve(
	    c->config.replay, a->name, (enum rr_type)a->type, &target);

	schedule_done(&c->schedule, a);
	if (found->status == ANSWER_FAILED || found->status == ANSWER_UNKNOWN)
		fail(c, a,
		    found->status == ANSWER_FAILED
			? (enum answer_failure)found->failure
			: FAILURE_NOT_SAVED);
	else {
		c->stats.done++;
		kept_copy(c->answers, a, found, target, c->config.now);
		follow(c, a);
	}
}

/* Adds entries' lookups before those at hand run out; all: of every entry. */
static void
feed(struct crawl *c, bool all)
{
	while (c->feed != NULL && (all || c->schedule.pending == 0 ||
				      schedule_is_low(&c->schedule)))
		if (!c->feed(c, c->feed_arg))
			c->feed = NULL;
}

static void
replay_all(struct crawl *c)
{
	struct lookup l;

	/* The list grows while it is worked off. */
	while (feed(c, false), schedule_next(&c->schedule, &l)) {
		schedule_returned(&c->schedule, &l);
		replay(c, l.ref);
	}
}

/* Gives the threads as much as keeps them busy. */
static void
hand_out(struct crawl *c)
{
	size_t most = resolver_batch(c->resolver);
	struct lookup l;

	feed(c, false);
	while (schedule_next(&c->schedule, &l)) {
		struct lookup_batch *b = xcalloc(1, sizeof(*b));

		do
			b->v[b->n++] = l;
		while (b->n < most && schedule_next(&c->schedule, &l));
		resolver_put(c->resolver, b);
	}
}

/* Nothing but errors comes back: what had one is not asked again. */
static void
fail_paused(struct crawl *c)
{
	struct answer *a;

	while ((a = schedule_paused(&c->schedule)) != NULL) {
		schedule_done(&c->schedule, a);
		fail(c, a, (enum answer_failure)a->failure);
	}
}

static void
take_replies(struct crawl *c)
{
	struct reply_batch *b = resolver_get(c->resolver), *next;

	for (; b != NULL; b = next) {
		struct reply *r = b->first, *after;

		c->stats.queries += b->queries;
		c->stats.retries += b->retries;
		for (; r != NULL; r = after) {
			after = r->next;
			take_reply(c, r);
			reply_free(r);
		}
		hand_out(c);
		next = (struct reply_batch *)b->link.next;
		free(b);
	}
}

/* Pending lookups that are given up, for give_up_one(). */
struct giving_up {
	struct crawl *crawl;
	enum answer_failure failure;
	bool late; /* those of entries whose patience has expired */
};

static void
give_up_one(void *arg, struct answer *a)
{
	const struct giving_up *g = arg;
	struct crawl *c = g->crawl;

	if (a->status != ANSWER_PENDING ||
	    (g->late && !schedule_has_given_up(&c->schedule, a->entry)))
		return;
	if (g->late && a->also != 0 &&
	    !schedule_has_given_up(&c->schedule, a->also - 1)) {
		schedule_move(&c->schedule, a, a->also - 1);
		a->also = 0;
		return;
	}
	schedule_done(&c->schedule, a);
	fail(c, a, g->failure);
}

/* Pending lookups fail: all of them, or only those that are late. */
static void
give_up(struct crawl *c, enum answer_failure failure, bool late)
{
	struct giving_up g = {c, failure, late};

	if (!late)
		feed(c, true);
	answers_visit(c->answers, give_up_one, &g);
	if (!late)
		schedule_drop(&c->schedule);
}

/* Puts a saved answer in place of a failure. */
static void
stand_in(struct crawl *c, struct answer *a)
{
	const uint8_t *target;
	const struct answer *found = answers_resolve(
	    c->config.saved, a->name, (enum rr_type)a->type, &target);
	uint8_t failure = a->failure;

	/* It may have been asked for again, since it failed. */
	if (a->status != ANSWER_FAILED || !stale_is_usable(found) ||
	    c->config.now - found->confirmed > c->config.stale_limit ||
	    !stale_agrees(c->answers, a->name, target))
		return;
	/* Or else it could be more each night. Another entry may have it. */
	if (!charge_bytes(c, a, kept_again(a->name, found, target != NULL))) {
		a->failure = FAILURE_ENTRY;
		c->owed = c->left_out = true;
		return;
	}
	kept_copy(c->answers, a, found, target, c->config.now);
	a->failure = failure;
	a->stale = true;
	if (c->stats.stale++ == 0 || found->confirmed < c->stats.oldest_stale)
		c->stats.oldest_stale = found->confirmed;
	follow(c, a);
}

/*
 * Replaces failed lookups by saved answers, once DNS is done, so that the order
 * of the failures does not matter. Returns whether this made lookups necessary.
 */
static bool
use_saved(struct crawl *c)
{
	struct answer **v = c->failures;
	size_t n = c->nfailures;

	if (!c->saving || n == 0)
		return false;
	c->failures = NULL;
	c->nfailures = c->failures_cap = 0;
	qsort(v, n, sizeof(struct answer *), answer_cmp);
	for (size_t i = 0; i < n; i++)
		/* It may have failed twice. */
		if (i == 0 || v[i] != v[i - 1])
			stand_in(c, v[i]);
	free(v);
	return c->schedule.pending > 0 || c->nfailures > 0;
}

/*
 * Gives up lookups whose time has expired. passed: milliseconds since the last
 * call.
 */
static void
look_at_time(struct crawl *c, int64_t passed)
{
	c->time_left -= passed;
	if (c->time_left <= 0 || resolver_is_stopped(c->resolver)) {
		give_up(c, FAILURE_RUN, false);
		/* Late replies must find nothing to do. */
		resolver_stop(c->resolver);
	} else if (losses_are_many(&c->silent))
		give_up(c, FAILURE_TIMEOUT, false);
	else if (c->feed == NULL &&
		 schedule_pass(&c->schedule, (unsigned)passed))
		give_up(c, FAILURE_PATIENCE, true);
}

static void
crawl_dns(struct crawl *c)
{
	int64_t last = now_ms(), shown = last, now;

	/* What was evaluated since the last crawl takes time as well. */
	if (c->looked_at != 0)
		c->time_left -= last - c->looked_at;
	while (feed(c, false), c->schedule.pending > 0) {
		hand_out(c);
		resolver_wait(
		    c->resolver, schedule_wait(&c->schedule, PROGRESS_EVERY));
		take_replies(c);
		if (losses_are_many(&c->useless))
			fail_paused(c);
		now = now_ms();
		look_at_time(c, now - last);
		last = now;
		if (c->config.progress != NULL &&
		    now - shown >= PROGRESS_EVERY) {
			c->config.progress(c->config.progress_arg, &c->stats);
			shown = now;
		}
	}
	c->looked_at = last;
}

int
crawl_rank(struct crawl *c, uint32_t entry)
{
	return schedule_rank(&c->schedule, entry);
}

bool
crawl_left_out(const struct crawl *c)
{
	return c->left_out;
}

/* Works off the list. */
static void
work(struct crawl *c)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (c->config.replay != NULL)
		replay_all(c);
	else
		do
			crawl_dns(c);
		while (!c->owed && use_saved(c));
	clock_gettime(CLOCK_MONOTONIC, &to);
	c->stats.seconds += (double)(to.tv_sec - from.tv_sec) +
			    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

void
crawl_run(struct crawl *c, crawl_feed *entries, void *arg)
{
	bool first = entries != NULL;

	c->feed = entries;
	c->feed_arg = arg;
	c->schedule.late = !first;
	/*
	 * At the end of the last run there may have been none left but those
	 * that a server, otherwise well, says nothing about.
	 */
	if (!first && c->stats.done > c->stats.failed)
		c->silent.n = c->useless.n = 0;
	work(c);
	if (!first)
		return;
	c->first.silent = c->silent;
	c->first.useless = c->useless;
	c->first.ends = c->schedule.ends;
}

bool
crawl_use_saved(struct crawl *c)
{
	if (c->config.saved == NULL || c->config.replay != NULL ||
	    c->nfailures == 0)
		return false;
	/* As in the first run: what was asked since then does not count. */
	c->schedule.late = false;
	c->silent = c->first.silent;
	c->useless = c->first.useless;
	if (!c->saving)
		c->schedule.ends = c->first.ends;
	c->saving = true;
	c->owed = false;
	use_saved(c);
	work(c);
	return true;
}
