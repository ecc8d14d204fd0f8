/*
 * lastrun: how the last update ended, in a file of the state directory that
 * status and the metrics read. Each run writes it, even one that fails.
 */
#ifndef LASTRUN_H
#define LASTRUN_H

#include "session.h"

#define LAST_RUN "last.run" /* in the state directory */

/* Times are seconds since 1970; 0: never, or unknown. */
struct last_run {
	int64_t began, ended;
	int64_t success; /* when a run last ended with status 0 */
	int64_t milliseconds;
	int64_t status; /* its exit status */
	int64_t lookups, failures;
	int64_t stale;   /* saved answers that were used */
	int64_t oldest;  /* when the oldest of these was confirmed */
	int64_t ignored; /* what was said of "!" lines, see ignored.h */
};

/*
 * Returns 0; -1 with why, which is empty if no run was recorded. *l is all 0
 * then.
 */
int last_run_read(const struct session *r, struct last_run *l, struct buf *why);

/* This run, which ends now with that status. before: the last one. */
struct last_run last_run_of(
    const struct session *r, enum status status, const struct last_run *before);

/* Returns 0, or -1 with why. */
int last_run_write(
    const struct session *r, const struct last_run *l, struct buf *why);

#endif
