/*
 * udp: queries and answers over connected UDP sockets, a system call a batch.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"
#include "dns/engine.h"

#define SEND_TRIES 50    /* that may fail, for one batch */
#define RECEIVE_ROUNDS 8 /* before others have their turn */

/* A socket with room, at random; opened, or anew if it is worn out. */
static struct udp *
choose_udp(struct engine *e, size_t server)
{
	struct udp *first = &e->udps[server * e->sockets_each];
	size_t at = random16(e) % e->sockets_each;
	struct udp *u = &first[at];

	for (size_t i = 1; i < e->sockets_each &&
			   (u->out >= FLIGHTS_A_SOCKET ||
			       (u->sent >= QUERIES_A_SOCKET && u->out > 0));
	     i++)
		u = &first[(at + i) % e->sockets_each];
	if (u->fd >= 0 && u->sent >= QUERIES_A_SOCKET && u->out == 0) {
		close(u->fd);
		u->fd = -1;
		u->n = 0;
	}
	if (u->fd < 0) {
		u->fd =
		    server_socket(&e->config->servers.v[server], SOCK_DGRAM);
		u->sent = 0;
	}
	if (u->fd >= 0)
		return u;
	/* Without descriptors for more, those that are open have to do. */
	for (size_t i = 0; i < e->sockets_each; i++)
		if (first[i].fd >= 0)
			return &first[i];
	exit_if_exhausted("cannot open a socket");
	return NULL;
}

/* The server cannot be reached: all that wait at that socket know now. */
static void
udp_unreachable(struct engine *e, const struct udp *u)
{
	for (size_t i = 0; i < e->config->max_inflight; i++)
		if (e->flights[i].udp == u)
			flight_failed(e, &e->flights[i], FAILURE_UNREACHABLE);
}

/* Waits until a full socket buffer has room again, for a moment at most. */
static void
wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, 20);
}

/* Sends the gathered queries from at on; returns how many, or -1 with errno. */
static ssize_t
send_some(struct udp *u, size_t at)
{
#ifdef HAVE_SENDMMSG
	struct mmsghdr m[BATCH] = {0};
	struct iovec iov[BATCH];

	for (size_t i = at; i < u->n; i++) {
		iov[i] = (struct iovec){u->query[i], u->len[i]};
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(u->fd, m + at, (unsigned)(u->n - at), 0);
#else
	return send(u->fd, u->query[at], u->len[at], 0) < 0 ? -1 : 1;
#endif
}

/* Writes the queries that were gathered for a socket. */
static void
udp_send(struct udp *u)
{
	size_t at = 0;
	unsigned tries = 0;

	while (at < u->n && tries < SEND_TRIES) {
		ssize_t sent = send_some(u, at);

		if (sent > 0) {
			at += (size_t)sent;
			continue;
		}
		tries++;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			wait_writable(u->fd);
		else if (errno != EINTR)
			/* An earlier query's ICMP error: udp_send_all() tells
			 * all that wait here. */
			u->refused = true;
	}
	u->n = 0;
}

void
udp_send_all(struct engine *e)
{
	for (size_t i = 0; i < e->sockets_each * e->config->servers.n; i++) {
		struct udp *u = &e->udps[i];

		if (u->n > 0)
			udp_send(u);
		/* Not while it is being sent: another attempt may go there. */
		if (u->refused) {
			u->refused = false;
			udp_unreachable(e, u);
		}
	}
}

bool
udp_is_unsent(const struct engine *e)
{
	for (size_t i = 0; i < e->sockets_each * e->config->servers.n; i++)
		if (e->udps[i].n > 0 || e->udps[i].refused)
			return true;
	return false;
}

void
udp_ask(struct engine *e, struct flight *f)
{
	struct udp *u = choose_udp(e, f->server);
	uint16_t id;

	if (u == NULL) {
		flight_failed(e, f, FAILURE_UNREACHABLE);
		return;
	}
	if (u->n == BATCH)
		udp_send(u);
	id = flight_id(e);
	u->len[u->n] = wire_query(
	    u->query[u->n], id, f->name, (enum rr_type)f->lookup.type, f->edns);
	u->n++;
	u->sent++;
	flight_sent(e, f, id, u, NULL);
}

/*
 * Receives a batch of messages into e->received and *len; returns how many, or
 * -1 with errno.
 */
static ssize_t
receive_some(struct engine *e, const struct udp *u, size_t len[BATCH])
{
#ifdef HAVE_RECVMMSG
	struct mmsghdr m[BATCH] = {0};
	struct iovec iov[BATCH];
	ssize_t n;

	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){
		    e->received + i * WIRE_UDP_MAX, WIRE_UDP_MAX};
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(u->fd, m, BATCH, 0, NULL);
	for (ssize_t i = 0; i < n; i++)
		len[i] = m[i].msg_len;
	return n;
#else
	ssize_t n = 0, size;

	while (n < BATCH && (size = recv(u->fd, e->received + n * WIRE_UDP_MAX,
				 WIRE_UDP_MAX, 0)) >= 0)
		len[n++] = (size_t)size;
	return n > 0 ? n : -1;
#endif
}

void
udp_receive(struct engine *e, struct udp *u)
{
	size_t len[BATCH];
	ssize_t n;

	/* What a message makes necessary may close the socket. */
	for (int rounds = 0; rounds < RECEIVE_ROUNDS && u->fd >= 0; rounds++) {
		n = receive_some(e, u, len);
		for (ssize_t i = 0; i < n; i++)
			flight_message(
			    e, e->received + i * WIRE_UDP_MAX, len[i], u, NULL);
		if (n == BATCH)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		    errno != EINTR)
			udp_unreachable(e, u);
		return;
	}
}
