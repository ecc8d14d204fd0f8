/*
 * dns: one resolver thread's work. A single poll loop holds all its lookups:
 *
 *	start    takes lookups while there is room in the window
 *	write    sends the queries that are due, a system call a batch
 *	receive  matches messages to lookups by socket, ID and question
 *	expire   gives up attempts whose time is over
 */
#include "dns/dns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/engine.h"

void
reply_free(struct reply *r)
{
	buf_clear(&r->rrs.bytes);
	buf_clear(&r->chain.bytes);
	free(r);
}

int
server_socket(const struct server *server, int type)
{
	int size = RECEIVE_BUFFER, one = 1, flags, saved;
	int fd = socket(server->addr.ss_family, type, 0);

	if (fd < 0)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		goto fail;
	/* Both are wishes: without them it is slower, not wrong. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&server->addr, server->len) !=
		0 &&
	    errno != EINPROGRESS)
		goto fail;
	return fd;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The next lookup to start, or NULL. */
static const struct lookup *
next_lookup(struct engine *e)
{
	if (e->batch != NULL && e->taken == e->batch->n) {
		free(e->batch);
		e->batch = NULL;
	}
	if (e->batch == NULL) {
		e->batch = (struct lookup_batch *)queue_get(e->config->lookups);
		e->taken = 0;
	}
	return e->batch == NULL ? NULL : &e->batch->v[e->taken++];
}

static void
start(struct engine *e)
{
	const struct lookup *l;

	while (e->out < e->window && (l = next_lookup(e)) != NULL) {
		struct flight *f = e->idle;

		if (l->round != e->round)
			flight_new_round(e, l->round);
		e->idle = f->next;
		e->out++;
		f->lookup = *l;
		f->name = l->name;
		f->attempts = 0;
		f->started = now_ms();
		f->failure = FAILURE_TIMEOUT;
		f->list = -1;
		memset(f->asked, 0, sizeof(f->asked));
		flight_attempt(e, f);
	}
}

static void
hand_over(struct engine *e)
{
	if (e->done->first == NULL)
		return;
	queue_put(e->config->replies, &e->done->link);
	e->done = xcalloc(1, sizeof(*e->done));
}

/* How long to wait, for poll(): until a time-out, but not with work at hand. */
static int
patience(const struct engine *e)
{
	bool at_hand = e->batch != NULL && e->taken < e->batch->n;

	return at_hand && e->out < e->window ? 0 : flight_next_deadline(e);
}

/* Waits for something to do; returns false if it is time to end. */
static bool
wait_and_receive(struct engine *e)
{
	size_t nudps = e->sockets_each * e->config->servers.n, n = 0;
	struct pollfd *p = e->polls;
	bool more = e->out < e->window;
	size_t i;

	p[n++] = (struct pollfd){.fd = e->config->stop_fd, .events = POLLIN};
	p[n++] = (struct pollfd){
	    .fd = more ? queue_fd(e->config->lookups) : -1, .events = POLLIN};
	for (i = 0; i < nudps; i++)
		p[n++] = (struct pollfd){
		    .fd = e->udps[i].out > 0 ? e->udps[i].fd : -1,
		    .events = POLLIN};
	for (i = 0; i < e->config->servers.n; i++)
		p[n++] = (struct pollfd){.fd = e->tcps[i].fd,
		    .events =
			(short)(POLLIN |
				(e->tcps[i].unsent.len > 0 ? POLLOUT : 0))};
	if (poll(p, (nfds_t)n, patience(e)) <= 0)
		return true;
	if (p[0].revents != 0)
		return false;
	for (i = 0; i < nudps; i++)
		if (p[2 + i].revents != 0)
			udp_receive(e, &e->udps[i]);
	for (i = 0; i < e->config->servers.n; i++) {
		struct tcp *t = &e->tcps[i];
		short revents = p[2 + nudps + i].revents;

		if (t->fd >= 0 && (revents & (POLLIN | POLLERR | POLLHUP)))
			tcp_receive(e, t);
	}
	return true;
}

static void
write_all(struct engine *e)
{
	/* What cannot be sent may go to another server at once. */
	do {
		udp_send_all(e);
		for (size_t i = 0; i < e->config->servers.n; i++)
			if (e->tcps[i].fd >= 0 && e->tcps[i].unsent.len > 0)
				tcp_write(&e->tcps[i]);
	} while (udp_is_unsent(e));
}

static struct engine *
engine_open(const struct dns_config *config)
{
	struct engine *e = xcalloc(1, sizeof(*e));
	size_t nudps;

	e->config = config;
	e->sockets_each = config->max_inflight / FLIGHTS_A_SOCKET + SOCKETS_MIN;
	nudps = e->sockets_each * config->servers.n;
	e->udps = xcalloc(nudps, sizeof(*e->udps));
	for (size_t i = 0; i < nudps; i++) {
		e->udps[i].fd = -1;
		e->udps[i].server = i / e->sockets_each;
	}
	for (size_t i = 0; i < SERVERS_MAX; i++) {
		e->tcps[i].fd = -1;
		e->tcps[i].server = i;
	}
	e->flights = xcalloc(config->max_inflight, sizeof(*e->flights));
	for (size_t i = 0; i < config->max_inflight; i++) {
		e->flights[i].list = -1;
		e->flights[i].next = e->idle;
		e->idle = &e->flights[i];
	}
	e->window = config->max_inflight;
	e->done = xcalloc(1, sizeof(*e->done));
	e->polls = xcalloc(2 + nudps + config->servers.n, sizeof(*e->polls));
	e->received = xmalloc((size_t)BATCH * WIRE_UDP_MAX);
	return e;
}

static void
engine_close(struct engine *e)
{
	for (size_t i = 0; i < e->sockets_each * e->config->servers.n; i++)
		if (e->udps[i].fd >= 0)
			close(e->udps[i].fd);
	for (size_t i = 0; i < e->config->servers.n; i++) {
		tcp_close(&e->tcps[i]);
		buf_clear(&e->tcps[i].in);
		buf_clear(&e->tcps[i].unsent);
	}
	for (size_t i = 0; i < e->config->max_inflight; i++)
		wire_answer_clear(&e->flights[i].answer);
	free(e->done); /* empty: see the order in dns_run() */
	free(e->batch);
	free(e->udps);
	free(e->flights);
	free(e->polls);
	free(e->received);
	free(e);
}

void *
dns_run(void *config)
{
	struct engine *e = engine_open(config);

	do {
		flight_expire(e);
		start(e);
		write_all(e);
		hand_over(e);
	} while (wait_and_receive(e));
	engine_close(e);
	return NULL;
}
