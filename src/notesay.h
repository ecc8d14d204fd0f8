/*
 * notesay: messages about the notes of entries: what to print of them.
 */
#ifndef NOTESAY_H
#define NOTESAY_H

#include "session.h"

#define FAILURES_SHOWN 10 /* of failed lookups, and of saved answers in use */

/*
 * Says the notes of a verdict, but for those that old, a verdict over other
 * answers, has too (NULL: all). Failed lookups and saved answers in use are
 * said whether or not they are new; with few_failures, those of the first
 * FAILURES_SHOWN entries.
 */
void notes_say(struct session *r, const struct entry *e,
    const struct verdict *v, const struct verdict *old);

/* After all of them: for how many entries it was not said that lookups failed.
 */
void notes_say_rest(const struct session *r);

#endif
