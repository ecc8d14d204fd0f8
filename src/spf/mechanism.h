/*
 * mechanism: the addresses that a mechanism matches (RFC 7208 section 5), and
 * what asking for them costs.
 */
#ifndef MECHANISM_H
#define MECHANISM_H

#include "spf/evaluator.h"
#include "spf/spf.h"

/* A record on the way from the listed domain to the one at hand. */
struct frame {
	const struct frame *up;
	const uint8_t *domain;
	unsigned depth;
	bool unguarded; /* its pass takes addresses out, see is_too_wide() */
};

/* The record at hand, while its terms are evaluated. */
struct evaluation {
	struct evaluator *ev;
	const struct frame *frame;
	struct result *out;
	struct clients clients; /* addresses that nothing matched yet */
	struct addrset matched; /* by the last directives, of one qualifier */
	bool permit;            /* whether that was + */
	const struct spf_record *record;
	const struct spf_term *term;
	const struct spf_term *last_permit; /* see permits_later() */
	const struct result *inner; /* the result of the term's record */
};

/* A note on the term at hand, or on the whole record without one. */
#define NOTE(e, kind, ...) \
	result_note((e)->out, (e)->frame->domain, (e)->term, kind, __VA_ARGS__)

/*
 * "OWNER: TERM", then the text of the record that it includes, unless that is
 * NULL. The caller frees it.
 */
char *mechanism_trace(const struct evaluation *e, const char *inner);

/*
 * A limit left something out of the term. If it should have taken addresses
 * out of the table, nothing after it may permit them.
 */
void mechanism_cut_short(struct evaluation *e);

/* A query found nothing: that is counted, to the letter. */
void mechanism_count_void(struct evaluation *e, enum family f);

/* The term matches a network; a guard may take it as absent. */
void mechanism_net(
    struct evaluation *e, enum family f, const struct addr *a, unsigned prefix);

/* It matches every address: all, and exists when it does. */
void mechanism_all(struct evaluation *e);

/* It matches what DNS says of target (RFC 7208 sections 5.3, 5.4, 5.7). */
void mechanism_a(struct evaluation *e, const uint8_t *target);
void mechanism_mx(struct evaluation *e, const uint8_t *target);
void mechanism_exists(struct evaluation *e, const uint8_t *target);

/*
 * It depends on the client, by ptr or a macro, and cannot be enumerated: it
 * matches nothing, with a note.
 */
void mechanism_client(struct evaluation *e);

#endif
