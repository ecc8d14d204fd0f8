/*
 * addr: addresses, ranges and networks of both families, from and to text.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* A mask of the low n bits, n from 0 to 128. */
static struct addr
low_bits(unsigned n)
{
	if (n >= 128)
		return (struct addr){UINT64_MAX, UINT64_MAX};
	if (n >= 64)
		return (struct addr){(UINT64_C(1) << (n - 64)) - 1, UINT64_MAX};
	return (struct addr){0, (UINT64_C(1) << n) - 1};
}

bool
addr_bit(enum family f, const struct addr *a, unsigned n)
{
	unsigned shift = family_bits(f) - 1 - n;

	return (shift >= 64 ? a->hi >> (shift - 64) : a->lo >> shift) & 1;
}

struct addr
addr_from_bytes(enum family f, const uint8_t *bytes)
{
	struct addr a = {0, 0};

	for (unsigned i = 0; i < family_bits(f) / 8; i++) {
		a.hi = a.hi << 8 | a.lo >> 56;
		a.lo = a.lo << 8 | bytes[i];
	}
	return a;
}

static void
addr_to_bytes(enum family f, const struct addr *a, uint8_t *bytes)
{
	unsigned n = family_bits(f) / 8;

	for (unsigned i = 0; i < n; i++) {
		unsigned shift = (n - 1 - i) * 8;

		bytes[i] = (uint8_t)(shift >= 64 ? a->hi >> (shift - 64)
						 : a->lo >> shift);
	}
}

int
addr_from_text(const char *text, enum family *f, struct addr *a)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		*f = IPV4;
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*f = IPV6;
	else
		return -1;
	*a = addr_from_bytes(*f, bytes);
	return 0;
}

int
addr_from_part(const char *text, size_t len, enum family *f, struct addr *a)
{
	char copy[NET_STRLEN];

	if (len >= sizeof(copy))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return addr_from_text(copy, f, a);
}

/*
 * RFC 5952 by hand: C libraries differ in when they write the last 32 bits
 * as dotted decimals. Here only those of ::ffff:0:0/96 are.
 */
static void
ipv6_to_text(const uint8_t *bytes, char *out)
{
	const char *end = out + NET_STRLEN;
	unsigned group[8], zeros = 1, zeros_at = 8;
	bool mapped = memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
	unsigned n = mapped ? 6 : 8;

	for (size_t i = 0; i < 8; i++)
		group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	for (unsigned i = 0; i < n; i++) {
		unsigned run = 0;

		while (i + run < n && group[i + run] == 0)
			run++;
		if (run > zeros) {
			zeros = run;
			zeros_at = i;
		}
	}
	for (unsigned i = 0; i < n; i++) {
		if (i == zeros_at) {
			out += snprintf(out, (size_t)(end - out), "%s",
			    i + zeros == n ? "::" : ":");
			i += zeros - 1;
		} else
			out += snprintf(out, (size_t)(end - out), "%s%x",
			    i > 0 ? ":" : "", group[i]);
	}
	if (mapped)
		snprintf(out, (size_t)(end - out), ":%u.%u.%u.%u", bytes[12],
		    bytes[13], bytes[14], bytes[15]);
}

char *
addr_to_text(enum family f, const struct addr *a, char *out)
{
	uint8_t b[16];

	addr_to_bytes(f, a, b);
	if (f == IPV4)
		snprintf(
		    out, NET_STRLEN, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	else
		ipv6_to_text(b, out);
	return out;
}

char *
net_to_text(const struct net *n, char *out)
{
	size_t len = strlen(addr_to_text(n->family, &n->addr, out));

	snprintf(out + len, NET_STRLEN - len, "/%u", n->prefix);
	return out;
}

int
net_cmp(const struct net *a, const struct net *b)
{
	int c;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if ((c = addr_cmp(&a->addr, &b->addr)) != 0)
		return c;
	return a->prefix < b->prefix ? -1 : a->prefix > b->prefix;
}

struct range
net_range(const struct net *n)
{
	struct addr host = low_bits(family_bits(n->family) - n->prefix);
	struct addr a = n->addr;

	return (struct range){
	    {a.hi & ~host.hi, a.lo & ~host.lo},
	    {a.hi | host.hi, a.lo | host.lo},
	};
}
