/*
 * saved: whether the answers of an earlier run may stand in for lookups that
 * failed in this one.
 */
#include "saved.h"

#include "name.h"

const struct answer *
saved_find(const struct answers *saved, const uint8_t *name, enum rr_type type,
    const uint8_t **alias)
{
	const struct answer *chain[CNAME_MAX], *found;
	const uint8_t *at = NULL;
	size_t links;
	struct rr rr;

	found = answers_resolve(saved, name, type, chain, &links);
	*alias = found->alias;
	if (links > 0 && answer_next(chain[0], &at, &rr))
		*alias = rr.data;
	return found;
}

bool
saved_is_usable(const struct answer *a)
{
	return a->status == ANSWER_DATA || a->status == ANSWER_NODATA ||
	       a->status == ANSWER_NXDOMAIN;
}

bool
saved_agrees(
    const struct answers *fresh, const uint8_t *name, const uint8_t *alias)
{
	static const enum rr_type types[] = {RR_A, RR_MX, RR_TXT, RR_AAAA};

	for (size_t i = 0; i < COUNT(types); i++) {
		const struct answer *a = answers_find(fresh, name, types[i]);

		if (a == NULL || a->stale || !saved_is_usable(a))
			continue;
		if (a->alias == NULL || alias == NULL
			? a->alias != alias
			: !name_equal(a->alias, alias))
			return false;
	}
	return true;
}
