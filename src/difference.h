/*
 * difference: which networks come to a table and go from it, which entries
 * brought or took them, and by which records.
 */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "base/json.h"
#include "changes.h"

#define DIFFERENCE_ENTRIES 3 /* of a network that are named */

/* A table before and after; both sorted by net_cmp(). */
struct difference {
	struct changes *changes;
	int list;
	const char *action;
	const struct net *old, *new;
	size_t nold, nnew;
	struct addrset *sets[2]; /* what each entry permits: now, before */
};

/* Frees what the functions below worked out; the networks stay. */
void difference_clear(struct difference *d);

/* How many networks come and go. */
void difference_count(const struct difference *d, size_t *come, size_t *go);

/*
 * Appends a line a network: "+NETWORK ACTION ENTRIES PATH", separated by tabs;
 * the last is left out if it is not known. At most max lines; returns how many
 * more there are.
 */
size_t difference_text(struct difference *d, struct buf *out, size_t max);

/* Adds the same as the member "changes". */
void difference_json(struct difference *d, struct json *j);

#endif
