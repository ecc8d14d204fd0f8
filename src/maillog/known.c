/*
 * known: what the administrator's lists and tables say already.
 */
#include "maillog/known.h"

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
has_name(const struct known_names *names, const uint8_t *name)
{
	return names->n > 0 && bsearch(&name, names->v, names->n,
				   sizeof(*names->v), compare_names) != NULL;
}

static void
sort_names(struct known_names *names)
{
	if (names->n > 0)
		qsort(names->v, names->n, sizeof(*names->v), compare_names);
}

void
known_init(struct known *k)
{
	*k = (struct known){0};
	arena_init(&k->arena);
	addrset_init(&k->permitted);
	addrset_init(&k->excluded);
}

void
known_clear(struct known *k)
{
	free(k->listed.v);
	free(k->ignored.v);
	arena_clear(&k->arena);
	addrset_clear(&k->permitted);
	addrset_clear(&k->excluded);
}

void
known_add_list(struct known *k, const struct list *l)
{
	uint8_t name[NAME_MAX_WIRE];

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct spf_term t = entry_term(e);
		struct known_names *to =
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
known_is_listed(const struct known *k, const uint8_t *name)
{
	return has_name(&k->listed, name);
}

bool
known_is_ignored(const struct known *k, const uint8_t *name)
{
	return has_name(&k->ignored, name);
}
