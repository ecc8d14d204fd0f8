/*
 * configured: the sender domains and addresses that lists and tables have.
 */
#include "maillog/configured.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"

static const uint8_t *
keep_name(struct arena *arena, const uint8_t *name)
{
	size_t len = name_len(name);

	return memcpy(arena_alloc(arena, len), name, len);
}

static int
compare_names(const void *a, const void *b)
{
	return name_cmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
}

static bool
has_name(const struct configured_names *names, const uint8_t *name)
{
	return names->n > 0 && bsearch(&name, names->v, names->n,
				   sizeof(*names->v), compare_names) != NULL;
}

static void
sort_names(struct configured_names *names)
{
	if (names->n > 0)
		qsort(names->v, names->n, sizeof(*names->v), compare_names);
}

void
configured_init(struct configured *k)
{
	*k = (struct configured){0};
	arena_init(&k->arena);
	addrset_init(&k->permitted);
	addrset_init(&k->excluded);
}

void
configured_clear(struct configured *k)
{
	free(k->listed.v);
	free(k->ignored.v);
	arena_clear(&k->arena);
	addrset_clear(&k->permitted);
	addrset_clear(&k->excluded);
}

void
configured_add_list(struct configured *k, const struct list *l)
{
	uint8_t name[NAME_MAX_WIRE];

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct spf_term t = entry_term(e);
		struct configured_names *to =
		    e->ignore || e->exclude ? &k->ignored : &k->listed;

		if (t.kind != SPF_INCLUDE ||
		    name_from_text(t.spec, t.spec_len, name) != 0)
			continue;
		to->v = grow(to->v, to->n, &to->cap, sizeof(*to->v));
		to->v[to->n++] = keep_name(&k->arena, name);
	}
	sort_names(&k->listed);
	sort_names(&k->ignored);
}

bool
configured_is_listed(const struct configured *k, const uint8_t *name)
{
	return has_name(&k->listed, name);
}

bool
configured_is_ignored(const struct configured *k, const uint8_t *name)
{
	return has_name(&k->ignored, name);
}
