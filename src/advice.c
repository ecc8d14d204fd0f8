/*
 * advice: which list lines would have spared which senders the delay.
 *
 * A client helps a line if the sender's own record permits it and no table
 * does. Where the record names a provider, and other senders' do too, one line
 * for the provider does for all of them; what is left gets lines of its own.
 */
#include "advice.h"

#include <stdlib.h>
#include <string.h>

#include "macro.h"
#include "name.h"

/* Of one sender; no honest one comes near. */
#define OWN_RECORDS 20     /* records of its own names that are read */
#define PROVIDERS_EACH 100 /* names that these include */

/* A sender whose record includes that name, or whose own name it is. */
struct edge {
	const uint8_t *name;
	uint32_t sender;
};

/* A client that a provider's record permits. */
struct cover {
	uint32_t provider, sender;
	struct delayed_client *client;
};

struct provider {
	const uint8_t *name;
	size_t from, n; /* its covers */
	int64_t seconds;
};

/* What advice_make() works with. */
struct adviser {
	struct advice *a;
	struct evaluator *ev;
	const struct answers *answers;
	const struct known *known;
	struct arena names;
	unsigned records, found; /* of the sender at hand, held against its
				    bounds */
	struct edge *edges;
	size_t nedges, edges_cap;
	struct provider *providers;
	size_t nproviders, providers_cap;
	struct cover *covers;
	size_t ncovers, covers_cap;
};

void
advice_init(struct advice *a, struct delayed_client *clients, size_t n)
{
	struct advice_sender *s = NULL;
	size_t cap = 0;

	*a = (struct advice){0};
	for (size_t i = 0; i < n; i++) {
		if (s == NULL || s->domain != clients[i].domain) {
			a->senders =
			    grow(a->senders, a->nsenders, &cap, sizeof(*s));
			s = &a->senders[a->nsenders++];
			*s = (struct advice_sender){.domain = clients[i].domain,
			    .clients = &clients[i]};
		}
		s->n++;
		clients[i].open = false;
		tally_add(&s->tally, &clients[i].tally);
	}
}

static int
by_seconds(const void *a, const void *b)
{
	const struct advice_sender *x = a, *y = b;

	if (x->tally.seconds != y->tally.seconds)
		return x->tally.seconds > y->tally.seconds ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static int
by_domain(const void *a, const void *b)
{
	const struct advice_sender *x = a, *y = b;

	return strcmp(x->domain, y->domain);
}

/* Keeps the senders whose mail waited longest. */
static void
keep_worst(struct advice *a)
{
	qsort(a->senders, a->nsenders, sizeof(*a->senders), by_seconds);
	a->left_out = a->nsenders - ADVICE_SENDERS;
	a->nsenders = ADVICE_SENDERS;
	qsort(a->senders, a->nsenders, sizeof(*a->senders), by_domain);
}

void
advice_list(struct advice *a, struct list *l)
{
	struct problems problems;
	size_t kept = 0;

	if (a->nsenders > ADVICE_SENDERS)
		keep_worst(a);
	problems_init(&problems);
	for (size_t i = 0; i < a->nsenders; i++) {
		const char *domain = a->senders[i].domain;

		if (list_add_term(
			l, NULL, 0, domain, strlen(domain), &problems) == 0)
			a->senders[kept++] = a->senders[i];
	}
	a->nsenders = kept;
	problems_clear(&problems);
}

void
advice_clear(struct advice *a)
{
	for (size_t i = 0; i < a->nterms; i++) {
		free(a->terms[i].text);
		addrset_clear(&a->terms[i].clients);
		free(a->terms[i].through);
		free(a->terms[i].senders);
	}
	free(a->terms);
	free(a->senders);
	*a = (struct advice){0};
}

/* Whether a verdict says that clients could be permitted that it cannot name.
 */
static bool
is_not_enumerable(const struct verdict *v)
{
	for (size_t i = 0; i < v->nnotes; i++)
		if (v->notes[i]->kind == NOTE_CLIENT ||
		    v->notes[i]->kind == NOTE_CLIENT_WIDER)
			return true;
	return false;
}

static bool
has_no_record(const struct verdict *v)
{
	for (size_t i = 0; i < v->nnotes; i++)
		if (v->notes[i]->kind == NOTE_NO_NAME ||
		    v->notes[i]->kind == NOTE_NO_RECORD)
			return addrset_is_empty(&v->permits);
	return false;
}

static void
settle(struct advice_sender *s, enum advice_fate fate)
{
	s->fate = fate;
	s->settled = true;
}

/* Finds the clients that a line could help; returns whether there are any. */
static bool
find_open(struct advice_sender *s, struct addrset *permits, struct known *known,
    enum advice_fate *otherwise)
{
	bool open = false;

	for (size_t i = 0; i < s->n; i++) {
		struct delayed_client *c = &s->clients[i];

		if (!addrset_contains(permits, c->family, &c->client))
			continue;
		if (addrset_contains(&known->permitted, c->family, &c->client))
			*otherwise = ADVICE_PERMITTED;
		else if (!addrset_contains(
			     &known->excluded, c->family, &c->client))
			open = c->open = true;
		else if (*otherwise != ADVICE_PERMITTED)
			*otherwise = ADVICE_IGNORED;
	}
	return open;
}

void
advice_judge(
    struct advice *a, size_t i, const struct verdict *v, struct known *known)
{
	struct advice_sender *s = &a->senders[i];
	enum advice_fate otherwise = ADVICE_NOT_PERMITTED;
	struct verdict copy = *v;
	uint8_t name[NAME_MAX_WIRE];

	tally_add(&a->tally, &s->tally);
	if (v->failed)
		otherwise = ADVICE_FAILED;
	else if (is_not_enumerable(v))
		otherwise = ADVICE_NOT_ENUMERABLE;
	else if (has_no_record(v))
		otherwise = ADVICE_NO_RECORD;
	if (!find_open(s, &copy.permits, known, &otherwise))
		settle(s, otherwise);
	else if (name_from_text(s->domain, strlen(s->domain), name) != 0)
		return;
	else if (known_is_ignored(known, name))
		settle(s, ADVICE_IGNORED);
	else if (known_is_listed(known, name))
		settle(s, ADVICE_LISTED);
}

/* ---- providers ---- */

static void
add_edge(struct adviser *w, const uint8_t *name, uint32_t sender)
{
	size_t len = name_len(name);
	uint8_t *copy = arena_alloc(&w->names, len);

	memcpy(copy, name, len);
	w->edges = grow(w->edges, w->nedges, &w->edges_cap, sizeof(*w->edges));
	w->edges[w->nedges++] = (struct edge){copy, sender};
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

static void add_includes(struct adviser *w, const uint8_t *domain,
    const uint8_t *origin, uint32_t sender);

/* The name that a term brings in: a provider's, or another one of its own. */
static void
add_target(struct adviser *w, const struct spf_term *t, const uint8_t *domain,
    const uint8_t *origin, uint32_t sender)
{
	uint8_t name[NAME_MAX_WIRE];
	bool uses_origin = false;

	if (macro_expand(t, domain, origin, name, &uses_origin) != MACRO_NAME)
		return;
	if (is_below(name, origin))
		add_includes(w, name, origin, sender);
	else if (w->found++ < PROVIDERS_EACH)
		add_edge(w, name, sender);
}

static void
add_includes(struct adviser *w, const uint8_t *domain, const uint8_t *origin,
    uint32_t sender)
{
	const struct answer *txt =
	    answers_resolve(w->answers, domain, RR_TXT, NULL);
	const uint8_t *at = NULL;
	struct spf_record record;
	struct buf text;
	struct rr rr;

	if (txt->status != ANSWER_DATA || w->records == OWN_RECORDS)
		return;
	w->records++;
	buf_init(&text);
	while (answer_next(txt, &at, &rr)) {
		spf_join_strings(&text, rr.data, rr.len);
		if (!spf_is_record(text.data, text.len))
			continue;
		spf_parse(&record, text.data, text.len);
		for (size_t i = 0; i < record.n; i++) {
			const struct spf_term *t = &record.terms[i];

			if (t == record.all)
				break;
			if (t->kind == SPF_INCLUDE && t->qualifier == '+')
				add_target(w, t, domain, origin, sender);
		}
		if (record.all == NULL && record.redirect != NULL)
			add_target(w, record.redirect, domain, origin, sender);
		spf_record_clear(&record);
	}
	buf_clear(&text);
}

static int
compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int c = name_cmp(x->name, y->name);

	return c != 0 ? c : x->sender < y->sender ? -1 : x->sender > y->sender;
}

/*
 * A provider as a list entry, whose text the caller frees; false if a list
 * cannot name it.
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

/* Adds a provider with the open clients that its record permits. */
static void
add_provider(struct adviser *w, const struct edge *edges, size_t n)
{
	struct provider p = {.name = edges[0].name, .from = w->ncovers};
	struct verdict v;
	struct list l;

	if (provider_entry(p.name, &l)) {
		evaluate_entry(w->ev, &l.v[0], &v);
		for (size_t i = 0; i < n; i++) {
			struct advice_sender *s =
			    &w->a->senders[edges[i].sender];

			if (i > 0 && edges[i].sender == edges[i - 1].sender)
				continue;
			for (size_t k = 0; k < s->n; k++) {
				struct delayed_client *c = &s->clients[k];

				if (!c->open || !addrset_contains(&v.permits,
						    c->family, &c->client))
					continue;
				w->covers = grow(w->covers, w->ncovers,
				    &w->covers_cap, sizeof(*w->covers));
				w->covers[w->ncovers++] = (struct cover){
				    .sender = edges[i].sender, .client = c};
				p.seconds += c->tally.seconds;
			}
		}
		addrset_clear(&v.permits);
	}
	list_clear(&l);
	p.n = w->ncovers - p.from;
	if (p.n == 0)
		return;
	w->providers = grow(w->providers, w->nproviders, &w->providers_cap,
	    sizeof(*w->providers));
	w->providers[w->nproviders++] = p;
}

/* Largest first; else by name, as they stand. */
static int
compare_providers(const void *a, const void *b)
{
	const struct provider *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds > y->seconds ? -1 : 1;
	return x->n != y->n ? (x->n > y->n ? -1 : 1)
			    : name_cmp(x->name, y->name);
}

/* All providers, and what they would permit. */
static void
find_providers(struct adviser *w)
{
	uint8_t name[NAME_MAX_WIRE];

	for (size_t i = 0; i < w->a->nsenders; i++) {
		const struct advice_sender *s = &w->a->senders[i];

		if (s->settled ||
		    name_from_text(s->domain, strlen(s->domain), name) != 0)
			continue;
		add_edge(w, name, (uint32_t)i);
		w->records = w->found = 0;
		add_includes(w, name, name, (uint32_t)i);
	}
	if (w->nedges > 0)
		qsort(w->edges, w->nedges, sizeof(*w->edges), compare_edges);
	for (size_t i = 0, k; i < w->nedges; i = k) {
		for (k = i + 1; k < w->nedges &&
				name_equal(w->edges[i].name, w->edges[k].name);)
			k++;
		add_provider(w, &w->edges[i], k - i);
	}
	if (w->nproviders > 0)
		qsort(w->providers, w->nproviders, sizeof(*w->providers),
		    compare_providers);
}

/* ---- lines ---- */

static struct advice_term *
add_term(struct advice *a)
{
	struct advice_term *t;

	a->terms = grow(a->terms, a->nterms, &a->terms_cap, sizeof(*a->terms));
	t = &a->terms[a->nterms++];
	*t = (struct advice_term){0};
	addrset_init(&t->clients);
	return t;
}

/* The line helps this client, which then is open no more. */
static void
help(struct advice_term *t, uint32_t sender, struct delayed_client *c)
{
	c->open = false;
	addrset_add_net(
	    &t->clients, c->family, &c->client, family_bits(c->family));
	tally_add(&t->tally, &c->tally);
	if (t->example == NULL || c->tally.seconds > t->example->tally.seconds)
		t->example = c;
	if (t->nsenders > 0 && t->senders[t->nsenders - 1] == sender)
		return;
	t->senders =
	    grow(t->senders, t->nsenders, &t->senders_cap, sizeof(sender));
	t->senders[t->nsenders++] = sender;
}

/* Whether it would help two senders that nothing else helps yet. */
static bool
helps_several(const struct adviser *w, const struct provider *p)
{
	const struct cover *first = NULL;

	for (size_t i = p->from; i < p->from + p->n; i++) {
		const struct cover *c = &w->covers[i];

		if (!c->client->open || c->client->tally.messages == 0)
			continue;
		if (first != NULL && first->sender != c->sender)
			return true;
		first = c;
	}
	return false;
}

static bool
has_open(const struct advice_sender *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->clients[i].open)
			return true;
	return false;
}

/* A listed provider: its clients are a matter of the next update. */
static void
drop_listed(struct adviser *w, const struct provider *p)
{
	for (size_t i = p->from; i < p->from + p->n; i++) {
		struct cover *c = &w->covers[i];

		c->client->open = false;
		if (!has_open(&w->a->senders[c->sender]))
			settle(&w->a->senders[c->sender], ADVICE_LISTED);
	}
}

static void
suggest_provider(struct adviser *w, const struct provider *p)
{
	struct advice_term *t;
	struct buf text;

	buf_init(&text);
	buf_puts(&text, "include:");
	name_to_text(&text, p->name);
	t = add_term(w->a);
	t->text = text.data;
	t->provider = true;
	for (size_t i = p->from; i < p->from + p->n; i++) {
		struct cover *c = &w->covers[i];

		if (!c->client->open)
			continue;
		help(t, c->sender, c->client);
		if (!has_open(&w->a->senders[c->sender]))
			settle(&w->a->senders[c->sender], ADVICE_COVERED);
	}
}

static void
suggest_providers(struct adviser *w)
{
	for (size_t i = 0; i < w->nproviders; i++)
		if (known_is_listed(w->known, w->providers[i].name))
			drop_listed(w, &w->providers[i]);
	for (size_t i = 0; i < w->nproviders; i++)
		if (!known_is_listed(w->known, w->providers[i].name) &&
		    !known_is_ignored(w->known, w->providers[i].name) &&
		    helps_several(w, &w->providers[i]))
			suggest_provider(w, &w->providers[i]);
}

/* The provider of each sender that needs its own line: the best one. */
static void
find_through(struct adviser *w)
{
	uint8_t name[NAME_MAX_WIRE];

	for (size_t i = 0; i < w->nproviders; i++)
		for (size_t k = 0; k < w->providers[i].n; k++) {
			const struct cover *c =
			    &w->covers[w->providers[i].from + k];
			struct advice_sender *s = &w->a->senders[c->sender];

			if (s->settled || s->through != NULL ||
			    !c->client->open ||
			    name_from_text(
				s->domain, strlen(s->domain), name) != 0 ||
			    name_equal(name, w->providers[i].name))
				continue;
			s->through = w->providers[i].name;
		}
}

static void
suggest_senders(struct advice *a)
{
	for (size_t i = 0; i < a->nsenders; i++) {
		struct advice_sender *s = &a->senders[i];
		struct advice_term *t;

		if (s->settled)
			continue;
		settle(s, ADVICE_SUGGESTED);
		t = add_term(a);
		t->text = xstrdup(s->domain);
		if (s->through != NULL) {
			struct buf text;

			buf_init(&text);
			name_to_text(&text, s->through);
			t->through = text.data;
			s->through = NULL; /* it ends with advice_make() */
		}
		for (size_t k = 0; k < s->n; k++)
			if (s->clients[k].open)
				help(t, (uint32_t)i, &s->clients[k]);
	}
}

/* What saves most first. */
static int
compare_terms(const void *a, const void *b)
{
	const struct advice_term *x = a, *y = b;

	if (x->tally.seconds != y->tally.seconds)
		return x->tally.seconds > y->tally.seconds ? -1 : 1;
	if (x->tally.messages != y->tally.messages)
		return x->tally.messages > y->tally.messages ? -1 : 1;
	return strcmp(x->text, y->text);
}

void
advice_make(struct advice *a, struct evaluator *ev,
    const struct answers *answers, const struct known *known)
{
	struct adviser w = {
	    .a = a, .ev = ev, .answers = answers, .known = known};

	arena_init(&w.names);
	find_providers(&w);
	suggest_providers(&w);
	find_through(&w);
	suggest_senders(a);
	for (size_t i = 0; i < a->nterms; i++)
		for (int f = 0; f < FAMILIES; f++)
			a->terms[i].nclients += (size_t)addrset_addresses(
			    &a->terms[i].clients, (enum family)f);
	if (a->nterms > 0)
		qsort(a->terms, a->nterms, sizeof(*a->terms), compare_terms);
	free(w.edges);
	free(w.providers);
	free(w.covers);
	arena_clear(&w.names);
}
