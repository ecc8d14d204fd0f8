/*
 * shrink: the guard against tables that lose much at once.
 */
#include "shrink.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "expand/expand.h"

#define NETS_SHOWN 5     /* of a domain, in a message */
#define ENTRIES_SHOWN 20 /* in all */

void
shrink_init(struct shrink *s, struct session *r)
{
	*s = (struct shrink){.run = r};
	for (int i = 0; i < LISTS; i++) {
		addrset_init(&s->old[i]);
		s->warned[i] = xcalloc(r->lists[i].n, sizeof(bool));
	}
	if (r->saved != NULL)
		s->saved = session_evaluator(r, r->saved);
}

void
shrink_clear(struct shrink *s)
{
	for (int i = 0; i < LISTS; i++) {
		addrset_clear(&s->old[i]);
		free(s->warned[i]);
		for (int old = 0; old < 2; old++) {
			struct addrset *sets = s->sets[i][old];

			for (size_t k = 0;
			     sets != NULL && k < s->run->lists[i].n; k++)
				addrset_clear(&sets[k]);
			free(sets);
		}
	}
	if (s->saved != NULL)
		evaluate_close(s->saved);
}

/* Networks of a minimal cover that have no address in a set any more. */
struct loss {
	struct net *gone;
	size_t n, of;
};

static struct loss
find_loss(struct addrset *old, struct addrset *new)
{
	struct loss l = {0};

	l.of = addrset_nets(old, &l.gone);
	for (size_t i = 0; i < l.of; i++) {
		struct range r = net_range(&l.gone[i]);

		if (!addrset_overlaps(new, l.gone[i].family, &r))
			l.gone[l.n++] = l.gone[i];
	}
	return l;
}

static bool
is_too_much(const struct session *r, const struct loss *l)
{
	return (double)l->n * 1e6 >
	       (double)r->config.max_shrink * (double)l->of;
}

/* "N of M networks are gone: NET, NET, ...", about an entry. */
static void
say_loss(const struct entry *e, const struct loss *l)
{
	struct buf text;
	char net[NET_STRLEN];

	buf_init(&text);
	entry_name(&text, e);
	buf_printf(&text, ": %zu of %zu %s %s gone: ", l->n, l->of,
	    plural(l->of, "network", "networks"), plural(l->n, "is", "are"));
	for (size_t i = 0; i < l->n && i < NETS_SHOWN; i++)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "",
		    net_to_text(&l->gone[i], net));
	say(WARNING, "%s%s", text.data, l->n > NETS_SHOWN ? ", ..." : "");
	buf_clear(&text);
}

bool
shrink_visit(struct shrink *s, const struct entry *e, struct verdict *v,
    struct verdict *old)
{
	const struct list *reject = &s->run->lists[REJECT];
	struct loss loss;
	int list = reject->n > 0 && e >= reject->v && e < reject->v + reject->n
		       ? REJECT
		       : PERMIT;

	if (s->saved == NULL)
		return false;
	expand_entry(s->saved, e, old);
	if (e->exclude)
		return true;
	s->knew |= list == PERMIT && entry_is_domain(e) && old->answered;
	addrset_union(&s->old[list], &old->permits);
	loss = find_loss(&old->permits, &v->permits);
	if (is_too_much(s->run, &loss)) {
		say_loss(e, &loss);
		s->warned[list][e - s->run->lists[list].v] = true;
	}
	free(loss.gone);
	return true;
}

/*
 * Says, entry by entry, which of the networks that are gone it permitted;
 * those that were said already are left out.
 */
static void
say_losers(struct shrink *s, int which, struct expansion *x)
{
	const struct list *l = &s->run->lists[which];
	size_t said = 0, more = 0;

	for (size_t i = 0; s->saved != NULL && i < l->n; i++) {
		struct verdict old;
		struct loss loss;

		if (l->v[i].exclude)
			continue;
		expand_entry(s->saved, &l->v[i], &old);
		addrset_subtract(&old.permits, &x->excluded);
		loss = find_loss(&old.permits, &x->permits);
		if (s->warned[which][i])
			loss.n = 0;
		if (loss.n > 0 && said < ENTRIES_SHOWN) {
			say_loss(&l->v[i], &loss);
			said++;
		} else if (loss.n > 0)
			more++;
		free(loss.gone);
		addrset_clear(&old.permits);
	}
	if (more > 0)
		say(WARNING, "%zu more %s networks", more,
		    plural(more, "entry loses", "entries lose"));
}

bool
shrink_allows(struct shrink *s, const char *path, int which,
    const struct net *installed, size_t ninstalled)
{
	struct expansion *x = &s->run->expansions[which];
	struct addrset *old = &s->old[which];
	struct loss loss;
	bool result;

	if (s->saved == NULL)
		for (size_t i = 0; i < ninstalled; i++)
			addrset_add_net(old, installed[i].family,
			    &installed[i].addr, installed[i].prefix);
	/* What an exclusion takes out is no loss. */
	addrset_subtract(old, &x->excluded);
	loss = find_loss(old, &x->permits);
	result = !is_too_much(s->run, &loss);
	if (!result) {
		say(s->run->o->force ? WARNING : ERROR,
		    "%s: %zu of %zu %s would go, more than max_shrink: %s",
		    path, loss.n, loss.of,
		    plural(loss.of, "network", "networks"),
		    s->run->o->force
			? "accepted by --force"
			: "nothing is replaced; --force accepts it");
		if (!s->run->o->force)
			say_losers(s, which, x);
	}
	free(loss.gone);
	return result || s->run->o->force;
}

/* What each entry of a list permits, evaluated once however many ask. */
static struct addrset *
entry_sets(struct shrink *s, const struct list *l, bool old)
{
	struct evaluator *ev = old ? s->saved : s->run->ev;
	int list = l == &s->run->lists[REJECT] ? REJECT : PERMIT;
	struct addrset **sets = &s->sets[list][old];

	if (*sets != NULL || ev == NULL)
		return *sets;
	*sets = xcalloc(l->n, sizeof(**sets));
	for (size_t i = 0; i < l->n; i++) {
		struct verdict v;

		expand_entry(ev, &l->v[i], &v);
		(*sets)[i] = v.permits;
	}
	return *sets;
}

void
shrink_owners(struct shrink *s, const struct list *l, const struct net *n,
    enum owners which, unsigned max, struct buf *names)
{
	struct addrset *sets = entry_sets(s, l, which == OWNERS_OLD);
	struct range r = net_range(n);
	unsigned found = 0;

	for (size_t i = 0; sets != NULL && i < l->n && found <= max; i++) {
		if (l->v[i].exclude != (which == OWNERS_EXCLUDING) ||
		    !addrset_overlaps(&sets[i], n->family, &r))
			continue;
		if (found > 0)
			buf_puts(names, ", ");
		if (found++ == max)
			buf_puts(names, "...");
		else
			entry_name(names, &l->v[i]);
	}
	if (found == 0)
		buf_puts(names, "-");
}
