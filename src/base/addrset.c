/*
 * addrset: sets of IPv4 and IPv6 addresses, as sorted arrays of disjoint
 * ranges, one array a family. Both families go through the same code.
 */
#include "base/addrset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MERGE_AT 4096 /* ranges: from here on merging pays before growing */

static void sort(struct ranges *rs);

static const struct range whole[FAMILIES] = {
    [IPV4] = {{0, 0}, {0, UINT32_MAX}},
    [IPV6] = {{0, 0}, {UINT64_MAX, UINT64_MAX}},
};

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
	/*
	 * The result is written to the front of the same array, which has been
	 * read already.
	 */
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
	append(&s->of[f], net_range(&(struct net){f, prefix, *a}));
}

void
addrset_union(struct addrset *s, const struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		for (size_t i = 0; i < other->of[f].n; i++)
			append(&s->of[f], other->of[f].v[i]);
}

void
addrset_move(struct addrset *s, struct addrset *other)
{
	if (addrset_is_empty(s)) {
		struct addrset old = *s;

		*s = *other;
		*other = old;
	} else
		addrset_union(s, other);
	addrset_clear(other);
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

bool
addrset_equal(struct addrset *s, struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++) {
		struct ranges *a = &s->of[f], *b = &other->of[f];

		sort(a);
		sort(b);
		if (a->n != b->n ||
		    (a->n > 0 && memcmp(a->v, b->v, a->n * sizeof(*a->v)) != 0))
			return false;
	}
	return true;
}

bool
addrset_is_full(const struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++)
		if (s->of[f].n != 1 ||
		    addr_cmp(&s->of[f].v[0].first, &whole[f].first) != 0 ||
		    addr_cmp(&s->of[f].v[0].last, &whole[f].last) != 0)
			return false;
	return true;
}

/* The first range that ends at or after a, or NULL. */
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

const struct ranges *
addrset_ranges(struct addrset *s, enum family f)
{
	sort(&s->of[f]);
	return &s->of[f];
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
addrset_range_addresses(const struct range *r)
{
	uint64_t lo = r->last.lo - r->first.lo;
	uint64_t hi = r->last.hi - r->first.hi - (r->last.lo < r->first.lo);

	return ldexp((double)hi, 64) + (double)lo + 1;
}

double
addrset_addresses(struct addrset *s, enum family f)
{
	struct ranges *rs = &s->of[f];
	double sum = 0;

	sort(rs);
	for (size_t i = 0; i < rs->n; i++)
		sum += addrset_range_addresses(&rs->v[i]);
	return sum;
}

/* Whether a block begins where the range does, and ends within it. */
static bool
is_start(const struct net *n, const struct range *r)
{
	struct range block = net_range(n);

	return addr_cmp(&block.first, &r->first) == 0 &&
	       addr_cmp(&block.last, &r->last) <= 0;
}

/*
 * The widest block at the start of a range: the first one of its minimal
 * cover. Takes it off the range; false if nothing is left then.
 */
static bool
take_block(enum family f, struct range *r, struct net *n)
{
	unsigned low = 0; /* if this is none, no wider one is */
	struct addr last;

	*n = (struct net){f, family_bits(f), r->first};
	while (low < n->prefix) {
		struct net middle = {f, (low + n->prefix) / 2, r->first};

		if (is_start(&middle, r))
			n->prefix = middle.prefix;
		else
			low = middle.prefix + 1;
	}
	last = net_range(n).last;
	if (addr_cmp(&last, &r->last) == 0)
		return false;
	r->first = after(last);
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

bool
addrset_needs_more_nets(struct addrset *s, size_t max)
{
	size_t n = 0;

	/* A range has at most two blocks of each length but the widest. */
	for (int f = 0; f < FAMILIES; f++)
		n += s->of[f].n * 2 * family_bits((enum family)f);
	if (n <= max)
		return false;
	n = 0;

	for (int f = 0; f < FAMILIES; f++) {
		struct ranges *rs = &s->of[f];
		struct net unused;

		sort(rs);
		for (size_t i = 0; i < rs->n; i++) {
			struct range r = rs->v[i];

			do
				if (++n > max)
					return true;
			while (take_block((enum family)f, &r, &unused));
		}
	}
	return false;
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
