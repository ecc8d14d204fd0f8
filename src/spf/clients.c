/*
 * clients: the client addresses that a record is evaluated for.
 */
#include "spf/clients.h"

#include <stdlib.h>

#include "base/memory.h"

void
clients_init(struct clients *s)
{
	*s = (struct clients){0};
}

void
clients_clear(struct clients *s)
{
	for (size_t i = 0; i < s->n; i++)
		addrset_clear(&s->v[i].set);
	free(s->v);
	clients_init(s);
}

void
clients_trim(struct clients *s)
{
	for (size_t i = 0; i < s->n; i++)
		addrset_trim(&s->v[i].set);
	s->v = shrink_to(s->v, s->n, &s->cap, sizeof(*s->v));
}

void
clients_add(struct clients *s, struct addrset *set, unsigned lookups,
    unsigned voids, bool permit)
{
	if (addrset_is_empty(set)) {
		addrset_clear(set);
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct group *t = &s->v[i];

		if (t->lookups == lookups && t->voids == voids &&
		    t->permit == permit) {
			addrset_move(&t->set, set);
			return;
		}
	}
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = (struct group){*set, lookups, voids, permit};
	addrset_init(set);
}

/* Takes groups without addresses out of the array. */
static void
remove_empty(struct clients *s)
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
clients_count_lookups(struct clients *s, unsigned lookups)
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
clients_count_voids(struct clients *s, enum family f, unsigned voids)
{
	struct clients counted;
	bool over = false;

	if (voids == 0)
		return false;
	clients_init(&counted);
	for (size_t i = 0; i < s->n; i++) {
		struct group *t = &s->v[i];
		struct addrset part = split(&t->set, f);

		if (addrset_is_empty(&part))
			continue;
		if (t->voids + voids > VOIDS_MAX) {
			addrset_clear(&part);
			over = true;
		} else
			clients_add(&counted, &part, t->lookups,
			    t->voids + voids, t->permit);
	}
	for (size_t i = 0; i < counted.n; i++) {
		struct group *t = &counted.v[i];

		clients_add(s, &t->set, t->lookups, t->voids, t->permit);
	}
	clients_clear(&counted);
	remove_empty(s);
	return over;
}

void
clients_drop(struct clients *s, enum family f)
{
	for (size_t i = 0; i < s->n; i++) {
		struct addrset part = split(&s->v[i].set, f);

		addrset_clear(&part);
	}
	remove_empty(s);
}

void
clients_refuse(struct clients *s)
{
	struct clients refused;

	clients_init(&refused);
	for (size_t i = 0; i < s->n; i++)
		clients_add(&refused, &s->v[i].set, s->v[i].lookups,
		    s->v[i].voids, false);
	free(s->v);
	*s = refused;
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
clients_ranges(const struct clients *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (int f = 0; f < FAMILIES; f++)
			n += s->v[i].set.of[f].n;
	return n;
}

void
clients_match(struct clients *s, struct addrset *match, bool permit, bool last,
    struct clients *out)
{
	for (size_t i = 0; i < s->n; i++) {
		struct group *t = &s->v[i];
		bool final = i + 1 == s->n;
		struct addrset hit = final ? *match : copy(match);

		if (final)
			addrset_init(match);
		if (!addrset_is_full(&t->set))
			addrset_intersect(&hit, &t->set);
		if (last)
			addrset_clear(&t->set);
		else
			addrset_subtract(&t->set, &hit);
		clients_add(out, &hit, t->lookups, t->voids, permit);
	}
	remove_empty(s);
}

/*
 * Where the addresses of s leave inner: each share of them at its own cost,
 * its result that of inner. Returns whether a limit dropped any.
 */
static bool
through(struct clients *s, const struct clients *inner, struct clients *left)
{
	bool over = false;

	clients_init(left);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < inner->n; k++) {
			const struct group *at = &inner->v[k];
			unsigned lookups = s->v[i].lookups + at->lookups;
			unsigned voids = s->v[i].voids + at->voids;
			struct addrset hit = copy(&at->set);

			addrset_intersect(&hit, &s->v[i].set);
			if (lookups > LOOKUPS_MAX || voids > VOIDS_MAX) {
				over = over || !addrset_is_empty(&hit);
				addrset_clear(&hit);
			}
			clients_add(left, &hit, lookups, voids, at->permit);
		}
	return over;
}

bool
clients_include(struct clients *s, const struct clients *inner, bool permit,
    struct clients *out)
{
	struct clients left;
	bool over = through(s, inner, &left);

	clients_clear(s);
	for (size_t i = 0; i < left.n; i++) {
		struct group *t = &left.v[i];

		if (t->permit)
			clients_add(out, &t->set, t->lookups, t->voids, permit);
		else
			clients_add(s, &t->set, t->lookups, t->voids, false);
	}
	clients_clear(&left);
	return over;
}

bool
clients_redirect(
    struct clients *s, const struct clients *inner, struct clients *out)
{
	struct clients left;
	bool over = through(s, inner, &left);

	clients_clear(s);
	for (size_t i = 0; i < left.n; i++)
		clients_add(out, &left.v[i].set, left.v[i].lookups,
		    left.v[i].voids, left.v[i].permit);
	clients_clear(&left);
	return over;
}
