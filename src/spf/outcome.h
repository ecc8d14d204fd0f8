/*
 * outcome: what the SPF record of one domain does, and where it is kept so
 * that other records can share it. The inside of evaluate.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/text.h"
#include "dns/answers.h"
#include "spf/note.h"
#include "spf/stream.h"

enum result {
	RESULT_RECORD,    /* see left */
	RESULT_NO_NAME,   /* none: NXDOMAIN */
	RESULT_NO_RECORD, /* none: no SPF record there */
	RESULT_TEMPERROR,
	RESULT_PERMERROR
};

/* What is held against the bounds of one listed domain. */
struct cost {
	unsigned records;     /* evaluated, repeats counted */
	unsigned queries;     /* that these took */
	unsigned terms;       /* walked */
	unsigned addresses;   /* that a and mx match */
	uint64_t comparisons; /* ranges that what matched was compared with */
};

struct item;

struct outcome {
	struct outcome *next;     /* in the list that frees it */
	const struct answer *key; /* shared ones: the TXT answer */
	struct outcome *chained;  /* shared ones: in the same slot */
	enum result result;
	unsigned failure;      /* RESULT_TEMPERROR: why the lookup failed */
	const uint8_t *domain; /* whose record */
	const char *over;      /* the bound that left it out, or NULL */
	struct streams left;   /* where addresses leave the record, permitted
				  or, to the letter, not */
	/* For explain: the terms that decide, or NULL; and whether it is
	 * all that does. */
	char *trace;
	bool trace_all;
	char *guarded;      /* the terms that a guard took as absent, or NULL */
	struct item *items; /* notes, and outcomes that have some */
	size_t nitems, items_cap;
	unsigned visit;   /* when its notes were collected last */
	unsigned lookups; /* terms that cost a lookup, those inside counted */
	unsigned height;  /* includes and redirects inside each other */
	struct cost
	    cost;       /* of all that was evaluated for it, itself included */
	int64_t oldest; /* when the first answer it needs was confirmed */
	const struct answer *stale; /* the oldest saved one in use, or NULL */
	bool is_void;               /* the TXT lookup found nothing */
	bool failed;                /* some lookup failed */
	bool incomplete;            /* some answer is still missing */
	bool cut;                   /* by a loop or a bound */
	bool bounded;               /* a bound left something out */
	bool unshared;              /* only the entry at hand may use it */
	bool uses_origin;           /* %{o} */
	bool reserved;              /* permits addresses that are not global */
};

struct outcomes {
	struct outcome **slots; /* the shared ones, by key */
	size_t nslots, nshared;
	struct outcome *shared, *own; /* own: of the entry at hand */
	unsigned visits;
};

void outcomes_init(struct outcomes *os);
void outcomes_clear(struct outcomes *os);

/* Frees what only the last entry needed. */
void outcomes_forget(struct outcomes *os);

/* A new outcome of the entry at hand. */
struct outcome *outcomes_new(struct outcomes *os);

/* The shared outcome for a TXT answer, or NULL; key may be NULL. */
struct outcome *outcomes_find(
    const struct outcomes *os, const struct answer *key);

/* Makes the outcome a shared one, unless there is one for that answer. */
void outcomes_share(
    struct outcomes *os, struct outcome *o, const struct answer *key);

/* Adds a note; the owner name and term are copied. */
void outcome_note(struct outcome *o, enum note_kind kind, const uint8_t *owner,
    const char *term, size_t term_len, const char *fmt, va_list ap)
    PRINTF_LIKE(6, 0);

/* An answer that it needs was confirmed then; 0: not known. */
void outcome_confirmed(struct outcome *o, int64_t when);

/* A saved answer stands in for a lookup. */
void outcome_stale(struct outcome *o, const struct answer *a);

/* What an included record found counts for the one that includes it. */
void outcome_take(struct outcome *o, struct outcome *inner);

/* Without limits, addresses that leave unpermitted need not be known. */
void outcome_keep_permits(struct outcome *o);

/*
 * The notes of an outcome and all inside it, in the order of the terms, each
 * once: the first max of them in notes, *n how many these are, *more how many
 * others there are.
 */
void outcome_notes(struct outcomes *os, struct outcome *o,
    const struct note **notes, size_t max, size_t *n, size_t *more);

#endif
