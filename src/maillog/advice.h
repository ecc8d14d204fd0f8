/*
 * advice: which list lines would have prevented the delays of which senders. A
 * pure function of the delays, the answers of DNS, and the addresses that are
 * permitted already.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include "spf/evaluate.h"
#include "maillog/blocked.h"
#include "maillog/retries.h"
#include "maillog/configured.h"

/* What became of a sender domain. */
enum advice_result {
	ADVICE_SUGGESTED,      /* a line of its own */
	ADVICE_COVERED,        /* by the line of a provider */
	ADVICE_PERMITTED,      /* its clients are permitted already */
	ADVICE_LISTED,         /* its line is there; the table is older */
	ADVICE_IGNORED,        /* the lists say "!" of it, or exclude it */
	ADVICE_NOT_PERMITTED,  /* its record does not permit the clients */
	ADVICE_NOT_ENUMERABLE, /* nor can its networks be enumerated */
	ADVICE_NO_RECORD,      /* it has no SPF record */
	ADVICE_FAILED          /* lookups failed */
};
#define ADVICE_RESULTS (ADVICE_FAILED + 1)

#define ADVICE_SENDERS 2000 /* domains that are looked up */
#define ADVICE_QUERIES 100  /* DNS lookups for one of them */

struct advice_sender {
	const char *domain;
	struct delayed_client *clients;
	size_t n;
	struct histogram histogram; /* of all its clients */
	enum advice_result result;
	bool settled; /* result holds */
};

/* A list line. */
struct advice_term {
	char *text;
	struct histogram
	    histogram; /* of the clients that it would newly permit */
	struct addrset clients;
	size_t nclients;
	const struct delayed_client *example; /* one of these */
	uint32_t *senders;                    /* that these wrote for */
	size_t nsenders, senders_cap;
	bool provider;
	char *through; /* a sender's provider, whom no other one needs; or NULL
			*/
};

struct advice {
	struct advice_sender *senders; /* in the order of their names */
	size_t nsenders;
	struct advice_term *terms; /* what saves most first */
	size_t nterms, terms_cap;
	struct histogram histogram; /* of all senders */
	size_t left_out;            /* senders over ADVICE_SENDERS */
};

/* Groups the clients, which retries_finish() returned, by their senders. */
void advice_init(struct advice *a, struct delayed_client *clients, size_t n);
void advice_clear(struct advice *a);

/*
 * Adds a list entry for each sender, in their order. Senders that no list can
 * name are dropped. If there are too many, so are those whose mail waited
 * least, because anyone can make up sender domains and records for them.
 */
void advice_list(struct advice *a, struct list *l);

/*
 * What becomes of the i-th sender, by the verdict on its entry: whether a line
 * could help any of its clients.
 */
void advice_judge(
    struct advice *a, size_t i, struct verdict *v, struct configured *known);

/*
 * Makes the lines, once all senders are judged. answers: those that the
 * evaluator works with.
 */
void advice_make(struct advice *a, struct evaluator *ev,
    const struct answers *answers, const struct configured *known);

/* Totals of the log. */
struct advice_summary {
	const struct retries_counts *counts;
	const struct reasons *reasons;
	const struct blocked *blocked;
	uint64_t lines;
};

/* A result in a word or two. */
const char *advice_result_text(enum advice_result result);

/* A valid domain list, and a JSON object; in advicetext.c. */
void advice_text(
    struct buf *out, const struct advice *a, const struct advice_summary *s);
void advice_json(
    struct buf *out, const struct advice *a, const struct advice_summary *s);

#endif
