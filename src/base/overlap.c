/*
 * overlap: which of many address sets have an address.
 *
 * A sweep over all ranges by their first address. Those that have begun are on
 * a heap, the lowest number of a set on top; those that have ended are only
 * removed once they come to the top.
 */
#include "base/overlap.h"

#include <stdlib.h>

#include "base/memory.h"

struct piece {
	struct range r;
	size_t set;
};

struct sweep {
	struct piece *pieces; /* by their first addresses */
	size_t npieces, next; /* next: the first that has not begun */
	struct addr *points;  /* where a piece begins, or one has ended */
	size_t npoints;
	const struct piece **heap;
	size_t nheap;
};

static int
by_first(const void *a, const void *b)
{
	const struct piece *pa = a, *pb = b;

	return addr_cmp(&pa->r.first, &pb->r.first);
}

static int
by_address(const void *a, const void *b)
{
	return addr_cmp(a, b);
}

static struct addr
after(struct addr a)
{
	if (++a.lo == 0)
		a.hi++;
	return a;
}

static void
begin(struct sweep *s, struct addrset *const *sets, size_t n, enum family f)
{
	size_t cap = 0;

	*s = (struct sweep){0};
	for (size_t i = 0; i < n; i++) {
		size_t ranges = addrset_ranges(sets[i], f);

		for (size_t k = 0; k < ranges; k++) {
			s->pieces = grow(
			    s->pieces, s->npieces, &cap, sizeof(*s->pieces));
			s->pieces[s->npieces++] =
			    (struct piece){addrset_range(sets[i], f, k), i};
		}
	}
	s->points = xreallocarray(NULL, 2 * s->npieces + 1, sizeof(*s->points));
	s->heap = xreallocarray(NULL, s->npieces + 1, sizeof(*s->heap));
	for (size_t i = 0; i < s->npieces; i++) {
		s->points[s->npoints++] = s->pieces[i].r.first;
		/*
		 * After the last address of all comes 0, which sorts before all
		 * others.
		 */
		s->points[s->npoints++] = after(s->pieces[i].r.last);
	}
	if (s->npieces == 0)
		return;
	qsort(s->pieces, s->npieces, sizeof(*s->pieces), by_first);
	qsort(s->points, s->npoints, sizeof(*s->points), by_address);
}

static void
push(struct sweep *s, const struct piece *p)
{
	size_t i = s->nheap++;

	for (; i > 0 && s->heap[(i - 1) / 2]->set > p->set; i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = p;
}

/* Removes the top. */
static void
pop(struct sweep *s)
{
	const struct piece *last = s->heap[--s->nheap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < s->nheap) {
		if (child + 1 < s->nheap &&
		    s->heap[child + 1]->set < s->heap[child]->set)
			child++;
		if (s->heap[child]->set >= last->set)
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
}

/* The top of those that have the address, or NULL. */
static const struct piece *
top(struct sweep *s, const struct addr *a)
{
	while (s->nheap > 0 && addr_cmp(&s->heap[0]->r.last, a) < 0)
		pop(s);
	return s->nheap > 0 ? s->heap[0] : NULL;
}

/* Which sets have the address; false: none. */
static bool
find_sets(struct sweep *s, const struct addr *a, struct overlap *o)
{
	const struct piece *first, *second;

	while (s->next < s->npieces &&
	       addr_cmp(&s->pieces[s->next].r.first, a) <= 0)
		push(s, &s->pieces[s->next++]);
	if ((first = top(s, a)) == NULL)
		return false;
	/* A set's ranges are disjoint: the next one is of another set. */
	pop(s);
	second = top(s, a);
	push(s, first);
	*o = (struct overlap){
	    .first = first->set,
	    .second = second != NULL ? second->set : OVERLAP_NONE,
	    .r = {*a, first->r.last},
	};
	return true;
}

/* Up to where these sets have all addresses: before the next point. */
static void
end_at_next_point(const struct sweep *s, size_t point, struct overlap *o)
{
	struct addr last;

	while (
	    point < s->npoints && addr_cmp(&s->points[point], &o->r.first) <= 0)
		point++;
	if (point == s->npoints)
		return;
	last = s->points[point];
	if (last.lo-- == 0)
		last.hi--;
	o->r.last = last;
}

size_t
overlap_find(
    struct addrset *const *sets, size_t n, enum family f, struct overlap **out)
{
	size_t found = 0, cap = 0;
	struct overlap o;
	struct sweep s;

	*out = NULL;
	begin(&s, sets, n, f);
	for (size_t i = 0; i < s.npoints; i++) {
		if (i > 0 && addr_cmp(&s.points[i], &s.points[i - 1]) == 0)
			continue;
		if (!find_sets(&s, &s.points[i], &o))
			continue;
		end_at_next_point(&s, i, &o);
		*out = grow(*out, found, &cap, sizeof(**out));
		(*out)[found++] = o;
	}
	free(s.pieces);
	free(s.points);
	free(s.heap);
	return found;
}

size_t
overlap_from(const struct overlap *v, size_t n, const struct addr *a)
{
	size_t low = 0;

	while (n > low) {
		size_t mid = low + (n - low) / 2;

		if (addr_cmp(&v[mid].r.last, a) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}
