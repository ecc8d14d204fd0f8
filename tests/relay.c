/*
 * relay: a DNS relay that treats messages as bad networks and bad servers do.
 *
 *	relay [OPTION ...] PORT UPSTREAM-PORT
 *
 * It listens on 127.0.0.1:PORT, UDP and TCP (0: a port that is free), prints
 * the port on a line when it is ready, and asks 127.0.0.1:UPSTREAM-PORT. Of
 * PERCENT of the queries, or of the answers, over UDP:
 *
 *	--loss PERCENT          nothing comes back: the query is lost, or its
 *	                        answer
 *	--duplicate PERCENT     the answer comes twice
 *	--reorder MS            the answer comes up to MS later, so that others
 *	                        overtake it
 *	--truncate PERCENT      the answer has TC set, and is cut
 *	--spoof PERCENT         forged answers come before the true one: with
 *	                        another ID, with another question, without QR,
 *	                        from another port; and the true one has a
 *	                        record of another owner in its answer section
 *	                        (a denial keeps a SOA record: without one it
 *	                        would be none)
 *	--damage PERCENT        the answer ends too early, or has a name that
 *	                        points to itself
 *	--rate N                the server answers N queries a second, one after
 *	                        the other
 *	--queue N               when so many (100) wait for it, the next one is
 *	                        lost
 *
 * and, over UDP and TCP:
 *
 *	--delay MS              a round trip takes that long; opening a TCP
 *	                        connection is one, too
 *	--servfail PERCENT      SERVFAIL
 *	--servfail-burst N      SERVFAIL to the first N queries
 *	--servfail-every MS     SERVFAIL for MS, the true answers for MS, and
 *	                        so on
 *	--formerr-edns          FORMERR to queries with EDNS, sometimes without
 *	                        the question
 *	--silence-after N       no answers once N queries have come
 *	--silent                no answers at all
 *	--mute PREFIX           no answers about names that begin so
 *	--tcp-mute PREFIX       the same over TCP alone
 *	--tcp-close-after N     a connection is closed after N answers
 *	--tcp-silent            queries over TCP are not answered
 *	--no-tcp                connections are refused
 *
 * --seed N seeds the choices. --count FILE: at its end, on SIGTERM or after
 * --seconds N (120), it writes there what it has counted, `name value' a line.
 *
 * Forged records point to 23.66.6.6 and 2a0f:b00:666::6 only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relaymsg.h"

#define UPSTREAMS 4  /* UDP sockets */
#define SLOTS 1024   /* queries upstream at once: more than a server's */
#define SLOT_BITS 10 /* socket holds would be lost; the rest waits here */
#define BATCH 64     /* messages a system call */
#define TCP_MAX (2 + 65535)
#define CONNS 64
#define PENDING 4096 /* queries a connection */
#define BUFFER (8 << 20)
#define MS INT64_C(1000000)     /* nanoseconds */
#define GRAIN (INT64_C(200000)) /* answers leave at multiples of that */
#define LOST (1000 * MS)        /* the upstream server lost a query */

static struct {
	double loss, duplicate, truncate, spoof, damage, servfail; /* percent */
	double delay, reorder, servfail_every; /* milliseconds */
	double servfail_burst, silence_after, tcp_close_after;
	double rate, queue, seconds, seed;
	bool formerr_edns, silent, tcp_silent, no_tcp;
	const char *count, *mute, *tcp_mute;
} opt = {.seconds = 120, .seed = 1, .silence_after = -1, .queue = 100};

static struct {
	unsigned long queries, tcp_queries, without_edns, answers, dropped,
	    overflowed, duplicated, truncated, spoofed, damaged, servfails,
	    formerrs, upstream_lost, tcp_connections, outstanding,
	    max_outstanding, max_pipelined;
} count;

/* A query that waits for the upstream server's answer. */
struct slot {
	struct sockaddr_in client;
	int64_t arrival;
	uint16_t id; /* the client's */
	uint16_t generation;
	bool used, lose, foreign;
};

/* An answer, or part of one, that waits for its time. */
struct event {
	int64_t due;
	uint64_t number; /* of two at the same time, the earlier first */
	struct sockaddr_in client;
	int conn; /* of TCP; -1 is UDP */
	unsigned generation;
	bool from_elsewhere; /* from another port */
	bool counts;         /* it ends the query */
	size_t len;
	uint8_t data[];
};

struct bytes {
	uint8_t *data;
	size_t len, cap;
};

struct conn {
	int client, upstream; /* -1: not in use */
	unsigned generation, answers;
	int64_t accepted;
	bool ending; /* as soon as all is written */
	struct bytes from_client, to_client, from_upstream, to_upstream;
	struct {
		int64_t arrival;
		uint16_t id;
	} pending[PENDING];
	size_t npending;
};

static struct slot slots[SLOTS];
static unsigned free_slots[SLOTS], nfree;
static struct conn conns[CONNS];
static struct event **heap;
static size_t nheap, heap_cap;
static struct event *leaving[BATCH]; /* over UDP, see flush() */
static size_t nleaving;
static int udp, elsewhere, listener = -1, upstreams[UPSTREAMS];
static uint16_t upstream_port;
static int64_t now, started;
static volatile sig_atomic_t stop;

static void
die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *
checked(void *p)
{
	if (p == NULL)
		die("memory");
	return p;
}

static int64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* ---- answers and their time ---- */

static bool
earlier(const struct event *a, const struct event *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void
heap_put(struct event *e)
{
	size_t i = nheap++;

	if (nheap > heap_cap) {
		heap_cap = heap_cap == 0 ? 4096 : heap_cap * 2;
		heap =
		    checked(realloc(heap, heap_cap * sizeof(struct event *)));
	}
	for (; i > 0 && earlier(e, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = e;
}

static struct event *
heap_take(void)
{
	struct event *first = heap[0], *last = heap[--nheap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < nheap) {
		if (child + 1 < nheap && earlier(heap[child + 1], heap[child]))
			child++;
		if (!earlier(heap[child], last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return first;
}

/* Puts a message on its way back; it leaves when it is due. */
static struct event *
schedule(int64_t due, const struct sockaddr_in *client, int conn,
    const uint8_t *msg, size_t len)
{
	static uint64_t scheduled;
	struct event *e = checked(malloc(sizeof(*e) + len));

	*e = (struct event){
	    .due = (due + GRAIN - 1) / GRAIN * GRAIN,
	    .number = scheduled++,
	    .conn = conn,
	    .len = len,
	};
	if (due <= now)
		e->due = now;
	if (client != NULL)
		e->client = *client;
	if (conn >= 0)
		e->generation = conns[conn].generation;
	memcpy(e->data, msg, len);
	heap_put(e);
	return e;
}

static int64_t
round_trip(void)
{
	return (int64_t)((opt.delay + msg_uniform(opt.reorder)) * (double)MS);
}

static void
query_ends(bool answered)
{
	count.outstanding--;
	if (answered)
		count.answers++;
	else
		count.dropped++;
}

/* Sends what leaves over UDP. */
static void
flush_udp(void)
{
	struct mmsghdr m[BATCH] = {0};
	struct iovec iov[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < nleaving; i++) {
		struct event *e = leaving[i];

		if (e->from_elsewhere) {
			/* What cannot be sent is lost, as in a network. */
			sendto(elsewhere, e->data, e->len, 0,
			    (struct sockaddr *)&e->client, sizeof(e->client));
			continue;
		}
		iov[n] = (struct iovec){e->data, e->len};
		m[n].msg_hdr = (struct msghdr){.msg_name = &e->client,
		    .msg_namelen = sizeof(e->client),
		    .msg_iov = &iov[n],
		    .msg_iovlen = 1};
		n++;
	}
	for (size_t at = 0, tries = 0; at < n && tries < 200; tries++) {
		int sent = sendmmsg(udp, m + at, (unsigned)(n - at), 0);
		struct pollfd p = {.fd = udp, .events = POLLOUT};

		if (sent > 0)
			at += (size_t)sent;
		else if (errno == EAGAIN || errno == ENOBUFS)
			poll(&p, 1, 10);
	}
	for (size_t i = 0; i < nleaving; i++)
		free(leaving[i]);
	nleaving = 0;
}

static void conn_answer(const struct event *e);

static void
release(void)
{
	while (nheap > 0 && heap[0]->due <= now) {
		struct event *e = heap_take();

		if (e->counts)
			query_ends(true);
		if (e->conn >= 0) {
			conn_answer(e);
			free(e);
			continue;
		}
		leaving[nleaving++] = e;
		if (nleaving == BATCH)
			flush_udp();
	}
	if (nleaving > 0)
		flush_udp();
}

/* ---- what becomes of a query ---- */

/* Forged answers: none of them may be believed. */
static void
spoof(const uint8_t *query, size_t len, const struct sockaddr_in *client)
{
	static const uint8_t to_question[] = {0xc0, HEADER};
	uint8_t msg[UDP_MAX];
	size_t question = msg_skip_question(query, len);
	unsigned id = msg_get16(query);

	if (question == 0 || question > 512)
		return;
	count.spoofed++;
	memcpy(msg, query, question);
	msg_put16(msg + 2, 0x8580); /* QR, AA, RD, RA */
	msg_put16(msg + 6, 1);
	msg_put16(msg + 8, 0);
	msg_put16(msg + 10, 0);
	len = question + msg_add_poison(msg + question, to_question, 2,
			     msg_get16(msg + question - 4));
	/* From another port. */
	schedule(now, client, -1, msg, len)->from_elsewhere = true;
	/* With another ID. */
	msg_put16(msg, id ^ (1 + (unsigned)(msg_random() % 0xffff)));
	schedule(now, client, -1, msg, len);
	msg_put16(msg, id);
	/* Without QR. */
	msg_put16(msg + 2, 0x0580);
	schedule(now, client, -1, msg, len);
	msg_put16(msg + 2, 0x8580);
	/* With another question: a name, or a type that the name may have. */
	if (msg[HEADER] > 0 && msg_random() % 2 == 0)
		msg[HEADER + msg[HEADER]] ^= 1;
	else
		msg_put16(msg + question - 4,
		    msg_get16(msg + question - 4) == A ? TXT : A);
	schedule(now, client, -1, msg, len);
}

/* What is answered here; returns the answer's length, 0: nothing is. */
static size_t
answer_here(uint8_t *msg, size_t len)
{
	int64_t period = (int64_t)(opt.servfail_every * (double)MS);
	bool edns = msg_get16(msg + 10) > 0;

	if (!edns)
		count.without_edns++;
	if (opt.formerr_edns && edns) {
		count.formerrs++;
		return msg_error(msg, len, FORMERR, msg_random() % 2 == 0);
	}
	if (count.queries <= (unsigned long)opt.servfail_burst ||
	    (period > 0 && (now - started) / period % 2 == 0) ||
	    msg_chance(opt.servfail)) {
		count.servfails++;
		return msg_error(msg, len, SERVFAIL, true);
	}
	return 0;
}

/* A query came: counts it. Returns false if nothing at all comes back. */
static bool
take_query(const uint8_t *msg, size_t len, bool tcp)
{
	if (len < HEADER || (msg[2] & 0x80) != 0)
		return false;
	count.queries++;
	count.tcp_queries += tcp;
	count.outstanding++;
	if (opt.silent || msg_asks_for(msg, len, opt.mute) ||
	    (tcp && (opt.tcp_silent || msg_asks_for(msg, len, opt.tcp_mute))) ||
	    (opt.silence_after >= 0 &&
		count.queries > (unsigned long)opt.silence_after)) {
		query_ends(false);
		return false;
	}
	if (count.outstanding > count.max_outstanding)
		count.max_outstanding = count.outstanding;
	return true;
}

/* ---- UDP ---- */

/*
 * When a server of that rate has answered a query that comes now; -1: its
 * buffer is full.
 */
static int64_t
serve(void)
{
	static int64_t idle_from; /* it has work until then */
	double each = opt.rate > 0 ? 1000 * (double)MS / opt.rate : 0;

	if (idle_from < now)
		idle_from = now;
	if ((double)(idle_from - now) > opt.queue * each)
		return -1;
	idle_from += (int64_t)each;
	return idle_from;
}

/* Gives the query a slot if it goes upstream; returns it, or NULL. */
static struct slot *
udp_query(uint8_t *msg, size_t len, const struct sockaddr_in *client)
{
	struct slot *s;
	bool lose = msg_chance(opt.loss);
	int64_t served;
	size_t n;

	if (!take_query(msg, len, false))
		return NULL;
	served = serve();
	count.overflowed += served < 0;
	if (served < 0 || (lose && msg_random() % 2 == 0)) {
		query_ends(false);
		return NULL;
	}
	if (msg_chance(opt.spoof)) {
		spoof(msg, len, client);
		n = 1;
	} else
		n = 0;
	s = &slots[free_slots[nfree - 1]];
	*s = (struct slot){.client = *client,
	    .arrival = served,
	    .id = (uint16_t)msg_get16(msg),
	    .generation = s->generation,
	    .used = true,
	    .lose = lose,
	    .foreign = n > 0};
	n = answer_here(msg, len);
	if (n > 0) {
		s->used = false;
		if (lose)
			query_ends(false);
		else
			schedule(s->arrival + round_trip(), client, -1, msg, n)
			    ->counts = true;
		return NULL;
	}
	nfree--;
	return s;
}

static void
free_slot(struct slot *s)
{
	s->used = false;
	s->generation = (s->generation + 1) % (1 << (16 - SLOT_BITS));
	free_slots[nfree++] = (unsigned)(s - slots);
}

static uint8_t received[BATCH][UDP_MAX];
static struct sockaddr_in senders[BATCH];

static int
receive(int fd, size_t max, size_t *lengths)
{
	struct mmsghdr m[BATCH] = {0};
	struct iovec iov[BATCH];
	int n;

	for (size_t i = 0; i < max; i++) {
		iov[i] = (struct iovec){received[i], UDP_MAX};
		m[i].msg_hdr = (struct msghdr){.msg_name = &senders[i],
		    .msg_namelen = sizeof(senders[i]),
		    .msg_iov = &iov[i],
		    .msg_iovlen = 1};
	}
	n = recvmmsg(fd, m, (unsigned)max, 0, NULL);
	for (int i = 0; i < n; i++)
		lengths[i] = m[i].msg_len;
	return n;
}

/* Queries: to the upstream server, as many as there are slots. */
static void
from_clients(void)
{
	size_t lengths[BATCH], max = nfree < BATCH ? nfree : BATCH;
	struct mmsghdr m[UPSTREAMS][BATCH];
	struct iovec iov[BATCH];
	unsigned n[UPSTREAMS] = {0};
	int got = receive(udp, max, lengths);

	for (int i = 0; i < got; i++) {
		struct slot *s =
		    udp_query(received[i], lengths[i], &senders[i]);
		size_t at, u;

		if (s == NULL)
			continue;
		at = (size_t)(s - slots);
		u = at % UPSTREAMS;
		msg_put16(received[i],
		    (unsigned)at | (unsigned)s->generation << SLOT_BITS);
		iov[i] = (struct iovec){received[i], lengths[i]};
		m[u][n[u]].msg_hdr =
		    (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
		n[u]++;
	}
	for (size_t u = 0; u < UPSTREAMS; u++)
		for (unsigned at = 0, tries = 0; at < n[u] && tries < 50;
		     tries++) {
			int sent =
			    sendmmsg(upstreams[u], m[u] + at, n[u] - at, 0);

			if (sent > 0)
				at += (unsigned)sent;
		}
}

static void
from_upstream(int fd)
{
	size_t lengths[BATCH];
	int got = receive(fd, BATCH, lengths);

	for (int i = 0; i < got; i++) {
		uint8_t *msg = received[i];
		size_t len = lengths[i];
		struct slot *s;
		int64_t due;

		if (len < HEADER)
			continue;
		s = &slots[msg_get16(msg) % SLOTS];
		if (!s->used || s->generation != msg_get16(msg) >> SLOT_BITS)
			continue;
		msg_put16(msg, s->id);
		due = s->arrival + round_trip();
		free_slot(s);
		if (s->lose) {
			query_ends(false);
			continue;
		}
		if (s->foreign)
			len = msg_add_foreign(msg, len);
		if (msg_chance(opt.damage) && msg_damage(msg, &len))
			count.damaged++;
		if (msg_chance(opt.truncate) && msg_truncate(msg, &len))
			count.truncated++;
		schedule(due, &s->client, -1, msg, len)->counts = true;
		if (msg_chance(opt.duplicate)) {
			count.duplicated++;
			schedule(
			    due + round_trip() / 2, &s->client, -1, msg, len);
		}
	}
}

static void
expire_slots(void)
{
	static int64_t last;

	if (now - last < LOST / 4)
		return;
	last = now;
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].used && now - slots[i].arrival > LOST) {
			count.upstream_lost++;
			query_ends(false);
			free_slot(&slots[i]);
		}
}

/* ---- TCP ---- */

static void
bytes_add(struct bytes *b, const void *data, size_t len)
{
	if (b->len + len > b->cap) {
		b->cap = (b->len + len) * 2;
		b->data = checked(realloc(b->data, b->cap));
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void
bytes_drop(struct bytes *b, size_t len)
{
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
}

static void
conn_close(struct conn *c)
{
	close(c->client);
	if (c->upstream >= 0)
		close(c->upstream);
	c->client = c->upstream = -1;
	c->generation++;
	count.outstanding -= c->npending;
	count.dropped += c->npending;
	c->npending = 0;
	c->from_client.len = c->to_client.len = 0;
	c->from_upstream.len = c->to_upstream.len = 0;
}

static int
connect_upstream(int type)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(upstream_port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
accept_conn(void)
{
	int fd = accept(listener, NULL, NULL), one = 1;
	struct conn *c = NULL;

	if (fd < 0)
		return;
	for (size_t i = 0; i < CONNS && c == NULL; i++)
		if (conns[i].client < 0)
			c = &conns[i];
	if (c == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0 ||
	    (c->upstream = connect_upstream(SOCK_STREAM)) < 0) {
		close(fd);
		return;
	}
	count.tcp_connections++;
	c->client = fd;
	c->answers = 0;
	c->ending = false;
	c->accepted = now;
}

/* When an answer over TCP is there: the handshake was a round trip, too. */
static int64_t
tcp_due(const struct conn *c, int64_t arrival)
{
	int64_t opened = c->accepted + (int64_t)(opt.delay * (double)MS);

	return (arrival > opened ? arrival : opened) + round_trip();
}

/* The whole message at the beginning, and its length; 0: there is none. */
static size_t
whole(const struct bytes *b, size_t at)
{
	size_t len;

	if (b->len - at < 2)
		return 0;
	len = 2 + msg_get16(b->data + at);
	return b->len - at < len ? 0 : len;
}

static void
conn_queries(struct conn *c)
{
	size_t at = 0, len, n;

	for (; (len = whole(&c->from_client, at)) > 0; at += len) {
		uint8_t *frame = c->from_client.data + at;
		uint16_t id = (uint16_t)msg_get16(frame + 2);

		if (!take_query(frame + 2, len - 2, true))
			continue;
		if (c->npending == PENDING) {
			query_ends(false);
			continue;
		}
		n = answer_here(frame + 2, len - 2);
		if (n > 0) {
			schedule(tcp_due(c, now), NULL, (int)(c - conns),
			    frame + 2, n)
			    ->counts = true;
			continue;
		}
		c->pending[c->npending].arrival = now;
		c->pending[c->npending++].id = id;
		if (c->npending > count.max_pipelined)
			count.max_pipelined = c->npending;
		bytes_add(&c->to_upstream, frame, len);
	}
	bytes_drop(&c->from_client, at);
}

static void
conn_answers(struct conn *c)
{
	size_t at = 0, len;

	for (; (len = whole(&c->from_upstream, at)) > 0; at += len) {
		const uint8_t *msg = c->from_upstream.data + at + 2;
		size_t i = 0;

		if (len < 2 + HEADER)
			continue;
		while (i < c->npending && c->pending[i].id != msg_get16(msg))
			i++;
		if (i == c->npending)
			continue;
		schedule(tcp_due(c, c->pending[i].arrival), NULL,
		    (int)(c - conns), msg, len - 2)
		    ->counts = true;
		c->pending[i] = c->pending[--c->npending];
	}
	bytes_drop(&c->from_upstream, at);
}

/* An answer's time has come. */
static void
conn_answer(const struct event *e)
{
	struct conn *c = &conns[e->conn];
	uint8_t prefix[2];

	if (c->client < 0 || c->generation != e->generation || c->ending)
		return;
	msg_put16(prefix, (unsigned)e->len);
	bytes_add(&c->to_client, prefix, sizeof(prefix));
	bytes_add(&c->to_client, e->data, e->len);
	c->answers++;
	c->ending =
	    opt.tcp_close_after > 0 && c->answers >= opt.tcp_close_after;
}

/* Reads what is there; returns false at the end. */
static bool
conn_read(int fd, struct bytes *b)
{
	uint8_t data[65536];
	ssize_t n = recv(fd, data, sizeof(data), 0);

	if (n > 0)
		bytes_add(b, data, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool
conn_write(int fd, struct bytes *b)
{
	ssize_t n;

	if (b->len == 0)
		return true;
	n = send(fd, b->data, b->len, MSG_NOSIGNAL);
	if (n > 0)
		bytes_drop(b, (size_t)n);
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void
conn_work(struct conn *c, short client, short upstream)
{
	bool good = true;

	if (client & (POLLIN | POLLERR | POLLHUP)) {
		good = conn_read(c->client, &c->from_client);
		conn_queries(c);
	}
	if (good && (upstream & (POLLIN | POLLERR | POLLHUP))) {
		good = conn_read(c->upstream, &c->from_upstream);
		conn_answers(c);
	}
	if (good)
		good = conn_write(c->upstream, &c->to_upstream);
	if (!good)
		conn_close(c);
}

/* ---- the loop ---- */

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* Nanoseconds until something is due. */
static int64_t
until_due(int64_t end)
{
	int64_t due = now + 100 * MS;

	if (nheap > 0 && heap[0]->due < due)
		due = heap[0]->due;
	if (end < due)
		due = end;
	return due > now ? due - now : 0;
}

static void
wait_and_work(int64_t end)
{
	struct pollfd p[2 + UPSTREAMS + 2 * CONNS];
	struct conn *who[CONNS];
	size_t n = 0, nconns = 0;
	struct timespec t = {.tv_nsec = until_due(end)};

	p[n++] = (struct pollfd){.fd = nfree > 0 ? udp : -1, .events = POLLIN};
	p[n++] = (struct pollfd){.fd = listener, .events = POLLIN};
	for (size_t i = 0; i < UPSTREAMS; i++)
		p[n++] = (struct pollfd){.fd = upstreams[i], .events = POLLIN};
	for (size_t i = 0; i < CONNS; i++) {
		struct conn *c = &conns[i];

		if (c->client < 0)
			continue;
		who[nconns++] = c;
		p[n++] = (struct pollfd){.fd = c->client,
		    .events =
			(short)(POLLIN | (c->to_client.len > 0 ? POLLOUT : 0))};
		p[n++] = (struct pollfd){.fd = c->upstream,
		    .events = (short)(POLLIN |
				      (c->to_upstream.len > 0 ? POLLOUT : 0))};
	}
	if (ppoll(p, (nfds_t)n, &t, NULL) < 0)
		return;
	now = clock_ns();
	for (size_t i = 0; i < UPSTREAMS; i++)
		if (p[2 + i].revents != 0)
			from_upstream(upstreams[i]);
	if (p[0].revents != 0 && nfree > 0)
		from_clients();
	for (size_t i = 0; i < nconns; i++)
		conn_work(who[i], p[2 + UPSTREAMS + 2 * i].revents,
		    p[2 + UPSTREAMS + 2 * i + 1].revents);
	if (p[1].revents != 0)
		accept_conn();
}

static void
run(void)
{
	int64_t end;

	now = started = clock_ns();
	end = started + (int64_t)(opt.seconds * 1000) * MS;
	while (!stop && now < end) {
		wait_and_work(end);
		now = clock_ns();
		release();
		for (size_t i = 0; i < CONNS; i++) {
			struct conn *c = &conns[i];

			if (c->client < 0)
				continue;
			if (!conn_write(c->client, &c->to_client) ||
			    (c->ending && c->to_client.len == 0))
				conn_close(c);
		}
		expire_slots();
	}
}

static int
write_count(void)
{
	static const struct {
		const char *name;
		const unsigned long *value;
	} v[] = {
	    {"queries", &count.queries},
	    {"tcp_queries", &count.tcp_queries},
	    {"without_edns", &count.without_edns},
	    {"answers", &count.answers},
	    {"dropped", &count.dropped},
	    {"overflowed", &count.overflowed},
	    {"duplicated", &count.duplicated},
	    {"truncated", &count.truncated},
	    {"spoofed", &count.spoofed},
	    {"damaged", &count.damaged},
	    {"servfails", &count.servfails},
	    {"formerrs", &count.formerrs},
	    {"upstream_lost", &count.upstream_lost},
	    {"tcp_connections", &count.tcp_connections},
	    {"max_outstanding", &count.max_outstanding},
	    {"max_pipelined", &count.max_pipelined},
	};
	FILE *f = opt.count == NULL ? NULL : fopen(opt.count, "w");

	if (opt.count == NULL)
		return 0;
	if (f == NULL)
		die(opt.count);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		fprintf(f, "%s %lu\n", v[i].name, *v[i].value);
	if (fclose(f) != 0)
		die(opt.count);
	return 0;
}

static int
local_socket(int type, uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(*port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0)
		die("socket");
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		die("bind");
	*port = ntohs(a.sin_port);
	return fd;
}

/* Buffers as big as may be: losses are what was asked for, no others. */
static void
big_buffers(int fd)
{
	int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void
open_sockets(uint16_t port)
{
	uint16_t any = 0;

	udp = local_socket(SOCK_DGRAM, &port);
	big_buffers(udp);
	elsewhere = local_socket(SOCK_DGRAM, &any);
	if (!opt.no_tcp) {
		listener = local_socket(SOCK_STREAM, &port);
		if (listen(listener, CONNS) != 0)
			die("listen");
	}
	for (size_t i = 0; i < UPSTREAMS; i++) {
		upstreams[i] = connect_upstream(SOCK_DGRAM);
		if (upstreams[i] < 0)
			die("connect");
		big_buffers(upstreams[i]);
	}
	for (size_t i = 0; i < SLOTS; i++)
		free_slots[nfree++] = (unsigned)i;
	for (size_t i = 0; i < CONNS; i++)
		conns[i].client = conns[i].upstream = -1;
	printf("%u\n", (unsigned)port);
	fflush(stdout);
}

/* An option's argument: a number that is not negative. */
static double
number(const char *text)
{
	char *end;
	double d = strtod(text, &end);

	if (end == text || *end != '\0' || !(d >= 0 && d < 1e9)) {
		fprintf(stderr, "relay: %s: not a number\n", text);
		exit(2);
	}
	return d;
}

static void
read_options(int argc, char **argv)
{
	static const struct {
		const char *name;
		double *number;
		bool *flag;
		const char **text;
	} v[] = {
	    {"count", .text = &opt.count},
	    {"damage", .number = &opt.damage},
	    {"delay", .number = &opt.delay},
	    {"duplicate", .number = &opt.duplicate},
	    {"formerr-edns", .flag = &opt.formerr_edns},
	    {"loss", .number = &opt.loss},
	    {"mute", .text = &opt.mute},
	    {"no-tcp", .flag = &opt.no_tcp},
	    {"queue", .number = &opt.queue},
	    {"rate", .number = &opt.rate},
	    {"reorder", .number = &opt.reorder},
	    {"seconds", .number = &opt.seconds},
	    {"seed", .number = &opt.seed},
	    {"servfail", .number = &opt.servfail},
	    {"servfail-burst", .number = &opt.servfail_burst},
	    {"servfail-every", .number = &opt.servfail_every},
	    {"silence-after", .number = &opt.silence_after},
	    {"silent", .flag = &opt.silent},
	    {"spoof", .number = &opt.spoof},
	    {"tcp-close-after", .number = &opt.tcp_close_after},
	    {"tcp-mute", .text = &opt.tcp_mute},
	    {"tcp-silent", .flag = &opt.tcp_silent},
	    {"truncate", .number = &opt.truncate},
	};
	enum { N = sizeof(v) / sizeof(*v) };
	struct option options[N + 1] = {0};
	int c;

	for (int i = 0; i < N; i++)
		options[i] = (struct option){v[i].name,
		    v[i].flag != NULL ? no_argument : required_argument, NULL,
		    i};
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c < 0 || c >= N)
			exit(2);
		if (v[c].flag != NULL)
			*v[c].flag = true;
		else if (v[c].text != NULL)
			*v[c].text = optarg;
		else
			*v[c].number = number(optarg);
	}
	if (argc - optind != 2) {
		fputs("usage: relay [OPTION ...] PORT UPSTREAM-PORT\n", stderr);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal};

	read_options(argc, argv);
	msg_seed((uint64_t)opt.seed);
	upstream_port = (uint16_t)number(argv[optind + 1]);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
	open_sockets((uint16_t)number(argv[optind]));
	run();
	return write_count();
}
