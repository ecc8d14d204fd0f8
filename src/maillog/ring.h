/*
 * ring: a hash table of fixed size over a ring of records. When it is full, a
 * new record replaces the oldest one, so memory does not grow with the input.
 */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each record begins with. */
struct ring_item {
	uint64_t key;
	uint32_t next; /* of the same slot: position + 1, 0: none */
	bool used;
};

struct ring {
	unsigned char *records; /* a ring, in the order of adding */
	uint32_t *slots;        /* key to position + 1 */
	size_t size, max;       /* bytes of a record; records */
	size_t nslots, head;    /* head: where the next one goes */
};

/* max: how many records; size: that of one, its struct ring_item included. */
void ring_init(struct ring *r, size_t max, size_t size);
void ring_clear(struct ring *r);

/* The record of that key, or NULL. It stays where it is until forgotten. */
void *ring_find(const struct ring *r, uint64_t key);

/* Adds a record, all zeros but for its key, which must not be there yet. */
void *ring_add(struct ring *r, uint64_t key);

/* The record that the next ring_add() forgets, or NULL. */
void *ring_oldest(const struct ring *r);

void ring_remove(struct ring *r, void *record);

/* The record at that position, or NULL; positions go from 0 to max - 1. */
void *ring_at(const struct ring *r, size_t position);
size_t ring_position(const struct ring *r, const void *record);

#endif
