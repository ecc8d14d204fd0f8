/*
 * logs: the mail logs that a command reads.
 */
#include "logs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/memory.h"
#include "base/say.h"

#define MINUTE 60
#define JOURNAL_SINCE 6 /* the place of that word in journalctl's command */

/* Keeps the first line that was not understood. */
static void
keep_sample(struct logs *l, const char *line, size_t len)
{
	if (l->sample.len > 0 || line == NULL)
		return;
	buf_add_escaped(&l->sample, line, len, LOGS_SAMPLE);
	buf_printf(
	    &l->sample_at, "%s:%llu", l->path, (unsigned long long)l->line);
}

static void
take_event(struct logs *l, const struct maillog_event *e)
{
	l->events++;
	if (l->now - e->time > MINUTE && l->jumps++ == 0)
		l->first_jump = l->line;
	l->now = e->time;
	l->event(l->arg, e);
}

static void
read_line(void *arg, const char *line, size_t len)
{
	struct logs *l = arg;
	struct maillog_event e;

	l->line++;
	switch (maillog_line(l->maillog, line, len, &e)) {
	case MAILLOG_EVENT:
		take_event(l, &e);
		break;
	case MAILLOG_GARBLED:
		l->garbled++;
		keep_sample(l, line, len);
		break;
	case MAILLOG_OTHER:
		l->others++;
		break;
	case MAILLOG_EMPTY:
		break;
	}
}

static const char *
shown_path(const char *path)
{
	return strcmp(path, "-") == 0 ? "(standard input)" : path;
}

static void
begin_file(struct logs *l, const char *path)
{
	l->path = shown_path(path);
	l->line = l->jumps = 0;
	maillog_begin(l->maillog);
}

static void
end_file(struct logs *l, const struct logfile *f)
{
	l->lines += f->counts.lines;
	l->too_long += f->counts.too_long;
	if (l->jumps > 0 && !l->session->o->quiet)
		say(WARNING,
		    "%s:%llu: %llu %s back in time by more than a minute, the "
		    "first one here",
		    l->path, (unsigned long long)l->first_jump,
		    (unsigned long long)l->jumps,
		    plural(l->jumps, "jump", "jumps"));
}

/* Reads one log file and reports its mistakes. */
static enum status
read_file(struct logs *l, const char *path)
{
	enum status status = STATUS_OK;
	enum logfile_result result;
	struct logfile f;
	struct buf why;
	int fd;

	buf_init(&why);
	fd = logfile_open(path, &why);
	if (fd < 0) {
		say(ERROR, "%s", why.data);
		buf_clear(&why);
		return STATUS_USAGE;
	}
	begin_file(l, path);
	logfile_begin(&f, read_line, l);
	result = logfile_read(&f, fd, path, &why);
	logfile_end(&f);
	end_file(l, &f);
	if (result != LOGFILE_READ) {
		say(ERROR, "%s", why.data);
		status =
		    result == LOGFILE_COMPRESSED ? STATUS_USAGE : STATUS_FAILED;
	}
	if (fd > STDERR_FILENO)
		close(fd);
	buf_clear(&why);
	return status;
}

static bool
take_output(void *arg, const char *bytes, size_t len)
{
	logfile_push(arg, bytes, len);
	return true;
}

/* Reads what journalctl says of the facility that Postfix logs to. */
static enum status
read_journal(struct logs *l)
{
	const struct strings *given = &l->session->o->terms;
	char *since = xasprintf(
	    "--since=%s", given->n > 0 ? given->v[0] : LOGS_JOURNAL_SINCE);
	char **words =
	    child_words("journalctl --no-pager --quiet --output=export "
			"--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_HOSTNAME "
			"SYSLOG_FACILITY=2 SINCE");
	enum status status = STATUS_OK;
	struct logfile f;
	struct child child = {
	    .seconds = LOGS_JOURNAL_SECONDS, .take = take_output, .arg = &f};
	struct buf why;

	words[JOURNAL_SINCE] = since;
	buf_init(&why);
	begin_file(l, "journalctl");
	logfile_begin(&f, read_line, l);
	if (child_run(&child, words, &why) != 0) {
		say(ERROR, "journalctl: %s", why.data);
		status = STATUS_FAILED;
	}
	logfile_end(&f);
	end_file(l, &f);
	buf_clear(&why);
	free(words);
	free(since);
	return status;
}

/* What could not be read; whether nothing could. */
static enum status
say_unread(const struct logs *l)
{
	bool quiet = l->session->o->quiet;

	if (l->too_long > 0 && !quiet)
		say(WARNING, "%llu %s too long and skipped",
		    (unsigned long long)l->too_long,
		    plural(l->too_long, "line is", "lines are"));
	if (l->garbled > 0 && l->events + l->others == 0) {
		say(ERROR,
		    "%s: no line of the log was understood: \"%s\": "
		    "expected " LOGLINE_EXPECTED,
		    l->sample_at.data, l->sample.data);
		return STATUS_FAILED;
	}
	if (l->garbled > 0 && !quiet)
		say(WARNING, "%s: %llu %s: \"%s\": expected " LOGLINE_EXPECTED,
		    l->sample_at.data, (unsigned long long)l->garbled,
		    plural(l->garbled, "line was not understood",
			"lines were not understood, such as this"),
		    l->sample.data);
	if (l->lines > 0 && l->events == 0)
		say(WARNING,
		    "%llu %s read, but no message of postscreen, smtpd, qmgr "
		    "or a delivery agent was recognised",
		    (unsigned long long)l->lines,
		    plural(l->lines, "line was", "lines were"));
	else if (l->session->o->verbose)
		say(NOTE, "%llu %s used", (unsigned long long)l->events,
		    plural(l->events, "line was", "lines were"));
	return STATUS_OK;
}

static enum status
read_files(struct logs *l)
{
	const struct strings *given = &l->session->o->terms;
	const char **paths = xcalloc(given->n, sizeof(*paths));
	enum status status = STATUS_OK;

	for (size_t i = 0; i < given->n; i++)
		paths[i] = given->v[i];
	logfile_sort(paths, given->n, l->session->now);
	if (given->n == 0)
		status = read_file(l, "-");
	for (size_t i = 0; i < given->n && status == STATUS_OK; i++)
		status = read_file(l, paths[i]);
	free(paths);
	return status;
}

enum status
logs_read(struct logs *l, const struct session *s,
    void (*event)(void *arg, const struct maillog_event *e), void *arg)
{
	enum status status;

	*l = (struct logs){.session = s,
	    .maillog = maillog_open(s->now),
	    .event = event,
	    .arg = arg};
	buf_init(&l->sample);
	buf_init(&l->sample_at);
	status = s->o->journal ? read_journal(l) : read_files(l);
	if (status == STATUS_OK)
		status = say_unread(l);
	maillog_close(l->maillog);
	buf_clear(&l->sample);
	buf_clear(&l->sample_at);
	return status;
}
