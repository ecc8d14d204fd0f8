/*
 * shared: which results of records may be used again, and where.
 */
#include "spf/shared.h"

#include "spf/limits.h"

/*
 * Those that look at a record in the same way have the same result of it:
 * inside a term that takes addresses out, or with that share of the guards. By
 * depth only those for which this matters.
 */
static unsigned
variant(const struct evaluator *ev, const struct frame *frame, bool by_depth)
{
	unsigned way = frame->unguarded ? 0 : ev->share;
	unsigned part = by_depth ? evaluator_halvings(ev, frame->depth) : 0;

	return way * (PARTS_MAX + 1) + part;
}

/* Whether it costs so little that it may, however deep it is. */
static bool
is_small(const struct evaluator *ev, const struct result *r)
{
	struct cost part = evaluator_part(ev, PARTS_MAX);

	return !r->limited && cost_fits(&r->cost, &part);
}

struct result *
shared_find(struct evaluator *ev, const struct frame *frame,
    const struct answer *key, bool whole)
{
	struct result *r =
	    results_find(&ev->results, key, variant(ev, frame, false));

	if (r == NULL && frame->up != NULL)
		r = results_find(&ev->results, key, variant(ev, frame, true));
	if (r == NULL || frame->depth + r->height > DEPTH_MAX)
		return NULL;
	/* What a limit of its own cut short costs that much, and no more. */
	if (r->limited ? !whole : evaluator_limit(ev, &r->cost) != NULL)
		return NULL;
	evaluator_charge(ev, &r->cost);
	return r;
}

void
shared_add(struct evaluator *ev, const struct frame *frame,
    const struct answer *key, struct result *r)
{
	results_share(
	    &ev->results, r, key, variant(ev, frame, !is_small(ev, r)));
}
