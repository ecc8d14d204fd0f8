/*
 * saved: whether the answers of an earlier run may stand in for lookups that
 * failed in this one.
 */
#ifndef SAVED_H
#define SAVED_H

#include "answers.h"

/*
 * What a table of answers says to a question; *alias: the CNAME target that
 * led there, or NULL.
 */
const struct answer *saved_find(const struct answers *saved,
    const uint8_t *name, enum rr_type type, const uint8_t **alias);

/* Whether it answers the question at all. */
bool saved_is_usable(const struct answer *a);

/*
 * Whether a saved answer agrees with what DNS says of the same name today: a
 * name with a CNAME has no other data (RFC 1034 section 3.6.2), so that what
 * is fresh displaces what was saved, one way and the other. alias: as
 * saved_find() gave it.
 */
bool saved_agrees(
    const struct answers *fresh, const uint8_t *name, const uint8_t *alias);

#endif
