/*
 * expand: lists to addresses.
 */
#include "expand/expand.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/name.h"

/*
 * Rounds in which lookups are asked again, and no new ones: with strict, the
 * terms of a record may come to light one by one.
 */
#define ROUNDS_MAX 32

/* Puts an entry's own lookups on the work list. */
static void
want_entry(struct crawl *c, const struct entry *e, uint32_t number)
{
	struct spf_term term = entry_term(e);
	uint8_t name[NAME_MAX_WIRE];

	if (!entry_is_domain(e) ||
	    name_from_text(term.spec, term.spec_len, name) != 0)
		return;
	switch (term.kind) {
	case SPF_A:
		crawl_want(c, name, RR_A, number);
		crawl_want(c, name, RR_AAAA, number);
		break;
	case SPF_MX:
		crawl_want(c, name, RR_MX, number);
		break;
	default:
		crawl_want(c, name, RR_TXT, number);
	}
}

/* An entry and its number among those of all lists, for crawl. */
struct numbered {
	const struct entry *entry;
	uint32_t number;
	bool lacks; /* an answer is missing */
};

void
expand_entry(struct evaluator *ev, const struct entry *e, struct verdict *v)
{
	struct spf_term term = entry_term(e);

	evaluate_entry(ev, &term, v);
}

/*
 * Adds the lookups that an entry's evaluation lacks to the work list. What was
 * given up is not asked again for one that used up what it may.
 */
static void
want_missing(
    struct crawl *c, struct evaluator *ev, struct numbered *e, int rank)
{
	struct spf_term term = entry_term(e->entry);
	uint8_t name[NAME_MAX_WIRE];
	enum rr_type type;

	switch (evaluate_lacks(ev, &term)) {
	case LACKS_NOTHING:
		e->lacks = false;
		break;
	case LACKS_GIVEN_UP:
		e->lacks = rank < CRAWL_RANKS - 1;
		break;
	case LACKS_ANSWER:
		e->lacks = true;
	}
	while (evaluate_next_want(ev, name, &type))
		crawl_want(c, name, type, e->number);
}

/*
 * Adds what the entries in v lack to the work list, and keeps those in v that
 * lack anything.
 */
static size_t
keep_incomplete(
    struct crawl *c, struct evaluator *ev, struct numbered *v, size_t n)
{
	size_t kept = 0;

	for (int rank = 0; rank < CRAWL_RANKS; rank++)
		for (size_t i = 0; i < n; i++)
			if (crawl_rank(c, v[i].number) == rank)
				want_missing(c, ev, &v[i], rank);
	for (size_t i = 0; i < n; i++)
		if (v[i].lacks)
			v[kept++] = v[i];
	return kept;
}

/* All entries, numbered in their order; returns how many. */
static size_t
number_entries(struct numbered **v, struct list *const *lists, size_t n)
{
	size_t entries = 0, cap = 0;

	*v = NULL;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i]->n; k++) {
			*v = grow(*v, entries, &cap, sizeof(**v));
			(*v)[entries] = (struct numbered){
			    &lists[i]->v[k], (uint32_t)entries, false};
			entries++;
		}
	return entries;
}

/*
 * Lookups that the crawl could not predict: macros of the listed domain's name,
 * limits; and those that were given up for one entry and that others need. Each
 * round asks for at least one lookup that some entry lacks.
 */
static void
complete(
    struct crawl *c, struct evaluator *ev, struct list *const *lists, size_t n)
{
	struct numbered *v;
	size_t left = number_entries(&v, lists, n);
	const struct crawl_stats *stats = crawl_stats(c);
	unsigned long known, again;
	unsigned rounds = 0; /* in which lookups were asked again */

	do {
		known = stats->known;
		again = stats->again;
		left = keep_incomplete(c, ev, v, left);
		crawl_run(c, NULL, NULL);
		evaluate_forget(ev);
	} while (
	    left > 0 && (stats->known > known ||
			    (stats->again > again && ++rounds < ROUNDS_MAX)));
	free(v);
}

/* Lists, and how far they have been read. */
struct reading {
	struct list *const *lists;
	size_t n, list, entry;
	uint32_t number;
};

static bool
want_next(struct crawl *c, void *arg)
{
	struct reading *r = arg;

	while (r->list < r->n && r->entry == r->lists[r->list]->n) {
		r->list++;
		r->entry = 0;
	}
	if (r->list == r->n)
		return false;
	want_entry(c, &r->lists[r->list]->v[r->entry++], r->number++);
	return true;
}

void
expand_crawl(
    struct crawl *c, struct evaluator *ev, struct list *const *lists, size_t n)
{
	struct reading r = {.lists = lists, .n = n};

	crawl_run(c, want_next, &r);
	do
		if (crawl_left_out(c))
			complete(c, ev, lists, n);
	while (crawl_use_saved(c));
}

void
expand_list(struct evaluator *ev, const struct list *l, struct expansion *x,
    expand_visit *visit, void *arg)
{
	*x = (struct expansion){0};
	addrset_init(&x->permits);
	addrset_init(&x->excluded);
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct verdict v;

		expand_entry(ev, e, &v);
		if (visit != NULL)
			visit(arg, e, &v);
		if (entry_is_domain(e) && !e->exclude) {
			x->domains++;
			x->answered += v.answered;
		}
		x->failed += v.failed;
		x->failed_exclusions += v.failed && e->exclude;
		addrset_union(
		    e->exclude ? &x->excluded : &x->permits, &v.permits);
		addrset_clear(&v.permits);
	}
	addrset_subtract(&x->permits, &x->excluded);
}

void
expansion_clear(struct expansion *x)
{
	addrset_clear(&x->permits);
	addrset_clear(&x->excluded);
}

void
expand_yield(const struct list *reject, struct expansion *rejected,
    struct expansion *permitted)
{
	struct addrset own;

	addrset_init(&own);
	for (size_t i = 0; i < reject->n; i++) {
		struct spf_term term;
		enum family f;

		if (entry_is_domain(&reject->v[i]) || reject->v[i].exclude)
			continue;
		term = entry_term(&reject->v[i]);
		f = term.kind == SPF_IP4 ? IPV4 : IPV6;
		addrset_add_net(&own, f, &term.addr, term.prefix[f]);
	}
	addrset_subtract(&own, &rejected->excluded);
	addrset_subtract(&rejected->permits, &permitted->permits);
	addrset_union(&rejected->permits, &own);
	addrset_clear(&own);
}
