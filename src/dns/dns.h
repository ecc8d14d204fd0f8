/*
 * dns: one resolver thread's work. It takes lookups from one queue, keeps
 * many of them in flight over UDP and TCP, and puts what came back into the
 * other. It shares nothing else with anybody.
 */
#ifndef DNS_H
#define DNS_H

#include "dns/answers.h"
#include "dns/queue.h"
#include "dns/server.h"

/* A question. Name and type are asked for; all comes back in the reply. */
struct lookup {
	const uint8_t *name; /* must not change while the lookup is out */
	void *ref;
	uint32_t entry;
	uint16_t type;
	uint8_t depth;
	uint8_t round; /* another one: servers have another chance */
};

#define LOOKUP_BATCH 64

struct lookup_batch {
	struct batch link;
	size_t n;
	struct lookup v[LOOKUP_BATCH];
};

/* What came back for one lookup. */
struct reply {
	struct lookup lookup;
	enum answer_status status; /* DATA, NODATA, NXDOMAIN or FAILED */
	enum answer_failure failure;
	struct rrset rrs;   /* sorted */
	struct rrset chain; /* the targets of the CNAMEs on the way, in order */
	struct reply *next; /* in its batch */
};

struct reply_batch {
	struct batch link;
	struct reply *first;
	unsigned long queries; /* sent since the last batch */
	unsigned long retries; /* of these, not the first of their lookup */
};

void reply_free(struct reply *r);

struct dns_config {
	struct servers servers;
	unsigned max_inflight; /* of this thread */
	unsigned timeout;      /* of a first query, milliseconds */
	unsigned attempts;     /* over all servers */
	struct queue *lookups; /* of struct lookup_batch */
	struct queue *replies; /* of struct reply_batch */
	int stop_fd;           /* readable: end at once */
};

/*
 * A thread's main function; config: its struct dns_config, which must outlive
 * it. Returns NULL.
 */
void *dns_run(void *config);

#endif
