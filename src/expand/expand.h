/*
 * expand: lists to addresses: fetches what their entries need, and puts
 * together what they permit.
 */
#ifndef EXPAND_H
#define EXPAND_H

#include "spf/evaluate.h"
#include "expand/crawl.h"
#include "expand/list.h"

/* What a list permits, exclusions taken out. */
struct expansion {
	struct addrset permits;
	struct addrset excluded; /* by its exclusions, of whatever */
	size_t domains;          /* entries that need DNS and permit */
	size_t answered; /* of these, those whose own lookup was answered */
	size_t failed;   /* entries some lookup of which was not answered */
	size_t failed_exclusions; /* of these, those that exclude */
};

/* evaluate_entry() of what an entry of a list says. */
void expand_entry(
    struct evaluator *ev, const struct entry *e, struct verdict *v);

/*
 * Called with each entry's verdict, in list order. What it leaves in it is what
 * counts: its set may be another one.
 */
typedef void expand_visit(void *arg, const struct entry *e, struct verdict *v);

/*
 * Asks for everything that the n lists need until nothing is missing.
 */
void expand_crawl(
    struct crawl *c, struct evaluator *ev, struct list *const *lists, size_t n);

/*
 * Evaluates a list over complete answers; visit may be NULL. The caller
 * clears x with expansion_clear().
 */
void expand_list(struct evaluator *ev, const struct list *l,
    struct expansion *x, expand_visit *visit, void *arg);
void expansion_clear(struct expansion *x);

/*
 * Leaves out of what a reject list rejects by DNS what a permit list permits:
 * nobody's record may reject another's addresses. The list's own ip4: and ip6:
 * lines are taken at their word.
 */
void expand_yield(const struct list *reject, struct expansion *rejected,
    struct expansion *permitted);

#endif
