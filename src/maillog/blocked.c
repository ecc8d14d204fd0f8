/*
 * blocked: clients that were refused since a DNSBL lists them.
 */
#include "maillog/blocked.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/problems.h"
#include "maillog/sender.h"

void
blocked_init(struct blocked *b, uint64_t key)
{
	*b = (struct blocked){.key = key};
	ring_init(&b->clients, BLOCKED_CLIENTS, sizeof(struct blocked_client));
}

void
blocked_clear(struct blocked *b)
{
	ring_clear(&b->clients);
	for (unsigned i = 0; i < b->nnames; i++)
		free(b->names[i]);
	free(b->sorted);
	free(b->domains);
}

/* The place of a DNSBL's name; those without room count as the last one. */
static uint8_t
dnsbl_of(struct blocked *b, const struct maillog_text *name)
{
	size_t len = name->len;
	struct buf text;
	unsigned i;

	while (len > 0 && name->text[len - 1] == '.')
		len--;
	for (i = 0; i < b->nnames; i++)
		if (strlen(b->names[i]) == len &&
		    memcmp(b->names[i], name->text, len) == 0)
			return (uint8_t)i;
	if (b->nnames == BLOCKED_NAMES)
		return BLOCKED_NAMES - 1;
	buf_init(&text);
	buf_add_escaped(&text, name->text, len, BLOCKED_DOMAIN_MAX);
	buf_puts(&text, "");
	b->names[b->nnames] = text.data;
	return (uint8_t)b->nnames++;
}

void
blocked_event(struct blocked *b, const struct maillog_event *e)
{
	const char *at =
	    e->from.len == 0 ? NULL : memrchr(e->from.text, '@', e->from.len);
	struct blocked_client *c;
	uint64_t key;
	size_t len;

	if (at == NULL || e->blocked.len > BLOCKED_ADDRESS_MAX)
		return;
	len = (size_t)(e->from.text + e->from.len - at);
	if (len > BLOCKED_DOMAIN_MAX)
		return;
	key = hash_text(b->key, at, len);
	key = hash_text(key, e->blocked.text, e->blocked.len);
	c = ring_find(&b->clients, key);
	if (c == NULL) {
		c = ring_add(&b->clients, key);
		memcpy(c->sender, at, len);
		memcpy(c->address, e->blocked.text, e->blocked.len);
		c->dnsbl = dnsbl_of(b, &e->dnsbl);
	}
	c->times += c->times < UINT32_MAX;
}

/* Reads the texts of a client; false if they are no domain or address. */
static bool
read_client(struct blocked_client *c)
{
	struct maillog_text sender = {c->sender, strlen(c->sender)};
	char domain[SENDER_DOMAIN_MAX + 1];

	if (!sender_domain(&sender, domain) ||
	    addr_from_part(
		c->address, strlen(c->address), &c->family, &c->client) != 0)
		return false;
	memcpy(c->domain, domain, strlen(domain) + 1);
	return true;
}

static int
by_domain_and_client(const void *a, const void *b)
{
	const struct blocked_client *x =
	    *(const struct blocked_client *const *)a;
	const struct blocked_client *y =
	    *(const struct blocked_client *const *)b;
	int c = strcmp(x->domain, y->domain);

	if (c == 0 && x->family != y->family)
		c = x->family < y->family ? -1 : 1;
	return c != 0 ? c : addr_cmp(&x->client, &y->client);
}

static int
by_times(const void *a, const void *b)
{
	const struct blocked_domain *x = a, *y = b;

	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return x->clients < y->clients ? -1 : x->clients > y->clients;
}

static int
by_place(const void *a, const void *b)
{
	const struct blocked_domain *x = a, *y = b;

	return x->clients < y->clients ? -1 : x->clients > y->clients;
}

/* All clients, sorted; their number. */
static size_t
sort_clients(struct blocked *b)
{
	size_t n = 0;

	b->sorted = xcalloc(BLOCKED_CLIENTS, sizeof(*b->sorted));
	for (size_t i = 0; i < BLOCKED_CLIENTS; i++) {
		struct blocked_client *c = ring_at(&b->clients, i);

		if (c != NULL && read_client(c))
			b->sorted[n++] = c;
	}
	qsort(b->sorted, n, sizeof(*b->sorted), by_domain_and_client);
	return n;
}

static void
find_domains(struct blocked *b)
{
	size_t n = sort_clients(b), cap = 0;
	struct blocked_domain *d = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct blocked_client *c = b->sorted[i];

		if (d == NULL ||
		    strcmp(d->clients[0]->domain, c->domain) != 0) {
			b->domains =
			    grow(b->domains, b->ndomains, &cap, sizeof(*d));
			d = &b->domains[b->ndomains++];
			*d = (struct blocked_domain){.clients = &b->sorted[i]};
		}
		d->n++;
		d->times += c->times;
	}
	if (b->ndomains <= BLOCKED_DOMAINS)
		return;
	qsort(b->domains, b->ndomains, sizeof(*d), by_times);
	b->ndomains = BLOCKED_DOMAINS;
	qsort(b->domains, b->ndomains, sizeof(*d), by_place);
}

void
blocked_list(struct blocked *b, struct list *l)
{
	struct problems problems;
	size_t kept = 0;

	find_domains(b);
	problems_init(&problems);
	for (size_t i = 0; i < b->ndomains; i++) {
		const char *domain = b->domains[i].clients[0]->domain;

		if (list_add_term(
			l, NULL, 0, domain, strlen(domain), &problems) == 0)
			b->domains[kept++] = b->domains[i];
	}
	b->ndomains = kept;
	problems_clear(&problems);
}

void
blocked_judge(struct blocked *b, size_t i, struct addrset *permits)
{
	struct blocked_domain *d = &b->domains[i];

	d->times = 0;
	for (size_t k = 0; k < d->n; k++) {
		const struct blocked_client *c = d->clients[k];

		if (!addrset_contains(permits, c->family, &c->client))
			continue;
		d->times += c->times;
		d->permitted++;
		d->dnsbls |= UINT32_C(1) << c->dnsbl;
		if (d->example == NULL || c->times > d->example->times)
			d->example = c;
	}
}
