/*
 * match: the addresses that a directive matches, and what asking for them
 * costs.
 */
#include "spf/match.h"

#include "base/text.h"
#include "spf/reserved.h"

void
match_note(struct walk *w, enum note_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	walk_vnote(w->frame, w->out, w->term, kind, fmt, ap);
	va_end(ap);
}

char *
match_trace(const struct walk *w, const char *inner)
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
	match_note(
	    w, NOTE_TOO_WIDE, "/%u in IPv%c", min, f == IPV4 ? '4' : '6');
	return true;
}

void
match_net(struct walk *w, enum family f, const struct addr *a, unsigned prefix)
{
	struct net n = {f, prefix, *a};
	struct range r = net_range(&n);

	if (is_too_wide(w, f, prefix)) {
		if (w->ev->only != NULL && w->out->guarded == NULL &&
		    addrset_overlaps(w->ev->only, f, &r))
			w->out->guarded = match_trace(w, NULL);
		return;
	}
	if (w->permit && !w->frame->unguarded &&
	    !w->ev->policy.permit_reserved &&
	    addrset_overlaps(&w->ev->reserved, f, &r)) {
		match_note(w, NOTE_RESERVED, "%s", reserved_name(f, &r));
		w->out->reserved = true;
	}
	addrset_add_range(&w->matched, f, &r);
}

void
match_all(struct walk *w)
{
	static const struct addr zero;

	for (int f = 0; f < FAMILIES; f++)
		match_net(w, (enum family)f, &zero, 0);
}

void
match_cut_short(struct walk *w)
{
	w->out->cut = w->out->bounded = true;
	if (!w->permit)
		streams_clear(&w->streams);
}

/* Whether the listed domain may still cost that many queries. */
static bool
may_query(struct walk *w, unsigned n)
{
	if (w->ev->cost.queries + n <= w->ev->policy.max_queries) {
		w->ev->cost.queries += n;
		return true;
	}
	match_note(w, NOTE_LIMIT,
	    "more than %u DNS lookups for one listed domain",
	    w->ev->policy.max_queries);
	match_cut_short(w);
	return false;
}

void
match_count_void(struct walk *w, enum family f)
{
	if (w->ev->policy.strict && streams_count_voids(&w->streams, f, 1))
		match_note(
		    w, NOTE_PERMERROR, "more than %d void lookups", VOIDS_MAX);
}

void
match_note_failure(
    struct walk *w, const uint8_t *name, enum rr_type type, unsigned failure)
{
	walk_note_failure(w->frame, w->out, w->term, name, type, failure);
}

/*
 * Where there are no data, the addresses of a family pay for it: a void
 * lookup is counted; a failure is a temperror, to the letter.
 */
static void
match_nothing(struct walk *w, const struct answer *a, enum family f)
{
	if (walk_is_void(a))
		match_count_void(w, f);
	else if (a->status != ANSWER_DATA && w->ev->policy.strict)
		streams_drop(&w->streams, f);
}

/* The same for a query that both families need. */
static void
match_nothing_at_all(struct walk *w, const struct answer *a,
    const uint8_t *name, enum rr_type type)
{
	for (int f = 0; f < FAMILIES; f++)
		match_nothing(w, a, (enum family)f);
	if (a->status == ANSWER_FAILED)
		match_note_failure(w, name, type, a->failure);
}

/* One more address; returns false if that is over the bound. */
static bool
may_match(struct walk *w)
{
	if (++w->ev->cost.addresses <= ADDRESSES_MAX)
		return true;
	match_note(w, NOTE_LIMIT,
	    "more than %d addresses for one listed domain", ADDRESSES_MAX);
	match_cut_short(w);
	return false;
}

void
match_permerror(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	walk_vnote(w->frame, w->out, w->term, NOTE_PERMERROR, fmt, ap);
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

		while (a->status == ANSWER_DATA && answer_next(a, &at, &rr)) {
			struct addr address = addr_from_bytes(f, rr.data);

			if (!may_match(w))
				break;
			match_net(w, f, &address, w->term->prefix[f]);
		}
		match_nothing(w, a, f);
		if (a->status == ANSWER_FAILED)
			match_note_failure(w, name, type[f], a->failure);
		found = found || !walk_is_void(a);
	}
	return found;
}

void
match_a(struct walk *w, const uint8_t *target)
{
	if (may_query(w, FAMILIES) && !match_addresses(w, target))
		match_note(w, NOTE_VOID, "no address");
}

/* RFC 7208 section 5.4; a null MX (RFC 7505) names no host. */
void
match_mx(struct walk *w, const uint8_t *target)
{
	const struct answer *mx;
	const uint8_t *at = NULL;
	unsigned names = 0;
	bool found = false;
	struct rr rr;

	if (!may_query(w, 1))
		return;
	mx = walk_look_up(w->ev, w->out, target, RR_MX);
	match_nothing_at_all(w, mx, target, RR_MX);
	if (walk_is_void(mx))
		match_note(w, NOTE_VOID, "no MX");
	if (mx->status != ANSWER_DATA)
		return;
	while (answer_next(mx, &at, &rr)) {
		const uint8_t *exchange = rr.data + 2;

		if (*exchange == 0)
			continue;
		names++;
		if (w->ev->policy.strict && names > LOOKUPS_MAX) {
			/* None of them counts (section 4.6.4). */
			match_permerror(
			    w, "more than %d MX names", LOOKUPS_MAX);
			return;
		}
		if (names > MX_NAMES_MAX) {
			match_note(w, NOTE_LIMIT, "more than %d MX names",
			    MX_NAMES_MAX);
			match_cut_short(w);
			break;
		}
		if (!may_query(w, FAMILIES))
			return; /* nobody knows whether it has one */
		found = match_addresses(w, exchange) || found;
	}
	if (!found)
		match_note(w, NOTE_VOID,
		    names > 0 ? "its MX hosts have no address"
			      : "null MX: it takes no mail");
}

/* Without a client in its name, it matches every address or none. */
void
match_exists(struct walk *w, const uint8_t *target)
{
	const struct answer *a;

	if (!may_query(w, 1))
		return;
	a = walk_look_up(w->ev, w->out, target, RR_A);
	if (a->status == ANSWER_DATA)
		match_all(w);
	match_nothing_at_all(w, a, target, RR_A);
}
