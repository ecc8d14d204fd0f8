/*
 * addrset: sets of IPv4 and IPv6 addresses, as sorted arrays of disjoint
 * ranges, one array a family. Both families go through the same code.
 */
#include "addrset.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define MERGE_AT 4096 /* ranges: from here on merging pays before growing */

static void sort(struct ranges *rs);

static const struct range whole[FAMILIES] = {
    [IPV4] = {{0, 0}, {0, UINT32_MAX}},
    [IPV6] = {{0, 0}, {UINT64_MAX, UINT64_MAX}},
};

unsigned
family_bits(enum family f)
{
	return f == IPV4 ? 32 : 128;
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* The next address; that of the last one is 0. */
static struct addr
after(struct addr a)
{
	if (++a.lo == 0)
		a.hi++;
	return a;
}

static struct addr
before(struct addr a)
{
	if (a.lo-- == 0)
		a.hi--;
	return a;
}

static struct addr
smaller(struct addr a, struct addr b)
{
	return addr_cmp(&a, &b) < 0 ? a : b;
}

static struct addr
larger(struct addr a, struct addr b)
{
	return addr_cmp(&a, &b) > 0 ? a : b;
}

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

/*
 * RFC 5952 by hand: C libraries differ in when they write the last 32 bits
 * as dotted decimals. Here only those of ::ffff:0:0/96 are.
 */
static void
ipv6_to_text(const uint8_t *bytes, char *out)
{
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
			out += sprintf(out, i + zeros == n ? "::" : ":");
			i += zeros - 1;
		} else
			out += sprintf(out, i > 0 ? ":%x" : "%x", group[i]);
	}
	if (mapped)
		sprintf(out, ":%u.%u.%u.%u", bytes[12], bytes[13], bytes[14],
		    bytes[15]);
}

char *
addr_to_text(enum family f, const struct addr *a, char *out)
{
	uint8_t b[16];

	addr_to_bytes(f, a, b);
	if (f == IPV4)
		sprintf(out, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	else
		ipv6_to_text(b, out);
	return out;
}

char *
net_to_text(const struct net *n, char *out)
{
	addr_to_text(n->family, &n->addr, out);
	sprintf(out + strlen(out), "/%u", n->prefix);
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

static struct range
block(enum family f, const struct addr *a, unsigned prefix)
{
	struct addr host = low_bits(family_bits(f) - prefix);

	return (struct range){
	    {a->hi & ~host.hi, a->lo & ~host.lo},
	    {a->hi | host.hi, a->lo | host.lo},
	};
}

struct range
net_range(const struct net *n)
{
	return block(n->family, &n->addr, n->prefix);
}

void
addrset_init(struct addrset *s)
{
	*s = (struct addrset){0};
}

void
addrset_clear(struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++)
		free(s->of[f].v);
	addrset_init(s);
}

void
addrset_trim(struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++)
		s->of[f].v = shrink_to(
		    s->of[f].v, s->of[f].n, &s->of[f].cap, sizeof(*s->of[f].v));
}

static bool
touch(const struct range *a, const struct range *next)
{
	struct addr end = after(a->last);

	return addr_cmp(&next->first, &a->last) <= 0 ||
	       addr_cmp(&next->first, &end) == 0;
}

static void
append(struct ranges *rs, struct range r)
{
	bool in_order = rs->sorted == rs->n;

	if (in_order && rs->n > 0) {
		struct range *last = &rs->v[rs->n - 1];

		if (addr_cmp(&r.first, &last->first) < 0)
			in_order = false;
		else if (touch(last, &r)) {
			last->last = larger(last->last, r.last);
			return;
		}
	}
	/* Many add what others have added before. */
	if (rs->n == rs->cap && rs->n >= MERGE_AT && rs->sorted < rs->n) {
		sort(rs);
		if (rs->n > rs->cap / 4 * 3)
			rs->v = grow(rs->v, rs->cap, &rs->cap, sizeof(*rs->v));
		append(rs, r);
		return;
	}
	rs->v = grow(rs->v, rs->n, &rs->cap, sizeof(*rs->v));
	rs->v[rs->n++] = r;
	if (in_order)
		rs->sorted = rs->n;
}

static int
by_first(const void *a, const void *b)
{
	const struct range *ra = a, *rb = b;

	return addr_cmp(&ra->first, &rb->first);
}

/* Sorts the tail that was added out of order, and merges it into the rest. */
static void
sort(struct ranges *rs)
{
	size_t i = rs->sorted, n = rs->n, to = n, k = n - i;
	struct range *tail;

	if (k == 0)
		return;
	tail = xreallocarray(NULL, k, sizeof(*tail));
	memcpy(tail, rs->v + i, k * sizeof(*tail));
	qsort(tail, k, sizeof(*tail), by_first);
	while (k > 0) {
		if (i > 0 &&
		    addr_cmp(&rs->v[i - 1].first, &tail[k - 1].first) > 0)
			rs->v[--to] = rs->v[--i];
		else
			rs->v[--to] = tail[--k];
	}
	free(tail);
	/* Appending to the array's own front: what is read is ahead of it. */
	rs->sorted = rs->n = i;
	for (; i < n; i++)
		append(rs, rs->v[i]);
}

void
addrset_fill(struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		s->of[f].sorted = s->of[f].n = 0;
		append(&s->of[f], whole[f]);
	}
}

void
addrset_add_range(struct addrset *s, enum family f, const struct range *r)
{
	append(&s->of[f], *r);
}

void
addrset_add_net(
    struct addrset *s, enum family f, const struct addr *a, unsigned prefix)
{
	append(&s->of[f], block(f, a, prefix));
}

void
addrset_union(struct addrset *s, const struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		for (size_t i = 0; i < other->of[f].n; i++)
			append(&s->of[f], other->of[f].v[i]);
}

/* What a has and b has too (keep true), or has not (keep false). */
static void
combine(struct ranges *a, struct ranges *b, bool keep)
{
	struct ranges out = {0};
	size_t j = 0;

	sort(a);
	sort(b);
	for (size_t i = 0; i < a->n; i++) {
		struct range r = a->v[i];
		bool rest = true; /* r is not used up */

		while (j < b->n && addr_cmp(&b->v[j].last, &r.first) < 0)
			j++;
		for (size_t k = j; rest && k < b->n; k++) {
			const struct range *cut = &b->v[k];

			if (addr_cmp(&cut->first, &r.last) > 0)
				break;
			if (keep)
				append(&out,
				    (struct range){larger(r.first, cut->first),
					smaller(r.last, cut->last)});
			else if (addr_cmp(&r.first, &cut->first) < 0)
				append(&out, (struct range){
						 r.first, before(cut->first)});
			rest = addr_cmp(&cut->last, &r.last) < 0;
			if (rest)
				r.first = after(cut->last);
		}
		if (rest && !keep)
			append(&out, r);
	}
	free(a->v);
	*a = out;
}

void
addrset_subtract(struct addrset *s, struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		if (other->of[f].n > 0 && s->of[f].n > 0)
			combine(&s->of[f], &other->of[f], false);
}

void
addrset_intersect(struct addrset *s, struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		combine(&s->of[f], &other->of[f], true);
}

bool
addrset_is_empty(const struct addrset *s)
{
	return s->of[IPV4].n == 0 && s->of[IPV6].n == 0;
}

/* The first range that ends at or behind a, or NULL. */
static const struct range *
find(struct ranges *rs, const struct addr *a)
{
	size_t low = 0, high;

	sort(rs);
	high = rs->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (addr_cmp(&rs->v[mid].last, a) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < rs->n ? &rs->v[low] : NULL;
}

bool
addrset_contains(struct addrset *s, enum family f, const struct addr *a)
{
	const struct range *r = find(&s->of[f], a);

	return r != NULL && addr_cmp(&r->first, a) <= 0;
}

bool
addrset_overlaps(struct addrset *s, enum family f, const struct range *r)
{
	const struct range *found = find(&s->of[f], &r->first);

	return found != NULL && addr_cmp(&found->first, &r->last) <= 0;
}

bool
addrset_covers(struct addrset *s, enum family f, const struct range *r)
{
	const struct range *found = find(&s->of[f], &r->first);

	return found != NULL && addr_cmp(&found->first, &r->first) <= 0 &&
	       addr_cmp(&r->last, &found->last) <= 0;
}

double
addrset_addresses(struct addrset *s, enum family f)
{
	struct ranges *rs = &s->of[f];
	double sum = 0;

	sort(rs);
	for (size_t i = 0; i < rs->n; i++) {
		struct addr first = rs->v[i].first, last = rs->v[i].last;
		uint64_t lo = last.lo - first.lo;
		uint64_t hi = last.hi - first.hi - (last.lo < first.lo);

		sum += ldexp((double)hi, 64) + (double)lo + 1;
	}
	return sum;
}

/*
 * The widest block that begins at r->first and ends within r: the first block
 * of the range's minimal cover. Takes it off the range; false if nothing is
 * left then.
 */
static bool
take_block(enum family f, struct range *r, struct net *n)
{
	struct range b = {r->first, r->first};

	*n = (struct net){f, family_bits(f), r->first};
	while (n->prefix > 0) {
		struct range wider = block(f, &r->first, n->prefix - 1);

		if (addr_cmp(&wider.first, &r->first) != 0 ||
		    addr_cmp(&wider.last, &r->last) > 0)
			break;
		b = wider;
		n->prefix--;
	}
	if (addr_cmp(&b.last, &r->last) == 0)
		return false;
	r->first = after(b.last);
	return true;
}

size_t
addrset_count_nets(struct addrset *s, enum family f)
{
	struct ranges *rs = &s->of[f];
	struct net unused;
	size_t n = 0;

	sort(rs);
	for (size_t i = 0; i < rs->n; i++) {
		struct range r = rs->v[i];

		do
			n++;
		while (take_block(f, &r, &unused));
	}
	return n;
}

size_t
addrset_nets(struct addrset *s, struct net **nets)
{
	size_t n = 0, cap = 0;

	*nets = NULL;
	for (int f = 0; f < FAMILIES; f++) {
		struct ranges *rs = &s->of[f];

		sort(rs);
		for (size_t i = 0; i < rs->n; i++) {
			struct range r = rs->v[i];
			bool more = true;

			while (more) {
				*nets = grow(*nets, n, &cap, sizeof(**nets));
				more = take_block(
				    (enum family)f, &r, &(*nets)[n++]);
			}
		}
	}
	return n;
}
