/*
 * reporttext: the report as text, a line an entry.
 */
#include "report.h"

#include "base/text.h"

static void
text_networks(struct buf *out, struct addrset *set)
{
	for (int f = 0; f < FAMILIES; f++) {
		double n = addrset_addresses(set, (enum family)f);
		size_t nets = addrset_count_nets(set, (enum family)f);

		buf_printf(out, "%s%zu IPv%c %s (", f > 0 ? ", " : "", nets,
		    f == IPV4 ? '4' : '6', plural(nets, "network", "networks"));
		buf_add_count(out, n);
		buf_printf(out, " %s)",
		    plural(n == 1 ? 1 : 0, "address", "addresses"));
	}
}

/* Whether no other entry permits any of its addresses. */
static bool
is_all_only(const struct report_item *item)
{
	for (int f = 0; f < FAMILIES; f++)
		if (item->addresses[f] != item->only_addresses[f])
			return false;
	return item->nshares == 0;
}

/*
 * The addresses that no other entry permits, and the entries that permit the
 * rest.
 */
static void
text_shares(struct buf *out, const struct report *r, struct report_item *item)
{
	size_t shown = r->session->o->verbose ? item->nshares : REPORT_SHARES;

	if (addrset_is_empty(&item->permits))
		return;
	if (is_all_only(item))
		buf_puts(out, "; all only here");
	else if (addrset_is_empty(&item->only))
		buf_puts(out, "; nothing only here");
	else {
		buf_puts(out, "; only here: ");
		text_networks(out, &item->only);
	}
	for (size_t i = 0; i < item->nshares && i < shown; i++) {
		buf_puts(out, i == 0 ? "; also in: " : ", ");
		report_share_name(out, r, &item->shares[i]);
	}
	if (item->nshares > shown)
		buf_printf(out, " and %zu more", item->nshares - shown);
}

static void
text_item(struct buf *out, struct report *r, struct report_item *item)
{
	struct verdict v;
	bool first = true;

	report_evaluate(r, item, &v);
	entry_name(out, item->entry);
	buf_printf(out, ": %u %s, ", v.lookups,
	    plural(v.lookups, "lookup", "lookups"));
	text_networks(out, &item->permits);
	buf_puts(out, ", age ");
	buf_add_age(out, report_age(r, &v));
	buf_printf(out, ", %zu %s", v.nnotes + v.more,
	    plural(v.nnotes + v.more, "note", "notes"));
	if (item->held != NULL)
		buf_printf(
		    out, ", held: %s", hold_reason_name(item->held->reason));
	if (!v.answered)
		buf_puts(out, ", no usable answer");
	else if (v.failed)
		buf_puts(out, ", some lookups failed");
	text_shares(out, r, item);
	for (size_t i = 0; i < v.nnotes; i++) {
		if (!note_needs_client(v.notes[i]))
			continue;
		buf_printf(out, "%s%s",
		    first ? "; cannot be enumerated: " : " ", v.notes[i]->term);
		first = false;
	}
	buf_puts(out, "\n");
	addrset_clear(&v.permits);
}

void
report_text(struct buf *out, struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		text_item(out, r, &r->v[i]);
}
