/*
 * pending: a reload of Postfix that is due. update makes reload.pending before
 * it replaces a table. Another program that reloads Postfix instead first
 * renames the file to reload.taken, and removes that after the reload.
 */
#ifndef PENDING_H
#define PENDING_H

#include "session.h"

#define RELOAD_PENDING "reload.pending" /* in the state directory */
#define RELOAD_TAKEN "reload.taken"

struct pending {
	bool due;
	bool taken;      /* a reload was tried, and failed or is under way */
	int64_t seconds; /* since when */
};

/* Looks for the files of a pending reload. */
struct pending pending_find(const struct session *r);

#define PENDING_LATE 3600 /* seconds after which something is wrong */

/* Says what to do about a reload that is late, which is a warning. */
void pending_advice(struct buf *b, const struct pending *p);

#define PENDING_RELOAD_SECONDS 60 /* after which it is killed */

/*
 * Runs the reload command if a reload is due: from this run, or from an earlier
 * one that was killed or whose command failed. Without a reload_command, warns
 * if the reload is late. Returns 0, or -1 after a message.
 */
int pending_reload(const struct session *r);

#endif
