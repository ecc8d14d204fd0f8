/*
 * reserved: the addresses that are not globally reachable, by the IANA
 * special-purpose address registries.
 */
#ifndef RESERVED_H
#define RESERVED_H

#include "base/addrset.h"

/* Adds them all to the set. */
void reserved_add(struct addrset *s);

/* What the first reserved block is that the range touches, in a few words. */
const char *reserved_name(enum family f, const struct range *r);

#endif
