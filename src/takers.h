/*
 * takers: entries that take addresses away from others: exclusions and reject
 * entries.
 */
#ifndef TAKERS_H
#define TAKERS_H

#include "changes.h"

/*
 * Removes from the reject table the addresses that reject entries have from DNS
 * and the permit table permits. Reports the entries that newly take networks of
 * permitted ones: with a warning if these are more than max_shrink of an
 * entry's networks.
 */
void takers_settle(struct changes *c);

#endif
