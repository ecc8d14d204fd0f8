/*
 * allow: whether a table may be replaced although it is not known what the last
 * run left.
 */
#ifndef ALLOW_H
#define ALLOW_H

#include "changes.h"

/*
 * Without saved answers nobody knows whose networks a table has: whether at
 * most max_shrink of them are gone. If what was held is not known, nobody knows
 * why a table is not what the saved answers give: whether it is just that. What
 * is wrong is said. With --force it may be replaced in any case.
 */
bool allow_table(struct changes *c, const char *path, int list,
    const struct net *installed, size_t ninstalled);

#endif
