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
#include "maillog/journal.h"

#define BLOCK ((size_t)256 * 1024)
#define FIRST_BYTES 16384 /* of a file, in which a time is looked for */

/* A file and when it begins. */
struct dated {
	const char *path;
	size_t given; /* its place among the arguments */
	int64_t time;
};

/* Opens a file to look into it; -1 if it is not regular, or cannot be read. */
static int
open_regular(const char *path)
{
	struct stat st;
	int fd;

	/* Opening a pipe and closing it again would end its writer. */
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		exit_if_exhausted(path);
	return fd;
}

/* The time of the first line that has one; INT64_MIN: none has. */
static int64_t
time_in(const char *bytes, size_t len, int64_t now)
{
	struct journal journal;
	struct logtime times;
	struct logline l;

	logtime_init(&times, now);
	journal_init(&journal);
	for (size_t at = 0; at < len;) {
		const char *line = bytes + at;
		const char *end = memchr(line, '\n', len - at);
		size_t n = end == NULL ? len - at : (size_t)(end - line);
		enum logline_result result =
		    journal_wants(&journal, line, n)
			? journal_read(&journal, &times, line, n, &l)
			: logline_read(&times, line, n, &l);

		if (result == LOGLINE_READ)
			return l.time;
		at += n + 1;
	}
	return INT64_MIN;
}

/* When a file begins; -1: it is not regular, or cannot be opened. */
static int
first_time(const char *path, int64_t now, int64_t *t)
{
	int fd = open_regular(path);
	char *bytes;
	ssize_t n;

	if (fd < 0)
		return -1;
	bytes = xmalloc(FIRST_BYTES);
	n = pread(fd, bytes, FIRST_BYTES, 0);
	*t = time_in(bytes, n > 0 ? (size_t)n : 0, now);
	free(bytes);
	close(fd);
	return 0;
}

static int
by_first_time(const void *a, const void *b)
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
		qsort(v, n, sizeof(*v), by_first_time);
		for (size_t i = 0; i < n; i++)
			paths[i] = v[i].path;
	}
	free(v);
}

/* The program that unpacks what begins like this; NULL if it is plain. */
static const char *
unpacker(const char *bytes, size_t n)
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

		if (n >= len && memcmp(bytes, formats[i].magic, len) == 0)
			return formats[i].program;
	}
	return NULL;
}

int
logfile_open(const char *path, struct buf *why)
{
	bool named = strcmp(path, "-") != 0;
	int fd = named ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd < 0) {
		exit_if_exhausted(path);
		buf_printf(why, "%s: %s", path, strerror(errno));
	}
	return fd;
}

void
logfile_begin(struct logfile *f, logfile_visit *visit, void *arg)
{
	*f = (struct logfile){
	    .block = xmalloc(BLOCK), .visit = visit, .arg = arg};
}

static void
visit_line(struct logfile *f, const char *line, size_t len)
{
	bool too_long = f->skip || len > LOGFILE_LINE_MAX;

	f->counts.lines++;
	f->counts.too_long += too_long;
	f->visit(f->arg, too_long ? NULL : line, len + f->gone);
	f->skip = false;
	f->gone = 0;
}

/* So many bytes came: visits the lines that end, keeps the rest. */
static void
split_lines(struct logfile *f, size_t added)
{
	const char *line = f->block, *limit = line + f->held + added, *end;

	while ((end = memchr(line, '\n', (size_t)(limit - line))) != NULL) {
		visit_line(f, line, (size_t)(end - line));
		line = end + 1;
	}
	f->held = (size_t)(limit - line);
	memmove(f->block, line, f->held);
	if (f->skip || f->held > LOGFILE_LINE_MAX) {
		f->skip = true;
		f->gone += f->held;
		f->held = 0;
	}
}

void
logfile_push(struct logfile *f, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t room = BLOCK - f->held, n = len < room ? len : room;

		memcpy(f->block + f->held, bytes, n);
		split_lines(f, n);
		bytes += n;
		len -= n;
	}
}

void
logfile_end(struct logfile *f)
{
	if (f->held > 0 || f->skip)
		visit_line(f, f->block, f->held);
	free(f->block);
	f->block = NULL;
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

/* Whether the first bytes are those of a compressed file; why says so. */
static bool
is_compressed(const char *path, const char *bytes, size_t len, struct buf *why)
{
	const char *program = unpacker(bytes, len);

	if (program != NULL && strcmp(path, "-") == 0)
		buf_printf(why, "(standard input): is compressed: %s it first",
		    program);
	else if (program != NULL)
		buf_printf(why, "%s: is compressed: %s %s | postpermit suggest",
		    path, program, path);
	return program != NULL;
}

enum logfile_result
logfile_read(struct logfile *f, int fd, const char *path, struct buf *why)
{
	bool first = true;
	ssize_t n;

	while ((n = read_some(fd, f->block + f->held, BLOCK - f->held)) > 0) {
		if (first && is_compressed(path, f->block, (size_t)n, why))
			return LOGFILE_COMPRESSED;
		first = false;
		split_lines(f, (size_t)n);
	}
	if (n == 0)
		return LOGFILE_READ;
	buf_printf(why, "%s: %s", path, strerror(errno));
	return LOGFILE_FAILED;
}
