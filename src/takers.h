/*
 * takers: entries that take addresses away from others: exclusions, and what is
 * rejected.
 */
#ifndef TAKERS_H
#define TAKERS_H

#include "changes.h"

/*
 * What DNS says of the reject entries never rejects what the permit table has:
 * leaves that out of the reject table. Says which entries newly take networks
 * of permitted ones: a warning if these are more than max_shrink of an entry's.
 */
void takers_settle(struct changes *c);

#endif
