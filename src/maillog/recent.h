/*
 * recent: a table of fixed size that holds what was added last. Where a new
 * record needs room, the one that was added first is forgotten, so that no
 * input, however long, takes more memory than the table was opened with.
 */
#ifndef RECENT_H
#define RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each record begins with. */
struct recent_item {
	uint64_t key;
	uint32_t next; /* of the same slot: position + 1, 0: none */
	bool used;
};

struct recent {
	unsigned char *records; /* a ring, in the order of adding */
	uint32_t *slots;        /* key to position + 1 */
	size_t size, max;       /* bytes of a record; records */
	size_t nslots, head;    /* head: where the next one goes */
};

/* max: how many records; size: that of one, its struct recent_item included. */
void recent_init(struct recent *r, size_t max, size_t size);
void recent_clear(struct recent *r);

/* The record of that key, or NULL. It stays where it is until forgotten. */
void *recent_find(const struct recent *r, uint64_t key);

/* Adds a record, all zeros but for its key, which must not be there yet. */
void *recent_add(struct recent *r, uint64_t key);

/* The record that the next recent_add() forgets, or NULL. */
void *recent_oldest(const struct recent *r);

void recent_remove(struct recent *r, void *record);

/* The record at that position, or NULL; positions go from 0 to max - 1. */
void *recent_at(const struct recent *r, size_t position);
size_t recent_position(const struct recent *r, const void *record);

#endif
