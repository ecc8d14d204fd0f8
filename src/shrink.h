/*
 * shrink: the guard against tables that lose much at once, and what is gone
 * of each domain. It compares today's lists over the saved answers with
 * today's lists over the new ones.
 */
#ifndef SHRINK_H
#define SHRINK_H

#include "session.h"

struct shrink {
	struct session *run;
	struct evaluator *saved;   /* NULL: there are no saved answers */
	struct addrset old[LISTS]; /* what they permit, but for exclusions */
	struct addrset
	    *sets[LISTS][2]; /* of each entry, new and old, or NULL */
	bool *warned[LISTS]; /* of each entry: its loss was said */
	bool knew; /* the saved answers have that of a listed domain */
};

void shrink_init(struct shrink *s, struct session *r);
void shrink_clear(struct shrink *s);

/*
 * Takes one entry's new verdict; warns if the domain lost much. Returns false
 * without saved answers; else *old is the entry's verdict over these, and the
 * caller clears its set. Its notes last until the next call.
 */
bool shrink_visit(struct shrink *s, const struct entry *e, struct verdict *v,
    struct verdict *old);

/*
 * Whether a table may be replaced: at most max_shrink of the old networks are
 * gone, or --force was given. Says what goes, by domain. installed: what the
 * table has now, for want of saved answers.
 */
bool shrink_allows(struct shrink *s, const char *path, int which,
    const struct net *installed, size_t ninstalled);

enum owners {
	OWNERS_NEW,      /* entries that permit some of it today */
	OWNERS_OLD,      /* that did so over the saved answers */
	OWNERS_EXCLUDING /* exclusions that take some of it out today */
};

/*
 * Appends the names of a list's entries that own a network: at most max, then
 * "..."; "-" if there are none.
 */
void shrink_owners(struct shrink *s, const struct list *l, const struct net *n,
    enum owners which, unsigned max, struct buf *names);

#endif
