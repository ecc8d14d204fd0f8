/*
 * delayed: a table of the clients whose mail was delayed, by sender domain.
 */
#include "maillog/delayed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct domain {
	struct ring_item item;
	const char *name;
};

void
delayed_init(struct delayed *d, size_t domains, size_t clients, uint64_t key)
{
	*d = (struct delayed){.key = key};
	ring_init(&d->domains, domains, sizeof(struct domain));
	ring_init(&d->clients, clients, sizeof(struct delayed_client));
	arena_init(&d->names);
}

void
delayed_clear(struct delayed *d)
{
	ring_clear(&d->domains);
	ring_clear(&d->clients);
	arena_clear(&d->names);
}

const char *
delayed_domain(struct delayed *d, const char *name)
{
	size_t len = strlen(name);
	uint64_t key = hash_text(d->key, name, len);
	struct domain *domain = ring_find(&d->domains, key);

	if (domain != NULL)
		return domain->name;
	if (d->ndomains == d->domains.max)
		return NULL;
	domain = ring_add(&d->domains, key);
	domain->name = memcpy(arena_alloc(&d->names, len + 1), name, len + 1);
	d->ndomains++;
	return domain->name;
}

struct delayed_client *
delayed_client(struct delayed *d, const char *domain, enum family f,
    const struct addr *client)
{
	uint64_t key = hash_word(d->key, (uint64_t)(uintptr_t)domain);
	struct delayed_client *c;

	key = hash_word(hash_word(hash_word(key, f), client->hi), client->lo);
	c = ring_find(&d->clients, key);
	if (c != NULL)
		return c;
	if (d->nclients == d->clients.max)
		return NULL;
	c = ring_add(&d->clients, key);
	c->domain = domain;
	c->family = f;
	c->client = *client;
	d->nclients++;
	return c;
}

static int
compare(const void *a, const void *b)
{
	const struct delayed_client *x = a, *y = b;
	int c = x->domain == y->domain ? 0 : strcmp(x->domain, y->domain);

	if (c == 0 && x->family != y->family)
		c = x->family < y->family ? -1 : 1;
	return c != 0 ? c : addr_cmp(&x->client, &y->client);
}

struct delayed_client *
delayed_finish(struct delayed *d, size_t *n)
{
	/* Nothing was forgotten: the ring's records are an array. */
	struct delayed_client *clients = ring_at(&d->clients, 0);

	ring_clear(&d->domains);
	*n = d->nclients;
	if (*n > 0)
		qsort(clients, *n, sizeof(*clients), compare);
	return clients;
}
