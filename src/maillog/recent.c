/*
 * recent: a table of fixed size that holds what was added last.
 */
#include "maillog/recent.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct recent_item *
item_at(const struct recent *r, size_t position)
{
	return (struct recent_item *)(void *)(r->records + position * r->size);
}

/* Where the chain of the key's slot begins. Keys are hashes already. */
static uint32_t *
slot_of(const struct recent *r, uint64_t key)
{
	return &r->slots[key & (r->nslots - 1)];
}

void
recent_init(struct recent *r, size_t max, size_t size)
{
	/* Every record has to be aligned like the first one. */
	*r = (struct recent){.max = max, .size = (size + 7) & ~(size_t)7};
	for (r->nslots = 1; r->nslots < max;)
		r->nslots *= 2;
	/* Not touched before they are needed, the system keeps no pages for
	 * these. */
	r->records = xcalloc(max, r->size);
	r->slots = xcalloc(r->nslots, sizeof(*r->slots));
}

void
recent_clear(struct recent *r)
{
	free(r->records);
	free(r->slots);
	*r = (struct recent){0};
}

void *
recent_find(const struct recent *r, uint64_t key)
{
	uint32_t at = *slot_of(r, key);

	while (at != 0) {
		struct recent_item *item = item_at(r, at - 1);

		if (item->key == key)
			return item;
		at = item->next;
	}
	return NULL;
}

void *
recent_oldest(const struct recent *r)
{
	return recent_at(r, r->head);
}

void *
recent_at(const struct recent *r, size_t position)
{
	struct recent_item *item = item_at(r, position);

	return item->used ? item : NULL;
}

size_t
recent_position(const struct recent *r, const void *record)
{
	return (size_t)((const unsigned char *)record - r->records) / r->size;
}

void
recent_remove(struct recent *r, void *record)
{
	struct recent_item *item = record;
	uint32_t self = (uint32_t)recent_position(r, record) + 1;
	uint32_t *at = slot_of(r, item->key);

	while (*at != self)
		at = &item_at(r, *at - 1)->next;
	*at = item->next;
	item->used = false;
}

void *
recent_add(struct recent *r, uint64_t key)
{
	struct recent_item *item = item_at(r, r->head);
	uint32_t *slot = slot_of(r, key);

	if (item->used)
		recent_remove(r, item);
	memset(item, 0, r->size);
	*item = (struct recent_item){.key = key, .next = *slot, .used = true};
	*slot = (uint32_t)r->head + 1;
	r->head = (r->head + 1) % r->max;
	return item;
}
