/*
 * dns: one resolver thread's work. A single poll loop holds all its lookups:
 *
 *	start    takes lookups while there is room in the window
 *	send     writes the queries that are due, a system call a batch
 *	receive  matches messages to lookups by socket, ID and question
 *	expire   gives up attempts whose time is over
 *
 * A lookup that is out is a struct flight. Each of its attempts has a deadline
 * and hangs in the list of that time-out; since all in a list wait equally
 * long, a list is in the order of its deadlines.
 */
#include "dns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "name.h"
#include "wire.h"

#define FLIGHTS_A_SOCKET 128  /* answers that a socket's buffer surely holds */
#define QUERIES_A_SOCKET 2000 /* then another source port takes its place */
#define SOCKETS_MIN 2         /* a server, so that ports are not constant */
#define RECEIVE_BUFFER (1 << 20)
#define BATCH 32          /* messages a system call */
#define LOST_TO_BE_DOWN 3 /* lookups, see is_down() */
#define BACKOFF                                                              \
	8 /* a share of the time-out, before a failing server is asked again \
	   */

/* Lists of flights: time-outs of 1, 2 and 4 times, then pauses likewise. */
enum { STEPS = 3, LISTS = 2 * STEPS };

struct flight {
	struct flight *next,
	    *prev; /* in a list by deadline, or the free list */
	struct lookup lookup;
	const uint8_t
	    *name; /* asked for now: the lookup's, or a CNAME's target */
	uint8_t target[NAME_MAX_WIRE];
	struct wire_answer answer;
	int64_t deadline;
	struct udp *udp; /* the query went out there, */
	struct tcp *tcp; /* or there; NULL while it pauses */
	size_t server;
	unsigned attempts;
	enum answer_failure failure; /* of the last attempt */
	int list;                    /* where it hangs, -1: nowhere */
	uint16_t id;
	bool edns;
	bool asked[SERVERS_MAX]; /* in this round over the servers */
};

struct udp {
	int fd; /* -1: not open */
	size_t server;
	unsigned out;  /* flights that wait here */
	unsigned sent; /* queries since it was opened */
	/* Queries that the next send() writes. */
	size_t n;
	size_t len[BATCH];
	uint8_t query[BATCH][WIRE_QUERY_MAX];
};

struct tcp {
	int fd; /* -1: not open */
	size_t server;
	unsigned out;
	struct buf in, unsent;
};

/* What a thread knows of a server. */
struct state {
	bool heard;     /* it sent something that counts */
	bool down;      /* for the rest of the run */
	unsigned lost;  /* lookups that it let end without an answer */
	unsigned fails; /* attempts in a row */
};

struct engine {
	const struct dns_config *config;
	struct state state[SERVERS_MAX];
	struct udp *udps; /* sockets_each for each server */
	size_t sockets_each;
	struct tcp tcps[SERVERS_MAX];
	struct flight *flights, *idle;
	struct flight *head[LISTS], *tail[LISTS];
	struct flight *by_id[UINT16_MAX + 1];
	unsigned out;       /* flights in use */
	unsigned window;    /* how many may be */
	unsigned good, bad; /* attempts since the window was looked at */
	struct lookup_batch *batch; /* taken from the queue, */
	size_t taken;               /* so far */
	struct reply_batch *done;
	struct pollfd *polls;
	uint16_t randoms[256];
	size_t nrandoms;
	uint8_t *received; /* BATCH buffers of WIRE_UDP_MAX */
};

void
reply_free(struct reply *r)
{
	buf_clear(&r->rrs.bytes);
	buf_clear(&r->chain.bytes);
	free(r);
}

/* Sixteen bits that nobody can guess. */
static uint16_t
random16(struct engine *e)
{
	if (e->nrandoms == 0) {
		if (getentropy(e->randoms, 256) != 0)
			for (size_t i = 0; i < 128; i++)
				e->randoms[i] = (uint16_t)random();
		e->nrandoms = 128;
	}
	return e->randoms[--e->nrandoms];
}

static void
unlist(struct engine *e, struct flight *f)
{
	if (f->list < 0)
		return;
	if (f->prev != NULL)
		f->prev->next = f->next;
	else
		e->head[f->list] = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
	else
		e->tail[f->list] = f->prev;
	f->list = -1;
}

static int64_t
list_delay(const struct engine *e, int list)
{
	int64_t t = (int64_t)e->config->timeout << (list % STEPS);

	return list < STEPS ? t : t / BACKOFF;
}

static void
enlist(struct engine *e, struct flight *f, int list)
{
	f->deadline = now_ms() + list_delay(e, list);
	f->list = list;
	f->next = NULL;
	f->prev = e->tail[list];
	if (f->prev != NULL)
		f->prev->next = f;
	else
		e->head[list] = f;
	e->tail[list] = f;
}

/* The flight no longer waits at a socket, under an ID, for a deadline. */
static void
detach(struct engine *e, struct flight *f)
{
	unlist(e, f);
	if (f->udp != NULL || f->tcp != NULL)
		e->by_id[f->id] = NULL;
	if (f->udp != NULL)
		f->udp->out--;
	if (f->tcp != NULL)
		f->tcp->out--;
	f->udp = NULL;
	f->tcp = NULL;
}

/* The lookup is done: its reply goes into the batch for the main thread. */
static void
finish(struct engine *e, struct flight *f, enum answer_status status)
{
	struct reply *r = xcalloc(1, sizeof(*r));

	detach(e, f);
	r->lookup = f->lookup;
	r->status = status;
	if (status == ANSWER_FAILED)
		r->failure = f->failure;
	else {
		r->rrs = f->answer.rrs;
		r->chain = f->answer.chain;
		f->answer = (struct wire_answer){0};
	}
	wire_answer_clear(&f->answer);
	r->next = e->done->first;
	e->done->first = r;
	f->next = e->idle;
	e->idle = f;
	e->out--;
}

/*
 * Fewer in flight when answers are lost: the server, or the way to it, is
 * not ours alone. More again when they come.
 */
static void
look_at_window(struct engine *e)
{
	unsigned all = e->good + e->bad, max = e->config->max_inflight;

	if (all < e->window || all < 20)
		return;
	if (e->bad * 5 > all)
		e->window -= e->window / 4;
	else if (e->bad * 7 < all)
		e->window += e->window / 8 + 1;
	if (e->window < max / 4 + 1)
		e->window = max / 4 + 1;
	if (e->window > max)
		e->window = max;
	e->good = e->bad = 0;
}

/* Whether no server is left that might answer. */
static bool
all_down(const struct engine *e)
{
	for (size_t i = 0; i < e->config->servers.n; i++)
		if (!e->state[i].down)
			return false;
	return true;
}

/*
 * The server for the next attempt: of those not asked in this round the one
 * that failed least in a row; the first of them, when all are as good.
 */
static size_t
choose_server(struct engine *e, struct flight *f)
{
	size_t n = e->config->servers.n, best = n;

	for (int round = 0; round < 2 && best == n; round++) {
		for (size_t i = 0; i < n; i++)
			if (!f->asked[i] && !e->state[i].down &&
			    (best == n ||
				e->state[i].fails < e->state[best].fails))
				best = i;
		if (best == n)
			memset(f->asked, 0, sizeof(f->asked));
	}
	f->asked[best] = true;
	return best;
}

static int
open_socket(const struct server *server, int type)
{
	int size = RECEIVE_BUFFER, one = 1, flags;
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
	close(fd);
	return -1;
}

/* A socket with room, at random; opened, or anew if it is worn out. */
static struct udp *
choose_udp(struct engine *e, size_t server)
{
	struct udp *first = &e->udps[server * e->sockets_each];
	size_t at = random16(e) % e->sockets_each;
	struct udp *u = NULL;

	for (size_t i = 0; i < e->sockets_each; i++) {
		u = &first[(at + i) % e->sockets_each];
		if (u->out < FLIGHTS_A_SOCKET &&
		    (u->sent < QUERIES_A_SOCKET || u->out == 0))
			break;
	}
	if (u->fd >= 0 && u->sent >= QUERIES_A_SOCKET && u->out == 0) {
		close(u->fd);
		u->fd = -1;
		u->n = 0;
	}
	if (u->fd < 0) {
		u->fd = open_socket(&e->config->servers.v[server], SOCK_DGRAM);
		u->sent = 0;
	}
	return u->fd < 0 ? NULL : u;
}

static void failed_attempt(
    struct engine *e, struct flight *f, enum answer_failure failure);

/* The server cannot be reached: all that wait at that socket know now. */
static void
udp_unreachable(struct engine *e, struct udp *u)
{
	for (size_t i = 0; i < e->config->max_inflight; i++)
		if (e->flights[i].udp == u)
			failed_attempt(e, &e->flights[i], FAILURE_UNREACHABLE);
}

/* Waits until a full socket buffer has room again, for a moment at most. */
static void
wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, 20);
}

/* Writes the queries that were gathered for a socket. */
static void
udp_send(struct engine *e, struct udp *u)
{
	size_t at = 0, n = u->n;
	unsigned tries = 0;
	bool refused = false;

	u->n = 0;
	while (at < n && tries < 50) {
		ssize_t sent;
#ifdef HAVE_SENDMMSG
		struct mmsghdr m[BATCH] = {0};
		struct iovec iov[BATCH];

		for (size_t i = at; i < n; i++) {
			iov[i] = (struct iovec){u->query[i], u->len[i]};
			m[i].msg_hdr.msg_iov = &iov[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		sent = sendmmsg(u->fd, m + at, (unsigned)(n - at), 0);
#else
		sent = send(u->fd, u->query[at], u->len[at], 0) < 0 ? -1 : 1;
#endif
		if (sent > 0) {
			at += (size_t)sent;
			continue;
		}
		tries++;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			wait_writable(u->fd);
		else if (errno != EINTR)
			/* An earlier query's ICMP error comes back here; what
			 * is not sent now times out. */
			refused = true;
	}
	if (refused)
		udp_unreachable(e, u);
}

static void
udp_send_all(struct engine *e)
{
	for (size_t i = 0; i < e->sockets_each * e->config->servers.n; i++)
		if (e->udps[i].n > 0)
			udp_send(e, &e->udps[i]);
}

static void
tcp_close(struct tcp *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->in.len = t->unsent.len = 0;
}

/* The connection ended: what waits there tries again. */
static void
tcp_lost(struct engine *e, struct tcp *t, enum answer_failure failure)
{
	tcp_close(t);
	for (size_t i = 0; t->out > 0 && i < e->config->max_inflight; i++)
		if (e->flights[i].tcp == t)
			failed_attempt(e, &e->flights[i], failure);
}

static void
tcp_write(struct engine *e, struct tcp *t)
{
	size_t at = 0;

	while (at < t->unsent.len) {
		ssize_t n = send(t->fd, t->unsent.data + at, t->unsent.len - at,
		    MSG_NOSIGNAL);

		if (n >= 0) {
			at += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == ENOTCONN || errno == EINPROGRESS)
			break;
		tcp_lost(e, t, FAILURE_UNREACHABLE);
		return;
	}
	memmove(t->unsent.data, t->unsent.data + at, t->unsent.len - at);
	t->unsent.len -= at;
}

/* An ID that no other flight has. */
static uint16_t
choose_id(struct engine *e)
{
	uint16_t id;

	do
		id = random16(e);
	while (e->by_id[id] != NULL);
	return id;
}

/* Sends the query of a flight over TCP to its server. */
static void
ask_tcp(struct engine *e, struct flight *f)
{
	struct tcp *t = &e->tcps[f->server];
	uint8_t query[2 + WIRE_QUERY_MAX];
	size_t len;

	if (t->fd < 0)
		t->fd =
		    open_socket(&e->config->servers.v[f->server], SOCK_STREAM);
	if (t->fd < 0) {
		failed_attempt(e, f, FAILURE_UNREACHABLE);
		return;
	}
	f->id = choose_id(e);
	len = wire_query(
	    query + 2, f->id, f->name, (enum rr_type)f->lookup.type, f->edns);
	query[0] = (uint8_t)(len >> 8);
	query[1] = (uint8_t)len;
	buf_add(&t->unsent, query, len + 2);
	f->tcp = t;
	t->out++;
	e->by_id[f->id] = f;
	e->done->queries++;
	enlist(e, f, f->attempts < STEPS ? (int)f->attempts - 1 : STEPS - 1);
}

/* Sends the query of a flight over UDP to its server. */
static void
ask_udp(struct engine *e, struct flight *f)
{
	struct udp *u = choose_udp(e, f->server);

	if (u == NULL) {
		failed_attempt(e, f, FAILURE_UNREACHABLE);
		return;
	}
	if (u->n == BATCH)
		udp_send(e, u);
	f->id = choose_id(e);
	u->len[u->n] = wire_query(u->query[u->n], f->id, f->name,
	    (enum rr_type)f->lookup.type, f->edns);
	u->n++;
	u->sent++;
	u->out++;
	f->udp = u;
	e->by_id[f->id] = f;
	e->done->queries++;
	enlist(e, f, f->attempts < STEPS ? (int)f->attempts - 1 : STEPS - 1);
}

/* The next attempt: another server, if there is one. */
static void
attempt(struct engine *e, struct flight *f)
{
	if (all_down(e)) {
		finish(e, f, ANSWER_FAILED);
		return;
	}
	f->server = choose_server(e, f);
	if (f->attempts++ > 0)
		e->done->retries++;
	f->edns = true;
	ask_udp(e, f);
}

/*
 * A server that sent nothing at all while three lookups used up all their
 * attempts is down for the run: the others need not find that out again.
 */
static void
look_for_down(struct engine *e, const struct flight *f)
{
	for (size_t i = 0; i < e->config->servers.n; i++)
		if (!e->state[i].heard && (f->asked[i] || f->server == i) &&
		    ++e->state[i].lost >= LOST_TO_BE_DOWN)
			e->state[i].down = true;
}

static void
failed_attempt(struct engine *e, struct flight *f, enum answer_failure failure)
{
	bool silent =
	    failure == FAILURE_TIMEOUT || failure == FAILURE_UNREACHABLE;

	detach(e, f);
	f->failure = failure;
	e->state[f->server].fails++;
	e->bad++;
	look_at_window(e);
	if (f->attempts >= e->config->attempts) {
		if (silent)
			look_for_down(e, f);
		finish(e, f, ANSWER_FAILED);
		return;
	}
	/* The same server at once would hardly say anything else. */
	if (failure != FAILURE_TIMEOUT && e->config->servers.n == 1)
		enlist(e, f,
		    STEPS + (f->attempts < STEPS ? (int)f->attempts : STEPS) -
			1);
	else
		attempt(e, f);
}

/* The CNAMEs so far end at a name that the answer does not speak of. */
static void
ask_for_target(struct engine *e, struct flight *f)
{
	const uint8_t *at = NULL;
	struct answer chain = {
	    .rrs = (const uint8_t *)f->answer.chain.bytes.data,
	    .len = (uint32_t)f->answer.chain.bytes.len,
	};
	struct rr rr = {0};

	if (f->answer.chain.n >= CNAME_MAX) {
		f->failure = FAILURE_CNAME;
		finish(e, f, ANSWER_FAILED);
		return;
	}
	while (answer_next(&chain, &at, &rr))
		;
	memcpy(f->target, rr.data, rr.len);
	f->name = f->target;
	f->attempts = 0;
	attempt(e, f);
}

/* A message came for a flight, from the server and socket it was sent to. */
static void
take_answer(struct engine *e, struct flight *f, const uint8_t *msg, size_t len)
{
	static const enum answer_failure failures[] = {
	    [WIRE_SERVFAIL] = FAILURE_SERVFAIL,
	    [WIRE_REFUSED] = FAILURE_REFUSED,
	    [WIRE_RCODE] = FAILURE_RCODE,
	    [WIRE_REFERRAL] = FAILURE_RCODE,
	    [WIRE_MALFORMED] = FAILURE_MALFORMED,
	};
	bool was_tcp = f->tcp != NULL;
	enum wire_result r = wire_read(msg, len, f->name,
	    (enum rr_type)f->lookup.type, f->edns, &f->answer);

	if (r == WIRE_TRUNCATED && was_tcp)
		r = WIRE_MALFORMED;
	e->state[f->server].heard = true;
	switch (r) {
	case WIRE_DATA:
	case WIRE_NODATA:
	case WIRE_NXDOMAIN:
	case WIRE_LOOP:
	case WIRE_CONTINUE:
		e->state[f->server].fails = 0;
		e->good++;
		look_at_window(e);
		break;
	case WIRE_TRUNCATED:
		detach(e, f);
		ask_tcp(e, f);
		return;
	case WIRE_NO_EDNS:
		detach(e, f);
		f->edns = false;
		if (was_tcp)
			ask_tcp(e, f);
		else
			ask_udp(e, f);
		return;
	default:
		wire_answer_clear(&f->answer);
		failed_attempt(e, f, failures[r]);
		return;
	}
	if (r == WIRE_CONTINUE) {
		detach(e, f);
		ask_for_target(e, f);
		return;
	}
	f->failure = FAILURE_CNAME;
	finish(e, f,
	    r == WIRE_DATA     ? ANSWER_DATA
	    : r == WIRE_NODATA ? ANSWER_NODATA
	    : r == WIRE_LOOP   ? ANSWER_FAILED
			       : ANSWER_NXDOMAIN);
}

/* The flight that a message answers, or NULL: nobody asked for it. */
static struct flight *
match(struct engine *e, const uint8_t *msg, size_t len, const struct udp *u,
    const struct tcp *t)
{
	struct flight *f = len < 2 ? NULL : e->by_id[wire_id(msg)];

	if (f == NULL || f->udp != u || f->tcp != t ||
	    !wire_answers(msg, len, f->name, (enum rr_type)f->lookup.type))
		return NULL;
	return f;
}

static void
take_datagram(struct engine *e, struct udp *u, const uint8_t *msg, size_t len)
{
	struct flight *f = match(e, msg, len, u, NULL);

	if (f != NULL)
		take_answer(e, f, msg, len);
}

static void
udp_receive(struct engine *e, struct udp *u)
{
	for (int rounds = 0; rounds < 8 && u->fd >= 0; rounds++) {
		ssize_t n;
#ifdef HAVE_RECVMMSG
		struct mmsghdr m[BATCH] = {0};
		struct iovec iov[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){
			    e->received + i * WIRE_UDP_MAX, WIRE_UDP_MAX};
			m[i].msg_hdr.msg_iov = &iov[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(u->fd, m, BATCH, 0, NULL);
		for (ssize_t i = 0; i < n; i++)
			take_datagram(e, u, iov[i].iov_base, m[i].msg_len);
		if (n == BATCH)
			continue;
#else
		n = recv(u->fd, e->received, WIRE_UDP_MAX, 0);
		if (n >= 0) {
			take_datagram(e, u, e->received, (size_t)n);
			continue;
		}
#endif
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		    errno != EINTR)
			udp_unreachable(e, u);
		return;
	}
}

/* Takes the whole messages out of what came over TCP (RFC 1035, 4.2.2). */
static void
tcp_messages(struct engine *e, struct tcp *t)
{
	size_t at = 0;

	while (t->fd >= 0 && t->in.len - at >= 2) {
		const uint8_t *p = (const uint8_t *)t->in.data + at;
		size_t len = (size_t)p[0] << 8 | p[1];
		struct flight *f;

		if (t->in.len - at < len + 2)
			break;
		f = match(e, p + 2, len, NULL, t);
		if (f != NULL)
			take_answer(e, f, p + 2, len);
		at += len + 2;
	}
	if (t->fd >= 0 && at > 0) {
		memmove(t->in.data, t->in.data + at, t->in.len - at);
		t->in.len -= at;
	}
}

static void
tcp_receive(struct engine *e, struct tcp *t)
{
	char data[16384];
	ssize_t n = recv(t->fd, data, sizeof(data), 0);

	if (n > 0) {
		buf_add(&t->in, data, (size_t)n);
		tcp_messages(e, t);
	} else if (n == 0)
		/* A server may close at any time (RFC 7766 section 6.2.4). */
		tcp_lost(e, t, FAILURE_UNREACHABLE);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		tcp_lost(e, t, FAILURE_UNREACHABLE);
}

/* Gives up attempts whose time is over, and ends pauses. */
static void
expire(struct engine *e)
{
	int64_t now = now_ms();

	for (int list = 0; list < LISTS; list++) {
		struct flight *f;

		while ((f = e->head[list]) != NULL && f->deadline <= now) {
			if (list >= STEPS) {
				unlist(e, f);
				attempt(e, f);
			} else if (f->tcp != NULL)
				/* It may hang for good. */
				tcp_lost(e, f->tcp, FAILURE_TIMEOUT);
			else
				failed_attempt(e, f, FAILURE_TIMEOUT);
		}
	}
}

/* Milliseconds until the next deadline; -1 if there is none. */
static int
next_deadline(const struct engine *e)
{
	int64_t first = INT64_MAX, now;

	for (int list = 0; list < LISTS; list++)
		if (e->head[list] != NULL && e->head[list]->deadline < first)
			first = e->head[list]->deadline;
	if (first == INT64_MAX)
		return -1;
	now = now_ms();
	return first <= now ? 0 : (int)(first - now);
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

		e->idle = f->next;
		e->out++;
		f->lookup = *l;
		f->name = l->name;
		f->attempts = 0;
		f->failure = FAILURE_TIMEOUT;
		f->list = -1;
		memset(f->asked, 0, sizeof(f->asked));
		attempt(e, f);
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
	if (poll(p, (nfds_t)n, next_deadline(e)) <= 0)
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
	udp_send_all(e);
	for (size_t i = 0; i < e->config->servers.n; i++)
		if (e->tcps[i].fd >= 0 && e->tcps[i].unsent.len > 0)
			tcp_write(e, &e->tcps[i]);
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
	struct reply *r;

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
	while ((r = e->done->first) != NULL) {
		e->done->first = r->next;
		reply_free(r);
	}
	free(e->done);
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
		expire(e);
		start(e);
		write_all(e);
		hand_over(e);
	} while (wait_and_receive(e));
	engine_close(e);
	return NULL;
}
