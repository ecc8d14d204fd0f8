/*
 * record: evaluates the SPF record of a domain for all addresses: its terms in
 * order, and the records that these include or redirect to.
 */
#ifndef RECORD_H
#define RECORD_H

#include "spf/mechanism.h"

/*
 * The result of the record of a domain. It belongs to ev and lasts at least
 * until the entry is done. up: the record that asks for it, or NULL; unguarded:
 * the term that asks does not permit.
 */
struct result *record_evaluate(struct evaluator *ev, const struct frame *up,
    const uint8_t *domain, bool unguarded);

/* The same for one term, as if the listed domain's record had no other. */
struct result *record_evaluate_term(
    struct evaluator *ev, const struct spf_term *term);

#endif
