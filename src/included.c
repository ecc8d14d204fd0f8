/*
 * included: whether a record that an entry includes grew too much at once.
 */
#include "included.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* So many networks of an entry are looked at, and so many records. */
#define NETS_MAX 100
#define RECORDS_JUDGED 50

/* Records that were judged. */
struct judged {
	struct changes *changes;
	char *names[RECORDS_JUDGED];
	size_t n;
};

static bool
is_judged(const struct judged *j, const char *name)
{
	for (size_t i = 0; i < j->n; i++)
		if (strcmp(j->names[i], name) == 0)
			return true;
	return j->n == RECORDS_JUDGED;
}

/* Judges a record by its name; adds what it permits if it grew too much. */
static void
judge_record(struct judged *j, const char *name, struct addrset *grown)
{
	struct changes *c = j->changes;
	struct verdict old, new;
	struct entry e = {0};
	char *full;

	if (is_judged(j, name))
		return;
	j->names[j->n++] = xstrdup(name);
	full = xasprintf("include:%s", name);
	e.full = e.text = full;
	expand_entry(c->saved, &e, &old);
	expand_entry(c->run->ev, &e, &new);
	if (old.answered && !old.failed && new.answered &&
	    hold_judge(&c->limits, &old.permits, &new.permits, false) ==
		HOLD_GROWTH)
		addrset_union(grown, &new.permits);
	addrset_clear(&old.permits);
	addrset_clear(&new.permits);
	free(full);
}

/* The records of a path, "OWNER: TERM > OWNER: TERM", but the first. */
static void
judge_path(struct judged *j, char *path, struct addrset *grown)
{
	char *at = path;

	while ((at = strstr(at, " > ")) != NULL) {
		char *name = at + 3, *end = strstr(name, ": ");

		if (end == NULL)
			return;
		*end = '\0';
		judge_record(j, name, grown);
		at = end + 1;
	}
}

void
included_growth(struct changes *c, const struct entry *e, struct addrset *come,
    struct addrset *grown)
{
	struct judged j = {.changes = c};
	struct spf_term term = entry_term(e);
	struct net *nets;
	size_t n = addrset_nets(come, &nets);
	struct buf path;

	buf_init(&path);
	for (size_t i = 0; c->saved != NULL && i < n && i < NETS_MAX; i++) {
		struct range r = net_range(&nets[i]);

		path.len = 0;
		buf_puts(&path, "");
		if (!addrset_covers(grown, nets[i].family, &r) &&
		    evaluate_explain(c->run->ev, &term, nets[i].family,
			&r.first, &path) == EXPLAIN_PERMITS)
			judge_path(&j, path.data, grown);
	}
	addrset_intersect(grown, come);
	for (size_t i = 0; i < j.n; i++)
		free(j.names[i]);
	free(nets);
	buf_clear(&path);
}
