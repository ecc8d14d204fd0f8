/*
 * report: what each entry of the lists takes and permits, and what of that no
 * other entry does.
 */
#ifndef REPORT_H
#define REPORT_H

#include "session.h"

#define REPORT_SHARES 3 /* of a line of text; -v shows all */

/* Another entry that permits something of what one permits. */
struct report_share {
	size_t item;
	double addresses[FAMILIES];
};

struct report_item {
	const struct entry *entry;
	size_t place;           /* among the entries of the lists */
	int list;               /* PERMIT, REJECT */
	struct addrset permits; /* or rejects, or takes out */
	struct addrset only;    /* of that: permitted by no other entry */
	double addresses[FAMILIES], only_addresses[FAMILIES];
	const struct held *held;     /* the entry is held; or NULL */
	struct report_share *shares; /* of the rest, largest first */
	size_t nshares, shares_cap;
};

struct report {
	struct session *session;
	struct report_item *v; /* in the order in which they are shown */
	size_t n, cap;
};

/* Prints all of it. */
typedef void report_printer(struct buf *out, struct report *r);

/* Each is in a file of its own. */
report_printer report_text;
report_printer report_json;
report_printer report_html;

/* Whether two items are of one kind: those of a kind are compared. */
bool report_is_same_kind(
    const struct report_item *a, const struct report_item *b);

/*
 * Evaluates an item's entry again, and says its notes; the caller clears
 * v->permits.
 */
void report_evaluate(
    struct report *r, const struct report_item *item, struct verdict *v);

/* Appends the name of the other entry. */
void report_share_name(
    struct buf *b, const struct report *r, const struct report_share *s);

/* The age of the oldest answer that a verdict needs, in seconds. */
int64_t report_age(const struct report *r, const struct verdict *v);

#endif
