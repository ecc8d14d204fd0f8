/*
 * check: what an administrator should look at again, though no parser objects
 * to it.
 */
#include "check.h"

#include <string.h>

/* Whether the installed table shows what the entry permits or takes out. */
static bool
is_old(const struct run *r, int list, const struct entry *e,
    const struct net *n, struct addrset *installed)
{
	struct range range = net_range(n);
	struct addrset known;
	bool result;

	if (e->exclude)
		return !addrset_overlaps(installed, n->family, &range);
	addrset_init(&known);
	addrset_union(&known, installed);
	addrset_union(&known, &r->expansions[list].excluded);
	result = addrset_covers(&known, n->family, &range);
	addrset_clear(&known);
	return result;
}

static void
say_wide_entry(
    const struct run *r, int list, const struct entry *e, const struct net *n)
{
	bool is4 = n->family == IPV4;
	unsigned min = is4 ? r->config.min_prefix4 : r->config.min_prefix6;
	struct buf text;

	buf_init(&text);
	if (e->line > 0)
		buf_printf(&text, "%s:%u: ", e->file, e->line);
	buf_add_escaped(&text, e->text, strlen(e->text), SHOWN_MAX);
	say("%s: wider than min_prefix%c (%u): all of it is %s, since the list "
	    "says so",
	    text.data, is4 ? '4' : '6', min,
	    e->exclude       ? "taken out"
	    : list == PERMIT ? "permitted"
			     : "rejected");
	buf_clear(&text);
}

void
say_wide(const struct run *r, int list, struct addrset *installed)
{
	const struct list *l = &r->lists[list];

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct spf_term term;
		struct net n;

		if (entry_is_domain(e))
			continue;
		term = entry_term(e);
		n.family = term.kind == SPF_IP4 ? IPV4 : IPV6;
		n.prefix = term.prefix[n.family];
		n.addr = term.addr;
		if (n.prefix >= (n.family == IPV4 ? r->config.min_prefix4
						  : r->config.min_prefix6))
			continue;
		if (installed == NULL || !is_old(r, list, e, &n, installed))
			say_wide_entry(r, list, e, &n);
	}
}

void
say_no_entry(const struct run *r)
{
	const char *lists = r->config.permit_lists;

	if (r->lists[PERMIT].n == 0 && lists[strspn(lists, " \t")] != '\0')
		say("permit_lists: no entry at all, so that the table is "
		    "empty");
}
