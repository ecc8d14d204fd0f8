/*
 * many: whether so many entries lose networks at once that it is the resolver.
 */
#ifndef MANY_H
#define MANY_H

#include "changes.h"

/* Whether more than max_shrink of the entries do, three at the least. */
bool many_lose(struct changes *c);

#endif
