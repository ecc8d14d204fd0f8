/*
 * losses: whether the name servers are to blame that lookups end without an
 * answer: those of several entries did, and no answer came in the meantime. The
 * names of one entry say nothing about the servers.
 */
#ifndef LOSSES_H
#define LOSSES_H

#include "dns/lookup.h"

#define LOSSES_ENTRIES 3 /* that it takes */

/* All 0 at first. */
struct losses {
	uint32_t entry[LOSSES_ENTRIES];
	size_t n;
	int64_t answered; /* when an answer came last, by now_ms() */
};

/* A lookup ended without an answer. */
void losses_add(struct losses *l, const struct lookup *lookup);

/* An answer came. */
void losses_end(struct losses *l);

/* Whether the servers are to blame. */
bool losses_are_many(const struct losses *l);

#endif
