/*
 * answers: what DNS said about each (name, type), and the RRsets themselves.
 * One table holds the answers of a run; others hold saved or replayed ones.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The types that SPF needs (their numbers: RFC 1035 section 3.2.2, 3596). */
enum rr_type {
	RR_A = 1,
	RR_CNAME = 5,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28,
};

/* The type's mnemonic, "A" and so on. */
const char *rr_type_name(enum rr_type type);

enum answer_status {
	ANSWER_UNKNOWN,  /* never asked */
	ANSWER_PENDING,  /* asked, nothing came yet */
	ANSWER_DATA,     /* an RRset */
	ANSWER_NODATA,   /* the name exists, the type does not */
	ANSWER_NXDOMAIN, /* the name does not exist */
	ANSWER_FAILED,   /* the question could not be answered: see failure */
};

/* Why a lookup failed. Saved files have the numbers: new ones go to the end. */
enum answer_failure {
	FAILURE_NONE,
	FAILURE_TIMEOUT,
	FAILURE_SERVFAIL,
	FAILURE_REFUSED,
	FAILURE_RCODE,     /* another error code */
	FAILURE_MALFORMED, /* answers that make no sense */
	FAILURE_UNREACHABLE,
	FAILURE_CNAME,     /* a CNAME loop or an endless chain */
	FAILURE_RUN,       /* run_timeout expired */
	FAILURE_NOT_SAVED, /* replay: never asked when that was saved */
	FAILURE_TOO_LARGE,
	FAILURE_PATIENCE, /* its list entry took too long */
	FAILURE_ENTRY     /* the answers to its list entry are too large */
};

/* A failure in words, for a message. */
const char *answer_failure_text(enum answer_failure f);

/*
 * How often a lookup is asked in all, if the patience of one entry after the
 * other ends: what nobody answers for takes each of them all of it.
 */
#define TURNS_MAX 3

/* There may be millions of them: bytes count. */
struct answer {
	const uint8_t *rrs; /* see struct rrset */
	uint32_t next;      /* in the same slot of the table */
	uint32_t len;
	uint32_t confirmed; /* when DNS last said so, seconds since 1970 */
	/* For the crawl that fetches it, see expand/schedule.h: */
	uint32_t entry; /* the list entry that it belongs to */
	uint32_t also;  /* 1 more than another that waits for it; 0: none */
	uint8_t level;  /* how much its entry asks for */
	uint8_t depth;  /* includes and redirects it is inside of */
	uint8_t turn;   /* how often it was asked, late replies aside */
	bool asked : 1; /* pending, and in the threads' hands */
	bool sent : 1;  /* it was, in this turn */
	bool stale : 1; /* a saved answer for a failed lookup; failure: why
			   it failed */
	bool has_target : 1; /* see answer_target() */
	uint8_t status;
	uint8_t failure;
	uint8_t type;
	uint8_t name_len;
	uint8_t name[]; /* the owner name, in wire format */
};

/*
 * Whether a lookup failed for what its list entry used up, and not for what
 * DNS said.
 */
static inline bool
answer_is_given_up(const struct answer *a)
{
	return a->status == ANSWER_FAILED &&
	       (a->failure == FAILURE_PATIENCE || a->failure == FAILURE_ENTRY);
}

/* Whether it can then be asked for another entry. */
static inline bool
answer_can_be_asked(const struct answer *a)
{
	return answer_is_given_up(a) &&
	       a->turn < (a->failure == FAILURE_ENTRY ? UINT8_MAX : TURNS_MAX);
}

/* The order of two pointers to answers: by name and type. For qsort(). */
int answer_cmp(const void *a, const void *b);

/* One RR's data, names in it uncompressed and in lower case. */
struct rr {
	const uint8_t *data;
	size_t len;
};

/*
 * An RRset while it is put together: for each RR two bytes of length and its
 * data, in one piece of memory.
 */
struct rrset {
	struct buf bytes;
	size_t n;
};

void rrset_add(struct rrset *set, const void *data, size_t len);

/*
 * Brings an RRset into its one order (RFC 4034 section 6.3, so MX by
 * preference) and drops duplicates (RFC 2181 section 5).
 */
void rrset_sort(struct rrset *set);

/*
 * Steps through an answer's RRs; *at is NULL at first. Returns false after the
 * last.
 */
bool answer_next(const struct answer *a, const uint8_t **at, struct rr *rr);

struct answers;

/*
 * complete: names that are not there do not exist (a zone, not saved answers).
 */
struct answers *answers_open(bool complete);
void answers_close(struct answers *as);

/* Makes room for so many answers at once; there may be more. */
void answers_expect(struct answers *as, size_t n);

bool answers_are_complete(const struct answers *as);

/* The answer for exactly that name and type, or NULL. */
struct answer *answers_find(
    const struct answers *as, const uint8_t *name, enum rr_type type);

/* The same; if there is none, a new one with ANSWER_UNKNOWN. */
struct answer *answers_make(
    struct answers *as, const uint8_t *name, enum rr_type type);

/*
 * Makes the name exist though it has no records (RFC 4592, section 2.2.2).
 * Returns it; it lasts as long as the table.
 */
const uint8_t *answers_make_name(struct answers *as, const uint8_t *name);

#define CNAME_MAX 16 /* links of a CNAME chain that are followed */

/*
 * What is known about a name and type once CNAMEs are followed. *target,
 * unless target is NULL: the target of the first CNAME that led there, or
 * NULL. The result lives as long as the table, or is static.
 */
const struct answer *answers_resolve(const struct answers *as,
    const uint8_t *name, enum rr_type type, const uint8_t **target);

/*
 * Stores an answer. rrs: the bytes of a sorted struct rrset, copied. target: of
 * the first CNAME that led there, or NULL, copied. A CNAME displaces nothing
 * that another type says; answers_resolve() prefers what was asked for.
 * confirmed: in 32 bits, to the year 2106.
 */
void answer_set(struct answers *as, struct answer *a, enum answer_status status,
    const void *rrs, size_t len, const uint8_t *target, int64_t confirmed);

/* The target of the first CNAME that led to the answer, or NULL. */
const uint8_t *answer_target(const struct answer *a);

/* Calls visit with every answer, in no order; it must not add any. */
void answers_visit(const struct answers *as,
    void (*visit)(void *arg, struct answer *a), void *arg);

/* Every answer, sorted by name_cmp(), then type; the caller frees the array. */
const struct answer **answers_sorted(const struct answers *as, size_t *n);

#endif
