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

struct pair {
	struct ring_item item;
	struct delayed_client client;
};

void
delayed_init(struct delayed *d, size_t domains, size_t clients, uint64_t key)
{
	*d = (struct delayed){.key = key};
	ring_init(&d->domains, domains, sizeof(struct domain));
	ring_init(&d->pairs, clients, sizeof(struct pair));
	arena_init(&d->names);
}

void
delayed_clear(struct delayed *d)
{
	ring_clear(&d->domains);
	ring_clear(&d->pairs);
	arena_clear(&d->names);
	free(d->result);
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
	struct pair *pair;

	key = hash_word(hash_word(hash_word(key, f), client->hi), client->lo);
	pair = ring_find(&d->pairs, key);
	if (pair != NULL)
		return &pair->client;
	if (d->npairs == d->pairs.max)
		return NULL;
	pair = ring_add(&d->pairs, key);
	pair->client = (struct delayed_client){
	    .domain = domain, .family = f, .client = *client};
	d->npairs++;
	return &pair->client;
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
	ring_clear(&d->domains);
	d->result = xcalloc(d->npairs, sizeof(*d->result));
	*n = d->npairs;
	for (size_t i = 0; i < *n; i++) {
		const struct pair *pair = ring_at(&d->pairs, i);

		d->result[i] = pair->client;
	}
	ring_clear(&d->pairs);
	qsort(d->result, *n, sizeof(*d->result), compare);
	return d->result;
}
