/*
 * evaluate: answers and list entries to addresses.
 */
#include "spf/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "spf/guard.h"
#include "spf/record.h"
#include "spf/reserved.h"

/* See evaluate_parts(). */
#define SHARE_MAX 8

/* A note on the listed domain as a whole. */
#define ENTRY_NOTE(ev, out, kind, ...) \
	result_note(out, (ev)->origin, NULL, kind, __VA_ARGS__)

/* What was wrong with the listed domain itself. */
static void
note_status(
    struct evaluator *ev, struct result *out, const struct result *inner)
{
	switch (inner->status) {
	case RECORD_FOUND:
		if (inner->guard != NOTE_KINDS)
			guard_note(inner, out, ev->origin, NULL);
		break;
	case RECORD_NO_NAME:
		ENTRY_NOTE(ev, out, NOTE_NO_NAME, "NXDOMAIN");
		break;
	case RECORD_NONE:
		ENTRY_NOTE(ev, out, NOTE_NO_RECORD,
		    "the domain exists; for a host's own addresses list "
		    "a:NAME");
		break;
	case RECORD_PERMERROR:
		ENTRY_NOTE(ev, out, NOTE_PERMERROR,
		    "a syntax error, a second record, or too long");
		break;
	case RECORD_TEMPERROR:
		if (inner->failure != FAILURE_NONE)
			evaluator_note_failure(out, ev->origin, NULL,
			    ev->origin, RR_TXT, inner->failure);
		break;
	}
}

/* One note on saved answers is enough for a domain: on the oldest. */
static void
note_stale(struct evaluator *ev, struct result *out)
{
	struct buf name, age;

	if (out->stale == NULL)
		return;
	buf_init(&name);
	buf_init(&age);
	name_to_text(&name, out->stale->name);
	buf_add_age(&age, ev->policy.now - out->stale->confirmed);
	ENTRY_NOTE(ev, out, NOTE_STALE, "%s of %s, %s old: %s",
	    rr_type_name((enum rr_type)out->stale->type), name.data, age.data,
	    answer_failure_text((enum answer_failure)out->stale->failure));
	buf_clear(&name);
	buf_clear(&age);
}

static bool
is_network(const struct spf_term *term)
{
	return term->kind == SPF_IP4 || term->kind == SPF_IP6;
}

/* Whether the own lookup of an entry a: or mx: was answered. */
static bool
is_answered(struct evaluator *ev, const struct spf_term *term)
{
	static const enum rr_type types[][FAMILIES] = {
	    [SPF_A] = {RR_A, RR_AAAA},
	    [SPF_MX] = {RR_MX, RR_MX},
	};

	for (int i = 0; i < FAMILIES; i++) {
		const struct answer *a = answers_resolve(
		    ev->answers, ev->origin, types[term->kind][i], NULL);

		if (a->status == ANSWER_DATA || answer_is_void(a))
			return true;
	}
	return false;
}

/* Begins with an entry that names a domain; returns its result. */
static struct result *
begin_entry(struct evaluator *ev, const struct spf_term *term)
{
	results_forget(&ev->results);
	/* The caller lets only names through. */
	name_from_text(term->spec, term->spec_len, ev->origin);
	ev->cost = (struct cost){0};
	ev->most = ev->max;
	return term->kind == SPF_INCLUDE
		   ? record_evaluate(ev, NULL, ev->origin, false)
		   : record_evaluate_term(ev, term);
}

/*
 * Evaluates an entry that a guard leaves something out of, with included
 * records that may use only a part of the guards: they are left out, and not
 * the entry itself for what others publish. Returns NULL if that would not
 * permit more.
 */
static struct result *
evaluate_parts(
    struct evaluator *ev, const struct spf_term *term, struct addrset *first)
{
	for (ev->share = 2; ev->share <= SHARE_MAX; ev->share *= 2) {
		struct result *inner = begin_entry(ev, term);
		struct addrset now, lost;
		bool better;

		addrset_init(&now);
		addrset_init(&lost);
		addrset_union(&lost, first);
		result_add_permits(inner, &now);
		addrset_subtract(&lost, &now);
		better = addrset_is_empty(&lost) && !addrset_equal(first, &now);
		addrset_clear(&now);
		addrset_clear(&lost);
		if (better)
			return inner;
	}
	ev->share = 1;
	return NULL;
}

/* What the record permits, with as much of it as the guards let through. */
static struct result *
evaluate_guarded(struct evaluator *ev, const struct spf_term *term)
{
	struct addrset first;
	struct result *inner;

	ev->share = 1;
	inner = begin_entry(ev, term);
	if (!inner->left_out)
		return inner;
	addrset_init(&first);
	result_add_permits(inner, &first);
	inner = evaluate_parts(ev, term, &first);
	addrset_clear(&first);
	return inner != NULL ? inner : begin_entry(ev, term);
}

enum lack
evaluate_lacks(struct evaluator *ev, const struct spf_term *term)
{
	const struct result *inner;

	ev->nwants = 0;
	if (is_network(term))
		return LACKS_NOTHING;
	ev->share = 1;
	inner = begin_entry(ev, term);
	/* With a part of the guards it would hardly lack another one. */
	if (!inner->incomplete && inner->left_out)
		inner = evaluate_guarded(ev, term);
	if (inner->incomplete)
		return LACKS_ANSWER;
	return inner->given_up ? LACKS_GIVEN_UP : LACKS_NOTHING;
}

void
evaluate_entry(
    struct evaluator *ev, const struct spf_term *term, struct verdict *v)
{
	struct result *out, *inner;

	*v = (struct verdict){.answered = true};
	ev->nwants = 0;
	addrset_init(&v->permits);
	if (is_network(term)) {
		enum family f = term->kind == SPF_IP4 ? IPV4 : IPV6;

		/* The administrator's own word needs no guard. */
		addrset_add_net(&v->permits, f, &term->addr, term->prefix[f]);
		return;
	}
	inner = evaluate_guarded(ev, term);
	/* Others may share it, so data of the entry itself is kept outside. */
	out = results_new(&ev->results);
	result_take(out, inner);
	note_status(ev, out, inner);
	result_move_permits(inner, &v->permits);
	if (out->reserved)
		addrset_subtract(&v->permits, &ev->reserved);
	note_stale(ev, out);
	v->lookups = out->lookups;
	v->answered = term->kind == SPF_INCLUDE
			  ? inner->status != RECORD_TEMPERROR
			  : is_answered(ev, term);
	v->oldest = out->oldest;
	v->failed = out->failed;
	v->incomplete = out->incomplete;
	v->left_out = out->left_out;
	result_notes(
	    &ev->results, out, v->notes, NOTES_MAX, &v->nnotes, &v->more);
}

enum explanation
evaluate_explain(struct evaluator *ev, const struct spf_term *term,
    enum family f, const struct addr *a, struct buf *path)
{
	const struct result *out;
	struct addrset only;
	struct verdict v;
	bool permits;

	evaluate_entry(ev, term, &v);
	permits = addrset_contains(&v.permits, f, a);
	addrset_clear(&v.permits);
	if (is_network(term))
		return permits ? EXPLAIN_PERMITS : EXPLAIN_NOTHING;
	/* The same evaluation, with nothing but this address on the way. */
	addrset_init(&only);
	addrset_add_net(&only, f, a, family_bits(f));
	ev->only = &only;
	out = begin_entry(ev, term);
	ev->only = NULL;
	addrset_clear(&only);
	if (!permits && out->guarded != NULL) {
		buf_puts(path, out->guarded);
		return EXPLAIN_GUARDED;
	}
	if (out->trace != NULL)
		buf_puts(path, out->trace);
	if (permits)
		return EXPLAIN_PERMITS;
	if (result_permits(out))
		return EXPLAIN_GUARDED;
	return out->trace != NULL && !out->trace_all ? EXPLAIN_REFUSES
						     : EXPLAIN_NOTHING;
}

bool
evaluate_next_want(struct evaluator *ev, uint8_t *name, enum rr_type *type)
{
	const struct want *w;

	if (ev->nwants == 0)
		return false;
	w = &ev->wants[--ev->nwants];
	memcpy(name, w->name, name_len(w->name));
	*type = w->type;
	return true;
}

void
evaluate_forget(struct evaluator *ev)
{
	results_clear(&ev->results);
	results_init(&ev->results);
}

struct evaluator *
evaluate_open(const struct answers *answers, const struct policy *policy)
{
	struct evaluator *ev = xcalloc(1, sizeof(*ev));

	ev->answers = answers;
	ev->policy = *policy;
	ev->share = 1;
	if (policy->max_queries == 0)
		ev->policy.max_queries = QUERIES_MAX;
	/* A domain that may ask for less may not cost as much either. */
	ev->max = (struct cost){.records = RECORDS_MAX,
	    .queries = ev->policy.max_queries,
	    .steps = STEPS_MAX};
	if (ev->policy.max_queries < STEPS_MAX / STEPS_PER_QUERY)
		ev->max.steps = STEPS_PER_QUERY * ev->policy.max_queries;
	addrset_init(&ev->reserved);
	reserved_add(&ev->reserved);
	results_init(&ev->results);
	return ev;
}

void
evaluate_close(struct evaluator *ev)
{
	free(ev->wants);
	addrset_clear(&ev->reserved);
	results_clear(&ev->results);
	free(ev);
}
