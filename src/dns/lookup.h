/*
 * lookup: what the crawl and the resolver threads exchange: questions, and the
 * replies to them.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "dns/answers.h"
#include "dns/queue.h"

/* A question. All of it comes back in the reply. */
struct lookup {
	const uint8_t *name; /* must not change while the lookup is out */
	void *ref;
	int64_t started; /* its first attempt, milliseconds; 0: none yet */
	uint32_t entry;  /* the list entry that it is for */
	uint16_t type;
	uint8_t attempts; /* that it has had */
	uint8_t turn;     /* for the asker, to know late replies */
	bool heavy; /* its entry asks for much: no measure of the server */
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
	bool again;         /* failed, but another attempt may follow later */
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

#endif
