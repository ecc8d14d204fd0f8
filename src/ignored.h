/*
 * ignored: "!" lines, and packaged lists that are left out, which change
 * nothing since other entries permit the same networks.
 */
#ifndef IGNORED_H
#define IGNORED_H

#include "session.h"

/* Whether there is anything that ignored_say() would look at. */
bool ignored_is_due(const struct session *r);

/*
 * Warns of those that change nothing: all their networks stay in the table,
 * and whose these are. The expansions are what the tables have, r->ev
 * evaluates entries; older, unless NULL, knows what r->ev was not asked for.
 * What no answer is known of is not judged. r->ignored becomes a number for
 * what was found; said: what is not said again, that number of the last update,
 * or 0.
 */
void ignored_say(struct session *r, struct evaluator *older, int64_t said);

#endif
