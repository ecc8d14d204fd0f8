/*
 * audit: which entries of the lists the clients in a mail log came through.
 */
#include "maillog/audit.h"

#include <string.h>

#include "base/hash.h"

void
audit_init(struct audit *a, uint64_t key)
{
	*a = (struct audit){.key = key};
	ring_init(&a->clients, AUDIT_CLIENTS, sizeof(struct audit_client));
	reasons_init(&a->reasons, NULL);
}

void
audit_clear(struct audit *a)
{
	ring_clear(&a->clients);
	reasons_clear(&a->reasons);
}

static struct audit_client *
client_of(struct audit *a, const struct maillog_event *e)
{
	uint64_t key = hash_word(a->key, e->family);
	struct audit_client *c;

	key = hash_word(hash_word(key, e->client.hi), e->client.lo);
	c = ring_find(&a->clients, key);
	if (c == NULL) {
		a->forgotten += ring_oldest(&a->clients) != NULL;
		c = ring_add(&a->clients, key);
		c->family = e->family;
		c->client = e->client;
	}
	if (e->time > c->last)
		c->last = e->time;
	return c;
}

static void
take_reject(struct audit *a, const struct maillog_event *e)
{
	static const struct maillog_text blocked = {"blocked by a DNSBL", 18};
	struct audit_client *c = client_of(a, e);
	enum reason_kind kind;
	unsigned reason, i = 0;

	reason = reason_find(&a->reasons, &e->code,
	    e->kind == MAILLOG_BLOCKED ? &blocked : &e->reason, &kind);
	c->rejected++;
	while (i < c->nwhy && c->why[i].reason != reason)
		i++;
	if (i == c->nwhy && c->nwhy == AUDIT_REASONS)
		return;
	c->nwhy += i == c->nwhy;
	c->why[i].reason = (uint8_t)reason;
	c->why[i].times++;
}

void
audit_event(struct audit *a, const struct maillog_event *e)
{
	struct maillog_event client;

	if (a->first == 0 || e->time < a->first)
		a->first = e->time;
	if (e->time > a->last)
		a->last = e->time;
	switch (e->kind) {
	case MAILLOG_PERMITTED:
		client_of(a, e)->allowlisted++;
		break;
	case MAILLOG_PASS:
		client_of(a, e)->passed++;
		break;
	case MAILLOG_CLIENT:
		client_of(a, e)->messages++;
		break;
	case MAILLOG_BLOCKED:
		client = *e;
		if (addr_from_part(e->blocked.text, e->blocked.len,
			&client.family, &client.client) == 0)
			take_reject(a, &client);
		break;
	case MAILLOG_DEFERRED:
	case MAILLOG_REJECTED:
		take_reject(a, e);
		break;
	case MAILLOG_SCREENED:
	case MAILLOG_DISCONNECT:
	case MAILLOG_SENDER:
	case MAILLOG_RECIPIENT:
	case MAILLOG_REMOVED:
	case MAILLOG_MILTER:
		break;
	}
}

static void
add_client(struct audit_entry *sum, const struct audit_client *c)
{
	sum->clients++;
	sum->alone += c->entries == 1;
	sum->allowlisted += c->allowlisted;
	sum->passed += c->passed;
	sum->messages += c->messages;
	sum->rejected += c->rejected;
	for (unsigned i = 0; i < c->nwhy; i++)
		sum->why[c->why[i].reason] += c->why[i].times;
	if (c->last > sum->last)
		sum->last = c->last;
}

void
audit_judge(struct audit *a, struct addrset *permits, struct audit_entry *sum)
{
	for (size_t i = 0; i < AUDIT_CLIENTS; i++) {
		struct audit_client *c = ring_at(&a->clients, i);

		/* One that postscreen let through: by the table, or, with a
		 * list in DNS, as if it had passed the tests. */
		if (c == NULL || (c->allowlisted == 0 && c->passed == 0) ||
		    !addrset_contains(permits, c->family, &c->client))
			continue;
		if (sum == NULL)
			c->entries++;
		else
			add_client(sum, c);
	}
}
