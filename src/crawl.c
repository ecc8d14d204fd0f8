/*
 * crawl: finds out which answers are needed and fetches each (name, type)
 * once.
 */
#include "crawl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evaluate.h"
#include "name.h"
#include "spf.h"

#define PROGRESS_EVERY 100 /* milliseconds */

struct thread {
	pthread_t id;
	struct dns_config config;
};

struct crawl {
	struct crawl_config config;
	struct answers *answers;
	struct crawl_stats stats;
	struct thread *threads;
	unsigned nthreads;
	struct queue lookups, replies;
	int stop[2];              /* closing stop[1] ends the threads */
	struct lookup_batch *out; /* being filled for the queue */
	unsigned long pending;    /* lookups without a reply */
	unsigned *charges;        /* lookups that each entry made us ask */
	size_t ncharges, charges_cap;
	struct lookup *failures; /* for saved answers to stand in */
	size_t nfailures, failures_cap;
	bool left_out;     /* some term was not followed */
	int64_t time_left; /* of run_timeout, milliseconds */
	/* Replay: the work list itself; DNS has the queue. */
	struct lookup *work;
	size_t nwork, work_cap;
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

	if (pipe(c->stop) != 0 || queue_init(&c->lookups) != 0 ||
	    queue_init(&c->replies) != 0) {
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

void
crawl_close(struct crawl *c)
{
	if (c->config.replay == NULL) {
		close(c->stop[1]);
		for (unsigned i = 0; i < c->nthreads; i++)
			pthread_join(c->threads[i].id, NULL);
		close(c->stop[0]);
		free_replies(&c->replies);
		queue_clear(&c->replies);
		queue_clear(&c->lookups);
	}
	free(c->threads);
	free(c->out);
	free(c->charges);
	free(c->work);
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
	return c->charges[entry]++ < QUERIES_MAX;
}

static void
hand_out(struct crawl *c)
{
	if (c->out == NULL)
		return;
	queue_put(&c->lookups, &c->out->link);
	c->out = NULL;
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
	    .depth = (uint8_t)depth};

	if (a->status != ANSWER_UNKNOWN)
		return;
	a->status = ANSWER_PENDING;
	c->stats.known++;
	c->pending++;
	if (c->config.replay != NULL) {
		c->work =
		    grow(c->work, c->nwork, &c->work_cap, sizeof(*c->work));
		c->work[c->nwork++] = l;
		return;
	}
	if (c->out == NULL)
		c->out = xcalloc(1, sizeof(*c->out));
	c->out->v[c->out->n++] = l;
	if (c->out->n == LOOKUP_BATCH)
		hand_out(c);
}

void
crawl_want(
    struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry)
{
	want(c, name, type, entry, 0);
}

/* A lookup that an answer made necessary. */
static void
want_more(struct crawl *c, const struct lookup *from, const uint8_t *name,
    enum rr_type type, unsigned deeper)
{
	if (from->depth + deeper <= DEPTH_MAX && charge(c, from->entry))
		want(c, name, type, from->entry, from->depth + deeper);
	else
		c->left_out = true;
}

static void
follow_term(
    struct crawl *c, const struct lookup *from, const struct spf_term *t)
{
	uint8_t target[NAME_MAX_WIRE];
	bool uses_origin = false;

	if (spf_term_target(t, from->name, from->name, target, &uses_origin) !=
	    SPF_TARGET)
		return;
	if (uses_origin) {
		c->left_out = true;
		return;
	}
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		if (name_labels(target) > 1)
			want_more(c, from, target, RR_TXT, 1);
		break;
	case SPF_A:
		want_more(c, from, target, RR_A, 0);
		want_more(c, from, target, RR_AAAA, 0);
		break;
	case SPF_MX:
		want_more(c, from, target, RR_MX, 0);
		break;
	case SPF_EXISTS:
		want_more(c, from, target, RR_A, 0);
		break;
	default:
		break;
	}
}

/* What an SPF record asks for: its terms up to all (RFC 7208 section 5.1). */
static void
follow_txt(struct crawl *c, const struct lookup *from, const struct answer *txt)
{
	const uint8_t *at = NULL;
	struct buf text;
	struct rr rr;

	buf_init(&text);
	while (answer_next(txt, &at, &rr)) {
		struct spf_record r;
		bool all = false;

		spf_join_strings(&text, rr.data, rr.len);
		if (!spf_is_record(text.data, text.len))
			continue;
		spf_parse(&r, text.data, text.len);
		for (size_t i = 0; i < r.n && !all; i++) {
			all = r.terms[i].kind == SPF_ALL &&
			      (r.terms[i].qualifier != '+' ||
				  !c->config.pass_all);
			if (r.terms[i].kind != SPF_REDIRECT)
				follow_term(c, from, &r.terms[i]);
		}
		if (!all && r.redirect != NULL)
			follow_term(c, from, r.redirect);
		spf_record_clear(&r);
	}
	buf_clear(&text);
}

static void
follow_mx(struct crawl *c, const struct lookup *from, const struct answer *mx)
{
	const uint8_t *at = NULL;
	unsigned names = 0;
	struct rr rr;

	while (answer_next(mx, &at, &rr) && names < MX_NAMES_MAX) {
		if (rr.data[2] == 0)
			continue;
		names++;
		want_more(c, from, rr.data + 2, RR_A, 0);
		want_more(c, from, rr.data + 2, RR_AAAA, 0);
	}
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
	enum rr_type type = (enum rr_type)l->type;
	const struct answer *a =
	    answers_resolve(c->answers, l->name, type, NULL, NULL);

	if (a->status == ANSWER_FAILED)
		failed(c, l);
	if (a->status != ANSWER_DATA)
		return;
	if (type == RR_TXT)
		follow_txt(c, l, a);
	if (type == RR_MX)
		follow_mx(c, l, a);
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

/*
 * What another table says to a question; *alias: the CNAME target that led
 * there, or NULL.
 */
static const struct answer *
look_in(const struct answers *as, const struct lookup *l, const uint8_t **alias)
{
	const struct answer *chain[CNAME_MAX], *found;
	const uint8_t *at = NULL;
	size_t links;
	struct rr rr;

	found =
	    answers_resolve(as, l->name, (enum rr_type)l->type, chain, &links);
	*alias = found->alias;
	if (links > 0 && answer_next(chain[0], &at, &rr))
		*alias = rr.data;
	return found;
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
	const struct answer *found = look_in(c->config.replay, l, &alias);
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
	for (size_t i = 0; i < c->nwork; i++) {
		struct lookup l = c->work[i];

		replay(c, &l);
	}
	c->nwork = 0;
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
			store(c, r);
			reply_free(r);
		}
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
	c->pending = 0;
	/* Late replies must find nothing to do: no more lookups are wanted. */
	close(c->stop[1]);
	c->stop[1] = -1;
	for (unsigned i = 0; i < c->nthreads; i++)
		pthread_join(c->threads[i].id, NULL);
	c->nthreads = 0;
	free_replies(&c->replies);
}

static bool
is_usable(const struct crawl *c, const struct answer *a)
{
	return (a->status == ANSWER_DATA || a->status == ANSWER_NODATA ||
		   a->status == ANSWER_NXDOMAIN) &&
	       c->config.now - a->confirmed <= c->config.stale_limit;
}

/*
 * Whether a saved answer agrees with what DNS says of the same name today: a
 * name with a CNAME has no other data (RFC 1034 section 3.6.2), so that what
 * is fresh displaces what was saved, one way and the other.
 */
static bool
agrees(const struct crawl *c, const uint8_t *name, const uint8_t *alias)
{
	static const enum rr_type types[] = {RR_A, RR_MX, RR_TXT, RR_AAAA};

	for (size_t i = 0; i < COUNT(types); i++) {
		const struct answer *a =
		    answers_find(c->answers, name, types[i]);

		if (a == NULL || a->stale ||
		    (a->status != ANSWER_DATA && a->status != ANSWER_NODATA &&
			a->status != ANSWER_NXDOMAIN))
			continue;
		if (a->alias == NULL || alias == NULL
			? a->alias != alias
			: !name_equal(a->alias, alias))
			return false;
	}
	return true;
}

/* Puts a saved answer in place of a failure. */
static void
stand_in(struct crawl *c, const struct lookup *l)
{
	const uint8_t *alias;
	const struct answer *found = look_in(c->config.saved, l, &alias);
	struct answer *a = l->ref;

	if (!is_usable(c, found) || !agrees(c, l->name, alias))
		return;
	copy_answer(c, a, found, alias);
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
	clock_gettime(CLOCK_MONOTONIC, &to);
	c->stats.seconds += (double)(to.tv_sec - from.tv_sec) +
			    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}
