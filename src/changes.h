/*
 * changes: what each entry permits now, compared with what it permitted before:
 * today's lists over the saved answers. Decides which changes have to wait;
 * changesay says so. An entry that is held changes nothing for the others.
 */
#ifndef CHANGES_H
#define CHANGES_H

#include "expand/hold.h"
#include "session.h"

/* An entry that changed, or that is held or watched. */
struct change {
	const struct entry *entry;
	int list;
	struct addrset old; /* its addresses in the table until now */
	struct addrset
	    now; /* the addresses that it permits by the new answers */
	struct addrset new; /* its addresses in the table from now on */
	struct held held;   /* what is saved about it, unless forget */
	bool kept_before;   /* it was held before this run */
	bool accepted;      /* its change is in the table from now on */
	bool released;      /* it was held, and is not any more */
	bool forget;        /* there is nothing to keep of it */
	bool suspect;       /* what it includes may bring it too much */
};

struct changes {
	struct session *run;
	struct evaluator *saved; /* NULL: there are no saved answers */
	struct hold_limits limits;
	struct holds kept; /* from the last run */
	int64_t last_run;  /* when that ended; 0: unknown */
	bool damaged;      /* the held entries are unknown */
	/* By the saved answers, if it is damaged: what the tables should have.
	 */
	struct expansion known[LISTS];
	struct change *v;
	size_t n, cap;
	size_t permitting; /* entries that permitted something before */
	bool knew;         /* the saved answers have that of a listed domain */
	bool many;         /* so many would shrink that it is the resolver */
};

/* last_run: when the last run ended, seconds since 1970; 0: unknown. */
void changes_init(struct changes *c, struct session *r, int64_t last_run);
void changes_clear(struct changes *c);

/*
 * Takes one entry's new verdict, whose set it may empty: changes_settle() adds
 * what the table gets instead. Returns false without saved answers; else *old
 * is the entry's verdict over these, and the caller clears its set. Its notes
 * last until the next call.
 */
bool changes_visit(struct changes *c, const struct entry *e, struct verdict *v,
    struct verdict *old);

/*
 * Whether the entry visited last loses so much that its notes have to wait: if
 * many do, there is one message for all of them.
 */
bool changes_is_silent(const struct changes *c, const struct entry *e);

/*
 * After all verdicts: decides about every change, and completes the expansions.
 */
void changes_settle(struct changes *c);

/*
 * The data for the next run; the caller clears it. released: including entries
 * that are no longer held. Returns whether there are any of these.
 */
bool changes_holds(struct changes *c, struct holds *h, bool released);

/*
 * Whether a time counts that is so long after the last run: a clock may be
 * wrong. Else a change that is due waits for one more run.
 */
bool changes_is_due(const struct changes *c, const struct held *h);

#endif
