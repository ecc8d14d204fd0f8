/*
 * allow: whether a table may be replaced although it is not known what the last
 * run left.
 */
#include "allow.h"

#include <stdlib.h>

#include "base/text.h"

/* How many networks of a set have addresses that are not in another one. */
static size_t
count_rest(struct addrset *set, struct addrset *other)
{
	struct net *nets;
	size_t all = addrset_nets(set, &nets), n = 0;

	for (size_t i = 0; i < all; i++) {
		struct range r = net_range(&nets[i]);

		n += !addrset_covers(other, nets[i].family, &r);
	}
	free(nets);
	return n;
}

/*
 * Whether a table is what the saved answers give for today's lists: then
 * nothing of it was held.
 */
static bool
was_nothing_held(
    struct changes *c, const char *path, int list, struct addrset *old)
{
	struct expansion *x = &c->known[list];
	size_t come, go;

	if (c->saved == NULL)
		x = &c->run->expansions[list];
	come = count_rest(&x->permits, old);
	go = count_rest(old, &x->permits);
	if (come + go > 0)
		say(c->run->o->force ? WARNING : ERROR,
		    "%s: the held entries are unknown, and %zu %s would come, "
		    "%zu would go: %s",
		    path, come, plural(come, "network", "networks"), go,
		    c->run->o->force
			? "accepted by --force"
			: "keeping the old table; --force accepts it");
	return come + go == 0;
}

/* Whether at most max_shrink of a table would go. */
static bool
is_enough_left(
    struct changes *c, const char *path, int list, struct addrset *old)
{
	struct expansion *x = &c->run->expansions[list];
	struct loss loss;
	bool too_much;

	/* What an exclusion takes out is no loss. */
	addrset_subtract(old, &x->excluded);
	loss = hold_loss(old, &x->permits);
	too_much = hold_is_loss(&c->limits, &loss);
	if (too_much)
		say(c->run->o->force ? WARNING : ERROR,
		    "%s: without saved answers, %zu of %zu %s would go, more "
		    "than max_shrink: %s",
		    path, loss.n, loss.of,
		    plural(loss.of, "network", "networks"),
		    c->run->o->force
			? "accepted by --force"
			: "keeping the old table; --force accepts it");
	free(loss.gone);
	return !too_much;
}

bool
allow_table(struct changes *c, const char *path, int list,
    const struct net *installed, size_t ninstalled)
{
	bool allowed = true;
	struct addrset old;

	addrset_init(&old);
	for (size_t i = 0; i < ninstalled; i++)
		addrset_add_net(&old, installed[i].family, &installed[i].addr,
		    installed[i].prefix);
	if (c->damaged)
		allowed = was_nothing_held(c, path, list, &old);
	if (allowed && c->saved == NULL)
		allowed = is_enough_left(c, path, list, &old);
	addrset_clear(&old);
	return allowed || c->run->o->force;
}
