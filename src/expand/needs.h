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
 * The lookups that the data of name and type need. pass_all: +all is ignored,
 * so terms after it matter. Returns whether these are all; a term with the name
 * of the listed domain cannot be followed here.
 */
bool needs_of_answer(const uint8_t *name, enum rr_type type,
    const struct answer *a, bool pass_all, needs_visit *visit, void *arg);

#endif
