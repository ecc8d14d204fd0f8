/*
 * histogram: how many messages were delayed, and for how long.
 */
#include "maillog/histogram.h"

static unsigned
bucket_of(int64_t seconds)
{
	unsigned octave = 2, bucket;

	if (seconds < 4)
		return seconds < 0 ? 0 : (unsigned)seconds;
	while (seconds >> (octave + 1) > 0)
		octave++;
	bucket = 4 * (octave - 1) + (unsigned)(seconds >> (octave - 2) & 3);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static int64_t
bucket_middle(unsigned b)
{
	unsigned octave = b / 4 + 1;
	int64_t step;

	if (b < 4)
		return b;
	step = (int64_t)1 << (octave - 2);
	return (4 + b % 4) * step + step / 2;
}

void
histogram_count(
    struct histogram *t, enum histogram_cause cause, int64_t seconds)
{
	uint16_t *bucket = &t->buckets[bucket_of(seconds)];

	t->messages += t->messages < UINT32_MAX;
	t->by[cause] += t->by[cause] < UINT32_MAX;
	*bucket = (uint16_t)(*bucket + (*bucket < UINT16_MAX));
	t->seconds += seconds;
	if (seconds > t->worst)
		t->worst = seconds;
}

void
histogram_add(struct histogram *to, const struct histogram *more)
{
	to->messages += more->messages;
	for (int i = 0; i < HISTOGRAM_CAUSES; i++)
		to->by[i] += more->by[i];
	to->seconds += more->seconds;
	if (more->worst > to->worst)
		to->worst = more->worst;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		unsigned sum = (unsigned)to->buckets[i] + more->buckets[i];

		to->buckets[i] = sum > UINT16_MAX ? UINT16_MAX : (uint16_t)sum;
	}
}

int64_t
histogram_median(const struct histogram *t)
{
	uint64_t all = 0, seen = 0;
	int64_t median;
	unsigned i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		all += t->buckets[i];
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += t->buckets[i];
		if (2 * seen >= all)
			break;
	}
	median = bucket_middle(i);
	return all == 1 || median > t->worst ? t->worst : median;
}
