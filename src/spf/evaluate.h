/*
 * evaluate: answers and list entries to addresses. A pure function: what DNS
 * said goes in; the addresses for which check_host() (RFC 7208 section 4)
 * answers "pass", and notes, come out. Nothing here depends on the order in
 * which answers arrived.
 */
#ifndef EVALUATE_H
#define EVALUATE_H

#include <stdbool.h>

#include "base/addrset.h"
#include "dns/answers.h"
#include "spf/limits.h"
#include "spf/note.h"
#include "spf/spf.h"

/* What guards the table against records that permit too much. */
struct policy {
	unsigned min_prefix[FAMILIES]; /* wider networks are ignored */
	/* A record that permits more is ignored. */
	unsigned max_coverage[FAMILIES]; /* millionths of IPv4, of 2000::/3 */
	unsigned max_networks;           /* CIDR blocks; 0: any number */
	bool permit_reserved;
	int64_t now; /* for ages, seconds since 1970 */
	bool strict; /* check_host() to the letter, limits and errors too */
	unsigned max_queries; /* for one listed domain; 0: QUERIES_MAX */
};

/* What comes out for one list entry. */
struct verdict {
	struct addrset permits;
	const struct note *notes[NOTES_MAX];
	size_t nnotes; /* shown ones */
	size_t more;   /* how many more there are */
	unsigned
	    lookups;    /* terms that cost a lookup (RFC 7208 section 4.6.4) */
	bool answered;  /* the entry's own lookup was answered */
	int64_t oldest; /* when the first answer that it needs was confirmed,
			   seconds since 1970; 0: it needs none */
	bool left_out;  /* a guard left it, or a record that it includes, out */
	bool failed;    /* some lookup that it needs was not answered */
	bool incomplete; /* an answer is missing that can still be asked for */
};

struct evaluator;

/* The answers must outlive the evaluator. */
struct evaluator *evaluate_open(
    const struct answers *answers, const struct policy *policy);
void evaluate_close(struct evaluator *ev);

/*
 * Evaluates one entry of a domain list: a term include, a, mx, ip4 or ip6 of
 * a name without macros. The notes in the verdict last until the next call;
 * the caller clears its set. Shared records are evaluated once for very
 * many entries: the cost grows with the number of distinct records.
 */
void evaluate_entry(
    struct evaluator *ev, const struct spf_term *term, struct verdict *v);

enum explanation {
	EXPLAIN_NOTHING, /* no term of the entry takes it, or only "all" */
	EXPLAIN_PERMITS, /* it is one of the addresses that the entry permits */
	EXPLAIN_REFUSES, /* a term takes it without permitting it */
	EXPLAIN_GUARDED  /* it would be permitted, but for a guard */
};

/*
 * What an entry means for one address. Appends the terms that decide, each as
 * "OWNER: TERM", from the listed domain's record inwards.
 */
enum explanation evaluate_explain(struct evaluator *ev,
    const struct spf_term *term, enum family f, const struct addr *a,
    struct buf *path);

enum lack {
	LACKS_NOTHING,
	LACKS_GIVEN_UP, /* lookups that were given up for some entry */
	LACKS_ANSWER    /* others, too */
};

/*
 * Whether answers are missing for what the term permits; for a crawl, which
 * asks again and again, this costs less than evaluate_entry(). What was given
 * up in a record that entries share is wanted by the first of them.
 */
enum lack evaluate_lacks(struct evaluator *ev, const struct spf_term *term);

/*
 * Takes one of the lookups that were missing so far, for a crawl to ask.
 * name: room for NAME_MAX_WIRE bytes. Returns false if there are no more.
 */
bool evaluate_next_want(
    struct evaluator *ev, uint8_t *name, enum rr_type *type);

/* The answers have changed: nothing that was evaluated holds any more. */
void evaluate_forget(struct evaluator *ev);

#endif
