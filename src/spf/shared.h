/*
 * shared: which results of records may be used again, and where: one evaluation
 * of a provider's record serves all that include it in the same way.
 */
#ifndef SHARED_H
#define SHARED_H

#include "spf/mechanism.h"

/*
 * The result for the record of a TXT answer as the frame's record looks at it,
 * charged to the entry at hand; NULL if there is none, or no room for what it
 * costs. whole: those around it leave it all of its part.
 */
struct result *shared_find(struct evaluator *ev, const struct frame *frame,
    const struct answer *key, bool whole);

/* Keeps the frame's result for others. */
void shared_add(struct evaluator *ev, const struct frame *frame,
    const struct answer *key, struct result *r);

#endif
