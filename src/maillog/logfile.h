/*
 * logfile: log files, in the order of time, and their lines, however long.
 */
#ifndef LOGFILE_H
#define LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define LOGFILE_LINE_MAX 8192 /* bytes; no line of Postfix comes near */

struct logfile_counts {
	uint64_t lines;
	uint64_t too_long; /* of the lines: passed over */
};

/* Called with each line that is not too long, without its newline. */
typedef void logfile_visit(void *arg, const char *line, size_t len);

/*
 * Brings named files into the order of their first time stamps; as they are,
 * if one has none or is no regular file. now: seconds since 1970. Opens
 * nothing for good: what cannot be opened is found by logfile_open().
 */
void logfile_sort(const char **paths, size_t n, int64_t now);

/*
 * Opens a log file, "-" for standard input. Returns the descriptor, or -1 with
 * why: it cannot be opened, or it is compressed.
 */
int logfile_open(const char *path, struct buf *why);

/* Reads to the end; adds to the counts. Returns 0, or -1 with errno. */
int logfile_read(
    int fd, struct logfile_counts *counts, logfile_visit *visit, void *arg);

#endif
