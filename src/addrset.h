/*
 * addrset: sets of IPv4 and IPv6 addresses, as sorted arrays of disjoint
 * ranges, one array a family. Both families go through the same code.
 *
 * Adding is cheap and may leave an array unsorted; whatever reads a set sorts
 * it first, which is why no function takes a set as const. A set costs 32
 * bytes a range; sorting n added ranges costs n log n, all else is linear.
 */
#ifndef ADDRSET_H
#define ADDRSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family { IPV4, IPV6 };
#define FAMILIES 2

/* An address as a number. That of an IPv4 address stands in lo. */
struct addr {
	uint64_t hi, lo;
};

/* An inclusive range, first <= last. */
struct range {
	struct addr first, last;
};

struct ranges {
	struct range *v;
	size_t n, cap;
	size_t sorted; /* of these: ascending, disjoint, not adjacent */
};

struct addrset {
	struct ranges of[FAMILIES];
};

/* A CIDR block: addr has no host bits set. */
struct net {
	enum family family;
	unsigned prefix;
	struct addr addr;
};

/* The longest text of a network or address, with its NUL. */
#define NET_STRLEN sizeof("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128")

/* The number of bits of the family's addresses: 32 or 128. */
unsigned family_bits(enum family f);

/* Negative, 0 or positive as a is less than, equal to or greater than b. */
int addr_cmp(const struct addr *a, const struct addr *b);

/* Bit n of the address, 0 being the first. */
bool addr_bit(enum family f, const struct addr *a, unsigned n);

/* From network byte order: 4 or 16 bytes. */
struct addr addr_from_bytes(enum family f, const uint8_t *bytes);

/* From text as inet_pton reads it, family by its form; 0, or -1: neither. */
int addr_from_text(const char *text, enum family *f, struct addr *a);

/* To text, IPv6 as RFC 5952 has it; returns out, of NET_STRLEN bytes. */
char *addr_to_text(enum family f, const struct addr *a, char *out);

/* ADDRESS/PREFIX, also where it is one address. */
char *net_to_text(const struct net *n, char *out);

/* Order of a table: IPv4 before IPv6, then by address, then wide before narrow.
 */
int net_cmp(const struct net *a, const struct net *b);

/* The block's first and last address. */
struct range net_range(const struct net *n);

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
void addrset_subtract(struct addrset *s, struct addrset *other);
void addrset_intersect(struct addrset *s, struct addrset *other);

bool addrset_is_empty(const struct addrset *s);
bool addrset_contains(struct addrset *s, enum family f, const struct addr *a);
/* Whether any address of the range is in the set. */
bool addrset_overlaps(struct addrset *s, enum family f, const struct range *r);
/* Whether every address of the range is in the set. */
bool addrset_covers(struct addrset *s, enum family f, const struct range *r);

/* How many addresses; exact up to 2^53. */
double addrset_addresses(struct addrset *s, enum family f);

/*
 * The minimal list of CIDR blocks that covers exactly the set, in the order
 * of net_cmp(). The caller frees *nets; returns their number.
 */
size_t addrset_nets(struct addrset *s, struct net **nets);

/* How many blocks addrset_nets() has in that family. */
size_t addrset_count_nets(struct addrset *s, enum family f);

#endif
