/*
 * tally: how many messages were delayed, and for how long, in little room.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

enum tally_cause {
	TALLY_POSTSCREEN,
	TALLY_GREYLISTING,
	TALLY_DEFERRED, /* by a text of unknown meaning */
	TALLY_CAUSES
};

#define TALLY_BUCKETS 80 /* four for each power of two, in seconds */

struct tally {
	uint32_t messages;
	uint32_t by[TALLY_CAUSES]; /* of the messages, by cause */
	int64_t seconds, worst;
	uint16_t buckets[TALLY_BUCKETS];
};

/* One more message. */
void tally_count(struct tally *t, enum tally_cause cause, int64_t seconds);

void tally_add(struct tally *to, const struct tally *more);

/* The median in seconds, within an eighth. */
int64_t tally_median(const struct tally *t);

#endif
