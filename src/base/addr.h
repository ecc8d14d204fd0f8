/*
 * addr: addresses, ranges and networks of both families, from and to text.
 */
#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family { IPV4, IPV6 };
#define FAMILIES 2

/* An address as a number. For IPv4, only lo is used. */
struct addr {
	uint64_t hi, lo;
};

/* An inclusive range, first <= last. */
struct range {
	struct addr first, last;
};

/* A CIDR block. */
struct net {
	enum family family;
	unsigned prefix;
	struct addr addr;
};

/* The longest text of a network or address, with its NUL. */
#define NET_STRLEN sizeof("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128")

/* The number of bits of the family's addresses: 32 or 128. */
static inline unsigned
family_bits(enum family f)
{
	return f == IPV4 ? 32 : 128;
}

/* Negative, 0 or positive as a is less than, equal to or greater than b. */
static inline int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Bit n of the address, 0 being the first. */
bool addr_bit(enum family f, const struct addr *a, unsigned n);

/* From network byte order: 4 or 16 bytes. */
struct addr addr_from_bytes(enum family f, const uint8_t *bytes);

/* From text as inet_pton reads it, family by its form; 0, or -1: neither. */
int addr_from_text(const char *text, enum family *f, struct addr *a);

/* The same for len bytes that are not followed by a NUL. */
int addr_from_part(
    const char *text, size_t len, enum family *f, struct addr *a);

/* To text, IPv6 as RFC 5952 has it; returns out, of NET_STRLEN bytes. */
char *addr_to_text(enum family f, const struct addr *a, char *out);

/* ADDRESS/PREFIX, also where it is one address. */
char *net_to_text(const struct net *n, char *out);

/* Order of a table: IPv4 first, then by address, wide before narrow. */
int net_cmp(const struct net *a, const struct net *b);

/* The block's first and last address; host bits are masked off. */
struct range net_range(const struct net *n);

#endif
