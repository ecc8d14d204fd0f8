/*
 * stale: whether the answers of an earlier run may replace lookups that failed
 * in this one.
 */
#ifndef STALE_H
#define STALE_H

#include "dns/answers.h"

/* Whether it answers the question at all. */
bool stale_is_usable(const struct answer *a);

/*
 * Whether a saved answer agrees with what DNS says of the same name today: a
 * name with a CNAME has no other data (RFC 1034 section 3.6.2), so that what
 * is fresh displaces what was saved, one way and the other. target: of
 * the saved answer, as answers_resolve() gave it.
 */
bool stale_agrees(
    const struct answers *fresh, const uint8_t *name, const uint8_t *target);

#endif
