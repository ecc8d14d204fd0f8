/*
 * record: one SPF record, term by term, with the set of all addresses (see
 * clients.h).
 *
 * The result of an included record does not depend on the record that includes
 * it. So it is computed once and shared, unless a loop or a limit cut it short,
 * or a macro names the listed domain.
 */
#include "spf/record.h"

#include <stdlib.h>

#include "base/text.h"
#include "spf/guard.h"
#include "spf/macro.h"
#include "spf/shared.h"

/*
 * The directives that were gathered take what they match. last: the addresses
 * that they leave need not be known.
 */
static void
settle(struct evaluation *e, bool last)
{
	if (addrset_is_empty(&e->matched))
		return;
	e->ev->cost.steps += (unsigned)clients_ranges(&e->clients);
	clients_match(&e->clients, &e->matched, e->permit, last, &e->out->left);
	addrset_clear(&e->matched);
}

/*
 * Whether the term at hand ends the evaluation: no address after it can be
 * permitted, and in default mode nothing else is asked about them.
 */
static bool
is_end(const struct evaluation *e)
{
	return e->term->kind == SPF_ALL && e->term->qualifier != '+' &&
	       !e->ev->policy.strict && e->ev->only == NULL;
}

/*
 * Before a directive: those of another qualifier are settled, and, where
 * lookups are counted, all others, since what they match costs no more.
 */
static void
begin_directive(struct evaluation *e, bool costs_lookup)
{
	bool permit = e->term->qualifier == '+';

	if (permit != e->permit || (costs_lookup && e->ev->policy.strict))
		settle(e, is_end(e));
	e->permit = permit;
	if (!costs_lookup)
		return;
	e->out->lookups++;
	if (e->ev->policy.strict && clients_count_lookups(&e->clients, 1))
		NOTE(e, NOTE_PERMERROR, "more than %d lookups", LOOKUPS_MAX);
}

/* A record on its own path (for default mode; limits end loops otherwise). */
static bool
is_loop(const struct evaluation *e, const uint8_t *target)
{
	for (const struct frame *f = e->frame; f != NULL; f = f->up)
		if (name_equal(f->domain, target))
			return true;
	return false;
}

/* Every address that reaches the term meets a permerror. */
static void
permerror(struct evaluation *e, const char *why)
{
	NOTE(e, NOTE_PERMERROR, "%s", why);
	clients_clear(&e->clients);
}

/* Why the term's target has no result: no record, or an error. */
static void
note_no_record(struct evaluation *e, const struct result *inner)
{
	bool strict = e->ev->policy.strict;

	switch (inner->status) {
	case RECORD_FOUND:
		return;
	case RECORD_NO_NAME:
	case RECORD_NONE:
		if (strict)
			permerror(e, "the domain publishes no SPF record");
		else
			NOTE(e,
			    inner->status == RECORD_NO_NAME ? NOTE_NO_NAME
							    : NOTE_NO_RECORD,
			    "the term needs one");
		break;
	case RECORD_PERMERROR:
		if (strict)
			permerror(e, "the record it names is in error");
		break;
	case RECORD_TEMPERROR:
		if (inner->failure != FAILURE_NONE)
			evaluator_note_failure(e->out, e->frame->domain,
			    e->term, inner->domain, RR_TXT, inner->failure);
		break;
	}
	if (strict)
		clients_clear(&e->clients);
}

/* The addresses that the included record passes, or those redirected to it. */
static void
take_inner(struct evaluation *e, const struct result *inner)
{
	bool exceeded;

	if (!e->ev->policy.strict) {
		result_add_permits(inner, &e->matched);
		return;
	}
	e->ev->cost.steps +=
	    (unsigned)(clients_ranges(&inner->left) * e->clients.n);
	if (e->term->kind == SPF_INCLUDE)
		exceeded = clients_include(
		    &e->clients, &inner->left, e->permit, &e->out->left);
	else
		exceeded =
		    clients_redirect(&e->clients, &inner->left, &e->out->left);
	if (exceeded)
		NOTE(e, NOTE_PERMERROR,
		    "more than %d lookups or %d void lookups", LOOKUPS_MAX,
		    VOIDS_MAX);
}

/*
 * For explain, which evaluates one address only: a guard looks at all that the
 * record permits. If it leaves the record out, this takes it as absent.
 */
static void
guard_only(struct evaluation *e, const uint8_t *target, struct result *inner)
{
	struct evaluator *ev = e->ev;
	struct addrset *only = ev->only;
	struct cost cost = ev->cost;
	const struct result *whole;

	if (only == NULL)
		return;
	ev->only = NULL;
	whole = record_evaluate(ev, e->frame, target, !e->permit);
	ev->only = only;
	ev->cost = cost;
	if (whole->guard == NOTE_KINDS)
		return;
	if (result_permits(inner) && e->out->guarded == NULL)
		e->out->guarded = mechanism_trace(e, inner->trace);
	result_refuse(inner);
}

/* Whether the listed domain has no steps left. */
static bool
is_exhausted(const struct evaluation *e)
{
	return e->ev->cost.steps > e->ev->most.steps;
}

/* include and redirect=: the result of the record at target. */
static void
evaluate_inner(struct evaluation *e, const uint8_t *target)
{
	struct result *inner;

	if (!e->ev->policy.strict && is_loop(e, target)) {
		NOTE(e, NOTE_LOOP, "%s", "it leads back to itself");
		e->out->cut = true;
		return;
	}
	inner = record_evaluate(e->ev, e->frame, target, !e->permit);
	result_take(e->out, inner);
	e->inner = inner;
	if (inner->limit != NULL)
		NOTE(e, NOTE_LIMIT, "%s", inner->limit);
	if (inner->limited)
		mechanism_cut_short(e);
	/* After the last step, not even what was found is handed on. */
	if (inner->limit != NULL || is_exhausted(e))
		return;
	for (int f = 0; f < FAMILIES; f++)
		if (inner->is_void)
			mechanism_count_void(e, (enum family)f);
	note_no_record(e, inner);
	if (inner->status != RECORD_FOUND)
		return;
	if (inner->guard != NOTE_KINDS)
		guard_note(inner, e->out, e->frame->domain, e->term);
	guard_only(e, target, inner);
	take_inner(e, inner);
}

/* A term that asks DNS about a name (RFC 7208 sections 5.2 to 5.7, 6.1). */
static void
evaluate_target(struct evaluation *e)
{
	uint8_t target[NAME_MAX_WIRE];
	enum macro_result t = macro_expand(e->term, e->frame->domain,
	    e->ev->origin, target, &e->out->uses_origin);
	bool record =
	    e->term->kind == SPF_INCLUDE || e->term->kind == SPF_REDIRECT;

	begin_directive(e, true);
	if (e->clients.n == 0)
		return;
	if (e->term->kind == SPF_PTR || t == MACRO_CLIENT) {
		mechanism_client(e);
		return;
	}
	/* check_host() is for names of two labels and more (section 4.3). */
	if (t == MACRO_INVALID || (record && name_labels(target) < 2)) {
		if (record && e->ev->policy.strict)
			permerror(e, "not a domain name");
		else
			NOTE(e, NOTE_BAD_NAME, "macros expanded");
		return;
	}
	switch (e->term->kind) {
	case SPF_A:
		mechanism_a(e, target);
		break;
	case SPF_MX:
		mechanism_mx(e, target);
		break;
	case SPF_EXISTS:
		mechanism_exists(e, target);
		break;
	default:
		evaluate_inner(e, target);
	}
}

/*
 * For explain: the term that took the last address on the way is the one that
 * decides; after it, what decides in the record that it names.
 */
static void
trace(struct evaluation *e)
{
	const struct result *inner = e->inner;
	struct result *out = e->out;
	/*
	 * The record that redirect= leads to decides alone, even what it
	 * refuses.
	 */
	bool redirected = e->term->kind == SPF_REDIRECT && inner != NULL;

	if (e->ev->only == NULL)
		return;
	settle(e, false);
	if ((e->clients.n == 0 || (redirected && inner->trace != NULL)) &&
	    (out->trace == NULL || e->permit)) {
		free(out->trace);
		out->trace =
		    mechanism_trace(e, inner != NULL ? inner->trace : NULL);
		out->trace_all = e->term->kind == SPF_ALL;
		if (redirected)
			out->trace_all = inner->trace_all;
	}
	if (inner != NULL && inner->guarded != NULL && out->guarded == NULL)
		out->guarded = mechanism_trace(e, inner->guarded);
	e->inner = NULL;
}

/* Evaluates one term; returns false if no later one can matter. */
static bool
evaluate_term(struct evaluation *e)
{
	enum family f = IPV4;

	switch (e->term->kind) {
	case SPF_BROKEN:
		NOTE(e, NOTE_SYNTAX, "%s", e->term->why);
		return true;
	case SPF_ALL:
		begin_directive(e, false);
		if (is_end(e)) {
			clients_clear(&e->clients);
			break;
		}
		mechanism_all(e);
		settle(e, false);
		break;
	case SPF_IP6:
		f = IPV6;
		/* FALLTHROUGH */
	case SPF_IP4:
		begin_directive(e, false);
		mechanism_net(e, f, &e->term->addr, e->term->prefix[f]);
		break;
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER_MODIFIER:
		return true;
	default:
		evaluate_target(e);
	}
	trace(e);
	return e->clients.n > 0;
}

/* Whether the listed domain may have one more term evaluated. */
static bool
may_go_on(struct evaluation *e)
{
	static const struct cost none;
	const char *limit = evaluator_limit(e->ev, &none);

	if (limit == NULL)
		return true;
	NOTE(e, NOTE_LIMIT, "%s", limit);
	e->out->limited = true;
	return false;
}

/*
 * Evaluates the terms in order; returns whether the record's redirect= counts
 * after them.
 */
static bool
evaluate_terms(struct evaluation *e)
{
	const struct spf_record *record = e->record;
	/* To the letter, an error anywhere makes the record one. */
	bool alive =
	    !e->ev->policy.strict || !(record->broken || record->too_long);

	for (size_t i = 0; i < record->n; i++) {
		e->term = &record->terms[i];
		if (!may_go_on(e))
			return false;
		/* Without effect after all, but worth a note. */
		if (alive || e->term->kind == SPF_BROKEN)
			alive = evaluate_term(e) && alive;
	}
	/* What was not looked at may be all. */
	return alive && !record->too_long && record->redirect != NULL;
}

/* Starts with the addresses that the evaluation is for. */
static void
begin_clients(struct evaluation *e)
{
	struct addrset everything;

	addrset_init(&everything);
	if (e->ev->only != NULL)
		addrset_union(&everything, e->ev->only);
	else
		addrset_fill(&everything);
	clients_init(&e->clients);
	clients_add(&e->clients, &everything, 0, 0, false);
	addrset_init(&e->matched);
}

/* Those that nothing matched leave it: neutral (section 4.7). */
static void
end_clients(struct evaluation *e)
{
	settle(e, !e->ev->policy.strict);
	for (size_t i = 0; e->ev->policy.strict && i < e->clients.n; i++) {
		struct group *g = &e->clients.v[i];

		clients_add(
		    &e->out->left, &g->set, g->lookups, g->voids, false);
	}
	clients_clear(&e->clients);
	addrset_clear(&e->matched);
	if (!e->ev->policy.strict)
		result_keep_permits(e->out);
}

/* Evaluates a record from its first term to its end; adds to the result. */
static void
evaluate_record(struct evaluator *ev, const struct frame *frame,
    struct result *out, const struct spf_record *record)
{
	struct evaluation e = {
	    .ev = ev, .frame = frame, .out = out, .record = record};

	begin_clients(&e);
	if (evaluate_terms(&e)) {
		e.term = record->redirect;
		evaluate_target(&e);
		trace(&e);
	}
	e.term = NULL;
	if (record->too_long) {
		NOTE(&e, NOTE_LIMIT, "more than %d bytes or %d terms",
		    SPF_RECORD_MAX, SPF_TERMS_MAX);
		out->limited = true;
	}
	end_clients(&e);
}

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

/* Evaluates each SPF record among the TXT records (section 4.5). */
static void
evaluate_txt(struct evaluator *ev, const struct frame *frame,
    struct result *out, const struct answer *txt)
{
	struct spf_record record;
	const uint8_t *at = NULL;
	unsigned records = 0;
	struct buf text;

	buf_init(&text);
	while (spf_next_record(txt, &at, &text)) {
		if (++records == 2 && !ev->policy.strict)
			result_note(out, frame->domain, NULL, NOTE_TWO_RECORDS,
			    "RFC 7208 allows one");
		spf_parse(&record, text.data, text.len);
		if (ev->policy.strict &&
		    (records > 1 || record.broken || record.too_long))
			out->status = RECORD_PERMERROR;
		else
			out->status = RECORD_FOUND;
		evaluate_record(ev, frame, out, &record);
		spf_record_clear(&record);
	}
	if (records == 0 && has_almost_record(txt))
		result_note(out, frame->domain, NULL, NOTE_ALMOST,
		    "RFC 7208 section 4.5");
	buf_clear(&text);
}

/* Finds the SPF record among the TXT records of a domain. */
static void
evaluate_answer(struct evaluator *ev, const struct frame *frame,
    struct result *out, const struct answer *txt)
{
	out->is_void = answer_is_void(txt);
	switch (txt->status) {
	case ANSWER_NXDOMAIN:
		out->status = RECORD_NO_NAME;
		break;
	case ANSWER_NODATA:
		out->status = RECORD_NONE;
		break;
	case ANSWER_DATA:
		out->status = RECORD_NONE;
		/* So deep, every address has cost too many lookups. */
		if (ev->policy.strict && frame->depth > LOOKUPS_MAX) {
			out->status = RECORD_PERMERROR;
			out->cut = true;
		} else
			evaluate_txt(ev, frame, out, txt);
		break;
	default:
		out->status = RECORD_TEMPERROR;
		out->failure = txt->failure;
	}
}

/* All addresses of the record are known. */
static void
end_result(struct evaluator *ev, struct result *out, const struct frame *frame)
{
	if (!frame->unguarded && ev->only == NULL)
		guard_result(ev, out, frame->up != NULL ? ev->share : 1);
	ev->cost.steps += (unsigned)clients_ranges(&out->left);
}

#define TEXT_OF(x) #x
#define NUMBER(x) TEXT_OF(x)

/* The limit that leaves no room for so much more, or NULL. */
static const char *
find_limit(const struct evaluator *ev, unsigned depth, const struct cost *more)
{
	if (depth > DEPTH_MAX)
		return "more than " NUMBER(
		    DEPTH_MAX) " includes and redirects inside each other";
	return evaluator_limit(ev, more);
}

/* Evaluates the record of the frame's domain. */
static struct result *
evaluate_new(struct evaluator *ev, struct frame *frame,
    const struct answer *key, bool whole)
{
	const struct answer *txt = key;
	const struct cost one = {.records = 1, .queries = 1};
	const struct cost before = ev->cost;
	struct result *out = results_new(&ev->results);

	out->limit = find_limit(ev, frame->depth, &one);
	if (out->limit != NULL) {
		out->limited = out->unshared = true;
		out->cut = frame->depth > DEPTH_MAX;
		return out;
	}
	evaluator_charge(ev, &one);
	if (key != NULL)
		frame->domain = key->name;
	out->domain = frame->domain;
	if (txt == NULL || txt->status == ANSWER_UNKNOWN)
		txt = answers_resolve(ev->answers, frame->domain, RR_TXT, NULL);
	evaluator_use(ev, out, txt, frame->domain, RR_TXT);
	evaluate_answer(ev, frame, out, txt);
	end_result(ev, out, frame);
	out->cost = evaluator_cost_since(ev, &before);
	/* A limit of those around it may have cut it short. */
	out->cut = out->cut || (out->limited && !whole);
	out->unshared = out->unshared || out->cut || out->uses_origin ||
			out->incomplete || ev->only != NULL;
	if (!out->unshared && frame->up != NULL)
		shared_add(ev, frame, key, out);
	return out;
}

struct result *
record_evaluate(struct evaluator *ev, const struct frame *up,
    const uint8_t *domain, bool unguarded)
{
	struct frame frame = {
	    .up = up,
	    .domain = domain,
	    .depth = up == NULL ? 0 : up->depth + 1,
	    .unguarded = unguarded || (up != NULL && up->unguarded),
	};
	const struct answer *key = answers_find(ev->answers, domain, RR_TXT);
	const struct cost most = ev->most;
	struct cost part = evaluator_part(ev, frame.depth);
	bool whole = evaluator_grant(ev, &part);
	struct result *out = NULL;

	/* The listed domain itself may use all of the guards. */
	if (ev->only == NULL && (up != NULL || ev->share == 1))
		out = shared_find(ev, &frame, key, whole);
	if (out == NULL)
		out = evaluate_new(ev, &frame, key, whole);
	ev->most = most;
	return out;
}

struct result *
record_evaluate_term(struct evaluator *ev, const struct spf_term *term)
{
	struct result *out = results_new(&ev->results);
	struct spf_term copy = *term;
	struct spf_record record = {.terms = &copy, .n = 1};
	struct frame frame = {.domain = ev->origin};

	/*
	 * Signs of a list are not qualifiers: the named addresses are
	 * permitted.
	 */
	copy.qualifier = '+'; /* cppcheck-suppress unreadVariable ; in record */
	evaluate_record(ev, &frame, out, &record);
	out->status = RECORD_FOUND;
	end_result(ev, out, &frame);
	return out;
}
