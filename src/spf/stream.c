/*
 * stream: the addresses that are still on their way through a record.
 */
#include "spf/stream.h"

#include <stdlib.h>

#include "base/memory.h"

void
streams_init(struct streams *s)
{
	*s = (struct streams){0};
}

void
streams_clear(struct streams *s)
{
	for (size_t i = 0; i < s->n; i++)
		addrset_clear(&s->v[i].set);
	free(s->v);
	streams_init(s);
}

void
streams_trim(struct streams *s)
{
	for (size_t i = 0; i < s->n; i++)
		addrset_trim(&s->v[i].set);
	s->v = shrink_to(s->v, s->n, &s->cap, sizeof(*s->v));
}

void
streams_add(struct streams *s, struct addrset *set, unsigned lookups,
    unsigned voids, bool permit)
{
	if (addrset_is_empty(set)) {
		addrset_clear(set);
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct stream *t = &s->v[i];

		if (t->lookups == lookups && t->voids == voids &&
		    t->permit == permit) {
			addrset_union(&t->set, set);
			addrset_clear(set);
			return;
		}
	}
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = (struct stream){*set, lookups, voids, permit};
	addrset_init(set);
}

/* Takes streams without addresses out of the array. */
static void
remove_empty(struct streams *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (addrset_is_empty(&s->v[i].set))
			addrset_clear(&s->v[i].set);
		else
			s->v[kept++] = s->v[i];
	}
	s->n = kept;
}

bool
streams_count_lookups(struct streams *s, unsigned lookups)
{
	bool over = false;

	for (size_t i = 0; i < s->n; i++) {
		s->v[i].lookups += lookups;
		if (s->v[i].lookups > LOOKUPS_MAX) {
			addrset_clear(&s->v[i].set);
			over = true;
		}
	}
	remove_empty(s);
	return over;
}

/* The addresses of one family leave the set. */
static struct addrset
split(struct addrset *s, enum family f)
{
	struct addrset part;

	addrset_init(&part);
	part.of[f] = s->of[f];
	s->of[f] = (struct ranges){0};
	return part;
}

bool
streams_count_voids(struct streams *s, enum family f, unsigned voids)
{
	struct streams counted;
	bool over = false;

	if (voids == 0)
		return false;
	streams_init(&counted);
	for (size_t i = 0; i < s->n; i++) {
		struct stream *t = &s->v[i];
		struct addrset part = split(&t->set, f);

		if (addrset_is_empty(&part))
			continue;
		if (t->voids + voids > VOIDS_MAX) {
			addrset_clear(&part);
			over = true;
		} else
			streams_add(&counted, &part, t->lookups,
			    t->voids + voids, t->permit);
	}
	for (size_t i = 0; i < counted.n; i++) {
		struct stream *t = &counted.v[i];

		streams_add(s, &t->set, t->lookups, t->voids, t->permit);
	}
	streams_clear(&counted);
	remove_empty(s);
	return over;
}

void
streams_drop(struct streams *s, enum family f)
{
	for (size_t i = 0; i < s->n; i++) {
		struct addrset part = split(&s->v[i].set, f);

		addrset_clear(&part);
	}
	remove_empty(s);
}

static struct addrset
copy(const struct addrset *s)
{
	struct addrset c;

	addrset_init(&c);
	addrset_union(&c, s);
	return c;
}

size_t
streams_ranges(const struct streams *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (int f = 0; f < FAMILIES; f++)
			n += s->v[i].set.of[f].n;
	return n;
}

void
streams_match(
    struct streams *s, struct addrset *match, bool permit, struct streams *out)
{
	for (size_t i = 0; i < s->n; i++) {
		struct stream *t = &s->v[i];
		struct addrset hit = copy(match);

		addrset_intersect(&hit, &t->set);
		addrset_subtract(&t->set, &hit);
		streams_add(out, &hit, t->lookups, t->voids, permit);
	}
	remove_empty(s);
}

/*
 * Where the addresses of s leave inner: each share of them at its own cost,
 * its result that of inner. Returns whether a limit dropped any.
 */
static bool
through(struct streams *s, const struct streams *inner, struct streams *left)
{
	bool over = false;

	streams_init(left);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < inner->n; k++) {
			const struct stream *at = &inner->v[k];
			unsigned lookups = s->v[i].lookups + at->lookups;
			unsigned voids = s->v[i].voids + at->voids;
			struct addrset hit = copy(&at->set);

			addrset_intersect(&hit, &s->v[i].set);
			if (lookups > LOOKUPS_MAX || voids > VOIDS_MAX) {
				over = over || !addrset_is_empty(&hit);
				addrset_clear(&hit);
			}
			streams_add(left, &hit, lookups, voids, at->permit);
		}
	return over;
}

bool
streams_include(struct streams *s, const struct streams *inner, bool permit,
    struct streams *out)
{
	struct streams left;
	bool over = through(s, inner, &left);

	streams_clear(s);
	for (size_t i = 0; i < left.n; i++) {
		struct stream *t = &left.v[i];

		if (t->permit)
			streams_add(out, &t->set, t->lookups, t->voids, permit);
		else
			streams_add(s, &t->set, t->lookups, t->voids, false);
	}
	streams_clear(&left);
	return over;
}

bool
streams_redirect(
    struct streams *s, const struct streams *inner, struct streams *out)
{
	struct streams left;
	bool over = through(s, inner, &left);

	streams_clear(s);
	for (size_t i = 0; i < left.n; i++)
		streams_add(out, &left.v[i].set, left.v[i].lookups,
		    left.v[i].voids, left.v[i].permit);
	streams_clear(&left);
	return over;
}
