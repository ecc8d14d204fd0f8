/*
 * report: what each entry of the lists takes and permits, and what of that no
 * other entry does.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/overlap.h"
#include "commands.h"
#include "state.h"

/* Collects the entries, in list order. */
static void
add_item(void *arg, const struct entry *e, struct verdict *v)
{
	struct report *r = arg;
	struct report_item *item;
	struct held *held = state_apply_hold(r->session, e, &v->permits);

	r->v = grow(r->v, r->n, &r->cap, sizeof(*r->v));
	item = &r->v[r->n];
	*item = (struct report_item){
	    .entry = e,
	    .place = r->n,
	    .list = r->n < r->session->lists[PERMIT].n ? PERMIT : REJECT,
	};
	addrset_init(&item->permits);
	addrset_init(&item->only);
	addrset_union(&item->permits, &v->permits);
	item->held = held;
	addrset_trim(&item->permits);
	for (int f = 0; f < FAMILIES; f++)
		item->addresses[f] =
		    addrset_addresses(&item->permits, (enum family)f);
	r->n++;
}

static int
compare(const double *a, const double *b)
{
	for (int f = 0; f < FAMILIES; f++)
		if (a[f] != b[f])
			return a[f] > b[f] ? -1 : 1;
	return 0;
}

bool
report_is_same_kind(const struct report_item *a, const struct report_item *b)
{
	return a->list == b->list && a->entry->exclude == b->entry->exclude;
}

/* Those of a kind together, and of these the largest first. */
static int
by_kind_and_size(const void *a, const void *b)
{
	const struct report_item *ia = a, *ib = b;
	int order;

	if (ia->list != ib->list)
		return ia->list - ib->list;
	if (ia->entry->exclude != ib->entry->exclude)
		return ia->entry->exclude - ib->entry->exclude;
	order = compare(ia->addresses, ib->addresses);
	if (order != 0)
		return order;
	return ia->place < ib->place ? -1 : 1;
}

static int
by_place(const void *a, const void *b)
{
	const struct report_item *ia = a, *ib = b;

	return ia->place < ib->place ? -1 : 1;
}

/* What brings most first. */
static int
by_only(const void *a, const void *b)
{
	const struct report_item *ia = a, *ib = b;
	int order = compare(ia->only_addresses, ib->only_addresses);

	return order != 0 ? order : by_place(a, b);
}

static void
add_share(struct report_item *item, size_t place, enum family f, double n)
{
	struct report_share *s = item->shares, *end = s + item->nshares;

	while (s < end && s->item != place)
		s++;
	if (s == end) {
		item->shares = grow(item->shares, item->nshares,
		    &item->shares_cap, sizeof(*item->shares));
		s = &item->shares[item->nshares++];
		*s = (struct report_share){.item = place};
	}
	s->addresses[f] += n;
}

/*
 * Of items of one kind, in that order, what each one's addresses are shared
 * with. An address that several have counts for the first of the others, which
 * is the largest: so few are named.
 */
static void
share(struct report_item *items, const struct overlap *o, size_t n,
    struct report_item *item, enum family f)
{
	size_t ranges = addrset_ranges(&item->permits, f);
	size_t self = (size_t)(item - items);

	for (size_t i = 0; i < ranges; i++) {
		struct range r = addrset_range(&item->permits, f, i);
		size_t k = overlap_from(o, n, &r.first);

		for (; k < n && addr_cmp(&o[k].r.first, &r.last) <= 0; k++) {
			size_t other =
			    o[k].first != self ? o[k].first : o[k].second;

			if (other == OVERLAP_NONE)
				addrset_add_range(&item->only, f, &o[k].r);
			else
				add_share(item, items[other].place, f,
				    addrset_range_addresses(&o[k].r));
		}
	}
}

static int
by_addresses(const void *a, const void *b)
{
	const struct report_share *sa = a, *sb = b;
	int order = compare(sa->addresses, sb->addresses);

	return order != 0 ? order : sa->item < sb->item ? -1 : 1;
}

/* Compares n items of one kind. taken_out: from the table, by exclusions. */
static void
compare_items(struct report_item *v, size_t n, struct addrset *taken_out)
{
	struct addrset **sets =
	    xreallocarray(NULL, n, sizeof(struct addrset *));

	for (size_t i = 0; i < n; i++)
		sets[i] = &v[i].permits;
	for (int f = 0; f < FAMILIES; f++) {
		struct overlap *o;
		size_t found = overlap_find(sets, n, (enum family)f, &o);

		for (size_t i = 0; i < n; i++)
			share(v, o, found, &v[i], (enum family)f);
		free(o);
	}
	free(sets);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].entry->exclude && !addrset_is_empty(taken_out))
			addrset_subtract(&v[i].only, taken_out);
		for (int f = 0; f < FAMILIES; f++)
			v[i].only_addresses[f] =
			    addrset_addresses(&v[i].only, (enum family)f);
		if (v[i].nshares > 1)
			qsort(v[i].shares, v[i].nshares, sizeof(*v[i].shares),
			    by_addresses);
	}
}

/* The expansions, with the addresses in the tables for held entries. */
static void
unite(struct report *r)
{
	struct expansion *x = r->session->expansions;

	for (int i = 0; i < LISTS; i++) {
		addrset_clear(&x[i].permits);
		addrset_clear(&x[i].excluded);
	}
	for (size_t i = 0; i < r->n; i++) {
		struct expansion *of = &x[r->v[i].list];

		addrset_union(
		    r->v[i].entry->exclude ? &of->excluded : &of->permits,
		    &r->v[i].permits);
	}
	for (int i = 0; i < LISTS; i++)
		addrset_subtract(&x[i].permits, &x[i].excluded);
}

/* Evaluates the lists, and compares what their entries permit. */
static void
collect(struct report *r)
{
	struct session *s = r->session;

	for (int i = 0; i < LISTS; i++)
		expand_list(
		    s->ev, &s->lists[i], &s->expansions[i], add_item, r);
	if (r->n == 0)
		return;
	if (r->session->held.n > 0)
		unite(r);
	qsort(r->v, r->n, sizeof(*r->v), by_kind_and_size);
	for (size_t i = 0, end; i < r->n; i = end) {
		end = i + 1;
		while (end < r->n && report_is_same_kind(&r->v[i], &r->v[end]))
			end++;
		compare_items(
		    r->v + i, end - i, &s->expansions[r->v[i].list].excluded);
	}
	qsort(r->v, r->n, sizeof(*r->v), by_place);
}

static void
clear(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		addrset_clear(&r->v[i].permits);
		addrset_clear(&r->v[i].only);
		free(r->v[i].shares);
	}
	free(r->v);
}

void
report_evaluate(
    struct report *r, const struct report_item *item, struct verdict *v)
{
	struct held *held;

	expand_entry(r->session->ev, item->entry, v);
	held = state_apply_hold(r->session, item->entry, &v->permits);
	if (held != NULL)
		state_say_held(held);
	notes_say(&r->session->notes, item->entry, v, NULL);
}

int64_t
report_age(const struct report *r, const struct verdict *v)
{
	int64_t now = r->session->now;

	return v->oldest == 0 || v->oldest > now ? 0 : now - v->oldest;
}

/* The entry at a place. */
static const struct entry *
entry_at(const struct report *r, size_t place)
{
	const struct list *permit = &r->session->lists[PERMIT];

	return place < permit->n
		   ? &permit->v[place]
		   : &r->session->lists[REJECT].v[place - permit->n];
}

void
report_share_name(
    struct buf *b, const struct report *r, const struct report_share *s)
{
	entry_name(b, entry_at(r, s->item));
}

static const struct {
	const char *name;
	report_printer *print;
} formats[] = {
    {"json", report_json},
    {"html", report_html},
};

enum status
report_command(const struct options *o)
{
	report_printer *print = report_text;
	struct session session;
	enum status status;
	struct report r;
	struct buf out;

	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(o->format_name, formats[i].name) == 0)
			print = formats[i].print;
	status = state_begin(&session, o, false);
	if (status == STATUS_OK) {
		r = (struct report){.session = &session};
		collect(&r);
		if (o->verbose && r.n > 0)
			qsort(r.v, r.n, sizeof(*r.v), by_only);
		buf_init(&out);
		print(&out, &r);
		clear(&r);
		status = print_result(&out, STATUS_OK);
	}
	session_clear(&session);
	return status;
}
