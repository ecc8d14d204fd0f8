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

static void sort(struct ranges *rs, enum family f);

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

/* As few bytes as the family needs: sets of IPv4 have millions of ranges. */
struct range4 {
	uint32_t first, last;
};

static size_t
range_size(enum family f)
{
	return f == IPV4 ? sizeof(struct range4) : sizeof(struct range);
}

static struct range
get(const struct ranges *rs, enum family f, size_t i)
{
	const struct range4 *v4 = rs->v;
	const struct range *v6 = rs->v;

	return f == IPV6 ? v6[i]
			 : (struct range){{0, v4[i].first}, {0, v4[i].last}};
}

static void
put(struct ranges *rs, enum family f, size_t i, const struct range *r)
{
	struct range4 *v4 = rs->v;
	struct range *v6 = rs->v;

	if (f == IPV6)
		v6[i] = *r;
	else
		v4[i] = (struct range4){
		    (uint32_t)r->first.lo, (uint32_t)r->last.lo};
}

void
addrset_trim(struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++)
		s->of[f].v = shrink_to(s->of[f].v, s->of[f].n, &s->of[f].cap,
		    range_size((enum family)f));
}

static bool
touch(const struct range *a, const struct range *next)
{
	struct addr end = after(a->last);

	return addr_cmp(&next->first, &a->last) <= 0 ||
	       addr_cmp(&next->first, &end) == 0;
}

static void
append(struct ranges *rs, enum family f, const struct range *r)
{
	bool in_order = rs->sorted == rs->n;

	if (in_order && rs->n > 0) {
		struct range last = get(rs, f, rs->n - 1);

		if (addr_cmp(&r->first, &last.first) < 0)
			in_order = false;
		else if (touch(&last, r)) {
			last.last = larger(last.last, r->last);
			put(rs, f, rs->n - 1, &last);
			return;
		}
	}
	/* Many add what others have added before. */
	if (rs->n == rs->cap && rs->n >= MERGE_AT && rs->sorted < rs->n) {
		sort(rs, f);
		if (rs->n > rs->cap / 4 * 3)
			rs->v = grow(rs->v, rs->cap, &rs->cap, range_size(f));
		append(rs, f, r);
		return;
	}
	rs->v = grow(rs->v, rs->n, &rs->cap, range_size(f));
	put(rs, f, rs->n++, r);
	if (in_order)
		rs->sorted = rs->n;
}

static int
by_first4(const void *a, const void *b)
{
	const struct range4 *ra = a, *rb = b;

	return ra->first < rb->first ? -1 : ra->first > rb->first;
}

static int
by_first6(const void *a, const void *b)
{
	const struct range *ra = a, *rb = b;

	return addr_cmp(&ra->first, &rb->first);
}

/* Sorts the tail that was added out of order, and merges it into the rest. */
static void
sort(struct ranges *rs, enum family f)
{
	size_t i = rs->sorted, n = rs->n, to = n, k = n - i;
	size_t size = range_size(f);
	struct ranges tail;

	if (k == 0)
		return;
	tail = (struct ranges){.v = xreallocarray(NULL, k, size)};
	memcpy(tail.v, (const char *)rs->v + i * size, k * size);
	qsort(tail.v, k, size, f == IPV4 ? by_first4 : by_first6);
	while (k > 0) {
		struct range last = get(&tail, f, k - 1), r = last;

		if (i > 0)
			r = get(rs, f, i - 1);
		if (i > 0 && addr_cmp(&r.first, &last.first) > 0)
			i--;
		else {
			r = last;
			k--;
		}
		put(rs, f, --to, &r);
	}
	free(tail.v);
	/*
	 * The result is written to the front of the same array, which has been
	 * read already.
	 */
	rs->sorted = rs->n = i;
	for (; i < n; i++) {
		struct range r = get(rs, f, i);

		append(rs, f, &r);
	}
}

void
addrset_fill(struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		s->of[f].sorted = s->of[f].n = 0;
		append(&s->of[f], (enum family)f, &whole[f]);
	}
}

void
addrset_add_range(struct addrset *s, enum family f, const struct range *r)
{
	append(&s->of[f], f, r);
}

void
addrset_add_net(
    struct addrset *s, enum family f, const struct addr *a, unsigned prefix)
{
	struct range r = net_range(&(struct net){f, prefix, *a});

	append(&s->of[f], f, &r);
}

void
addrset_union(struct addrset *s, const struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		for (size_t i = 0; i < other->of[f].n; i++) {
			struct range r = get(&other->of[f], (enum family)f, i);

			append(&s->of[f], (enum family)f, &r);
		}
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
combine(struct ranges *a, struct ranges *b, enum family f, bool keep)
{
	struct ranges out = {0};
	size_t j = 0;

	sort(a, f);
	sort(b, f);
	for (size_t i = 0; i < a->n; i++) {
		struct range r = get(a, f, i), cut, part;
		bool rest = true; /* r is not used up */

		for (; j < b->n; j++) {
			cut = get(b, f, j);
			if (addr_cmp(&cut.last, &r.first) >= 0)
				break;
		}
		for (size_t k = j; rest && k < b->n; k++) {
			cut = get(b, f, k);
			if (addr_cmp(&cut.first, &r.last) > 0)
				break;
			part = keep
				   ? (struct range){larger(r.first, cut.first),
					 smaller(r.last, cut.last)}
				   : (struct range){r.first, before(cut.first)};
			if (keep || addr_cmp(&r.first, &cut.first) < 0)
				append(&out, f, &part);
			rest = addr_cmp(&cut.last, &r.last) < 0;
			if (rest)
				r.first = after(cut.last);
		}
		if (rest && !keep)
			append(&out, f, &r);
	}
	free(a->v);
	*a = out;
}

void
addrset_subtract(struct addrset *s, struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		if (other->of[f].n > 0 && s->of[f].n > 0)
			combine(
			    &s->of[f], &other->of[f], (enum family)f, false);
}

void
addrset_intersect(struct addrset *s, struct addrset *other)
{
	for (int f = 0; f < FAMILIES; f++)
		combine(&s->of[f], &other->of[f], (enum family)f, true);
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

		sort(a, (enum family)f);
		sort(b, (enum family)f);
		if (a->n != b->n ||
		    (a->n > 0 && memcmp(a->v, b->v,
				     a->n * range_size((enum family)f)) != 0))
			return false;
	}
	return true;
}

bool
addrset_is_full(const struct addrset *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		struct range r;

		if (s->of[f].n != 1)
			return false;
		r = get(&s->of[f], (enum family)f, 0);
		if (addr_cmp(&r.first, &whole[f].first) != 0 ||
		    addr_cmp(&r.last, &whole[f].last) != 0)
			return false;
	}
	return true;
}

/* Finds the first range that ends at or after a; false if there is none. */
static bool
find(struct ranges *rs, enum family f, const struct addr *a, struct range *r)
{
	size_t low = 0, high;

	sort(rs, f);
	high = rs->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		*r = get(rs, f, mid);
		if (addr_cmp(&r->last, a) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == rs->n)
		return false;
	*r = get(rs, f, low);
	return true;
}

size_t
addrset_ranges(struct addrset *s, enum family f)
{
	sort(&s->of[f], f);
	return s->of[f].n;
}

struct range
addrset_range(const struct addrset *s, enum family f, size_t i)
{
	return get(&s->of[f], f, i);
}

bool
addrset_contains(struct addrset *s, enum family f, const struct addr *a)
{
	struct range found;

	return find(&s->of[f], f, a, &found) && addr_cmp(&found.first, a) <= 0;
}

bool
addrset_overlaps(struct addrset *s, enum family f, const struct range *r)
{
	struct range found;

	return find(&s->of[f], f, &r->first, &found) &&
	       addr_cmp(&found.first, &r->last) <= 0;
}

bool
addrset_covers(struct addrset *s, enum family f, const struct range *r)
{
	struct range found;

	return find(&s->of[f], f, &r->first, &found) &&
	       addr_cmp(&found.first, &r->first) <= 0 &&
	       addr_cmp(&r->last, &found.last) <= 0;
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
	size_t n = addrset_ranges(s, f);
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		struct range r = addrset_range(s, f, i);

		sum += addrset_range_addresses(&r);
	}
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
	size_t ranges = addrset_ranges(s, f), n = 0;
	struct net unused;

	for (size_t i = 0; i < ranges; i++) {
		struct range r = addrset_range(s, f, i);

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

	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;
		size_t ranges = addrset_ranges(s, f);
		struct net unused;

		for (size_t k = 0; k < ranges; k++) {
			struct range r = addrset_range(s, f, k);

			do
				if (++n > max)
					return true;
			while (take_block(f, &r, &unused));
		}
	}
	return false;
}

size_t
addrset_nets(struct addrset *s, struct net **nets)
{
	size_t n = 0, cap = 0;

	*nets = NULL;
	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;
		size_t ranges = addrset_ranges(s, f);

		for (size_t k = 0; k < ranges; k++) {
			struct range r = addrset_range(s, f, k);
			bool more = true;

			while (more) {
				*nets = grow(*nets, n, &cap, sizeof(**nets));
				more = take_block(f, &r, &(*nets)[n++]);
			}
		}
	}
	return n;
}
