/*
 * crawl: finds out which answers are needed and fetches each (name, type)
 * once. A work list, not a recursion: every answer that arrives may name
 * further lookups; when none are left, DNS is done.
 *
 * It finds the lookups that do not depend on a macro of the listed domain's
 * name. evaluate finds the others, and adds them through crawl_want().
 */
#ifndef CRAWL_H
#define CRAWL_H

#include <stdbool.h>

#include "dns/answers.h"
#include "dns/server.h"

struct crawl_stats {
	unsigned long known;   /* distinct names and types so far */
	unsigned long done;    /* of these, answered or given up */
	unsigned long failed;  /* given up */
	unsigned long stale;   /* of these, replaced by saved answers */
	int64_t oldest_stale;  /* when the oldest of these was confirmed */
	unsigned long again;   /* lookups asked once more, for another entry */
	unsigned long queries; /* sent */
	unsigned long retries; /* of these, not the first of their lookup */
	double seconds;        /* that all crawls of this one took */
};

struct crawl_config {
	const struct answers *replay; /* answers from there, not from DNS */
	const struct answers
	    *saved;           /* answers for failed lookups; NULL: none */
	unsigned stale_limit; /* how old these may be, seconds */
	struct servers servers;
	unsigned threads;
	unsigned max_inflight;  /* over all threads */
	unsigned query_timeout; /* of a first query, milliseconds */
	unsigned query_attempts;
	unsigned run_timeout; /* milliseconds for all crawls together */
	unsigned patience;    /* for the last few entries, milliseconds */
	unsigned max_queries; /* that one entry may make us ask */
	int64_t now;          /* time of the answers, seconds since 1970 */
	bool pass_all;        /* +all is ignored: terms after it matter */
	/* Called now and then while lookups are out, if not NULL. */
	void (*progress)(void *arg, const struct crawl_stats *stats);
	void *progress_arg;
};

struct crawl;

/*
 * Starts the resolver threads (none for replay). The answers are filled by
 * crawl_run(). Returns NULL with why if that fails.
 */
struct crawl *crawl_open(struct answers *answers,
    const struct crawl_config *config, struct buf *why);

/* Ends the threads. */
void crawl_close(struct crawl *c);

/*
 * Puts a lookup on the work list, unless it is known already. entry: a number
 * for whom: what one entry may make us ask is bounded.
 */
void crawl_want(
    struct crawl *c, const uint8_t *name, enum rr_type type, uint32_t entry);

/* See schedule_rank(). */
#define CRAWL_RANKS 3
int crawl_rank(struct crawl *c, uint32_t entry);

/*
 * Whether some term was left to evaluate: it named the listed domain, a bound
 * ended the following, or a lookup was given up for one entry that others may
 * need.
 */
bool crawl_left_out(const struct crawl *c);

/*
 * Called when the work list is short, to put a list entry's lookups on it:
 * those of all entries at once would take much memory. Returns false if there
 * are no more entries.
 */
typedef bool crawl_feed(struct crawl *c, void *arg);

/* Works until the list is empty or run_timeout is over. entries may be NULL. */
void crawl_run(struct crawl *c, crawl_feed *entries, void *arg);

/*
 * Puts saved answers in place of the lookups that failed, and works off what
 * they make necessary; where that is given up for one entry, others may ask
 * before it is replaced, too. Returns false if none had failed: DNS has said
 * all it will.
 */
bool crawl_use_saved(struct crawl *c);

const struct crawl_stats *crawl_stats(const struct crawl *c);

#endif
