/*
 * kept: which parts of an answer are kept, and their size. Answers stay in
 * memory for the run and in a file for the next one, so neither may grow with
 * records that a sender publishes next to its SPF record.
 */
#ifndef KEPT_H
#define KEPT_H

#include "dns/answers.h"

/*
 * Drops the TXT records that are not SPF records, nor almost. If there are no
 * others, the beginning of one is kept: TXT records exist, so this is not a
 * void lookup.
 */
void kept_txt(struct rrset *txt);

/*
 * Copies an answer of another table (saved, or a zone file from elsewhere) into
 * one of as, as if it came from DNS: of TXT records, what is kept. target: see
 * answer_target(). now: when it was confirmed, if it does not say that.
 */
void kept_copy(struct answers *as, struct answer *to, const struct answer *from,
    const uint8_t *target, int64_t now);

/* Bytes that zone_write() takes for an RRset of that name, at most. */
size_t kept_size(
    const uint8_t *name, const struct rrset *rrs, const struct rrset *chain);

/* The same for a saved answer that is saved once more under that name. */
size_t kept_again(const uint8_t *name, const struct answer *a, bool is_alias);

#endif
