/*
 * delayed: a table of the clients whose mail was delayed, by sender domain,
 * with the delays of each. Memory is bounded: when it is full, further clients
 * are left out.
 */
#ifndef DELAYED_H
#define DELAYED_H

#include "base/addr.h"
#include "base/memory.h"
#include "maillog/ring.h"
#include "maillog/histogram.h"

/* A client of a sender domain. */
struct delayed_client {
	struct ring_item item;
	const char *domain;
	enum family family;
	struct addr client;
	/* Of the messages whose first attempt came from this client. */
	struct histogram histogram;
	bool open; /* for advice: a list line could help it */
};

struct delayed {
	uint64_t key;
	struct ring domains, clients;
	size_t ndomains, nclients;
	struct arena names;
};

/* domains, clients: how many there is room for; key: see hash.h. */
void delayed_init(
    struct delayed *d, size_t domains, size_t clients, uint64_t key);
void delayed_clear(struct delayed *d);

/*
 * A domain name that lasts as long as the table, the same for the same name;
 * NULL without room for another one.
 */
const char *delayed_domain(struct delayed *d, const char *name);

/*
 * The client of a domain, which delayed_domain() returned; new ones have an
 * empty histogram. NULL without room.
 */
struct delayed_client *delayed_client(struct delayed *d, const char *domain,
    enum family f, const struct addr *client);

/*
 * All clients, sorted by domain (as text), then address; *n: their number.
 * They last as long as the table, to which no more can be added.
 */
struct delayed_client *delayed_finish(struct delayed *d, size_t *n);

#endif
