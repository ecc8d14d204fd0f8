/*
 * resolver: the threads that ask the servers. A thread's loop:
 *
 *	expire   gives up attempts that have timed out, repeats queries
 *	start    takes lookups while there is room for a batch
 *	flush    sends the queries that are due, a system call a batch
 *	receive  matches messages to queries by channel, ID and question
 */
#include "dns/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "dns/query.h"

/* A thread's window is made up of so many: room for less stays unused. */
#define BATCHES 32

struct thread {
	pthread_t id;
	struct resolver *resolver;
	struct query_config config;
};

struct resolver {
	struct thread *threads;
	unsigned nthreads;
	size_t batch;
	struct queue lookups; /* of struct lookup_batch */
	struct queue replies; /* of struct reply_batch */
	int stop[2];          /* closing stop[1] ends the threads */
};

/*
 * Takes whole batches, and only those that there is room for: what a thread
 * took and could not start would wait there for answers that may never come.
 */
static void
start(struct queries *qs, struct resolver *r)
{
	struct lookup_batch *b;

	while (queries_room(qs) >= r->batch &&
	       (b = (struct lookup_batch *)queue_get(&r->lookups)) != NULL) {
		for (size_t i = 0; i < b->n; i++)
			queries_start(qs, &b->v[i]);
		free(b);
	}
}

/* Whether the threads are to end, if poll() cannot tell. */
static bool
is_stopped(int fd)
{
	char c;

	return read(fd, &c, 1) == 0;
}

/* Waits for something to do; returns false if it is time to end. */
static bool
wait_and_receive(struct queries *qs, struct resolver *r, struct pollfd *p)
{
	int deadline = queries_next_deadline(qs);
	int idle = tcp_close_idle(&qs->tcp), ready;
	size_t n = 0;

	p[n++] = (struct pollfd){.fd = r->stop[0], .events = POLLIN};
	if (queries_room(qs) >= r->batch)
		p[n++] = (struct pollfd){
		    .fd = queue_fd(&r->lookups), .events = POLLIN};
	n = udp_poll(&qs->udp, p, n);
	n = tcp_poll(&qs->tcp, p, n);
	ready = wait_ready(p, n,
	    idle >= 0 && (deadline < 0 || idle < deadline) ? idle : deadline);
	if (ready < 0 ? is_stopped(r->stop[0]) : ready > 0 && p[0].revents != 0)
		return false;
	if (ready != 0) {
		udp_receive(&qs->udp, p, ready < 0);
		tcp_receive(&qs->tcp, p, ready < 0);
	}
	return true;
}

static void *
run(void *arg)
{
	struct thread *t = arg;
	struct resolver *r = t->resolver;
	struct queries *qs = xcalloc(1, sizeof(*qs));
	struct reply_batch *replies;
	struct pollfd *p;

	queries_init(qs, &t->config);
	p = xcalloc(2 + udp_sockets(&qs->udp) + (size_t)TCP_POLLED, sizeof(*p));
	do {
		queries_expire(qs);
		start(qs, r);
		udp_flush(&qs->udp);
		tcp_flush(&qs->tcp);
		replies = queries_replies(qs);
		if (replies != NULL)
			queue_put(&r->replies, &replies->link);
	} while (wait_and_receive(qs, r, p));
	/* What came last is dropped, as is all that is still in flight. */
	replies = queries_replies(qs);
	if (replies != NULL)
		queue_put(&r->replies, &replies->link);
	free(p);
	queries_clear(qs);
	free(qs);
	return NULL;
}

/* Signals are for the main thread: its handlers know what to clean up. */
static int
start_threads(struct resolver *r, const struct resolver_config *config)
{
	unsigned each = config->max_inflight / config->threads;
	sigset_t all, old;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (unsigned i = 0; i < config->threads && error == 0; i++) {
		struct thread *t = &r->threads[i];
		bool more = i < config->max_inflight % config->threads;

		t->resolver = r;
		t->config = (struct query_config){
		    .servers = config->servers,
		    .max_inflight = each + more > 0 ? each + more : 1,
		    .timeout = config->timeout,
		    .attempts = config->attempts,
		};
		error = pthread_create(&t->id, NULL, run, t);
		r->nthreads += error == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	/* Fewer threads are slower; without any there is no run. */
	return r->nthreads > 0 ? 0 : -1;
}

static int
open_pipes(struct resolver *r)
{
	if (pipe(r->stop) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(r->stop[i], F_SETFD, FD_CLOEXEC) != 0 ||
		    fcntl(r->stop[i], F_SETFL, O_NONBLOCK) != 0)
			return -1;
	return queue_init(&r->lookups) == 0 && queue_init(&r->replies) == 0
		   ? 0
		   : -1;
}

struct resolver *
resolver_open(const struct resolver_config *config, struct buf *why)
{
	struct resolver *r = xcalloc(1, sizeof(*r));

	r->threads = xcalloc(config->threads, sizeof(*r->threads));
	r->batch = config->max_inflight / config->threads / BATCHES;
	if (r->batch > LOOKUP_BATCH)
		r->batch = LOOKUP_BATCH;
	if (r->batch < 1)
		r->batch = 1;
	if (open_pipes(r) != 0)
		buf_printf(why, "cannot create a pipe: %s", strerror(errno));
	else if (start_threads(r, config) != 0)
		buf_printf(why, "cannot start a thread: %s", strerror(errno));
	else
		return r;
	free(r->threads);
	free(r);
	return NULL;
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
resolver_stop(struct resolver *r)
{
	if (r->nthreads == 0)
		return;
	close(r->stop[1]);
	for (unsigned i = 0; i < r->nthreads; i++)
		pthread_join(r->threads[i].id, NULL);
	r->nthreads = 0;
	free_replies(&r->replies);
}

bool
resolver_is_stopped(const struct resolver *r)
{
	return r->nthreads == 0;
}

void
resolver_close(struct resolver *r)
{
	resolver_stop(r);
	close(r->stop[0]);
	queue_clear(&r->replies);
	queue_clear(&r->lookups);
	free(r->threads);
	free(r);
}

size_t
resolver_batch(const struct resolver *r)
{
	return r->batch;
}

void
resolver_put(struct resolver *r, struct lookup_batch *b)
{
	queue_put(&r->lookups, &b->link);
}

struct reply_batch *
resolver_get(struct resolver *r)
{
	return (struct reply_batch *)queue_get_all(&r->replies);
}

void
resolver_wait(const struct resolver *r, int milliseconds)
{
	struct pollfd p = {.fd = queue_fd(&r->replies), .events = POLLIN};

	wait_ready(&p, 1, milliseconds);
}
