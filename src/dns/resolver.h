/*
 * resolver: the threads that ask the servers. Each keeps many lookups in flight
 * in one poll loop. Lookups travel to them through one queue, replies come back
 * through the other; they share nothing else.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include "dns/lookup.h"
#include "dns/server.h"

struct resolver_config {
	struct servers servers;
	unsigned threads;
	unsigned max_inflight; /* over all threads */
	unsigned timeout;      /* of a first query, milliseconds */
	unsigned attempts;     /* over all servers */
};

struct resolver;

/* Starts the threads. Returns NULL with why if that fails. */
struct resolver *resolver_open(
    const struct resolver_config *config, struct buf *why);

/* Ends the threads; what they had found is dropped. */
void resolver_stop(struct resolver *r);
bool resolver_is_stopped(const struct resolver *r);

void resolver_close(struct resolver *r);

/* How many lookups a batch may have, so that none waits for room in a thread
 * while another has it. */
size_t resolver_batch(const struct resolver *r);

/* Takes a batch over. */
void resolver_put(struct resolver *r, struct lookup_batch *b);

/* What came back: batches linked by link.next, for the caller to free. */
struct reply_batch *resolver_get(struct resolver *r);

/* Waits until something came back, or so many milliseconds. */
void resolver_wait(const struct resolver *r, int milliseconds);

#endif
