/*
 * ring: a hash table of fixed size over a ring of records.
 */
#include "maillog/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct ring_item *
item_at(const struct ring *r, size_t position)
{
	return (struct ring_item *)(void *)(r->records + position * r->size);
}

/* Where the chain of the key's slot begins. Keys are hashes already. */
static uint32_t *
slot_of(const struct ring *r, uint64_t key)
{
	return &r->slots[key & (r->nslots - 1)];
}

void
ring_init(struct ring *r, size_t max, size_t size)
{
	/* Every record has to be aligned like the first one. */
	*r = (struct ring){.max = max, .size = (size + 7) & ~(size_t)7};
	for (r->nslots = 1; r->nslots < max;)
		r->nslots *= 2;
	/* Not touched before they are needed, the system keeps no pages for
	 * these. */
	r->records = xcalloc(max, r->size);
	r->slots = xcalloc(r->nslots, sizeof(*r->slots));
}

void
ring_clear(struct ring *r)
{
	free(r->records);
	free(r->slots);
	*r = (struct ring){0};
}

void *
ring_find(const struct ring *r, uint64_t key)
{
	uint32_t at = *slot_of(r, key);

	while (at != 0) {
		struct ring_item *item = item_at(r, at - 1);

		if (item->key == key)
			return item;
		at = item->next;
	}
	return NULL;
}

void *
ring_oldest(const struct ring *r)
{
	return ring_at(r, r->head);
}

void *
ring_at(const struct ring *r, size_t position)
{
	struct ring_item *item = item_at(r, position);

	return item->used ? item : NULL;
}

size_t
ring_position(const struct ring *r, const void *record)
{
	return (size_t)((const unsigned char *)record - r->records) / r->size;
}

void
ring_remove(struct ring *r, void *record)
{
	struct ring_item *item = record;
	uint32_t self = (uint32_t)ring_position(r, record) + 1;
	uint32_t *at = slot_of(r, item->key);

	while (*at != self)
		at = &item_at(r, *at - 1)->next;
	*at = item->next;
	item->used = false;
}

void *
ring_add(struct ring *r, uint64_t key)
{
	struct ring_item *item = item_at(r, r->head);
	uint32_t *slot = slot_of(r, key);

	if (item->used)
		ring_remove(r, item);
	memset(item, 0, r->size);
	*item = (struct ring_item){.key = key, .next = *slot, .used = true};
	*slot = (uint32_t)r->head + 1;
	r->head = (r->head + 1) % r->max;
	return item;
}
