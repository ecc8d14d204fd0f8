/*
 * evaluate: answers and list entries to addresses.
 *
 * A record is walked once with the set of all addresses (see stream.h), terms
 * in order. What an included record does with all addresses does not depend
 * on who includes it, so that it is worked out once, and shared; except where
 * a loop or a bound cut it short, or a macro names the listed domain.
 */
#include "spf/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "spf/outcome.h"
#include "spf/reserved.h"
#include "spf/walk.h"

/* Whether some TXT record seems meant as an SPF record. */
static bool
has_almost_record(const struct answer *txt)
{
	const uint8_t *at = NULL;
	bool almost = false;
	struct buf text;
	struct rr rr;

	buf_init(&text);
	while (!almost && answer_next(txt, &at, &rr)) {
		spf_join_strings(&text, rr.data, rr.len);
		almost = spf_is_almost_record(text.data, text.len);
	}
	buf_clear(&text);
	return almost;
}

/* Walks each SPF record among the TXT records (section 4.5). */
static void
evaluate_txt(struct evaluator *ev, const struct frame *frame,
    struct outcome *out, const struct answer *txt)
{
	struct spf_record record;
	const uint8_t *at = NULL;
	unsigned records = 0;
	struct buf text;

	buf_init(&text);
	while (spf_next_record(txt, &at, &text)) {
		if (++records == 2 && !ev->policy.strict)
			walk_note(frame, out, NULL, NOTE_TWO_RECORDS,
			    "RFC 7208 allows one");
		spf_parse(&record, text.data, text.len);
		if (ev->policy.strict &&
		    (records > 1 || record.broken || record.too_long))
			out->result = RESULT_PERMERROR;
		else
			out->result = RESULT_RECORD;
		walk_record(ev, frame, out, &record);
		spf_record_clear(&record);
	}
	if (records == 0 && has_almost_record(txt))
		walk_note(
		    frame, out, NULL, NOTE_ALMOST, "RFC 7208 section 4.5");
	buf_clear(&text);
}

#define TEXT_OF(x) #x
#define NUMBER(x) TEXT_OF(x)

/* cost += more. */
static void
add_cost(struct cost *cost, const struct cost *more)
{
	cost->records += more->records;
	cost->queries += more->queries;
	cost->terms += more->terms;
	cost->addresses += more->addresses;
	cost->comparisons += more->comparisons;
}

/* What the entry at hand has cost since then. */
static struct cost
cost_since(const struct evaluator *ev, const struct cost *then)
{
	return (struct cost){
	    .records = ev->cost.records - then->records,
	    .queries = ev->cost.queries - then->queries,
	    .terms = ev->cost.terms - then->terms,
	    .addresses = ev->cost.addresses - then->addresses,
	    .comparisons = ev->cost.comparisons - then->comparisons,
	};
}

/*
 * The bound of the listed domain that leaves no room for so much more, or
 * NULL. depth: how deep that would go.
 */
static const char *
over_bound(const struct evaluator *ev, unsigned depth, const struct cost *more)
{
	struct cost cost = ev->cost;

	add_cost(&cost, more);
	if (depth > DEPTH_MAX)
		return "more than " NUMBER(
		    DEPTH_MAX) " includes and redirects inside each other";
	if (cost.records > RECORDS_MAX)
		return "more than " NUMBER(
		    RECORDS_MAX) " records for one listed domain";
	if (cost.terms > TERMS_MAX)
		return "more than " NUMBER(
		    TERMS_MAX) " terms for one listed domain";
	if (cost.queries > ev->policy.max_queries)
		return "more DNS lookups than one listed domain may cost";
	if (cost.addresses > ADDRESSES_MAX)
		return "more than " NUMBER(
		    ADDRESSES_MAX) " addresses for one listed domain";
	if (cost.comparisons > ev->max_comparisons)
		return "more comparisons than one listed domain may cost";
	return NULL;
}

/* What the TXT RRset of a domain means for its record. */
static void
evaluate_answer(struct evaluator *ev, const struct frame *frame,
    struct outcome *out, const struct answer *txt)
{
	out->is_void = walk_is_void(txt);
	switch (txt->status) {
	case ANSWER_NXDOMAIN:
		out->result = RESULT_NO_NAME;
		break;
	case ANSWER_NODATA:
		out->result = RESULT_NO_RECORD;
		break;
	case ANSWER_DATA:
		out->result = RESULT_NO_RECORD;
		/* So deep, every address has cost too many lookups. */
		if (ev->policy.strict && frame->depth > LOOKUPS_MAX) {
			out->result = RESULT_PERMERROR;
			out->cut = true;
		} else
			evaluate_txt(ev, frame, out, txt);
		break;
	default:
		out->result = RESULT_TEMPERROR;
		out->failure = txt->failure;
	}
}

struct outcome *
evaluate_domain(struct evaluator *ev, const struct frame *up,
    const uint8_t *domain, bool unguarded)
{
	struct frame frame = {
	    .up = up,
	    .depth = up == NULL ? 0 : up->depth + 1,
	    .unguarded = unguarded || (up != NULL && up->unguarded),
	};
	const struct answer *key = answers_find(ev->answers, domain, RR_TXT);
	bool shared = ev->only == NULL && !frame.unguarded;
	struct outcome *out = shared ? outcomes_find(&ev->outcomes, key) : NULL;
	const struct cost one = {.records = 1, .queries = 1};
	const struct cost before = ev->cost;

	if (out != NULL &&
	    over_bound(ev, frame.depth + out->height, &out->cost) == NULL) {
		add_cost(&ev->cost, &out->cost);
		return out;
	}
	out = outcomes_new(&ev->outcomes);
	out->over = over_bound(ev, frame.depth, &one);
	if (out->over != NULL) {
		out->cut = out->bounded = out->unshared = true;
		return out;
	}
	add_cost(&ev->cost, &one);
	out->domain = frame.domain = key != NULL ? key->name : domain;
	evaluate_answer(ev, &frame, out, walk_look_up(ev, out, domain, RR_TXT));
	out->cost = cost_since(ev, &before);
	out->unshared = out->unshared || out->cut || out->uses_origin ||
			out->incomplete || !shared;
	if (!out->unshared && up != NULL)
		outcomes_share(&ev->outcomes, out, key);
	return out;
}

/* A list line a:NAME or mx:NAME, as if it were a record. */
static struct outcome *
term_outcome(struct evaluator *ev, const struct spf_term *t)
{
	struct outcome *out = outcomes_new(&ev->outcomes);
	struct spf_term copy = *t;
	struct spf_record record = {.terms = &copy, .n = 1};
	struct frame frame = {.domain = ev->origin};

	/* Signs of a list are not qualifiers: what it names is permitted. */
	copy.qualifier = '+'; /* cppcheck-suppress unreadVariable ; in record */
	walk_record(ev, &frame, out, &record);
	out->result = RESULT_RECORD;
	return out;
}

/* What was wrong with the listed domain itself. */
static void
note_result(
    struct evaluator *ev, struct outcome *out, const struct outcome *inner)
{
	struct frame frame = {.domain = ev->origin};

	switch (inner->result) {
	case RESULT_RECORD:
		break;
	case RESULT_NO_NAME:
		walk_note(&frame, out, NULL, NOTE_NO_NAME, "NXDOMAIN");
		break;
	case RESULT_NO_RECORD:
		walk_note(
		    &frame, out, NULL, NOTE_NO_RECORD, "the domain exists");
		break;
	case RESULT_PERMERROR:
		walk_note(&frame, out, NULL, NOTE_PERMERROR,
		    "a syntax error, a second record, or too long");
		break;
	case RESULT_TEMPERROR:
		if (inner->failure != FAILURE_NONE)
			walk_note_failure(&frame, out, NULL, ev->origin, RR_TXT,
			    inner->failure);
		break;
	}
}

/* One note on saved answers is enough for a domain: on the oldest. */
static void
note_stale(struct evaluator *ev, struct outcome *out)
{
	struct frame frame = {.domain = ev->origin};
	struct buf name, age;

	if (out->stale == NULL)
		return;
	buf_init(&name);
	buf_init(&age);
	name_to_text(&name, out->stale->name);
	buf_add_age(&age, ev->policy.now - out->stale->confirmed);
	walk_note(&frame, out, NULL, NOTE_STALE, "%s of %s, %s old: %s",
	    rr_type_name((enum rr_type)out->stale->type), name.data, age.data,
	    answer_failure_text((enum answer_failure)out->stale->failure));
	buf_clear(&name);
	buf_clear(&age);
}

/* The guards that look at the whole of what an entry permits. */
static void
guard(struct evaluator *ev, struct outcome *out, struct addrset *permits)
{
	struct frame frame = {.domain = ev->origin};
	double share;

	if (out->reserved)
		addrset_subtract(permits, &ev->reserved);
	/* Of IPv6, 2000::/3 is all that there is. */
	for (int f = 0; f < FAMILIES; f++) {
		static const double all[FAMILIES] = {0x1p32, 0x1p125};

		share = addrset_addresses(permits, (enum family)f) / all[f];
		if (share * 1e6 <= ev->policy.max_coverage4 ||
		    ev->policy.max_coverage4 == 1000000)
			continue;
		walk_note(&frame, out, NULL, NOTE_COVERAGE, "%.4g%% of IPv%c",
		    share * 100, f == IPV4 ? '4' : '6');
		addrset_clear(permits);
	}
}

static bool
is_network(const struct spf_term *term)
{
	return term->kind == SPF_IP4 || term->kind == SPF_IP6;
}

/* Whether the entry's own lookup was answered. */
static bool
is_answered(struct evaluator *ev, const struct spf_term *term)
{
	static const enum rr_type types[][FAMILIES] = {
	    [SPF_INCLUDE] = {RR_TXT, RR_TXT},
	    [SPF_A] = {RR_A, RR_AAAA},
	    [SPF_MX] = {RR_MX, RR_MX},
	};

	for (int i = 0; i < FAMILIES; i++) {
		const struct answer *a = answers_resolve(
		    ev->answers, ev->origin, types[term->kind][i], NULL);

		if (a->status == ANSWER_DATA || walk_is_void(a))
			return true;
	}
	return false;
}

/* Begins with an entry that names a domain; returns its outcome. */
static struct outcome *
begin_entry(struct evaluator *ev, const struct spf_term *term)
{
	outcomes_forget(&ev->outcomes);
	/* The caller lets only names through. */
	name_from_text(term->spec, term->spec_len, ev->origin);
	ev->cost = (struct cost){0};
	return term->kind == SPF_INCLUDE
		   ? evaluate_domain(ev, NULL, ev->origin, false)
		   : term_outcome(ev, term);
}

void
evaluate_entry(
    struct evaluator *ev, const struct spf_term *term, struct verdict *v)
{
	struct outcome *out, *inner;

	*v = (struct verdict){.answered = true};
	addrset_init(&v->permits);
	if (is_network(term)) {
		enum family f = term->kind == SPF_IP4 ? IPV4 : IPV6;

		/* The administrator's own word needs no guard. */
		addrset_add_net(&v->permits, f, &term->addr, term->prefix[f]);
		return;
	}
	inner = begin_entry(ev, term);
	/* Others may share it: what concerns the entry alone stays outside. */
	out = outcomes_new(&ev->outcomes);
	outcome_take(out, inner);
	note_result(ev, out, inner);
	if (inner->result == RESULT_RECORD)
		for (size_t i = 0; i < inner->left.n; i++)
			if (inner->left.v[i].permit)
				addrset_union(
				    &v->permits, &inner->left.v[i].set);
	guard(ev, out, &v->permits);
	note_stale(ev, out);
	v->lookups = out->lookups;
	v->answered = is_answered(ev, term);
	v->oldest = out->oldest;
	v->failed = out->failed;
	v->incomplete = out->incomplete;
	outcome_notes(
	    &ev->outcomes, out, v->notes, NOTES_MAX, &v->nnotes, &v->more);
}

enum explanation
evaluate_explain(struct evaluator *ev, const struct spf_term *term,
    enum family f, const struct addr *a, struct buf *path)
{
	const struct outcome *out;
	struct addrset only;
	struct verdict v;
	bool permits, taken = false;

	evaluate_entry(ev, term, &v);
	permits = addrset_contains(&v.permits, f, a);
	addrset_clear(&v.permits);
	if (is_network(term))
		return permits ? EXPLAIN_PERMITS : EXPLAIN_NOTHING;
	/* The same walk, with nothing but this address on the way. */
	addrset_init(&only);
	addrset_add_net(&only, f, a, family_bits(f));
	ev->only = &only;
	out = begin_entry(ev, term);
	ev->only = NULL;
	addrset_clear(&only);
	for (size_t i = 0; i < out->left.n; i++)
		taken = taken || out->left.v[i].permit;
	if (!permits && out->guarded != NULL) {
		buf_puts(path, out->guarded);
		return EXPLAIN_GUARDED;
	}
	if (out->trace != NULL)
		buf_puts(path, out->trace);
	if (permits)
		return EXPLAIN_PERMITS;
	if (taken && out->result == RESULT_RECORD)
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

struct evaluator *
evaluate_open(const struct answers *answers, const struct policy *policy)
{
	struct evaluator *ev = xcalloc(1, sizeof(*ev));

	ev->answers = answers;
	ev->policy = *policy;
	if (policy->max_queries == 0)
		ev->policy.max_queries = QUERIES_MAX;
	/* Who may ask for less may not cost as much either. */
	ev->max_comparisons =
	    (uint64_t)COMPARISONS_MAX / QUERIES_MAX * ev->policy.max_queries;
	addrset_init(&ev->reserved);
	reserved_add(&ev->reserved);
	outcomes_init(&ev->outcomes);
	return ev;
}

void
evaluate_close(struct evaluator *ev)
{
	free(ev->wants);
	addrset_clear(&ev->reserved);
	outcomes_clear(&ev->outcomes);
	free(ev);
}
