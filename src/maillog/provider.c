/*
 * provider: the names that senders' records include, and which of the senders'
 * clients these permit.
 */
#include "maillog/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "spf/macro.h"
#include "expand/expand.h"

/* Of one sender; no honest one comes near. */
#define OWN_RECORDS 20     /* records of its own names that are read */
#define PROVIDERS_EACH 100 /* names that these include */

/* A sender that includes this name, or has it. */
struct edge {
	const uint8_t *name;
	uint32_t sender;
};

struct edges {
	struct edge *v;
	size_t n, cap;
	struct arena *names;
};

/* The sender at hand. */
struct includer {
	struct edges *edges;
	const struct answers *answers;
	uint32_t sender;
	uint8_t origin[NAME_MAX_WIRE];
	unsigned records, found; /* held against its bounds */
};

static void
add_edge(struct edges *e, const uint8_t *name, uint32_t sender)
{
	size_t len = name_len(name);

	e->v = grow(e->v, e->n, &e->cap, sizeof(*e->v));
	e->v[e->n++] = (struct edge){
	    memcpy(arena_alloc(e->names, len), name, len), sender};
}

/* Whether a name is the domain, or below it. */
static bool
is_below(const uint8_t *name, const uint8_t *domain)
{
	size_t len = name_len(domain);

	while (name_len(name) > len)
		name += 1 + name[0];
	return name_equal(name, domain);
}

static void add_includes(struct includer *i, const uint8_t *domain);

/* The name that a term brings in: a provider's, or another one of its own. */
static void
add_target(struct includer *i, const struct spf_term *t, const uint8_t *domain)
{
	uint8_t name[NAME_MAX_WIRE];
	bool uses_origin = false;

	if (macro_expand(t, domain, i->origin, name, &uses_origin) !=
	    MACRO_NAME)
		return;
	if (is_below(name, i->origin))
		add_includes(i, name);
	else if (i->found++ < PROVIDERS_EACH)
		add_edge(i->edges, name, i->sender);
}

/* The names that the record of one of the sender's own names includes. */
static void
add_includes(struct includer *i, const uint8_t *domain)
{
	const struct answer *txt =
	    answers_resolve(i->answers, domain, RR_TXT, NULL);
	const uint8_t *at = NULL;
	struct spf_record record;
	struct buf text;

	if (txt->status != ANSWER_DATA || i->records == OWN_RECORDS)
		return;
	i->records++;
	buf_init(&text);
	while (spf_next_record(txt, &at, &text)) {
		spf_parse(&record, text.data, text.len);
		for (size_t k = 0; k < record.n; k++) {
			const struct spf_term *t = &record.terms[k];

			if (t == record.all)
				break;
			if (t->kind == SPF_INCLUDE && t->qualifier == '+')
				add_target(i, t, domain);
		}
		if (record.all == NULL && record.redirect != NULL)
			add_target(i, record.redirect, domain);
		spf_record_clear(&record);
	}
	buf_clear(&text);
}

static int
by_name(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int c = name_cmp(x->name, y->name);

	return c != 0 ? c : x->sender < y->sender ? -1 : x->sender > y->sender;
}

/* All names that bring clients in, those of one name in a row. */
static void
find_edges(
    struct edges *e, const struct advice *a, const struct answers *answers)
{
	for (size_t n = 0; n < a->nsenders; n++) {
		const struct advice_sender *s = &a->senders[n];
		struct includer i = {
		    .edges = e, .answers = answers, .sender = (uint32_t)n};

		if (s->settled ||
		    name_from_text(s->domain, strlen(s->domain), i.origin) != 0)
			continue;
		add_edge(e, i.origin, i.sender);
		add_includes(&i, i.origin);
	}
	if (e->n > 0)
		qsort(e->v, e->n, sizeof(*e->v), by_name);
}

/*
 * A provider as the one entry of a list, which the caller clears; false if a
 * list cannot name it.
 */
static bool
provider_entry(const uint8_t *name, struct list *l)
{
	struct problems problems;
	struct buf text;
	bool ok;

	buf_init(&text);
	buf_puts(&text, "include:");
	name_to_text(&text, name);
	problems_init(&problems);
	list_init(l);
	ok = list_add_term(l, NULL, 0, text.data, text.len, &problems) == 0;
	problems_clear(&problems);
	buf_clear(&text);
	return ok;
}

/* Adds the open clients of a sender that are among those permitted. */
static void
add_covers(struct provider *p, const struct advice *a, uint32_t sender,
    struct addrset *permits)
{
	const struct advice_sender *s = &a->senders[sender];

	for (size_t i = 0; i < s->n; i++) {
		struct delayed_client *c = &s->clients[i];

		if (!c->open ||
		    !addrset_contains(permits, c->family, &c->client))
			continue;
		p->covers = grow(p->covers, p->n, &p->cap, sizeof(*p->covers));
		p->covers[p->n++] = (struct cover){sender, c};
		p->seconds += c->histogram.seconds;
	}
}

/* Adds the provider of that name, if it permits anybody. */
static void
add_provider(struct providers *p, const struct advice *a, struct evaluator *ev,
    const struct edge *edges, size_t n)
{
	struct provider one = {.name = edges[0].name};
	struct verdict v;
	struct list l;

	if (provider_entry(one.name, &l)) {
		expand_entry(ev, &l.v[0], &v);
		for (size_t i = 0; i < n; i++)
			if (i == 0 || edges[i].sender != edges[i - 1].sender)
				add_covers(
				    &one, a, edges[i].sender, &v.permits);
		addrset_clear(&v.permits);
	}
	list_clear(&l);
	if (one.n == 0)
		return;
	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = one;
}

/* Largest first, then by name. */
static int
by_size(const void *a, const void *b)
{
	const struct provider *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds > y->seconds ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return name_cmp(x->name, y->name);
}

void
providers_find(struct providers *p, const struct advice *a,
    struct evaluator *ev, const struct answers *answers)
{
	struct edges e = {.names = &p->names};

	*p = (struct providers){0};
	arena_init(&p->names);
	find_edges(&e, a, answers);
	for (size_t i = 0, k; i < e.n; i = k) {
		for (k = i + 1;
		     k < e.n && name_equal(e.v[i].name, e.v[k].name);)
			k++;
		add_provider(p, a, ev, &e.v[i], k - i);
	}
	if (p->n > 0)
		qsort(p->v, p->n, sizeof(*p->v), by_size);
	free(e.v);
}

void
providers_clear(struct providers *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].covers);
	free(p->v);
	arena_clear(&p->names);
}
