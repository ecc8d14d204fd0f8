/*
 * histogram: how many messages were delayed, by cause, and for how long:
 * counters for ranges of time, from which the median is computed.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum histogram_cause {
	HISTOGRAM_POSTSCREEN,
	HISTOGRAM_GREYLISTING,
	HISTOGRAM_DEFERRED, /* by a text of unknown meaning */
	HISTOGRAM_CAUSES
};

#define HISTOGRAM_BUCKETS 80 /* four for each power of two, in seconds */

struct histogram {
	uint32_t messages;
	uint32_t by[HISTOGRAM_CAUSES]; /* of the messages, by cause */
	int64_t seconds, worst;
	uint16_t buckets[HISTOGRAM_BUCKETS];
};

/* One more message. */
void histogram_count(
    struct histogram *t, enum histogram_cause cause, int64_t seconds);

/* All messages of another one. */
void histogram_add(struct histogram *to, const struct histogram *more);

/* The median in seconds, within an eighth. */
int64_t histogram_median(const struct histogram *t);

#endif
