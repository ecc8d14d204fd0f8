/*
 * allow: whether a table may be replaced although it is not known what the last
 * run left.
 */
#ifndef ALLOW_H
#define ALLOW_H

#include "changes.h"

/*
 * Without saved answers it is unknown which entry brought which network of a
 * table: it may be replaced if at most max_shrink of them would go. If the held
 * entries are unknown, it may be replaced only if it is exactly what the saved
 * answers give. Prints the reason if it may not. With --force it always may.
 */
bool allow_table(struct changes *c, const char *path, int list,
    const struct net *installed, size_t ninstalled);

#endif
