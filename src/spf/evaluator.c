/*
 * evaluator: lookups and limits.
 */
#include "spf/evaluator.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void
want(struct evaluator *ev, const uint8_t *name, enum rr_type type)
{
	struct want *w;

	ev->wants =
	    grow(ev->wants, ev->nwants, &ev->wants_cap, sizeof(*ev->wants));
	w = &ev->wants[ev->nwants++];
	w->type = type;
	memcpy(w->name, name, name_len(name));
}

void
evaluator_use(struct evaluator *ev, struct result *r, const struct answer *a,
    const uint8_t *name, enum rr_type type)
{
	if (a->status == ANSWER_UNKNOWN || a->status == ANSWER_PENDING) {
		want(ev, name, type);
		r->incomplete = true;
	} else if (answer_can_be_asked(a)) {
		want(ev, name, type);
		r->given_up = true;
	}
	if (a->status != ANSWER_DATA && !answer_is_void(a))
		r->failed = true;
	ev->cost.steps += a->len;
	result_confirmed(r, a->confirmed);
	if (a->stale)
		result_stale(r, a);
}

const struct answer *
evaluator_look_up(struct evaluator *ev, struct result *r, const uint8_t *name,
    enum rr_type type)
{
	const struct answer *a = answers_resolve(ev->answers, name, type, NULL);

	evaluator_use(ev, r, a, name, type);
	return a;
}

void
evaluator_note_failure(struct result *r, const uint8_t *domain,
    const struct spf_term *term, const uint8_t *name, enum rr_type type,
    unsigned failure)
{
	struct buf text;

	buf_init(&text);
	name_to_text(&text, name);
	result_note(r, domain, term, NOTE_FAILED, "%s of %s: %s",
	    rr_type_name(type), text.data,
	    answer_failure_text((enum answer_failure)failure));
	buf_clear(&text);
}

void
evaluator_charge(struct evaluator *ev, const struct cost *more)
{
	ev->cost.records += more->records;
	ev->cost.queries += more->queries;
	ev->cost.steps += more->steps;
}

struct cost
evaluator_cost_since(const struct evaluator *ev, const struct cost *then)
{
	return (struct cost){
	    .records = ev->cost.records - then->records,
	    .queries = ev->cost.queries - then->queries,
	    .steps = ev->cost.steps - then->steps,
	};
}

unsigned
evaluator_halvings(const struct evaluator *ev, unsigned depth)
{
	/* Where less is allowed than ever, there is nothing to divide. */
	if (ev->policy.max_queries < QUERIES_MAX)
		return 0;
	return depth < PARTS_MAX ? depth : PARTS_MAX;
}

struct cost
evaluator_part(const struct evaluator *ev, unsigned depth)
{
	unsigned halvings = evaluator_halvings(ev, depth);

	return (struct cost){
	    .records = ev->max.records >> halvings,
	    .queries = ev->max.queries >> halvings,
	    .steps = ev->max.steps >> halvings,
	};
}

/* The smaller one becomes the most. */
static bool
grant(unsigned *most, unsigned cost, unsigned part)
{
	if (part > *most - cost)
		return false;
	*most = cost + part;
	return true;
}

bool
evaluator_grant(struct evaluator *ev, const struct cost *part)
{
	bool whole = true;

	whole &= grant(&ev->most.records, ev->cost.records, part->records);
	whole &= grant(&ev->most.queries, ev->cost.queries, part->queries);
	/* Steps are counted when they have been taken. */
	if (ev->cost.steps > ev->most.steps)
		return false;
	return grant(&ev->most.steps, ev->cost.steps, part->steps) && whole;
}

bool
cost_fits(const struct cost *cost, const struct cost *most)
{
	return cost->records <= most->records &&
	       cost->queries <= most->queries && cost->steps <= most->steps;
}

#define TEXT_OF(x) #x
#define NUMBER(x) TEXT_OF(x)

/* The records around the one at hand, or the whole, leave no room. */
static const char *
name_limit(unsigned most, unsigned max, const char *part, const char *whole)
{
	return most < max ? part : whole;
}

const char *
evaluator_limit(const struct evaluator *ev, const struct cost *more)
{
	const struct cost *most = &ev->most, *max = &ev->max;

	if (ev->cost.records + more->records > most->records)
		return name_limit(most->records, max->records,
		    "more records than an included record may use",
		    "more than " NUMBER(
			RECORDS_MAX) " records for one listed domain");
	if (ev->cost.queries + more->queries > most->queries)
		return name_limit(most->queries, max->queries,
		    "more DNS lookups than an included record may use",
		    "more DNS lookups than one listed domain may use");
	if (ev->cost.steps + more->steps > most->steps)
		return name_limit(most->steps, max->steps,
		    "more steps than an included record may use",
		    "more steps than one listed domain may use");
	return NULL;
}
