/*
 * logtime: the time stamps of log lines, as syslog daemons, journalctl and
 * containers write them. Pure but for the year, which syslog leaves out.
 */
#ifndef LOGTIME_H
#define LOGTIME_H

#include <stddef.h>
#include <stdint.h>

#define LOGTIME_DATE_MAX 40

/* The lines so far. */
struct logtime {
	int64_t last; /* the time of the last line that had one */
	/* The last date as it was written, and its midnight: most lines have
	 * the date of the line before. */
	char date[LOGTIME_DATE_MAX];
	size_t ndate; /* 0: none yet */
	int64_t day;
};

/* now: seconds since 1970; a first time stamp without a year is before that. */
void logtime_init(struct logtime *l, int64_t now);

/*
 * Reads the time stamp at the start of a text to *t, in seconds since 1970.
 * Returns its length, or 0 if there is none. A time without a zone counts as
 * UTC; one without a year gets the year that brings it nearest to the previous
 * line.
 */
size_t logtime_read(
    struct logtime *l, const char *text, size_t len, int64_t *t);

#endif
