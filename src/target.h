/*
 * target: a table that update keeps: what it has now, and how it is replaced.
 */
#ifndef TARGET_H
#define TARGET_H

#include "table/table.h"
#include "difference.h"
#include "session.h"

#define TARGET_CHANGES 20 /* networks under a summary; -v shows all */

/* A table that update keeps. */
struct target {
	const char *path;
	struct table table;
	struct buf text;
	struct net *installed; /* the networks that it has now */
	size_t ninstalled;
	size_t foreign; /* rules with an action that it never has */
	bool exists;
	bool unreadable; /* in part: these are not all of its networks */
	struct difference difference;
	bool changed; /* its bytes do */
	bool reload;  /* and its rules, not just the comment in front */
};

/* Reads the networks of the installed table; none if it cannot be opened. */
void target_read(struct target *t);

/* Whether the installed table has the same rules below a first line. */
bool target_has_same_rules(const struct target *t);

/*
 * Replaces the tables that changed, and says what became of them. marker: the
 * file of a pending reload. Returns status, or STATUS_FAILED.
 */
enum status targets_replace(struct session *r, struct target *targets, size_t n,
    const char *marker, enum status status);

#endif
