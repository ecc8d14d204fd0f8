/*
 * reserved: the addresses that are not globally reachable, by the IANA
 * special-purpose address registries.
 */
#ifndef RESERVED_H
#define RESERVED_H

#include "base/addrset.h"

/* Adds them all to the set. */
void reserved_add(struct addrset *s);

/* The name of the first reserved block that the range touches. */
const char *reserved_name(enum family f, const struct range *r);

#endif
