/*
 * blocked: clients that were refused since a DNSBL lists them, by the domain
 * of the sender. Memory is bounded: what came first is forgotten.
 */
#ifndef BLOCKED_H
#define BLOCKED_H

#include "base/addrset.h"
#include "expand/list.h"
#include "maillog/maillog.h"
#include "maillog/ring.h"

#define BLOCKED_CLIENTS 8192  /* pairs of sender domain and client */
#define BLOCKED_DOMAINS 300   /* that are looked up: those with most rejects */
#define BLOCKED_NAMES 32      /* different DNSBLs */
#define BLOCKED_DOMAIN_MAX 63 /* characters; longer ones are left out */

#define BLOCKED_ADDRESS_MAX 45 /* characters of an IPv6 address */

/* A client of a sender domain. */
struct blocked_client {
	struct ring_item item;
	/* As they are in the log; read once all are there. */
	char sender[BLOCKED_DOMAIN_MAX + 1];
	char address[BLOCKED_ADDRESS_MAX + 1];
	uint32_t times;
	uint8_t dnsbl; /* the first one that was named */
	enum family family;
	struct addr client;
	char domain[BLOCKED_DOMAIN_MAX + 1];
};

/* A domain whose record permits some of its clients. */
struct blocked_domain {
	const struct blocked_client *const *clients;
	size_t n;
	uint64_t times; /* that permitted ones were refused */
	size_t permitted;
	const struct blocked_client *example;
	uint32_t dnsbls; /* a bit for each */
};

struct blocked {
	uint64_t key;
	struct ring clients;
	char *names[BLOCKED_NAMES]; /* of DNSBLs */
	unsigned nnames;
	const struct blocked_client **sorted;
	struct blocked_domain *domains; /* in the order of their names */
	size_t ndomains;
};

/* key: see hash.h. */
void blocked_init(struct blocked *b, uint64_t key);
void blocked_clear(struct blocked *b);

/* One event of the kind MAILLOG_BLOCKED. */
void blocked_event(struct blocked *b, const struct maillog_event *e);

/* The end of the log: finds the domains; adds an entry for each to a list. */
void blocked_list(struct blocked *b, struct list *l);

/* What the record of the i-th domain permits. */
void blocked_judge(struct blocked *b, size_t i, struct addrset *permits);

#endif
