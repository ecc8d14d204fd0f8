/*
 * walk: one SPF record, term by term, with the set of all addresses.
 */
#include "spf/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "spf/macro.h"
#include "spf/match.h"

/* The directives that were gathered take what they match. */
static void
settle(struct walk *w)
{
	if (addrset_is_empty(&w->matched))
		return;
	w->ev->cost.comparisons += streams_ranges(&w->streams);
	streams_match(&w->streams, &w->matched, w->permit, &w->out->left);
	addrset_clear(&w->matched);
}

/*
 * Before a directive: those of another qualifier are settled, and, where
 * lookups are counted, all others, since what they match costs no more.
 */
static void
begin_directive(struct walk *w, bool costs_lookup)
{
	bool permit = w->term->qualifier == '+';

	if (permit != w->permit || (costs_lookup && w->ev->policy.strict))
		settle(w);
	w->permit = permit;
	if (!costs_lookup)
		return;
	w->out->lookups++;
	if (w->ev->policy.strict && streams_count_lookups(&w->streams, 1))
		match_note(
		    w, NOTE_PERMERROR, "more than %d lookups", LOOKUPS_MAX);
}

static void
want(struct evaluator *ev, const uint8_t *name, enum rr_type type)
{
	struct want *wanted;

	/* The first ones may make others unnecessary: by a bound, say. */
	if (ev->nwants == WANTS_MAX)
		return;
	ev->wants =
	    grow(ev->wants, ev->nwants, &ev->wants_cap, sizeof(*ev->wants));
	wanted = &ev->wants[ev->nwants++];
	wanted->type = type;
	memcpy(wanted->name, name, name_len(name));
}

const struct answer *
walk_look_up(struct evaluator *ev, struct outcome *out, const uint8_t *name,
    enum rr_type type)
{
	const struct answer *a = answers_resolve(ev->answers, name, type, NULL);

	if (a->status == ANSWER_UNKNOWN || a->status == ANSWER_PENDING) {
		want(ev, name, type);
		out->incomplete = true;
	}
	if (a->status != ANSWER_DATA && a->status != ANSWER_NODATA &&
	    a->status != ANSWER_NXDOMAIN)
		out->failed = true;
	outcome_confirmed(out, a->confirmed);
	if (a->stale)
		outcome_stale(out, a);
	return a;
}

bool
walk_is_void(const struct answer *a)
{
	return a->status == ANSWER_NODATA || a->status == ANSWER_NXDOMAIN;
}

void
walk_vnote(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, enum note_kind kind, const char *fmt,
    va_list ap)
{
	outcome_note(out, kind, frame->domain, term != NULL ? term->text : NULL,
	    term != NULL ? term->len : 0, fmt, ap);
}

void
walk_note(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, enum note_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	walk_vnote(frame, out, term, kind, fmt, ap);
	va_end(ap);
}

void
walk_note_failure(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, const uint8_t *name, enum rr_type type,
    unsigned failure)
{
	struct buf text;

	buf_init(&text);
	name_to_text(&text, name);
	walk_note(frame, out, term, NOTE_FAILED, "%s of %s: %s",
	    rr_type_name(type), text.data,
	    answer_failure_text((enum answer_failure)failure));
	buf_clear(&text);
}

/* A record on its own path (for default mode; limits end loops otherwise). */
static bool
is_loop(const struct walk *w, const uint8_t *target)
{
	for (const struct frame *f = w->frame; f != NULL; f = f->up)
		if (name_equal(f->domain, target))
			return true;
	return false;
}

/* What the term's target did not give: no record, or an error. */
static void
note_no_record(struct walk *w, const struct outcome *inner)
{
	enum note_kind kind =
	    inner->result == RESULT_NO_NAME ? NOTE_NO_NAME : NOTE_NO_RECORD;

	switch (inner->result) {
	case RESULT_RECORD:
		break;
	case RESULT_NO_NAME:
	case RESULT_NO_RECORD:
		if (w->ev->policy.strict)
			match_permerror(
			    w, "the domain publishes no SPF record");
		else
			match_note(w, kind, "the term needs one");
		break;
	case RESULT_PERMERROR:
		if (w->ev->policy.strict)
			match_permerror(w, "the record it names is in error");
		break;
	case RESULT_TEMPERROR:
		if (inner->failure != FAILURE_NONE)
			match_note_failure(
			    w, inner->domain, RR_TXT, inner->failure);
		break;
	}
	if (w->ev->policy.strict && inner->result != RESULT_RECORD)
		streams_clear(&w->streams);
}

/* include and redirect=: what the record at target does. */
static void
walk_inner(struct walk *w, const uint8_t *target)
{
	bool strict = w->ev->policy.strict, over = false;
	struct outcome *inner;

	if (!strict && is_loop(w, target)) {
		match_note(w, NOTE_LOOP, "%s", "it is on the path to itself");
		w->out->cut = true;
		return;
	}
	inner = evaluate_domain(w->ev, w->frame, target, !w->permit);
	outcome_take(w->out, inner);
	w->inner = inner;
	if (inner->over != NULL)
		match_note(w, NOTE_LIMIT, "%s", inner->over);
	if (inner->bounded)
		match_cut_short(w);
	if (inner->over != NULL)
		return;
	for (int f = 0; f < FAMILIES; f++)
		if (inner->is_void)
			match_count_void(w, (enum family)f);
	note_no_record(w, inner);
	if (inner->result != RESULT_RECORD)
		return;
	if (!strict)
		for (size_t i = 0; i < inner->left.n; i++)
			addrset_union(&w->matched, &inner->left.v[i].set);
	else if (w->term->kind == SPF_INCLUDE)
		over = streams_include(
		    &w->streams, &inner->left, w->permit, &w->out->left);
	else
		over =
		    streams_redirect(&w->streams, &inner->left, &w->out->left);
	if (over)
		match_note(w, NOTE_PERMERROR,
		    "more than %d lookups or %d void lookups", LOOKUPS_MAX,
		    VOIDS_MAX);
}

/* Whether something behind a term that matches nothing might still permit. */
static bool
permits_later(const struct walk *w)
{
	const struct spf_term *end = w->record->terms + w->record->n;

	if (w->term->qualifier == '+')
		return false;
	for (const struct spf_term *t = w->term + 1; t < end; t++) {
		if (t->kind == SPF_BROKEN || t->kind == SPF_EXP ||
		    t->kind == SPF_OTHER_MODIFIER)
			continue;
		if (t->kind == SPF_PTR || macro_needs_client(t))
			continue;
		if (t->kind == SPF_ALL)
			return t->qualifier == '+';
		if (t->kind == SPF_REDIRECT ? w->record->all == NULL
					    : t->qualifier == '+')
			return true;
	}
	return w->record->redirect != NULL && w->record->all == NULL;
}

static void
note_client(struct walk *w)
{
	match_note(w, permits_later(w) ? NOTE_CLIENT_WIDER : NOTE_CLIENT, "%s",
	    w->term->kind == SPF_PTR ? "the client's host name"
				     : "a macro of the client");
}

/* A term that asks DNS about a name (RFC 7208 sections 5.2 to 5.7, 6.1). */
static void
walk_target(struct walk *w)
{
	uint8_t target[NAME_MAX_WIRE];
	enum macro_result t = macro_expand(w->term, w->frame->domain,
	    w->ev->origin, target, &w->out->uses_origin);
	bool record =
	    w->term->kind == SPF_INCLUDE || w->term->kind == SPF_REDIRECT;

	begin_directive(w, true);
	if (w->streams.n == 0)
		return;
	if (w->term->kind == SPF_PTR || t == MACRO_CLIENT) {
		note_client(w);
		return;
	}
	/* check_host() is for names of two labels and more (section 4.3). */
	if (t == MACRO_INVALID || (record && name_labels(target) < 2)) {
		if (record && w->ev->policy.strict)
			match_permerror(w, "not a domain name");
		else
			match_note(w, NOTE_BAD_NAME, "macros expanded");
		return;
	}
	switch (w->term->kind) {
	case SPF_A:
		match_a(w, target);
		break;
	case SPF_MX:
		match_mx(w, target);
		break;
	case SPF_EXISTS:
		match_exists(w, target);
		break;
	default:
		walk_inner(w, target);
	}
}

/*
 * For explain: the term that took the last address on the way is the one that
 * decides; behind it, what decides in the record that it names.
 */
static void
trace(struct walk *w)
{
	const struct outcome *inner = w->inner;
	struct outcome *out = w->out;
	/* What redirect= leads to decides by itself, also what it refuses. */
	bool redirected = w->term->kind == SPF_REDIRECT && inner != NULL;

	if (w->ev->only == NULL)
		return;
	settle(w);
	if ((w->streams.n == 0 || (redirected && inner->trace != NULL)) &&
	    (out->trace == NULL || w->permit)) {
		free(out->trace);
		out->trace =
		    match_trace(w, inner != NULL ? inner->trace : NULL);
		out->trace_all = w->term->kind == SPF_ALL;
		if (redirected)
			out->trace_all = inner->trace_all;
	}
	if (inner != NULL && inner->guarded != NULL && out->guarded == NULL)
		out->guarded = match_trace(w, inner->guarded);
	w->inner = NULL;
}

/* Walks one term; returns false if no later one can matter. */
static bool
walk_term(struct walk *w)
{
	enum family f = IPV4;

	switch (w->term->kind) {
	case SPF_BROKEN:
		match_note(w, NOTE_SYNTAX, "%s", w->term->why);
		break;
	case SPF_ALL:
		begin_directive(w, false);
		match_all(w);
		settle(w);
		break;
	case SPF_IP6:
		f = IPV6;
		/* FALLTHROUGH */
	case SPF_IP4:
		begin_directive(w, false);
		match_net(w, f, &w->term->addr, w->term->prefix[f]);
		break;
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER_MODIFIER:
		break;
	default:
		walk_target(w);
	}
	trace(w);
	return w->streams.n > 0;
}

/* Whether the listed domain may have one more term walked. */
static bool
may_walk(struct walk *w)
{
	struct cost *cost = &w->ev->cost;

	if (++cost->terms > TERMS_MAX)
		match_note(w, NOTE_LIMIT,
		    "more than %d terms for one listed domain", TERMS_MAX);
	else if (cost->comparisons > w->ev->max_comparisons)
		match_note(w, NOTE_LIMIT,
		    "more comparisons than one listed domain may cost");
	else
		return true;
	w->out->cut = w->out->bounded = true;
	return false;
}

/*
 * Walks the terms in order; returns whether the record's redirect= counts
 * behind them.
 */
static bool
walk_terms(struct walk *w)
{
	const struct spf_record *record = w->record;
	/* To the letter, an error anywhere makes the record one. */
	bool alive =
	    !w->ev->policy.strict || !(record->broken || record->too_long);

	for (size_t i = 0; i < record->n; i++) {
		w->term = &record->terms[i];
		if (!may_walk(w))
			return false;
		if (alive)
			alive = walk_term(w);
		else if (w->term->kind == SPF_BROKEN)
			/* Without effect behind all, but worth a note. */
			walk_term(w);
	}
	/* What was not looked at may be all. */
	return alive && !record->too_long && record->redirect != NULL;
}

/* Puts the addresses that are to be known on their way. */
static void
begin_streams(struct walk *w)
{
	struct addrset everything;

	addrset_init(&everything);
	if (w->ev->only != NULL)
		addrset_union(&everything, w->ev->only);
	else
		addrset_fill(&everything);
	streams_init(&w->streams);
	streams_add(&w->streams, &everything, 0, 0, false);
	addrset_init(&w->matched);
}

/* Those that nothing matched leave it: neutral (section 4.7). */
static void
end_streams(struct walk *w)
{
	settle(w);
	for (size_t i = 0; w->ev->policy.strict && i < w->streams.n; i++) {
		struct stream *s = &w->streams.v[i];

		streams_add(
		    &w->out->left, &s->set, s->lookups, s->voids, false);
	}
	streams_clear(&w->streams);
	addrset_clear(&w->matched);
	if (!w->ev->policy.strict)
		outcome_keep_permits(w->out);
}

void
walk_record(struct evaluator *ev, const struct frame *frame,
    struct outcome *out, const struct spf_record *record)
{
	struct walk w = {
	    .ev = ev, .frame = frame, .out = out, .record = record};

	begin_streams(&w);
	if (walk_terms(&w)) {
		w.term = record->redirect;
		walk_target(&w);
		trace(&w);
	}
	w.term = NULL;
	if (record->too_long) {
		match_note(&w, NOTE_LIMIT, "more than %d bytes or %d terms",
		    SPF_RECORD_MAX, SPF_TERMS_MAX);
		out->cut = out->bounded = true;
	}
	end_streams(&w);
}
