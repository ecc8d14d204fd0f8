/*
 * list: domain lists, line by line. A list uses SPF syntax: names and terms,
 * separated by white space, each with an optional sign; "#" begins a comment.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/memory.h"
#include "base/problems.h"
#include "spf/spf.h"

struct entry {
	const char *file; /* where it is; line is 0 on the command line */
	unsigned line;
	bool exclude;     /* "-": taken out of the table */
	bool ignore;      /* "!": drops the same entry elsewhere */
	const char *text; /* as written, the sign included */
	const char *full; /* its term: include:NAME for a bare name */
};

struct list {
	struct entry *v;
	size_t n, cap;
	struct arena texts; /* that the entries refer to */
	/* The "!" lines of any list that dropped an entry of this one. */
	struct entry *ignored;
	size_t nignored, ignored_cap;
	/* The files that were read, so that nothing else is written there. */
	struct list_file {
		dev_t dev;
		ino_t ino;
	} * files;
	size_t nfiles, files_cap;
};

void list_init(struct list *l);
void list_clear(struct list *l);

/* Adds one term. Returns 0, or -1 with a problem that says what to write. */
int list_add_term(struct list *l, const char *file, unsigned line,
    const char *text, size_t len, struct problems *problems);

/* Adds all terms of a line; the same results. */
int list_add_line(struct list *l, const char *file, unsigned line,
    const char *text, size_t len, struct problems *problems);

/*
 * Carries out the "!" entries of all these lists: drops each permitting entry
 * that one of them names, and the "!" entries themselves. Exclusions stay.
 * unused, unless NULL, gets a message for each "!" entry that names nothing.
 */
void list_ignore(struct list *const *lists, size_t n, struct problems *unused);

/*
 * Drops each entry that says the same as an earlier one. repeats, unless NULL,
 * gets a message for each.
 */
void list_drop_repeats(struct list *l, struct problems *repeats);

/*
 * The entry's term, parsed: include, a, mx, ip4 or ip6. Lists have millions of
 * entries, and a parsed term is many times its text.
 */
struct spf_term entry_term(const struct entry *e);

/* Appends the name that messages about an entry begin with. */
void entry_name(struct buf *b, const struct entry *e);

/* Whether the entry needs DNS: include, a, mx. */
bool entry_is_domain(const struct entry *e);

#endif
