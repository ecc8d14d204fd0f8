/*
 * mechanism: the addresses that a mechanism matches.
 */
#include "spf/mechanism.h"

#include "base/text.h"
#include "spf/macro.h"
#include "spf/reserved.h"

char *
mechanism_trace(const struct evaluation *e, const char *inner)
{
	struct buf text;

	buf_init(&text);
	name_to_text(&text, e->frame->domain);
	buf_puts(&text, ": ");
	buf_add_escaped(&text, e->term->text, e->term->len, SHOWN_MAX);
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
is_too_wide(struct evaluation *e, enum family f, unsigned prefix)
{
	unsigned min = e->ev->policy.min_prefix[f];

	if (!e->permit || e->frame->unguarded || prefix >= min)
		return false;
	NOTE(e, NOTE_TOO_WIDE, "/%u in IPv%c", min, f == IPV4 ? '4' : '6');
	return true;
}

void
mechanism_net(
    struct evaluation *e, enum family f, const struct addr *a, unsigned prefix)
{
	struct net n = {f, prefix, *a};
	struct range r = net_range(&n);

	if (is_too_wide(e, f, prefix)) {
		if (e->ev->only != NULL && e->out->guarded == NULL &&
		    addrset_overlaps(e->ev->only, f, &r))
			e->out->guarded = mechanism_trace(e, NULL);
		return;
	}
	if (e->permit && !e->frame->unguarded &&
	    !e->ev->policy.permit_reserved &&
	    addrset_overlaps(&e->ev->reserved, f, &r)) {
		NOTE(e, NOTE_RESERVED, "%s", reserved_name(f, &r));
		e->out->reserved = true;
	}
	addrset_add_range(&e->matched, f, &r);
}

void
mechanism_all(struct evaluation *e)
{
	static const struct addr zero;

	for (int f = 0; f < FAMILIES; f++)
		mechanism_net(e, (enum family)f, &zero, 0);
}

void
mechanism_cut_short(struct evaluation *e)
{
	e->out->limited = true;
	if (!e->permit)
		clients_clear(&e->clients);
}

/* Whether the listed domain may still cost that many queries. */
static bool
may_query(struct evaluation *e, unsigned n)
{
	const struct cost queries = {.queries = n};
	const char *limit = evaluator_limit(e->ev, &queries);

	if (limit == NULL) {
		evaluator_charge(e->ev, &queries);
		return true;
	}
	NOTE(e, NOTE_LIMIT, "%s", limit);
	mechanism_cut_short(e);
	return false;
}

void
mechanism_count_void(struct evaluation *e, enum family f)
{
	if (e->ev->policy.strict && clients_count_voids(&e->clients, f, 1))
		NOTE(e, NOTE_PERMERROR, "more than %d void lookups", VOIDS_MAX);
}

/* A lookup failed: a note. */
static void
note_failure(struct evaluation *e, const uint8_t *name, enum rr_type type,
    const struct answer *a)
{
	if (a->status == ANSWER_FAILED)
		evaluator_note_failure(
		    e->out, e->frame->domain, e->term, name, type, a->failure);
}

/*
 * Where there are no data, the addresses of a family pay for it: a void
 * lookup is counted; a failure is a temperror, to the letter.
 */
static void
mechanism_nothing(struct evaluation *e, const struct answer *a, enum family f)
{
	if (answer_is_void(a))
		mechanism_count_void(e, f);
	else if (a->status != ANSWER_DATA && e->ev->policy.strict)
		clients_drop(&e->clients, f);
}

/* The same for a query that both families need. */
static void
mechanism_nothing_at_all(struct evaluation *e, const struct answer *a,
    const uint8_t *name, enum rr_type type)
{
	for (int f = 0; f < FAMILIES; f++)
		mechanism_nothing(e, a, (enum family)f);
	note_failure(e, name, type, a);
}

/*
 * The addresses of a name, each with the directive's prefix lengths: A for
 * IPv4 clients, AAAA for IPv6. Returns whether there were any, or might be.
 */
static bool
mechanism_addresses(struct evaluation *e, const uint8_t *name)
{
	static const enum rr_type type[FAMILIES] = {RR_A, RR_AAAA};
	bool found = false;

	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;
		const struct answer *a =
		    evaluator_look_up(e->ev, e->out, name, type[f]);
		const uint8_t *at = NULL;
		struct rr rr;

		while (a->status == ANSWER_DATA && answer_next(a, &at, &rr)) {
			struct addr address = addr_from_bytes(f, rr.data);

			mechanism_net(e, f, &address, e->term->prefix[f]);
		}
		mechanism_nothing(e, a, f);
		note_failure(e, name, type[f], a);
		found = found || !answer_is_void(a);
	}
	return found;
}

void
mechanism_a(struct evaluation *e, const uint8_t *target)
{
	if (may_query(e, FAMILIES) && !mechanism_addresses(e, target))
		NOTE(e, NOTE_VOID, "no address");
}

/* RFC 7208 section 5.4; a null MX (RFC 7505) names no host. */
void
mechanism_mx(struct evaluation *e, const uint8_t *target)
{
	const struct answer *mx;
	const uint8_t *at = NULL;
	unsigned names = 0;
	bool found = false;
	struct rr rr;

	if (!may_query(e, 1))
		return;
	mx = evaluator_look_up(e->ev, e->out, target, RR_MX);
	mechanism_nothing_at_all(e, mx, target, RR_MX);
	if (answer_is_void(mx))
		NOTE(e, NOTE_VOID, "no MX");
	if (mx->status != ANSWER_DATA)
		return;
	while (answer_next(mx, &at, &rr)) {
		const uint8_t *exchange = rr.data + 2;

		if (*exchange == 0)
			continue;
		names++;
		if (e->ev->policy.strict && names > LOOKUPS_MAX) {
			/* None of them counts (section 4.6.4). */
			NOTE(e, NOTE_PERMERROR, "more than %d MX names",
			    LOOKUPS_MAX);
			clients_clear(&e->clients);
			return;
		}
		if (names > MX_NAMES_MAX) {
			NOTE(e, NOTE_LIMIT, "more than %d MX names",
			    MX_NAMES_MAX);
			mechanism_cut_short(e);
			break;
		}
		if (!may_query(e, FAMILIES))
			return; /* it is not known whether it has one */
		found = mechanism_addresses(e, exchange) || found;
	}
	if (!found)
		NOTE(e, NOTE_VOID,
		    names > 0 ? "its MX hosts have no address"
			      : "null MX: it takes no mail");
}

/* Without a client in its name, it matches every address or none. */
void
mechanism_exists(struct evaluation *e, const uint8_t *target)
{
	const struct answer *a;

	if (!may_query(e, 1))
		return;
	a = evaluator_look_up(e->ev, e->out, target, RR_A);
	if (a->status == ANSWER_DATA)
		mechanism_all(e);
	mechanism_nothing_at_all(e, a, target, RR_A);
}

/* The last term up to all that might permit an address, or the first term. */
static const struct spf_term *
find_last_permit(const struct spf_record *record)
{
	const struct spf_term *last = record->terms;
	const struct spf_term *end =
	    record->all != NULL ? record->all + 1 : last + record->n;

	for (const struct spf_term *t = last; t < end; t++)
		if (t->kind < SPF_REDIRECT && t->kind != SPF_PTR &&
		    t->qualifier == '+' && !macro_needs_client(t))
			last = t;
	return last;
}

/* Whether something after a term that matches nothing might still permit. */
static bool
permits_later(struct evaluation *e)
{
	const struct spf_record *record = e->record;

	if (e->term->qualifier == '+')
		return false;
	if (e->last_permit == NULL)
		e->last_permit = find_last_permit(record);
	return e->term < e->last_permit ||
	       (record->redirect != NULL && record->all == NULL);
}

void
mechanism_client(struct evaluation *e)
{
	NOTE(e, permits_later(e) ? NOTE_CLIENT_WIDER : NOTE_CLIENT, "%s",
	    e->term->kind == SPF_PTR ? "the client's host name"
				     : "a macro of the client");
}
