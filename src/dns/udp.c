/*
 * udp: messages to and from the servers over connected UDP sockets.
 */
#include "dns/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"

#define ANSWERS_A_SOCKET 128  /* of these, its buffer surely holds all */
#define QUERIES_A_SOCKET 2000 /* then another source port takes its place */
#define SOCKETS_MIN 2         /* a server, so that ports are not constant */
#define SEND_TRIES 50         /* that may fail, for one batch */
#define RECEIVE_ROUNDS 8      /* before others have their turn */

void
udp_init(struct udp *u, const struct servers *servers, unsigned max_queries,
    const struct channel_user *user)
{
	*u = (struct udp){
	    .servers = servers,
	    .user = *user,
	    .each = max_queries / ANSWERS_A_SOCKET + SOCKETS_MIN,
	    .received = xmalloc((size_t)UDP_BATCH * WIRE_UDP_MAX),
	};
	u->sockets = xcalloc(udp_sockets(u), sizeof(*u->sockets));
	for (size_t i = 0; i < udp_sockets(u); i++)
		u->sockets[i].channel =
		    (struct channel){.fd = -1, .server = i / u->each};
}

void
udp_clear(struct udp *u)
{
	for (size_t i = 0; i < udp_sockets(u); i++)
		if (u->sockets[i].channel.fd >= 0)
			close(u->sockets[i].channel.fd);
	free(u->sockets);
	free(u->received);
}

size_t
udp_sockets(const struct udp *u)
{
	return u->each * u->servers->n;
}

/* A random socket with room; opened, or opened again if it is worn out. */
static struct udp_socket *
choose(struct udp *u, size_t server, unsigned random)
{
	struct udp_socket *first = &u->sockets[server * u->each];
	size_t at = random % u->each;
	struct udp_socket *s = &first[at];

	for (size_t i = 1; i < u->each && (s->channel.out >= ANSWERS_A_SOCKET ||
					      (s->sent >= QUERIES_A_SOCKET &&
						  s->channel.out > 0));
	     i++)
		s = &first[(at + i) % u->each];
	if (s->channel.fd >= 0 && s->sent >= QUERIES_A_SOCKET &&
	    s->channel.out == 0) {
		close(s->channel.fd);
		s->channel.fd = -1;
		s->n = 0;
	}
	if (s->channel.fd < 0) {
		s->channel.fd =
		    channel_connect(&u->servers->v[server], SOCK_DGRAM);
		s->sent = 0;
	}
	if (s->channel.fd >= 0)
		return s;
	/* Without descriptors for more, those that are open have to do. */
	for (size_t i = 0; i < u->each; i++)
		if (first[i].channel.fd >= 0)
			return &first[i];
	return NULL;
}

/* Sends the gathered queries from at on; returns how many, or -1 with errno. */
static ssize_t
send_some(struct udp_socket *s, size_t at)
{
#ifdef HAVE_SENDMMSG
	struct mmsghdr m[UDP_BATCH] = {0};
	struct iovec iov[UDP_BATCH];

	for (size_t i = at; i < s->n; i++) {
		iov[i] = (struct iovec){s->query[i], s->len[i]};
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(s->channel.fd, m + at, (unsigned)(s->n - at), 0);
#else
	return send(s->channel.fd, s->query[at], s->len[at], 0) < 0 ? -1 : 1;
#endif
}

static void
send_all(struct udp_socket *s)
{
	struct pollfd p = {.fd = s->channel.fd, .events = POLLOUT};
	size_t at = 0;
	unsigned tries = 0;

	while (at < s->n && tries < SEND_TRIES) {
		ssize_t sent = send_some(s, at);

		if (sent > 0) {
			at += (size_t)sent;
			continue;
		}
		tries++;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			/* The socket's buffer is full, for a moment. */
			wait_ready(&p, 1, 20);
		else if (errno != EINTR)
			/* An earlier query's ICMP error. */
			s->lost = true;
	}
	s->n = 0;
}

static void
add(struct udp_socket *s, const uint8_t *query, size_t len)
{
	if (s->n == UDP_BATCH)
		send_all(s);
	memcpy(s->query[s->n], query, len);
	s->len[s->n++] = len;
	s->sent++;
}

struct channel *
udp_ask(struct udp *u, size_t server, unsigned random, const uint8_t *query,
    size_t len)
{
	struct udp_socket *s = choose(u, server, random);

	if (s == NULL)
		return NULL;
	add(s, query, len);
	return &s->channel;
}

void
udp_repeat(struct channel *c, const uint8_t *query, size_t len)
{
	add((struct udp_socket *)c, query, len);
}

void
udp_flush(struct udp *u)
{
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < udp_sockets(u); i++) {
			struct udp_socket *s = &u->sockets[i];

			more = more || s->n > 0 || s->lost;
			if (s->n > 0)
				send_all(s);
			if (s->lost) {
				s->lost = false;
				u->user.lost(u->user.arg, &s->channel, false);
			}
		}
	} while (more);
}

/*
 * Receives a batch of messages and their lengths; returns how many, or -1 with
 * errno.
 */
static ssize_t
receive_some(struct udp *u, const struct udp_socket *s, size_t len[UDP_BATCH])
{
#ifdef HAVE_RECVMMSG
	struct mmsghdr m[UDP_BATCH] = {0};
	struct iovec iov[UDP_BATCH];
	ssize_t n;

	for (size_t i = 0; i < UDP_BATCH; i++) {
		iov[i] = (struct iovec){
		    u->received + i * WIRE_UDP_MAX, WIRE_UDP_MAX};
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(s->channel.fd, m, UDP_BATCH, 0, NULL);
	for (ssize_t i = 0; i < n; i++)
		len[i] = m[i].msg_len;
	return n;
#else
	ssize_t n = 0, size;

	while (n < UDP_BATCH &&
	       (size = recv(s->channel.fd, u->received + n * WIRE_UDP_MAX,
		    WIRE_UDP_MAX, 0)) >= 0)
		len[n++] = (size_t)size;
	return n > 0 ? n : -1;
#endif
}

static void
receive_all(struct udp *u, struct udp_socket *s)
{
	size_t len[UDP_BATCH];
	ssize_t n;

	/* What a message makes necessary may close the socket. */
	for (int i = 0; i < RECEIVE_ROUNDS && s->channel.fd >= 0; i++) {
		n = receive_some(u, s, len);
		for (ssize_t k = 0; k < n; k++)
			u->user.message(u->user.arg, &s->channel,
			    u->received + k * WIRE_UDP_MAX, len[k]);
		if (n == UDP_BATCH)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		    errno != EINTR)
			u->user.lost(u->user.arg, &s->channel, false);
		return;
	}
}

size_t
udp_poll(struct udp *u, struct pollfd *p, size_t n)
{
	for (size_t i = 0; i < udp_sockets(u); i++) {
		struct channel *c = &u->sockets[i].channel;

		c->polled = 0;
		if (c->fd < 0 || c->out == 0)
			continue;
		c->polled = n;
		p[n++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
	}
	return n;
}

void
udp_receive(struct udp *u, const struct pollfd *p, bool all)
{
	for (size_t i = 0; i < udp_sockets(u); i++) {
		struct udp_socket *s = &u->sockets[i];

		if (s->channel.polled != 0 &&
		    (all || p[s->channel.polled].revents != 0))
			receive_all(u, s);
	}
}
