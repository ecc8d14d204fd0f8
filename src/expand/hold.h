/*
 * hold: whether the networks of an entry have changed so much that the change
 * has to wait. Each entry is checked separately. Held entries, and entries that
 * are watched because they change little by little, are kept in a file.
 */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addrset.h"
#include "base/problems.h"
#include "expand/list.h"

enum hold_reason {
	HOLD_NONE,       /* not held; reference is watched, see below */
	HOLD_NEW,        /* not held; lookups have failed since it was listed */
	HOLD_LOSS,       /* more than max_shrink of its networks are gone */
	HOLD_GROWTH,     /* more than max_growth addresses more */
	HOLD_INCLUDED,   /* so does a record that it includes */
	HOLD_GUARD,      /* a guard newly leaves it out */
	HOLD_UNANSWERED, /* for example an exclusion whose lookups fail */
	HOLD_REASONS
};

/* The word for it in the file and in messages. */
const char *hold_reason_name(enum hold_reason reason);

struct hold_limits {
	unsigned max_shrink, max_growth; /* shares, in millionths */
	unsigned hold_time;              /* seconds */
};

/*
 * One entry. If it is held, the table has before, and for HOLD_LOSS and
 * HOLD_UNANSWERED what the entry permits now as well. What it
 * permits now is compared with before and with reference: what it permitted
 * when it began to change, at most hold_time ago, so that many small changes
 * do not add up to a large one unseen.
 */
struct held {
	char *entry; /* see hold_key() */
	bool reject; /* an entry of reject_lists */
	enum hold_reason reason;
	int64_t since;    /* when it began, seconds since 1970 */
	int64_t proposed; /* since when DNS has returned after */
	struct addrset before, after, reference;
};

/* Held and watched entries, in the order of hold_cmp(). */
struct holds {
	struct held *v;
	size_t n, cap;
};

void holds_init(struct holds *h);
void holds_clear(struct holds *h);
void held_clear(struct held *e);

/*
 * Appends an entry's name among holds: its term in lower case, without a
 * final dot, "-" in front of an exclusion.
 */
void hold_key(struct buf *b, const struct entry *e);

/* The same as messages name it: a bare name for include:NAME. */
const char *held_name(const struct held *e);

/* Adds one, in any order; its sets and its name are the holds' from now on. */
void holds_add(struct holds *h, const struct held *e);

/* Puts them in order, after the last holds_add(). */
void holds_sort(struct holds *h);

/* Whether it is held: the table has something else than DNS says. */
bool held_is_held(const struct held *e);

/* The record of an entry of the permit or reject lists, or NULL. */
struct held *holds_find(struct holds *h, const struct entry *e, bool reject);

/*
 * For a held entry, replaces the addresses that it permits now by those that
 * the table keeps; other sets stay.
 */
void held_apply(struct held *e, struct addrset *permits);

/* When it will be accepted; 0: not by itself. */
int64_t held_until(const struct held *e, const struct hold_limits *limits);

/*
 * Why the new addresses of an entry may not replace the old ones; HOLD_NONE:
 * they may. guarded: a guard newly leaves the entry out.
 */
enum hold_reason hold_judge(const struct hold_limits *limits,
    struct addrset *before, struct addrset *after, bool guarded);

/* Whether a set is large enough for its growth to be held. */
bool hold_is_much(struct addrset *come);

/* The networks of a minimal cover that have no address in a set any more. */
struct loss {
	struct net *gone;
	size_t n, of; /* how many these are; how many there were */
};

/* What after has lost of before; the caller frees its networks. */
struct loss hold_loss(struct addrset *before, struct addrset *after);

/* Whether that is more than max_shrink. */
bool hold_is_loss(const struct hold_limits *limits, const struct loss *l);

/*
 * Reads the file. file: its name in messages. Returns 0, or -1 with a problem
 * "FILE:LINE: ..." and no holds at all. Times are as the file has them.
 */
int holds_read(
    struct holds *h, FILE *in, const char *file, struct problems *problems);

/* Appends the file. */
void holds_write(struct buf *out, struct holds *h);

#endif
