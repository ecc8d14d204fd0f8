/*
 * difference: which networks come to a table and go from it, and why.
 */
#include "difference.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

enum { NOW, BEFORE };

/* The entries that brought or took a network, and how the first did it. */
struct owners {
	const struct entry *v[DIFFERENCE_ENTRIES + 1];
	size_t n;
	struct buf path;
};

void
difference_clear(struct difference *d)
{
	size_t n = d->changes->run->lists[d->list].n;

	for (int i = NOW; i <= BEFORE; i++) {
		for (size_t k = 0; d->sets[i] != NULL && k < n; k++)
			addrset_clear(&d->sets[i][k]);
		free(d->sets[i]);
		d->sets[i] = NULL;
	}
}

/* What each entry of the list permits, evaluated once however many ask. */
static struct addrset *
entry_sets(struct difference *d, int when)
{
	struct changes *c = d->changes;
	const struct list *l = &c->run->lists[d->list];
	struct evaluator *ev = when == NOW ? c->run->ev : c->saved;

	if (d->sets[when] != NULL || ev == NULL)
		return d->sets[when];
	d->sets[when] = xcalloc(l->n, sizeof(*d->sets[when]));
	for (size_t i = 0; i < l->n; i++) {
		struct verdict v;

		expand_entry(ev, &l->v[i], &v);
		d->sets[when][i] = v.permits;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];
		struct addrset *set;

		if (ch->list != d->list)
			continue;
		set = &d->sets[when][ch->entry - l->v];
		addrset_clear(set);
		addrset_union(set, when == NOW ? &ch->new : &ch->old);
	}
	return d->sets[when];
}

/*
 * The records through which an entry permits one of its addresses in the
 * network.
 */
static void
find_path(struct difference *d, const struct entry *e, struct addrset *set,
    const struct net *n, int when, struct buf *path)
{
	struct changes *c = d->changes;
	struct evaluator *ev = when == NOW ? c->run->ev : c->saved;
	struct spf_term term = entry_term(e);
	struct addrset common;
	struct range first;

	buf_puts(path, "");
	if (ev == NULL || !entry_is_domain(e))
		return;
	addrset_init(&common);
	addrset_add_net(&common, n->family, &n->addr, n->prefix);
	addrset_intersect(&common, set);
	if (addrset_ranges(&common, n->family) > 0) {
		first = addrset_range(&common, n->family, 0);
		if (evaluate_explain(ev, &term, n->family, &first.first,
			path) != EXPLAIN_PERMITS)
			path->len = 0;
	}
	path->data[path->len] = '\0';
	addrset_clear(&common);
}

static void
add_owner(struct difference *d, struct owners *o, const struct entry *e,
    struct addrset *set, const struct net *n, int when)
{
	if (o->n == 0)
		find_path(d, e, set, n, when, &o->path);
	if (o->n <= DIFFERENCE_ENTRIES)
		o->v[o->n++] = e;
}

/* The changed entries that caused this. */
static void
find_changed(
    struct difference *d, const struct net *n, bool comes, struct owners *o)
{
	struct changes *c = d->changes;
	struct range r = net_range(n);

	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];
		/* What an exclusion gives back comes, and the other way. */
		bool has_now = comes != ch->entry->exclude;
		struct addrset *has = has_now ? &ch->new : &ch->old;
		struct addrset *had = has_now ? &ch->old : &ch->new;

		if (ch->list == d->list &&
		    addrset_overlaps(has, n->family, &r) &&
		    !addrset_covers(had, n->family, &r))
			add_owner(
			    d, o, ch->entry, has, n, has_now ? NOW : BEFORE);
	}
}

/* The entries that have the network, if no entry changed: the lists did. */
static void
find_any(struct difference *d, const struct net *n, bool exclude, int when,
    struct owners *o)
{
	const struct list *l = &d->changes->run->lists[d->list];
	struct addrset *sets = entry_sets(d, when);
	struct range r = net_range(n);

	for (size_t i = 0; sets != NULL && i < l->n; i++)
		if (l->v[i].exclude == exclude &&
		    addrset_overlaps(&sets[i], n->family, &r))
			add_owner(d, o, &l->v[i], &sets[i], n, when);
}

static void
find_owners(
    struct difference *d, const struct net *n, bool comes, struct owners *o)
{
	o->n = 0;
	o->path.len = 0;
	buf_puts(&o->path, "");
	find_changed(d, n, comes, o);
	if (o->n == 0 && comes)
		find_any(d, n, false, NOW, o);
	if (o->n == 0 && !comes)
		find_any(d, n, true, NOW, o);
	if (o->n == 0 && !comes)
		find_any(d, n, false, BEFORE, o);
}

/* Steps to the next network that comes or goes; NULL: there is none. */
static const struct net *
next(const struct difference *d, size_t *i, size_t *k, bool *comes)
{
	while (*i < d->nold || *k < d->nnew) {
		int c = *i == d->nold   ? 1
			: *k == d->nnew ? -1
					: net_cmp(&d->old[*i], &d->new[*k]);
		size_t was_i = *i, was_k = *k;

		*i += c <= 0;
		*k += c >= 0;
		*comes = c > 0;
		if (c != 0)
			return c > 0 ? &d->new[was_k] : &d->old[was_i];
	}
	return NULL;
}

void
difference_count(const struct difference *d, size_t *come, size_t *go)
{
	size_t i = 0, k = 0;
	bool comes;

	*come = *go = 0;
	while (next(d, &i, &k, &comes) != NULL)
		++*(comes ? come : go);
}

static void
add_text(struct buf *out, const struct difference *d, const struct net *n,
    bool comes, const struct owners *o)
{
	char text[NET_STRLEN];

	buf_printf(out, "%c%s\t%s\t", comes ? '+' : '-', net_to_text(n, text),
	    d->action);
	for (size_t i = 0; i < o->n; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		if (i < DIFFERENCE_ENTRIES)
			entry_name(out, o->v[i]);
		else
			buf_puts(out, "...");
	}
	buf_puts(out, o->n == 0 ? "-" : "");
	if (o->path.len > 0)
		buf_printf(out, "\t%s", o->path.data);
	buf_puts(out, "\n");
}

size_t
difference_text(struct difference *d, struct buf *out, size_t max)
{
	struct owners o = {.n = 0};
	size_t i = 0, k = 0, shown = 0, more = 0;
	const struct net *n;
	bool comes;

	while ((n = next(d, &i, &k, &comes)) != NULL) {
		if (!session_shows(d->changes->run->o, n->family))
			continue;
		if (shown == max) {
			more++;
			continue;
		}
		shown++;
		find_owners(d, n, comes, &o);
		add_text(out, d, n, comes, &o);
	}
	buf_clear(&o.path);
	return more;
}

static void
add_json(
    struct json *j, const struct net *n, bool comes, const struct owners *o)
{
	char text[NET_STRLEN];
	struct buf name;

	buf_init(&name);
	json_object(j, NULL, JSON_ROW);
	json_string(j, "change", comes ? "+" : "-");
	json_string(j, "network", net_to_text(n, text));
	json_array(j, "entries", JSON_ROW);
	for (size_t i = 0; i < o->n && i < DIFFERENCE_ENTRIES; i++) {
		name.len = 0;
		entry_name(&name, o->v[i]);
		json_string(j, NULL, name.data);
	}
	json_end(j);
	json_bool(j, "more_entries", o->n > DIFFERENCE_ENTRIES);
	json_string(j, "path", o->path.len > 0 ? o->path.data : NULL);
	json_end(j);
	buf_clear(&name);
}

void
difference_json(struct difference *d, struct json *j)
{
	struct owners o = {.n = 0};
	size_t i = 0, k = 0;
	const struct net *n;
	bool comes;

	json_array(j, "changes", JSON_LINES);
	while ((n = next(d, &i, &k, &comes)) != NULL) {
		if (!session_shows(d->changes->run->o, n->family))
			continue;
		find_owners(d, n, comes, &o);
		add_json(j, n, comes, &o);
	}
	json_end(j);
	buf_clear(&o.path);
}
