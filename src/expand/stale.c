/*
 * stale: whether the answers of an earlier run may replace lookups that failed
 * in this one.
 */
#include "expand/stale.h"

#include "base/memory.h"
#include "base/name.h"

bool
stale_is_usable(const struct answer *a)
{
	return a->status == ANSWER_DATA || a->status == ANSWER_NODATA ||
	       a->status == ANSWER_NXDOMAIN;
}

bool
stale_agrees(
    const struct answers *fresh, const uint8_t *name, const uint8_t *target)
{
	static const enum rr_type types[] = {RR_A, RR_MX, RR_TXT, RR_AAAA};

	for (size_t i = 0; i < COUNT(types); i++) {
		const struct answer *a = answers_find(fresh, name, types[i]);
		const uint8_t *other;

		if (a == NULL || a->stale || !stale_is_usable(a))
			continue;
		other = answer_target(a);
		if (other == NULL || target == NULL
			? other != target
			: !name_equal(other, target))
			return false;
	}
	return true;
}
