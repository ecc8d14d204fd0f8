/*
 * overlap: many address sets at once: which of them have an address, and
 * whether only one does.
 */
#ifndef OVERLAP_H
#define OVERLAP_H

#include <stddef.h>

#include "base/addrset.h"

#define OVERLAP_NONE ((size_t)-1)

/* Addresses that the same sets have. */
struct overlap {
	struct range r;
	size_t first;  /* the number of the first set that has them */
	size_t second; /* of the next one, or OVERLAP_NONE: only one has them */
};

/*
 * The addresses of all sets, as disjoint ranges in ascending order. The caller
 * frees *out; returns how many. It takes n log n for n ranges in all, however
 * many sets have the same ones.
 */
size_t overlap_find(
    struct addrset *const *sets, size_t n, enum family f, struct overlap **out);

/* The first element of v whose range ends at or after a; n if there is none. */
size_t overlap_from(const struct overlap *v, size_t n, const struct addr *a);

#endif
