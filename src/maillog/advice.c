/*
 * advice: which list lines would have prevented the delays of which senders.
 *
 * A client counts for a line if the sender's own record permits it and no table
 * does. If the records of several senders include the same provider, one line
 * for the provider serves them all. The other senders get lines of their own.
 */
#include "maillog/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "maillog/provider.h"

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
		histogram_add(&s->histogram, &clients[i].histogram);
	}
}

static int
by_seconds(const void *a, const void *b)
{
	const struct advice_sender *x = a, *y = b;

	if (x->histogram.seconds != y->histogram.seconds)
		return x->histogram.seconds > y->histogram.seconds ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static int
by_domain(const void *a, const void *b)
{
	const struct advice_sender *x = a, *y = b;

	return strcmp(x->domain, y->domain);
}

/* Keeps only the senders whose mail waited longest. */
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
		if (note_needs_client(v->notes[i]))
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
settle(struct advice_sender *s, enum advice_result result)
{
	s->result = result;
	s->settled = true;
}

/* Finds the clients that a line could help; returns whether there are any. */
static bool
find_open(struct advice_sender *s, struct addrset *permits,
    struct configured *known, enum advice_result *otherwise)
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
    struct advice *a, size_t i, struct verdict *v, struct configured *known)
{
	struct advice_sender *s = &a->senders[i];
	enum advice_result otherwise = ADVICE_NOT_PERMITTED;
	uint8_t name[NAME_MAX_WIRE];

	histogram_add(&a->histogram, &s->histogram);
	if (v->failed)
		otherwise = ADVICE_FAILED;
	else if (is_not_enumerable(v))
		otherwise = ADVICE_NOT_ENUMERABLE;
	else if (has_no_record(v))
		otherwise = ADVICE_NO_RECORD;
	if (!find_open(s, &v->permits, known, &otherwise))
		settle(s, otherwise);
	else if (name_from_text(s->domain, strlen(s->domain), name) != 0)
		return;
	else if (configured_is_ignored(known, name))
		settle(s, ADVICE_IGNORED);
	else if (configured_is_listed(known, name))
		settle(s, ADVICE_LISTED);
}

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
	histogram_add(&t->histogram, &c->histogram);
	if (t->example == NULL ||
	    c->histogram.seconds > t->example->histogram.seconds)
		t->example = c;
	if (t->nsenders > 0 && t->senders[t->nsenders - 1] == sender)
		return;
	t->senders =
	    grow(t->senders, t->nsenders, &t->senders_cap, sizeof(sender));
	t->senders[t->nsenders++] = sender;
}

/* Whether it would help two senders that nothing else helps yet. */
static bool
helps_several(const struct provider *p)
{
	const struct cover *first = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct cover *c = &p->covers[i];

		if (!c->client->open || c->client->histogram.messages == 0)
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
drop_listed(struct advice *a, const struct provider *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct advice_sender *s = &a->senders[p->covers[i].sender];

		p->covers[i].client->open = false;
		if (!has_open(s))
			settle(s, ADVICE_LISTED);
	}
}

/* A name in wire format as text, which the caller frees. */
static char *
text_of(const char *prefix, const uint8_t *name)
{
	struct buf text;

	buf_init(&text);
	buf_puts(&text, prefix);
	name_to_text(&text, name);
	return text.data;
}

static void
suggest_provider(struct advice *a, const struct provider *p)
{
	struct advice_term *t = add_term(a);

	t->text = text_of("include:", p->name);
	t->provider = true;
	for (size_t i = 0; i < p->n; i++) {
		const struct cover *c = &p->covers[i];
		struct advice_sender *s = &a->senders[c->sender];

		if (!c->client->open)
			continue;
		help(t, c->sender, c->client);
		if (!has_open(s))
			settle(s, ADVICE_COVERED);
	}
}

static void
suggest_providers(
    struct advice *a, const struct providers *p, const struct configured *known)
{
	for (size_t i = 0; i < p->n; i++)
		if (configured_is_listed(known, p->v[i].name))
			drop_listed(a, &p->v[i]);
	for (size_t i = 0; i < p->n; i++)
		if (!configured_is_listed(known, p->v[i].name) &&
		    !configured_is_ignored(known, p->v[i].name) &&
		    helps_several(&p->v[i]))
			suggest_provider(a, &p->v[i]);
}

static bool
is_own_name(const struct advice_sender *s, const uint8_t *name)
{
	uint8_t own[NAME_MAX_WIRE];

	return name_from_text(s->domain, strlen(s->domain), own) == 0 &&
	       name_equal(own, name);
}

/*
 * The largest provider of each sender that needs a line of its own, or NULL;
 * the caller frees the array.
 */
static const uint8_t **
find_through(const struct advice *a, const struct providers *p)
{
	const uint8_t **through = xcalloc(a->nsenders, sizeof(*through));

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->v[i].n; k++) {
			const struct cover *c = &p->v[i].covers[k];
			const struct advice_sender *s = &a->senders[c->sender];

			if (!s->settled && c->client->open &&
			    through[c->sender] == NULL &&
			    !is_own_name(s, p->v[i].name))
				through[c->sender] = p->v[i].name;
		}
	return through;
}

static void
suggest_senders(struct advice *a, const struct providers *p)
{
	const uint8_t **through = find_through(a, p);

	for (size_t i = 0; i < a->nsenders; i++) {
		struct advice_sender *s = &a->senders[i];
		struct advice_term *t;

		if (s->settled)
			continue;
		settle(s, ADVICE_SUGGESTED);
		t = add_term(a);
		t->text = xstrdup(s->domain);
		if (through[i] != NULL)
			t->through = text_of("", through[i]);
		for (size_t k = 0; k < s->n; k++)
			if (s->clients[k].open)
				help(t, (uint32_t)i, &s->clients[k]);
	}
	free(through);
}

/* What saves most first. */
static int
compare_terms(const void *a, const void *b)
{
	const struct advice_term *x = a, *y = b;

	if (x->histogram.seconds != y->histogram.seconds)
		return x->histogram.seconds > y->histogram.seconds ? -1 : 1;
	if (x->histogram.messages != y->histogram.messages)
		return x->histogram.messages > y->histogram.messages ? -1 : 1;
	return strcmp(x->text, y->text);
}

void
advice_make(struct advice *a, struct evaluator *ev,
    const struct answers *answers, const struct configured *known)
{
	struct providers p;

	providers_find(&p, a, ev, answers);
	suggest_providers(a, &p, known);
	suggest_senders(a, &p);
	providers_clear(&p);
	for (size_t i = 0; i < a->nterms; i++)
		for (int f = 0; f < FAMILIES; f++)
			a->terms[i].nclients += (size_t)addrset_addresses(
			    &a->terms[i].clients, (enum family)f);
	if (a->nterms > 0)
		qsort(a->terms, a->nterms, sizeof(*a->terms), compare_terms);
}
