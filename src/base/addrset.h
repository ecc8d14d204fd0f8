/*
 * addrset: sets of IPv4 and IPv6 addresses, as sorted arrays of disjoint
 * ranges, one array a family. Both families go through the same code.
 *
 * Adding is cheap and may leave an array unsorted; what needs the order sorts
 * the set first, and so does not take it as const. A copy of the struct shares
 * the arrays and must not be sorted on its own. A range costs 8 bytes, of IPv6
 * 32; sorting n added ranges costs n log n, a look-up log n, all else is
 * linear.
 */
#ifndef ADDRSET_H
#define ADDRSET_H

#include <stddef.h>

#include "base/addr.h"

struct ranges {
	void *v; /* see addrset_range() */
	size_t n, cap;
	size_t sorted; /* of these: ascending, disjoint, not adjacent */
};

struct addrset {
	struct ranges of[FAMILIES];
};

void addrset_init(struct addrset *s);
void addrset_clear(struct addrset *s);

/* Frees the room to grow of a set that is kept. */
void addrset_trim(struct addrset *s);

/* Makes *s hold every address of both families. */
void addrset_fill(struct addrset *s);

/* s |= the network of that prefix length around a; host bits are masked off. */
void addrset_add_net(
    struct addrset *s, enum family f, const struct addr *a, unsigned prefix);
void addrset_add_range(struct addrset *s, enum family f, const struct range *r);

void addrset_union(struct addrset *s, const struct addrset *other);
/* The same; other is empty afterwards. */
void addrset_move(struct addrset *s, struct addrset *other);
void addrset_subtract(struct addrset *s, struct addrset *other);
void addrset_intersect(struct addrset *s, struct addrset *other);

bool addrset_is_empty(const struct addrset *s);
bool addrset_equal(struct addrset *s, struct addrset *other);
/* Whether it holds every address of both families. */
bool addrset_is_full(const struct addrset *s);
bool addrset_contains(struct addrset *s, enum family f, const struct addr *a);
/* Whether any address of the range is in the set. */
bool addrset_overlaps(struct addrset *s, enum family f, const struct range *r);
/* Whether every address of the range is in the set. */
bool addrset_covers(struct addrset *s, enum family f, const struct range *r);

/* How many ranges it has; then they are in order, as long as none is added. */
size_t addrset_ranges(struct addrset *s, enum family f);
struct range addrset_range(const struct addrset *s, enum family f, size_t i);

/* How many addresses; exact up to 2^53. */
double addrset_addresses(struct addrset *s, enum family f);

double addrset_range_addresses(const struct range *r);

/*
 * The minimal list of CIDR blocks that covers exactly the set, in the order
 * of net_cmp(). The caller frees *nets; returns their number.
 */
size_t addrset_nets(struct addrset *s, struct net **nets);

/* How many blocks addrset_nets() has in that family. */
size_t addrset_count_nets(struct addrset *s, enum family f);

/* Whether addrset_nets() has more than that, without making them. */
bool addrset_needs_more_nets(struct addrset *s, size_t max);

#endif
