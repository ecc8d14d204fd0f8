/*
 * crawl: finds out which answers are needed and fetches each (name, type)
 * once.
 */
#include "expand/crawl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/dns.h"
#include "spf/limits.h"
#include "expand/follow.h"
#include "expand/saved.h"

#define PROGRESS_EVERY 100 /* milliseconds */
#define AHEAD 4UL /* times max_inflight: lookups that the threads are given */
#define LIGHT 20  /* lookups that an entry may cost before it has to wait */
#define HEAVY 8   /* the share of max_inflight for those that cost more */

struct thread {
	pthread_t id;
	struct dns_config config;
};

/* Lookups that are wanted; those before next are out. */
struct work {
	struct lookup *v;
	size_t n, cap, next;
};

struct crawl {
	struct crawl_config config;
	struct answers *answers;
	struct crawl_stats stats;
	struct thread *threads;
	unsigned nthreads;
	struct queue lookups, replies;
	int stop[2];              /* closing stop[1] ends the threads */
	struct work light, heavy; /* the work list: see LIGHT */
	unsigned long pending;    /* lookups without a reply */
	unsigned long out;        /* of these, in the threads' hands */
	unsigned *charges;        /* lookups that each entry made us ask */
	size_t ncharges, charges_cap;
	struct lookup *failures; /* for saved answers to stand in */
	size_t nfailures, failures_cap;
	bool left_out;     /* some term was not followed */
	uint8_t round;     /* of the lookups wanted now, see crawl_run() */
	int64_t time_left; /* of run_timeout, milliseconds */
};

static int
start_thread(struct crawl *c, struct thread *t, unsigned i)
{
	const struct crawl_config *config = &c->config;

	t->config = (struct dns_config){
	    .servers = config->servers,
	    .max_inflight = config->max_inflight / config->threads +
			    (i < config->max_inflight % config->threads),
	    .timeout = config->query_timeout,
	    .attempts = config->query_attempts,
	    .lookups = &c->lookups,
	    .replies = &c->replies,
	    .stop_fd = c->stop[0],
	};
	if (t->config.max_inflight == 0)
		t->config.max_inflight = 1;
	errno = pthread_create(&t->id, NULL, dns_run, &t->config);
	return errno == 0 ? 0 : -1;
}

/* Signals are for the main thread: its handlers know what to clean up. */
static int
start_threads(struct crawl *c, struct buf *why)
{
	sigset_t all, old;
	int result = 0;

	if (pipe(c->stop) != 0 || fcntl(c->stop[0], F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(c->stop[1], F_SETFD, FD_CLOEXEC) != 0 ||
	    queue_init(&c->lookups) != 0 || queue_init(&c->replies) != 0) {
		buf_printf(why, "cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	c->threads = xcalloc(c->config.threads, sizeof(*c->threads));
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	while (c->nthreads < c->config.threads && result == 0) {
		result = start_thread(c, &c->threads[c->nthreads], c->nthreads);
		if (result == 0)
			c->nthreads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	/* Fewer threads are slower; without any there is no run. */
	if (c->nthreads > 0)
		return 0;
	buf_printf(why, "cannot start a thread: %s", strerror(errno));
	return -1;
}

struct crawl *
crawl_open(
    struct answers *answers, const struct crawl_config *config, struct buf *why)
{
	struct crawl *c = xcalloc(1, sizeof(*c));

	c->config = *config;
	c->answers = answers;
	c->time_left = config->run_timeout;
	if (config->replay == NULL && start_threads(c, why) != 0) {
		free(c->threads);
		free(c);
		return NULL;
	}
	return c;
}

static void
free_replies(struct queue *q)
{
	struct batch *b = queue_get_all(q), *next;

	for (; b != NULL; b = next) {
		struct reply *r = ((struct reply_batch *)b)->first, *after;

		for (; r != NULL; r = after) {
			after = r->next;
			reply_free(r);
		}
		next = b->next;
		free(b);
	}
}

/* Ends the threads that still run; what they had found is dropped. */
static void
end_threads(struct crawl *c)
{
	if (c->nthreads == 0)
		return;
	close(c->stop[1]);
	for (unsigned i = 0; i < c->nthreads; i++)
		pthread_join(c->threads[i].id, NULL);
	c->nthreads = 0;
	free_replies(&c->replies);
}

void
crawl_close(struct crawl *c)
{
	if (c->config.replay == NULL) {
		end_threads(c);
		close(c->stop[0]);
		queue_clear(&c->replies);
		queue_clear(&c->lookups);
	}
	free(c->threads);
	free(c->charges);
	free(c->light.v);
	free(c->heavy.v);
	free(c->failures);
	free(c);
}

const struct crawl_stats *
crawl_stats(const struct crawl *c)
{
	return &c->stats;
}

/* Whether the entry may make us ask once more. */
static bool
charge(struct crawl *c, uint32_t entry)
{
	while (c->ncharges <= entry) {
		c->charges = grow(c->charges, c->ncharges, &c->charges_cap,
		    sizeof(*c->charges));
		c->charges[c->ncharges++] = 0;
	}
	/* evaluate applies the bound exactly; this only ends the following. */
	return c->charges[entry]++ < c->config.max_queries;
}

/* Hands out lookups until so many are out. */
static void
hand_out_until(struct crawl *c, struct work *w, unsigned long max)
{
	while (w->next < w->n && c->out < max) {
		struct lookup_batch *b = xcalloc(1, sizeof(*b));

		while (b->n < LOOKUP_BATCH && w->next < w->n &&
		       c->out + b->n < max)
			b->v[b->n++] = w->v[w->next++];
		c->out += b->n;
		queue_put(&c->lookups, &b->link);
	}
	/* What is out needs no room any more. */
	if (w->next > w->n / 2) {
		w->n -= w->next;
		memmove(w->v, w->v + w->next, w->n * sizeof(*w->v));
		w->next = 0;
	}
}

/*
 * Gives the threads as much as keeps them busy. All that the list has at once
 * would only wait in memory, and so would the replies to it. One entry's many
 * lookups, that nobody may ever answer, leave room for the others'.
 */
static void
hand_out(struct crawl *c)
{
	unsigned long max = c->config.max_inflight;

	hand_out_until(c, &c->light, AHEAD * (max + LOOKUP_BATCH));
	hand_out_until(c, &c->heavy, max / HEAVY + 1);
}

static void
want(struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry,
    unsigned depth)
{
	struct answer *a = answers_make(c->answers, name, type);
	struct lookup l = {.name = a->name,
	    .ref = a,
	    .entry = entry,
	    .type = (uint16_t)type,
	    .depth = (uint8_t)depth,
	    .round = c->round};
	bool heavy = c->config.replay == NULL && entry < c->ncharges &&
		     c->charges[entry] > LIGHT;
	struct work *w = heavy ? &c->heavy : &c->light;

	if (a->status != ANSWER_UNKNOWN)
		return;
	a->status = ANSWER_PENDING;
	c->stats.known++;
	c->pending++;
	w->v = grow(w->v, w->n, &w->cap, sizeof(*w->v));
	w->v[w->n++] = l;
}

void
crawl_want(
    struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry)
{
	want(c, name, type, entry, 0);
}

/* Whose answer is followed, for want_more(). */
struct wanter {
	struct crawl *crawl;
	const struct lookup *from;
};

/* A lookup that an answer made necessary. */
static void
want_more(void *arg, const uint8_t *name, enum rr_type type, bool deeper)
{
	const struct wanter *f = arg;
	const struct lookup *from = f->from;
	unsigned depth = from->depth + (deeper ? 1 : 0);

	if (depth <= DEPTH_MAX && charge(f->crawl, from->entry))
		want(f->crawl, name, type, from->entry, depth);
	else
		f->crawl->left_out = true;
}

/* A lookup failed: perhaps a saved answer can stand in for it later. */
static void
failed(struct crawl *c, const struct lookup *l)
{
	c->stats.failed++;
	c->failures = grow(
	    c->failures, c->nfailures, &c->failures_cap, sizeof(*c->failures));
	c->failures[c->nfailures++] = *l;
}

/* An answer arrived: what does it make necessary? */
static void
follow(struct crawl *c, const struct lookup *l)
{
	struct wanter f = {c, l};
	const struct answer *a = l->ref;

	if (a->status == ANSWER_FAILED)
		failed(c, l);
	if (!follow_answer(l->name, (enum rr_type)l->type, a,
		c->config.pass_all, want_more, &f))
		c->left_out = true;
}

/*
 * Stores what was said to one question under its own name, also when CNAMEs
 * led elsewhere: so no other answer can change it, whichever comes first.
 */
static void
store(struct crawl *c, const struct reply *r)
{
	struct answer *a = r->lookup.ref;
	struct answer chain = {.rrs = (const uint8_t *)r->chain.bytes.data,
	    .len = (uint32_t)r->chain.bytes.len};
	const uint8_t *at = NULL;
	struct rr rr;

	answer_set(c->answers, a, r->status, r->rrs.bytes.data,
	    r->rrs.bytes.len, c->config.now);
	a->failure = (uint8_t)r->failure;
	if (answer_next(&chain, &at, &rr))
		a->alias = answers_make_name(c->answers, rr.data);
	c->stats.done++;
	c->pending--;
	follow(c, &r->lookup);
}

/* Takes over an answer of another table, as it stands there. */
static void
copy_answer(struct crawl *c, struct answer *to, const struct answer *from,
    const uint8_t *alias)
{
	answer_set(c->answers, to, (enum answer_status)from->status, from->rrs,
	    from->len, from->confirmed != 0 ? from->confirmed : c->config.now);
	to->failure = from->failure;
	if (alias != NULL)
		to->alias = answers_make_name(c->answers, alias);
}

static void
replay(struct crawl *c, const struct lookup *l)
{
	const uint8_t *alias;
	const struct answer *found = answers_resolve(
	    c->config.replay, l->name, (enum rr_type)l->type, &alias);
	struct answer *a = l->ref;

	copy_answer(c, a, found, alias);
	if (found->status == ANSWER_UNKNOWN) {
		a->status = ANSWER_FAILED;
		a->failure = FAILURE_NOT_SAVED;
	}
	c->stats.done++;
	c->pending--;
	follow(c, l);
}

static void
replay_all(struct crawl *c)
{
	/* The list grows while it is worked off. */
	while (c->light.next < c->light.n) {
		struct lookup l = c->light.v[c->light.next++];

		replay(c, &l);
	}
	c->light.n = c->light.next = 0;
}

static void
take_replies(struct crawl *c)
{
	struct batch *b = queue_get_all(&c->replies), *next;

	for (; b != NULL; b = next) {
		struct reply_batch *replies = (struct reply_batch *)b;
		struct reply *r = replies->first, *after;

		c->stats.queries += replies->queries;
		c->stats.retries += replies->retries;
		for (; r != NULL; r = after) {
			after = r->next;
			c->out--;
			store(c, r);
			reply_free(r);
		}
		hand_out(c);
		next = b->next;
		free(b);
	}
}

/* run_timeout is over: what is still out has failed. */
static void
give_up(struct crawl *c)
{
	size_t n;
	const struct answer **v = answers_sorted(c->answers, &n);

	for (size_t i = 0; i < n; i++)
		if (v[i]->status == ANSWER_PENDING) {
			struct answer *a = answers_make(
			    c->answers, v[i]->name, (enum rr_type)v[i]->type);

			struct lookup l = {
			    .name = a->name, .ref = a, .type = a->type};

			a->status = ANSWER_FAILED;
			a->failure = FAILURE_RUN;
			c->stats.done++;
			failed(c, &l);
		}
	free(v);
	c->pending = c->out = 0;
	c->light.n = c->light.next = 0;
	c->heavy.n = c->heavy.next = 0;
	/* Late replies must find nothing to do: no more lookups are wanted. */
	end_threads(c);
}

/* Puts a saved answer in place of a failure. */
static void
stand_in(struct crawl *c, const struct lookup *l)
{
	const uint8_t *alias;
	const struct answer *found = answers_resolve(
	    c->config.saved, l->name, (enum rr_type)l->type, &alias);
	struct answer *a = l->ref;
	uint8_t failure;

	if (!saved_is_usable(found) ||
	    c->config.now - found->confirmed > c->config.stale_limit ||
	    !saved_agrees(c->answers, l->name, alias))
		return;
	failure = a->failure;
	copy_answer(c, a, found, alias);
	a->failure = failure;
	a->stale = true;
	if (c->stats.stale++ == 0 || found->confirmed < c->stats.oldest_stale)
		c->stats.oldest_stale = found->confirmed;
	follow(c, l);
}

static int
by_name(const void *a, const void *b)
{
	const struct lookup *la = a, *lb = b;
	int result = name_cmp(la->name, lb->name);

	return result != 0 ? result : (int)la->type - (int)lb->type;
}

/*
 * Saved answers stand in for what failed, once DNS is done, so that it does
 * not matter what failed first. Returns whether that made lookups necessary.
 */
static bool
use_saved(struct crawl *c)
{
	struct lookup *v = c->failures;
	size_t n = c->nfailures;

	if (c->config.saved == NULL || n == 0)
		return false;
	c->failures = NULL;
	c->nfailures = c->failures_cap = 0;
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		stand_in(c, &v[i]);
	free(v);
	return c->pending > 0;
}

static void
crawl_dns(struct crawl *c)
{
	int64_t start = now_ms(), shown = start, now;

	while (c->pending > 0) {
		struct pollfd p = {
		    .fd = queue_fd(&c->replies), .events = POLLIN};

		hand_out(c);
		now = now_ms();
		if (now - start >= c->time_left || c->nthreads == 0) {
			give_up(c);
			break;
		}
		poll(&p, 1, PROGRESS_EVERY);
		take_replies(c);
		if (c->config.progress != NULL &&
		    now - shown >= PROGRESS_EVERY) {
			c->config.progress(c->config.progress_arg, &c->stats);
			shown = now;
		}
	}
	c->time_left -= now_ms() - start;
}

bool
crawl_left_out(const struct crawl *c)
{
	return c->left_out;
}

void
crawl_run(struct crawl *c)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (c->config.replay != NULL)
		replay_all(c);
	else
		do
			crawl_dns(c);
		while (use_saved(c));
	/*
	 * At the end there may have been none left but those that a server,
	 * otherwise well, says nothing about.
	 */
	if (c->stats.done > c->stats.failed)
		c->round++;
	clock_gettime(CLOCK_MONOTONIC, &to);
	c->stats.seconds += (double)(to.tv_sec - from.tv_sec) +
			    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}
