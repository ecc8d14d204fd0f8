/*
 * channel: a UDP socket or a TCP connection to a server, for the queries that
 * wait there. udp and tcp carry messages; the layer above reads them, and
 * decides what to do when a channel is lost.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/server.h"

struct channel {
	int fd; /* -1: not open */
	bool stream;
	size_t server;
	unsigned out;  /* queries that wait for their answer here */
	size_t polled; /* where it is among the descriptors polled, or 0 */
};

/* Told what happened at a channel. */
struct channel_user {
	void *arg;
	void (*message)(
	    void *arg, struct channel *c, const uint8_t *msg, size_t len);
	/*
	 * No answer will come any more. answered: over TCP, the connection
	 * brought some before.
	 */
	void (*lost)(void *arg, struct channel *c, bool answered);
};

/*
 * Connects a socket of that type (SOCK_DGRAM, SOCK_STREAM), not blocking.
 * Returns it, or -1 with errno.
 */
int channel_connect(const struct server *server, int type);

#endif
