/*
 * logs: the mail logs that a command reads: files, standard input, or the
 * journal. Reports what is wrong with them.
 */
#ifndef LOGS_H
#define LOGS_H

#include "maillog/logfile.h"
#include "maillog/maillog.h"
#include "session.h"

#define LOGS_JOURNAL_SINCE "30 days ago"
#define LOGS_JOURNAL_SECONDS 600 /* then journalctl is killed */
#define LOGS_SAMPLE 160          /* bytes of a line that is shown */

struct logs {
	const struct session *session;
	struct maillog *maillog;
	/* Gets each event. */
	void (*event)(void *arg, const struct maillog_event *e);
	void *arg;
	/* The file at hand. */
	const char *path;
	uint64_t line;       /* of it */
	uint64_t jumps;      /* back in time by more than a minute */
	uint64_t first_jump; /* the line of the first one */
	int64_t now;         /* of the log */
	/* All of them. */
	uint64_t lines, too_long, events, others, garbled;
	struct buf sample; /* the first line that was not understood */
	struct buf sample_at;
};

/*
 * Reads the logs that the command line names, in the order of time, and calls
 * event with arg.
 */
enum status logs_read(struct logs *l, const struct session *s,
    void (*event)(void *arg, const struct maillog_event *e), void *arg);

#endif
