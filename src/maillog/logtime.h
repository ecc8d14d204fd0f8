/*
 * logtime: the time stamps of log lines, those of syslog ("Nov 22 14:01:59")
 * and of RFC 3339. Pure but for the year, which syslog leaves out.
 */
#ifndef LOGTIME_H
#define LOGTIME_H

#include <stddef.h>
#include <stdint.h>

/* The year so far. */
struct logtime {
	int64_t last; /* the time of the last line that had one */
	int year;
};

/* now: seconds since 1970; a first time stamp without a year is before that. */
void logtime_init(struct logtime *l, int64_t now);

/*
 * Reads the time stamp at a line's begin to *t, in seconds since 1970. Returns
 * its length, 0 if there is none. That of syslog counts as UTC, in the year
 * that brings it nearest to the line before.
 */
size_t logtime_read(
    struct logtime *l, const char *line, size_t len, int64_t *t);

#endif
