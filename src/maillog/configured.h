/*
 * configured: the sender domains and addresses that the administrator's lists
 * and tables already have, so that suggest does not suggest them again.
 */
#ifndef CONFIGURED_H
#define CONFIGURED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addrset.h"
#include "base/memory.h"
#include "expand/list.h"

/* Names in wire format, in their order. */
struct configured_names {
	const uint8_t **v;
	size_t n, cap;
};

struct configured {
	struct arena arena;
	struct configured_names listed;  /* NAME, include:NAME */
	struct configured_names ignored; /* !NAME, -include:NAME */
	struct addrset permitted;        /* by the table, or by lists */
	struct addrset excluded;         /* by lists */
};

void configured_init(struct configured *k);
void configured_clear(struct configured *k);

/* Takes the names from a list; list_ignore() has not dropped any yet. */
void configured_add_list(struct configured *k, const struct list *l);

/* Whether a name, in wire format, is listed; whether it is ignored. */
bool configured_is_listed(const struct configured *k, const uint8_t *name);
bool configured_is_ignored(const struct configured *k, const uint8_t *name);

#endif
