/*
 * result: the result of a domain's SPF record for every address, kept so that
 * other records can share it.
 */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>

#include "base/text.h"
#include "dns/answers.h"
#include "spf/clients.h"
#include "spf/note.h"
#include "spf/spf.h"

/* What a domain has for check_host() (RFC 7208 sections 2.6 and 4.4 to 4.6). */
enum record_status {
	RECORD_FOUND,   /* see left */
	RECORD_NO_NAME, /* none: the domain does not exist */
	RECORD_NONE,    /* none: it has no SPF record */
	RECORD_TEMPERROR,
	RECORD_PERMERROR
};

/*
 * What counts against the limits of one listed domain. Steps are bytes of
 * answers that are read, and ranges of addresses that a set is compared with
 * or made of.
 */
struct cost {
	unsigned records; /* evaluated, repeats counted */
	unsigned queries; /* that these took */
	unsigned steps;
};

struct item;

struct result {
	struct result *next;      /* in the list that frees it */
	const struct answer *key; /* shared ones: the TXT answer */
	unsigned variant;         /* shared ones: see variant() in shared.c */
	struct result *chained;   /* shared ones: in the same slot */
	enum record_status status;
	unsigned failure;      /* RECORD_TEMPERROR: why the lookup failed */
	const uint8_t *domain; /* whose record */
	const char *limit;     /* the one that left it out, or NULL */
	struct clients left;   /* where addresses leave the record, permitted
				  or, to the letter, not */
	enum note_kind guard;  /* that leaves it out: NOTE_COVERAGE,
				  NOTE_NETWORKS; NOTE_KINDS: none does */
	char *guard_detail;    /* what exactly is too much, or NULL */
	/* For explain: the terms that decide, or NULL; and whether it is
	 * all that does. */
	char *trace;
	bool trace_all;
	char *guarded;      /* the terms that a guard took as absent, or NULL */
	struct item *items; /* notes, and results that have some */
	size_t nitems, items_cap;
	size_t notes[2];  /* of these: others, and serious ones */
	size_t more;      /* notes that were not kept */
	unsigned visit;   /* when its notes were collected last */
	unsigned lookups; /* terms that cost a lookup, those inside counted */
	unsigned height;  /* includes and redirects inside each other */
	struct cost cost; /* of all that was evaluated for it, itself too */
	int64_t oldest;   /* when the first answer it needs was confirmed */
	const struct answer *stale; /* the oldest saved one in use, or NULL */
	bool is_void;               /* the TXT lookup found nothing */
	bool failed;                /* some lookup failed */
	bool incomplete;            /* some answer is still missing */
	bool given_up;              /* some lookup can be asked again */
	bool cut;         /* by a loop, or by a limit of those around it */
	bool limited;     /* a limit left something out */
	bool left_out;    /* a guard left it, or an include, out */
	bool unshared;    /* only the entry at hand may use it */
	bool uses_origin; /* %{o} */
	bool reserved;    /* permits addresses that are not global */
};

struct results {
	struct result **slots; /* the shared ones, by key */
	size_t nslots, nshared;
	struct result *shared, *own; /* own: of the entry at hand */
	unsigned visits;
};

void results_init(struct results *rs);
void results_clear(struct results *rs);

/* Frees what only the last entry needed; the shared ones if they are many. */
void results_forget(struct results *rs);

/* A new result of the entry at hand. */
struct result *results_new(struct results *rs);

/* The shared result for a TXT answer, or NULL; key may be NULL. */
struct result *results_find(
    const struct results *rs, const struct answer *key, unsigned variant);

/*
 * Makes the result a shared one, unless there is one for that answer and
 * variant.
 */
void results_share(struct results *rs, struct result *r,
    const struct answer *key, unsigned variant);

/*
 * Adds a note on a term of the domain's record, or on the whole record if term
 * is NULL. Its data are copied.
 */
void result_note(struct result *r, const uint8_t *domain,
    const struct spf_term *term, enum note_kind kind, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

/* An answer that it needs was confirmed then; 0: not known. */
void result_confirmed(struct result *r, int64_t when);

/* A saved answer replaces a lookup. */
void result_stale(struct result *r, const struct answer *a);

/* What an included record found counts for the one that includes it. */
void result_take(struct result *r, struct result *inner);

/* Without limits, addresses that leave unpermitted need not be known. */
void result_keep_permits(struct result *r);

/* Whether any address leaves it permitted. */
bool result_permits(const struct result *r);

/* No address leaves it permitted; in strict mode, with their cost. */
void result_refuse(struct result *r);

/* Adds the addresses that leave it permitted. */
void result_add_permits(const struct result *r, struct addrset *to);

/* The same for the last time: takes them out, unless the result is shared. */
void result_move_permits(struct result *r, struct addrset *to);

/*
 * The notes of a result and all inside it, in the order of the terms, each
 * once: the first max of them in notes, *n how many these are, *more how many
 * others there are. Notes on limits and guards displace others.
 */
void result_notes(struct results *rs, struct result *r,
    const struct note **notes, size_t max, size_t *n, size_t *more);

#endif
