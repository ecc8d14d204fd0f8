/*
 * reserved: the addresses that are not globally reachable, by the IANA
 * special-purpose address registries.
 *
 * IPv4 Special-Purpose Address Registry, IPv6 Special-Purpose Address
 * Registry (RFC 6890 and its successors), both as of 2026-09, and the
 * multicast and future-use blocks of the IPv4 address space registry. A block
 * whose "globally reachable" is not True is reserved; blocks inside it whose
 * column is True are not. Of IPv6 only 2000::/3 is global unicast at all
 * (IANA IPv6 address space registry).
 */
#include "spf/reserved.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

static const struct block {
	const char *net;
	unsigned prefix;
	bool reachable;
	const char *name;
} blocks[] = {
    {"0.0.0.0", 8, false, "this network"},
    {"10.0.0.0", 8, false, "private"},
    {"100.64.0.0", 10, false, "shared address space"},
    {"127.0.0.0", 8, false, "loopback"},
    {"169.254.0.0", 16, false, "link-local"},
    {"172.16.0.0", 12, false, "private"},
    {"192.0.0.0", 24, false, "IETF protocol assignments"},
    {"192.0.0.9", 32, true, "port control protocol anycast"},
    {"192.0.0.10", 32, true, "TURN anycast"},
    {"192.0.2.0", 24, false, "documentation"},
    {"192.88.99.0", 24, false, "6to4 relay anycast"},
    {"192.168.0.0", 16, false, "private"},
    {"198.18.0.0", 15, false, "benchmarking"},
    {"198.51.100.0", 24, false, "documentation"},
    {"203.0.113.0", 24, false, "documentation"},
    {"224.0.0.0", 4, false, "multicast"},
    {"240.0.0.0", 4, false, "future use"},
    {"::ffff:0:0", 96, false, "IPv4-mapped"},
    {"::", 3, false, "not global unicast"},
    {"4000::", 2, false, "not global unicast"},
    {"8000::", 1, false, "not global unicast"},
    {"2001::", 32, false, "Teredo"},
    {"2001::", 23, false, "IETF protocol assignments"},
    {"2001:1::1", 128, true, "port control protocol anycast"},
    {"2001:1::2", 128, true, "TURN anycast"},
    {"2001:1::3", 128, true, "DNS-SD SRP anycast"},
    {"2001:3::", 32, true, "AMT"},
    {"2001:4:112::", 48, true, "AS112"},
    {"2001:20::", 28, true, "ORCHIDv2"},
    {"2001:30::", 28, true, "drone remote ID"},
    {"2001:db8::", 32, false, "documentation"},
    {"2002::", 16, false, "6to4"},
    {"3fff::", 20, false, "documentation"},
};

static struct net
net_of(const struct block *b)
{
	struct net n = {.prefix = b->prefix};

	/* The table is ours: its addresses parse, as the tests know. */
	addr_from_text(b->net, &n.family, &n.addr);
	return n;
}

void
reserved_add(struct addrset *s)
{
	struct addrset reachable;

	addrset_init(&reachable);
	for (size_t i = 0; i < COUNT(blocks); i++) {
		struct net n = net_of(&blocks[i]);

		addrset_add_net(blocks[i].reachable ? &reachable : s, n.family,
		    &n.addr, n.prefix);
	}
	addrset_subtract(s, &reachable);
	addrset_clear(&reachable);
}

const char *
reserved_name(enum family f, const struct range *r)
{
	for (size_t i = 0; i < COUNT(blocks); i++) {
		struct net n = net_of(&blocks[i]);
		struct range b = net_range(&n);

		if (!blocks[i].reachable && n.family == f &&
		    addr_cmp(&b.first, &r->last) <= 0 &&
		    addr_cmp(&r->first, &b.last) <= 0)
			return blocks[i].name;
	}
	return "reserved";
}
