/*
 * logfile: log files, in the order of time, and their lines, however long.
 */
#ifndef LOGFILE_H
#define LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define LOGFILE_LINE_MAX 8192 /* bytes; no line of Postfix comes near */

struct logfile_counts {
	uint64_t lines;
	uint64_t too_long; /* of the lines: skipped */
};

/*
 * Called with each line, without its newline. line is NULL for a line that is
 * too long; len has its length.
 */
typedef void logfile_visit(void *arg, const char *line, size_t len);

/*
 * Brings named files into the order of their first time stamps; files without
 * any come first. If one is no regular file, all stay as they are. now: seconds
 * since 1970. What cannot be opened is found by logfile_open().
 */
void logfile_sort(const char **paths, size_t n, int64_t now);

/*
 * Opens a log file, "-" for standard input. Returns the descriptor, or -1 with
 * why.
 */
int logfile_open(const char *path, struct buf *why);

/* A log that comes block by block. */
struct logfile {
	char *block;
	size_t held; /* bytes of a line that has not ended */
	size_t gone; /* bytes of that line which were dropped */
	bool skip;   /* that line is too long */
	struct logfile_counts counts;
	logfile_visit *visit;
	void *arg;
};

void logfile_begin(struct logfile *f, logfile_visit *visit, void *arg);
void logfile_push(struct logfile *f, const char *bytes, size_t len);

/* The end: visits a last line without its newline. */
void logfile_end(struct logfile *f);

enum logfile_result {
	LOGFILE_READ,
	LOGFILE_FAILED,    /* with why */
	LOGFILE_COMPRESSED /* with why, and nothing was visited */
};

/* Reads a descriptor to its end, between logfile_begin() and _end(). */
enum logfile_result logfile_read(
    struct logfile *f, int fd, const char *path, struct buf *why);

#endif
