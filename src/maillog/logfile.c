/*
 * logfile: log files, in the order of time, and their lines, however long.
 */
#include "maillog/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "maillog/logtime.h"

#define BLOCK ((size_t)256 * 1024)
#define FIRST_BYTES 4096 /* of a file, in which a time stamp is looked for */

/* A file and when it begins. */
struct dated {
	const char *path;
	size_t given; /* its place among the arguments */
	int64_t time;
};

/* The first bytes of a regular file; -1 if it is none, or cannot be read. */
static ssize_t
peek(int fd, char *bytes, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	return pread(fd, bytes, size, 0);
}

/* Opens a file to look into it; -1 if it is not regular, or cannot be read. */
static int
open_regular(const char *path)
{
	struct stat st;
	int fd;

	/* To open a pipe and close it again ends whoever writes to it. */
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		exit_if_exhausted(path);
	return fd;
}

/* When a file begins: its first line with a time stamp. */
static int
first_time(const char *path, int64_t now, int64_t *t)
{
	char bytes[FIRST_BYTES];
	int fd = open_regular(path);
	ssize_t n = fd < 0 ? -1 : peek(fd, bytes, sizeof(bytes));
	struct logtime times;
	int result = -1;

	logtime_init(&times, now);
	for (ssize_t at = 0; at < n && result != 0;) {
		const char *line = bytes + at;
		const char *end = memchr(line, '\n', (size_t)(n - at));

		if (end == NULL)
			break;
		if (logtime_read(&times, line, (size_t)(end - line), t) > 0)
			result = 0;
		at = end - bytes + 1;
	}
	if (fd >= 0)
		close(fd);
	return result;
}

static int
compare(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->given < y->given ? -1 : x->given > y->given;
}

void
logfile_sort(const char **paths, size_t n, int64_t now)
{
	struct dated *v;
	bool known = true;

	/* A pipe that is looked into is not one that can be read again. */
	if (n < 2)
		return;
	v = xcalloc(n, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct dated){.path = paths[i], .given = i};
		known = known && first_time(paths[i], now, &v[i].time) == 0;
	}
	if (known) {
		qsort(v, n, sizeof(*v), compare);
		for (size_t i = 0; i < n; i++)
			paths[i] = v[i].path;
	}
	free(v);
}

/* The program that unpacks what begins like this; NULL if it is plain. */
static const char *
unpacker(const char *bytes, ssize_t n)
{
	static const struct {
		const char *magic, *program;
	} formats[] = {
	    {"\x1f\x8b", "zcat"},
	    {"BZh", "bzcat"},
	    {"\xfd"
	     "7zXZ",
		"xzcat"},
	    {"\x28\xb5\x2f\xfd", "zstdcat"},
	};

	for (size_t i = 0; i < COUNT(formats); i++) {
		size_t len = strlen(formats[i].magic);

		if (n >= (ssize_t)len &&
		    memcmp(bytes, formats[i].magic, len) == 0)
			return formats[i].program;
	}
	return NULL;
}

int
logfile_open(const char *path, struct buf *why)
{
	bool named = strcmp(path, "-") != 0;
	int fd = named ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	const char *program;
	char bytes[8];

	if (fd < 0) {
		exit_if_exhausted(path);
		buf_printf(why, "%s: %s", path, strerror(errno));
		return -1;
	}
	program = unpacker(bytes, peek(fd, bytes, sizeof(bytes)));
	if (program == NULL)
		return fd;
	if (named)
		buf_printf(why, "%s: is compressed: %s %s | postpermit suggest",
		    path, program, path);
	else
		buf_printf(
		    why, "(standard input): is compressed: %s it", program);
	if (named)
		close(fd);
	return -1;
}

/* The lines in a block, but for the last one if it has no end yet. */
static size_t
split(const char *block, size_t len, bool skip, struct logfile_counts *counts,
    logfile_visit *visit, void *arg)
{
	size_t at = 0;

	for (;;) {
		const char *line = block + at;
		const char *end = memchr(line, '\n', len - at);
		size_t n;

		if (end == NULL)
			return at;
		n = (size_t)(end - line);
		counts->lines++;
		if (skip || n > LOGFILE_LINE_MAX)
			counts->too_long++;
		else
			visit(arg, line, n);
		skip = false;
		at += n + 1;
	}
}

/* read() that a signal does not end. */
static ssize_t
read_some(int fd, void *to, size_t room)
{
	ssize_t n;

	do
		n = read(fd, to, room);
	while (n < 0 && errno == EINTR);
	return n;
}

int
logfile_read(
    int fd, struct logfile_counts *counts, logfile_visit *visit, void *arg)
{
	char *block = xmalloc(BLOCK);
	size_t held = 0;   /* bytes of a line whose end is still to come */
	bool skip = false; /* that line is too long, its start is gone */
	ssize_t n;

	while ((n = read_some(fd, block + held, BLOCK - held)) > 0) {
		size_t len = held + (size_t)n;
		size_t done = split(block, len, skip, counts, visit, arg);

		skip = skip && done == 0;
		held = len - done;
		memmove(block, block + done, held);
		if (skip || held > LOGFILE_LINE_MAX) {
			skip = true;
			held = 0;
		}
	}
	/* A file may end without a newline. */
	if (n == 0 && (held > 0 || skip)) {
		counts->lines++;
		if (skip)
			counts->too_long++;
		else
			visit(arg, block, held);
	}
	free(block);
	return n < 0 ? -1 : 0;
}
