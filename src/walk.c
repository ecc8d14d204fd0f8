/*
 * walk: one SPF record, term by term, with the set of all addresses.
 */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

#include "reserved.h"

/* The record at hand while its terms are walked. */
struct walk {
	struct evaluator *ev;
	const struct frame *frame;
	struct outcome *out;
	struct streams streams; /* addresses that nothing matched yet */
	struct addrset matched; /* by the last directives, of one qualifier */
	bool permit;            /* whether that was + */
	const struct spf_record *record;
	const struct spf_term *term;
	const struct outcome *inner; /* what the term's record does */
};

static char *trace_text(const struct walk *w, const char *inner);

/* A note on the term at hand, or on the whole record without one. */
static void PRINTF_LIKE(3, 4)
    note(struct walk *w, enum note_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	outcome_note(w->out, kind, w->frame->domain,
	    w->term != NULL ? w->term->text : NULL,
	    w->term != NULL ? w->term->len : 0, fmt, ap);
	va_end(ap);
}

/* The directives that were gathered take what they match. */
static void
settle(struct walk *w)
{
	if (addrset_is_empty(&w->matched))
		return;
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
		note(w, NOTE_PERMERROR, "more than %d lookups", LOOKUPS_MAX);
}

/*
 * Whether the guard takes a permitting network of that length as absent. Not
 * inside a record that a term without + includes: what passes there is taken
 * out of the table, and must stay out.
 */
static bool
is_too_wide(struct walk *w, enum family f, unsigned prefix)
{
	unsigned min = w->ev->policy.min_prefix[f];

	if (!w->permit || w->frame->unguarded || prefix >= min)
		return false;
	note(w, NOTE_TOO_WIDE, "/%u in IPv%c", min, f == IPV4 ? '4' : '6');
	return true;
}

/* The directive matches a network. */
static void
match_net(struct walk *w, enum family f, const struct addr *a, unsigned prefix)
{
	struct net n = {f, prefix, *a};
	struct range r = net_range(&n);

	if (is_too_wide(w, f, prefix)) {
		if (w->ev->only != NULL && w->out->guarded == NULL &&
		    addrset_overlaps(w->ev->only, f, &r))
			w->out->guarded = trace_text(w, NULL);
		return;
	}
	if (w->permit && !w->frame->unguarded &&
	    !w->ev->policy.permit_reserved &&
	    addrset_overlaps(&w->ev->reserved, f, &r)) {
		note(w, NOTE_RESERVED, "%s", reserved_name(f, &r));
		w->out->reserved = true;
	}
	addrset_add_range(&w->matched, f, &r);
}

/* It matches every address: all, and exists when it does. */
static void
match_everything(struct walk *w)
{
	static const struct addr zero;

	for (int f = 0; f < FAMILIES; f++)
		match_net(w, (enum family)f, &zero, 0);
}

/*
 * A bound left something out of the term. If it should have taken addresses
 * out of the table, nothing behind it may permit them.
 */
static void
cut_short(struct walk *w)
{
	w->out->cut = w->out->bounded = true;
	if (!w->permit)
		streams_clear(&w->streams);
}

/* Whether the listed domain may still cost that many queries. */
static bool
may_query(struct walk *w, unsigned n)
{
	if (w->ev->queries + n <= QUERIES_MAX) {
		w->ev->queries += n;
		return true;
	}
	note(w, NOTE_LIMIT, "more than %d DNS lookups for one listed domain",
	    QUERIES_MAX);
	cut_short(w);
	return false;
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

/* What DNS says; a lookup that failed or is missing is marked in the outcome.
 */
const struct answer *
walk_look_up(struct evaluator *ev, struct outcome *out, const uint8_t *name,
    enum rr_type type)
{
	const struct answer *a =
	    answers_resolve(ev->answers, name, type, NULL, NULL);

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
walk_note(const struct frame *frame, struct outcome *out, enum note_kind kind,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	outcome_note(out, kind, frame->domain, NULL, 0, fmt, ap);
	va_end(ap);
}

void
walk_note_failure(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, const uint8_t *name, enum rr_type type,
    unsigned failure)
{
	struct walk w = {.frame = frame, .out = out, .term = term};
	struct buf text;

	buf_init(&text);
	name_to_text(&text, name);
	note(&w, NOTE_FAILED, "%s of %s: %s", rr_type_name(type), text.data,
	    answer_failure_text((enum answer_failure)failure));
	buf_clear(&text);
}

static void
note_failure(
    struct walk *w, const uint8_t *name, enum rr_type type, unsigned failure)
{
	walk_note_failure(w->frame, w->out, w->term, name, type, failure);
}

/* A query found nothing: that is counted, to the letter. */
static void
count_void(struct walk *w, enum family f)
{
	if (w->ev->policy.strict && streams_count_voids(&w->streams, f, 1))
		note(w, NOTE_PERMERROR, "more than %d void lookups", VOIDS_MAX);
}

/* A query failed: to the letter, temperror for the addresses that need it. */
static void
fail(struct walk *w, const uint8_t *name, enum rr_type type,
    const struct answer *a, enum family f)
{
	if (a->status == ANSWER_FAILED)
		note_failure(w, name, type, a->failure);
	if (w->ev->policy.strict)
		streams_drop(&w->streams, f);
}

/* Every address that comes to the term meets a permerror. */
static void PRINTF_LIKE(2, 3) permerror(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	outcome_note(w->out, NOTE_PERMERROR, w->frame->domain, w->term->text,
	    w->term->len, fmt, ap);
	va_end(ap);
	streams_clear(&w->streams);
}

/*
 * The addresses of a name, each with the directive's prefix lengths: A for
 * IPv4 clients, AAAA for IPv6. Returns whether there were any, or might be.
 */
static bool
match_addresses(struct walk *w, const uint8_t *name)
{
	static const enum rr_type type[FAMILIES] = {RR_A, RR_AAAA};
	bool found = false;

	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;
		const struct answer *a =
		    walk_look_up(w->ev, w->out, name, type[f]);
		const uint8_t *at = NULL;
		struct rr rr;

		if (a->status == ANSWER_DATA) {
			while (answer_next(a, &at, &rr)) {
				if (++w->ev->addresses > ADDRESSES_MAX) {
					note(w, NOTE_LIMIT,
					    "more than %d addresses for one "
					    "listed domain",
					    ADDRESSES_MAX);
					cut_short(w);
					break;
				}
				struct addr address =
				    addr_from_bytes(f, rr.data);

				match_net(w, f, &address, w->term->prefix[f]);
			}
			found = true;
		} else if (walk_is_void(a)) {
			count_void(w, f);
		} else {
			fail(w, name, type[f], a, f);
			found = true;
		}
	}
	return found;
}

static void
walk_a(struct walk *w, const uint8_t *target)
{
	if (may_query(w, FAMILIES) && !match_addresses(w, target))
		note(w, NOTE_VOID, "no address");
}

/* RFC 7208 section 5.4; a null MX (RFC 7505) names no host. */
static void
walk_mx(struct walk *w, const uint8_t *target)
{
	const struct answer *mx;
	const uint8_t *at = NULL;
	unsigned names = 0;
	bool found = false;
	struct rr rr;

	if (!may_query(w, 1))
		return;
	mx = walk_look_up(w->ev, w->out, target, RR_MX);
	for (int f = 0; f < FAMILIES; f++) {
		if (walk_is_void(mx))
			count_void(w, (enum family)f);
		else if (mx->status != ANSWER_DATA && w->ev->policy.strict)
			streams_drop(&w->streams, (enum family)f);
	}
	if (mx->status == ANSWER_FAILED)
		note_failure(w, target, RR_MX, mx->failure);
	if (walk_is_void(mx))
		note(w, NOTE_VOID, "no MX");
	if (mx->status != ANSWER_DATA)
		return;
	while (answer_next(mx, &at, &rr)) {
		const uint8_t *exchange = rr.data + 2;

		if (*exchange == 0)
			continue;
		names++;
		if (w->ev->policy.strict && names > LOOKUPS_MAX) {
			/* None of them counts (section 4.6.4). */
			permerror(w, "more than %d MX names", LOOKUPS_MAX);
			return;
		}
		if (names > MX_NAMES_MAX) {
			note(w, NOTE_LIMIT, "more than %d MX names",
			    MX_NAMES_MAX);
			cut_short(w);
			break;
		}
		if (!may_query(w, FAMILIES))
			break;
		found = match_addresses(w, exchange) || found;
	}
	if (!found)
		note(w, NOTE_VOID,
		    names > 0 ? "its MX hosts have no address"
			      : "null MX: it takes no mail");
}

/* Without a client in its name, it matches every address or none. */
static void
walk_exists(struct walk *w, const uint8_t *target)
{
	const struct answer *a;

	if (!may_query(w, 1))
		return;
	a = walk_look_up(w->ev, w->out, target, RR_A);
	if (a->status == ANSWER_DATA)
		match_everything(w);
	for (int f = 0; f < FAMILIES; f++) {
		if (walk_is_void(a))
			count_void(w, (enum family)f);
		else if (a->status != ANSWER_DATA && w->ev->policy.strict)
			streams_drop(&w->streams, (enum family)f);
	}
	if (a->status == ANSWER_FAILED)
		note_failure(w, target, RR_A, a->failure);
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
			permerror(w, "the domain publishes no SPF record");
		else
			note(w, kind, "the term needs one");
		break;
	case RESULT_PERMERROR:
		if (w->ev->policy.strict)
			permerror(w, "the record it names is in error");
		break;
	case RESULT_TEMPERROR:
		if (inner->failure != FAILURE_NONE)
			note_failure(w, inner->domain, RR_TXT, inner->failure);
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
		note(w, NOTE_LOOP, "%s", "it is on the path to itself");
		w->out->cut = true;
		return;
	}
	inner = evaluate_domain(w->ev, w->frame, target, !w->permit);
	outcome_take(w->out, inner);
	w->inner = inner;
	if (inner->over != NULL)
		note(w, NOTE_LIMIT, "%s", inner->over);
	if (inner->bounded)
		cut_short(w);
	if (inner->over != NULL)
		return;
	for (int f = 0; f < FAMILIES; f++)
		if (inner->is_void)
			count_void(w, (enum family)f);
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
		note(w, NOTE_PERMERROR,
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
		if (t->kind == SPF_PTR || spf_needs_client(t))
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
	note(w, permits_later(w) ? NOTE_CLIENT_WIDER : NOTE_CLIENT, "%s",
	    w->term->kind == SPF_PTR ? "the client's host name"
				     : "a macro of the client");
}

/* A term that asks DNS about a name (RFC 7208 sections 5.2 to 5.7, 6.1). */
static void
walk_target(struct walk *w)
{
	uint8_t target[NAME_MAX_WIRE];
	enum spf_target t = spf_term_target(w->term, w->frame->domain,
	    w->ev->origin, target, &w->out->uses_origin);
	bool record =
	    w->term->kind == SPF_INCLUDE || w->term->kind == SPF_REDIRECT;

	begin_directive(w, true);
	if (w->streams.n == 0)
		return;
	if (w->term->kind == SPF_PTR || t == SPF_TARGET_CLIENT) {
		note_client(w);
		return;
	}
	/* check_host() is for names of two labels and more (section 4.3). */
	if (t == SPF_TARGET_INVALID || (record && name_labels(target) < 2)) {
		if (record && w->ev->policy.strict)
			permerror(w, "not a domain name");
		else
			note(w, NOTE_BAD_NAME, "macros expanded");
		return;
	}
	switch (w->term->kind) {
	case SPF_A:
		walk_a(w, target);
		break;
	case SPF_MX:
		walk_mx(w, target);
		break;
	case SPF_EXISTS:
		walk_exists(w, target);
		break;
	default:
		walk_inner(w, target);
	}
}

/* "OWNER: TERM", and behind it what the record that it names has to say. */
static char *
trace_text(const struct walk *w, const char *inner)
{
	struct buf text;

	buf_init(&text);
	name_to_text(&text, w->frame->domain);
	buf_puts(&text, ": ");
	buf_add_escaped(&text, w->term->text, w->term->len, SHOWN_MAX);
	if (inner != NULL)
		buf_printf(&text, " > %s", inner);
	return text.data;
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

	if (w->ev->only == NULL)
		return;
	settle(w);
	if (w->streams.n == 0 && (out->trace == NULL || w->permit)) {
		free(out->trace);
		out->trace = trace_text(w, inner != NULL ? inner->trace : NULL);
		out->trace_all = w->term->kind == SPF_ALL;
		/* What redirect= leads to decides by itself. */
		if (w->term->kind == SPF_REDIRECT && inner != NULL)
			out->trace_all = inner->trace_all;
	}
	if (inner != NULL && inner->guarded != NULL && out->guarded == NULL)
		out->guarded = trace_text(w, inner->guarded);
	w->inner = NULL;
}

/* Walks one term; returns false if no later one can matter. */
static bool
walk_term(struct walk *w)
{
	enum family f = IPV4;

	switch (w->term->kind) {
	case SPF_BROKEN:
		note(w, NOTE_SYNTAX, "%s", w->term->why);
		break;
	case SPF_ALL:
		begin_directive(w, false);
		match_everything(w);
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

/* Walks a record from its first term to its end. */
void
walk_record(struct evaluator *ev, const struct frame *frame,
    struct outcome *out, const struct spf_record *record)
{
	struct walk w = {
	    .ev = ev, .frame = frame, .out = out, .record = record};
	struct addrset everything;
	/* To the letter, an error anywhere makes the record one. */
	bool alive =
	    !ev->policy.strict || !(record->broken || record->too_long);

	bool bounded = record->too_long;

	addrset_init(&everything);
	if (ev->only != NULL)
		addrset_union(&everything, ev->only);
	else
		addrset_fill(&everything);
	streams_init(&w.streams);
	streams_add(&w.streams, &everything, 0, 0, false);
	addrset_init(&w.matched);
	for (size_t i = 0; i < record->n; i++) {
		w.term = &record->terms[i];
		if (++ev->terms > TERMS_MAX) {
			note(&w, NOTE_LIMIT,
			    "more than %d terms for one listed domain",
			    TERMS_MAX);
			bounded = true;
			break;
		}
		if (alive)
			alive = walk_term(&w);
		else if (w.term->kind == SPF_BROKEN)
			/* Without effect behind all, but worth a note. */
			walk_term(&w);
	}
	w.term = record->redirect;
	/* What was not looked at may be all. */
	if (w.term != NULL && alive && !bounded) {
		walk_target(&w);
		trace(&w);
	}
	w.term = NULL;
	if (record->too_long)
		note(&w, NOTE_LIMIT, "more than %d bytes or %d terms",
		    SPF_RECORD_MAX, SPF_TERMS_MAX);
	if (bounded)
		out->cut = out->bounded = true;
	settle(&w);
	/* Nothing matched: neutral (section 4.7). */
	for (size_t i = 0; ev->policy.strict && i < w.streams.n; i++)
		streams_add(&out->left, &w.streams.v[i].set,
		    w.streams.v[i].lookups, w.streams.v[i].voids, false);
	streams_clear(&w.streams);
	addrset_clear(&w.matched);
	if (!ev->policy.strict)
		outcome_keep_permits(out);
}
