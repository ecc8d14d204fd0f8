/*
 * known: what the administrator's lists and tables say already.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addrset.h"
#include "base/memory.h"
#include "expand/list.h"

/* Names in wire format, in their order. */
struct known_names {
	const uint8_t **v;
	size_t n, cap;
};

struct known {
	struct arena arena;
	struct known_names listed;  /* NAME, include:NAME */
	struct known_names ignored; /* !NAME, -include:NAME */
	struct addrset permitted;   /* by the table, or by lists */
	struct addrset excluded;    /* by lists */
};

void known_init(struct known *k);
void known_clear(struct known *k);

/* Takes the names from a list; list_ignore() has not dropped any yet. */
void known_add_list(struct known *k, const struct list *l);

bool known_is_listed(const struct known *k, const uint8_t *name);
bool known_is_ignored(const struct known *k, const uint8_t *name);

#endif
