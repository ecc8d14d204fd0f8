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
	struct addrset excluded; /* by its exclusions, from any entry */
	size_t domains;          /* entries that need DNS and permit */
	size_t answered; /* of these, the ones whose own lookup was answered */
	size_t failed;   /* entries with a lookup that was not answered */
	size_t failed_exclusions; /* of these, those that exclude */
};

/* evaluate_entry() of what an entry of a list says. */
void expand_entry(
    struct evaluator *ev, const struct entry *e, struct verdict *v);

/*
 * Called with each entry's verdict, in list order. It may change the verdict,
 * for example its set; the changed one counts.
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
 * Removes from the addresses that a reject list has from DNS those that a
 * permit list permits: a record must not reject the addresses of others. The
 * ip4: and ip6: lines of the list stay.
 */
void expand_yield(const struct list *reject, struct expansion *rejected,
    struct expansion *permitted);

#endif
