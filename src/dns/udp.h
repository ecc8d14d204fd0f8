/*
 * udp: messages to and from the servers over connected UDP sockets, a system
 * call a batch. Several sockets a server, so that source ports are not
 * constant, and a socket's buffer holds all answers that may come.
 */
#ifndef UDP_H
#define UDP_H

#include <poll.h>

#include "dns/channel.h"
#include "dns/wire.h"

#define UDP_BATCH 32 /* messages a system call */

struct udp_socket {
	struct channel channel; /* first: see udp.c */
	bool lost;     /* told to the user when nothing is being sent */
	unsigned sent; /* queries since it was opened */
	/* Queries that the next system call sends. */
	size_t n;
	size_t len[UDP_BATCH];
	uint8_t query[UDP_BATCH][WIRE_QUERY_MAX];
};

struct udp {
	const struct servers *servers;
	struct channel_user user;
	struct udp_socket *sockets; /* each for each server */
	size_t each;
	uint8_t *received; /* UDP_BATCH buffers of WIRE_UDP_MAX */
};

/* max_queries: that will wait for answers at once. */
void udp_init(struct udp *u, const struct servers *servers,
    unsigned max_queries, const struct channel_user *user);
void udp_clear(struct udp *u);

/*
 * Takes a query of at most WIRE_QUERY_MAX bytes, to be sent by udp_flush().
 * random: chooses the socket. Returns where its answer will come, or NULL with
 * errno: no socket can be opened to that server.
 */
struct channel *udp_ask(struct udp *u, size_t server, unsigned random,
    const uint8_t *query, size_t len);

/* Takes a query once more, for the channel that it waits at. */
void udp_repeat(struct channel *c, const uint8_t *query, size_t len);

/*
 * Sends the messages, and those that the user adds when it is told of losses.
 */
void udp_flush(struct udp *u);

/* How many descriptors udp_poll() adds at most. */
size_t udp_sockets(const struct udp *u);

/* Adds what to poll for at p[n]; returns the new n. */
size_t udp_poll(struct udp *u, struct pollfd *p, size_t n);

/* Receives messages, by poll()'s result; all: on every socket. */
void udp_receive(struct udp *u, const struct pollfd *p, bool all);

#endif
