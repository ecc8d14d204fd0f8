/*
 * audit: which entries of the lists the clients in a mail log came through,
 * and what came of their mail. Memory is bounded: the clients that came first
 * are forgotten.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "base/addrset.h"
#include "maillog/maillog.h"
#include "maillog/reason.h"
#include "maillog/ring.h"

#define AUDIT_CLIENTS 131072
#define AUDIT_REASONS 6 /* different texts that are kept for a client */

/* What a client did. */
struct audit_client {
	struct ring_item item;
	enum family family;
	struct addr client;
	uint32_t allowlisted; /* connections that the table permitted */
	uint32_t passed;      /* PASS NEW: by its own, or by a list in DNS */
	uint32_t messages;    /* that were accepted */
	uint32_t rejected;    /* recipients or messages that were not */
	struct {
		uint8_t reason;
		uint32_t times;
	} why[AUDIT_REASONS];
	uint8_t nwhy;
	int64_t last;     /* when it was seen */
	uint32_t entries; /* that permit it */
};

struct audit {
	uint64_t key;
	struct ring clients;
	struct reasons reasons;
	uint64_t forgotten;
	int64_t first, last; /* of the log */
};

/* Of an entry: what its clients did, added up. */
struct audit_entry {
	uint64_t clients, alone; /* alone: no other entry permits them */
	uint64_t allowlisted, passed, messages, rejected;
	uint64_t why[REASONS_MAX + 1];
	int64_t last; /* 0: no client of it was seen */
};

/* key: see hash.h. */
void audit_init(struct audit *a, uint64_t key);
void audit_clear(struct audit *a);

/* One event of the log, in order. */
void audit_event(struct audit *a, const struct maillog_event *e);

/*
 * What an entry permits. First for all entries with sum NULL, which counts the
 * entries of each client, then again for each with its sum.
 */
void audit_judge(
    struct audit *a, struct addrset *permits, struct audit_entry *sum);

#endif
