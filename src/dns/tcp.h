/*
 * tcp: messages to and from the servers over TCP, pipelined (RFC 7766 section
 * 6.2.1.1).
 *
 * Some servers answer the queries of a connection one after another, so an
 * answer that comes late, in pieces or with a wrong length delays all that
 * follow. So each list entry has its own connection if possible, and does not
 * delay the answers of others.
 */
#ifndef TCP_H
#define TCP_H

#include <poll.h>

#include "base/text.h"
#include "dns/channel.h"

#define TCP_CONNECTIONS 8 /* to a server */
/*
 * Of these, for first attempts. Servers allow few (dnsmasq 20, unbound 10 a
 * thread), and each resolver thread has its own.
 */
#define TCP_CONNECTIONS_FIRST 4
#define TCP_POLLED (SERVERS_MAX * TCP_CONNECTIONS)

struct tcp_connection {
	struct channel channel; /* first: see tcp.c */
	uint32_t entry;         /* the entry whose queries it has */
	bool shared;            /* also those of others */
	bool alone;             /* not to be shared */
	bool reading;           /* its messages are being taken out */
	bool answered;          /* it brought an answer, since it was opened */
	int64_t heard; /* when it last brought anything, milliseconds */
	int64_t moved; /* when it last brought an answer, or was idle */
	struct buf in, unsent;
};

struct tcp {
	const struct servers *servers;
	struct channel_user user;
	struct tcp_connection v[SERVERS_MAX][TCP_CONNECTIONS];
};

void tcp_init(struct tcp *t, const struct servers *servers,
    const struct channel_user *user);
void tcp_clear(struct tcp *t);

/*
 * Takes a query for an entry, to be sent by tcp_flush(). again: it failed
 * before. Returns where its answer will come, or NULL with errno.
 */
struct channel *tcp_ask(struct tcp *t, size_t server, uint32_t entry,
    bool again, const uint8_t *query, size_t len);

/* Sends what was taken, as far as the connections take it. */
void tcp_flush(struct tcp *t);

/*
 * Closes connections that have been idle for a moment, because others may wait
 * until the server has room. Returns the milliseconds until the next one is
 * due, or -1 if all are in use.
 */
int tcp_close_idle(struct tcp *t);

/* Adds what to poll for at p[n]; returns the new n. */
size_t tcp_poll(struct tcp *t, struct pollfd *p, size_t n);

/* Receives messages, by poll()'s result; all: on every connection. */
void tcp_receive(struct tcp *t, const struct pollfd *p, bool all);

/*
 * An answer is overdue that was asked for at that time. If nothing came over
 * the connection since, it may hang for good: it is closed, and the user told.
 */
void tcp_overdue(struct tcp *t, struct channel *channel, int64_t asked);

#endif
