/*
 * needs: the lookups that an answer makes necessary, for any listed domain
 * whose record leads there. Pure.
 */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>

#include "dns/answers.h"

/* Called with each lookup; deeper: it is for a record inside this one. */
typedef void needs_visit(
    void *arg, const uint8_t *name, enum rr_type type, bool deeper);

/*
 * What the data of name and type ask for. pass_all: +all counts as absent, so
 * that terms behind it matter. Returns whether that is all; a term that names
 * the listed domain cannot be followed from here.
 */
bool needs_of_answer(const uint8_t *name, enum rr_type type,
    const struct answer *a, bool pass_all, needs_visit *visit, void *arg);

#endif
