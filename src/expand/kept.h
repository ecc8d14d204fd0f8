/*
 * kept: what of an answer is kept, and how much that is. Answers stay in memory
 * for the run and in a file for the next one, so that neither may grow with
 * what a sender publishes beside its SPF record.
 */
#ifndef KEPT_H
#define KEPT_H

#include "dns/answers.h"

/*
 * Drops the TXT records that are no SPF records, nor almost. If that is all of
 * them, the beginning of one stays: TXT records exist, which is no void lookup.
 */
void kept_txt(struct rrset *txt);

/* Bytes that zone_write() takes for an RRset of that name, at most. */
size_t kept_size(
    const uint8_t *name, const struct rrset *rrs, const struct rrset *chain);

#endif
