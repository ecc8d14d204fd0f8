/*
 * takers: entries that take addresses away from others.
 */
#include "takers.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

#define ENTRIES_SHOWN 3 /* of those that lose networks */

/* The addresses of each permitting entry; computed when needed. */
struct givers {
	struct changes *changes;
	struct addrset *sets;
};

/* The addresses of an entry in its table, now and before. */
static void
find_sets(struct changes *c, const struct entry *e, struct addrset *now,
    struct addrset *old)
{
	struct verdict v;

	addrset_init(now);
	addrset_init(old);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].entry == e) {
			addrset_union(now, &c->v[i].new);
			addrset_union(old, &c->v[i].old);
			return;
		}
	expand_entry(c->run->ev, e, &v);
	*now = v.permits;
	if (c->saved == NULL)
		return;
	expand_entry(c->saved, e, &v);
	*old = v.permits;
}

static void
make_givers(struct givers *g)
{
	struct changes *c = g->changes;
	const struct list *l = &c->run->lists[PERMIT];
	struct addrset old;

	if (g->sets != NULL)
		return;
	g->sets = xcalloc(l->n, sizeof(*g->sets));
	for (size_t i = 0; i < l->n; i++) {
		find_sets(c, &l->v[i], &g->sets[i], &old);
		addrset_clear(&old);
	}
}

static void
clear_givers(struct givers *g)
{
	size_t n = g->changes->run->lists[PERMIT].n;

	for (size_t i = 0; g->sets != NULL && i < n; i++)
		addrset_clear(&g->sets[i]);
	free(g->sets);
}

/* The networks of a set that others take addresses of. */
static struct loss
find_taken(struct addrset *set, struct addrset *taken)
{
	struct loss l = {0};

	l.of = addrset_nets(set, &l.gone);
	for (size_t i = 0; i < l.of; i++) {
		struct range r = net_range(&l.gone[i]);

		if (addrset_overlaps(taken, l.gone[i].family, &r))
			l.gone[l.n++] = l.gone[i];
	}
	return l;
}

/*
 * Appends "N of M networks of ENTRY, ..." for those that lose addresses of
 * their networks. Returns how many; *much: one loses more than max_shrink.
 */
static size_t
add_losers(struct givers *g, struct addrset *taken, struct buf *b, bool *much)
{
	struct changes *c = g->changes;
	const struct list *l = &c->run->lists[PERMIT];
	size_t losers = 0;

	make_givers(g);
	for (size_t i = 0; i < l->n; i++) {
		struct loss loss;

		if (l->v[i].exclude)
			continue;
		loss = find_taken(&g->sets[i], taken);
		*much |= hold_is_loss(&c->limits, &loss);
		if (loss.n > 0 && losers++ < ENTRIES_SHOWN) {
			buf_printf(b, "%s%zu of %zu %s of ",
			    losers > 1 ? ", " : "", loss.n, loss.of,
			    plural(loss.of, "network", "networks"));
			entry_name(b, &l->v[i]);
		}
		free(loss.gone);
	}
	if (losers > ENTRIES_SHOWN)
		buf_printf(b, ", and of %zu more", losers - ENTRIES_SHOWN);
	return losers;
}

/* Says what one exclusion or reject entry newly takes. */
static void
say_taker(struct givers *g, const struct entry *e, int list)
{
	struct changes *c = g->changes;
	struct addrset now, old;
	struct buf name, losers;
	bool much = false;

	find_sets(c, e, &now, &old);
	addrset_subtract(&now, &old);
	buf_init(&name);
	buf_init(&losers);
	entry_name(&name, e);
	if (addrset_is_empty(&now) || add_losers(g, &now, &losers, &much) == 0)
		much = false;
	else if (list == REJECT && (much || !c->run->o->quiet))
		say(much ? WARNING : NOTE,
		    "%s: %s are permitted, and so not rejected [permitted]",
		    name.data, losers.data);
	else if (list == PERMIT && much)
		say(WARNING, "%s: excludes %s", name.data, losers.data);
	buf_clear(&name);
	buf_clear(&losers);
	addrset_clear(&now);
	addrset_clear(&old);
}

void
takers_settle(struct changes *c)
{
	struct session *r = c->run;
	struct givers g = {.changes = c};

	expand_yield(
	    &r->lists[REJECT], &r->expansions[REJECT], &r->expansions[PERMIT]);
	for (int i = 0; i < LISTS; i++)
		for (size_t k = 0; k < r->lists[i].n; k++) {
			const struct entry *e = &r->lists[i].v[k];

			/* The administrator's own networks are meant. */
			if (entry_is_domain(e) && e->exclude == (i == PERMIT))
				say_taker(&g, e, i);
		}
	clear_givers(&g);
}
