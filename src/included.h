/*
 * included: whether a record that an entry includes grew too much at once. In
 * an entry that permits much besides, that would not show.
 */
#ifndef INCLUDED_H
#define INCLUDED_H

#include "changes.h"

/*
 * Adds to *grown what the entry would bring newly, *come, through records that
 * by themselves would be held for growth. Without saved answers: nothing.
 */
void included_growth(struct changes *c, const struct entry *e,
    struct addrset *come, struct addrset *grown);

#endif
