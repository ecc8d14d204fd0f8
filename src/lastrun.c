/*
 * lastrun: how the last update ended. The file has a line "NAME NUMBER" for
 * each member; names that are not known are ignored.
 */
#include "lastrun.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/system.h"
#include "table/install.h"

static const struct {
	const char *name;
	size_t offset;
} members[] = {
    {"began", offsetof(struct last_run, began)},
    {"ended", offsetof(struct last_run, ended)},
    {"success", offsetof(struct last_run, success)},
    {"milliseconds", offsetof(struct last_run, milliseconds)},
    {"status", offsetof(struct last_run, status)},
    {"lookups", offsetof(struct last_run, lookups)},
    {"failures", offsetof(struct last_run, failures)},
    {"stale", offsetof(struct last_run, stale)},
    {"oldest", offsetof(struct last_run, oldest)},
    {"ignored", offsetof(struct last_run, ignored)},
};

static int64_t *
member(struct last_run *l, size_t i)
{
	return (int64_t *)(void *)((char *)l + members[i].offset);
}

/* Takes a line; returns whether it is one. */
static bool
read_member(struct last_run *l, const char *line)
{
	size_t len = strcspn(line, " ");
	char *end;
	long long n;

	errno = 0;
	n = strtoll(line + len, &end, 10);
	if (end == line + len || n < 0 || errno != 0)
		return false;
	for (size_t i = 0; i < COUNT(members); i++)
		if (strlen(members[i].name) == len &&
		    strncmp(members[i].name, line, len) == 0)
			*member(l, i) = n;
	return true;
}

int
last_run_read(const struct session *r, struct last_run *l, struct buf *why)
{
	char *path = session_state_path(r, LAST_RUN), *line = NULL;
	FILE *in = install_open(path, why);
	size_t cap = 0;
	bool good = true;

	*l = (struct last_run){0};
	while (in != NULL && good && xgetline(&line, &cap, in) != -1)
		good = read_member(l, line);
	if (in != NULL) {
		good = good && !ferror(in) && l->ended > 0;
		fclose(in);
		if (!good)
			buf_printf(why, "%s: damaged: ignored", path);
	}
	if (in == NULL || !good)
		*l = (struct last_run){0};
	free(line);
	free(path);
	return l->ended > 0 ? 0 : -1;
}

struct last_run
last_run_of(
    const struct session *r, enum status status, const struct last_run *before)
{
	struct last_run l = {
	    .began = r->now,
	    .ended = time(NULL),
	    .success = before->success,
	    .milliseconds = now_ms() - r->began,
	    .status = status,
	    .lookups = (int64_t)r->stats.known,
	    .failures = (int64_t)r->stats.failed,
	    .stale = (int64_t)r->stats.stale,
	    .oldest = r->stats.stale > 0 ? r->stats.oldest_stale : 0,
	    .ignored = r->ignored != 0 ? r->ignored : before->ignored,
	};

	if (status == STATUS_OK)
		l.success = l.ended;
	return l;
}

int
last_run_write(
    const struct session *r, const struct last_run *l, struct buf *why)
{
	char *path = session_state_path(r, LAST_RUN);
	struct last_run copy = *l;
	enum install_result result;
	struct buf b;

	buf_init(&b);
	for (size_t i = 0; i < COUNT(members); i++)
		buf_printf(&b, "%s %lld\n", members[i].name,
		    (long long)*member(&copy, i));
	result = install_file(path, b.data, b.len, why);
	buf_clear(&b);
	free(path);
	return result == INSTALL_FAILED ? -1 : 0;
}
