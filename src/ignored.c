/*
 * ignored: "!" lines, and packaged lists that are left out, which change
 * nothing.
 */
#include "ignored.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "base/text.h"
#include "expand/listfile.h"

#define ENTRIES_SHOWN 3   /* of those that permit the same */
#define NOTHING_IGNORED 1 /* in r->ignored */

/*
 * The addresses that a line or a list would add, and the entries that have them
 * already.
 */
struct absent {
	const struct entry *line; /* NULL: a packaged list */
	struct buf name;          /* for messages */
	int list;                 /* that it would belong to */
	struct addrset set;
	struct buf owners;
	size_t nowners;
};

struct absents {
	struct session *run;
	struct evaluator *older;
	struct absent *v;
	size_t n, cap;
};

/* A word of the packaged configuration's permit_lists: a name and its length.
 */
static const char *
packaged_name(const char **words, size_t *len)
{
	const char *word = *words + strspn(*words, " ");
	const char *name = word;
	size_t n = strcspn(word, " ");

	*words = word + n;
	for (size_t i = 0; i < n; i++)
		if (word[i] == '/')
			name = word + i + 1;
	*len = (size_t)(word + n - name);
	/* The last one is the administrator's own. */
	return n > 0 && **words != '\0' ? name : NULL;
}

static const char *
default_lists(void)
{
	const char *name, *value = "";

	for (size_t i = 0; conf_parameter(i, &name, &value); i++)
		if (strcmp(name, "permit_lists") == 0)
			return value;
	return "";
}

/* The length of the directory of a file that is a packaged list; else 0. */
static size_t
packaged_directory(const char *file)
{
	const char *slash = strrchr(file, '/'), *words = default_lists(), *name;
	size_t len;

	if (slash == NULL)
		return 0;
	while ((name = packaged_name(&words, &len)) != NULL)
		if (strlen(slash + 1) == len &&
		    strncmp(slash + 1, name, len) == 0)
			return (size_t)(slash + 1 - file);
	return 0;
}

static bool
is_read(const struct list *l, const struct stat *st)
{
	for (size_t i = 0; i < l->nfiles; i++)
		if (l->files[i].dev == st->st_dev &&
		    l->files[i].ino == st->st_ino)
			return true;
	return false;
}

/*
 * The packaged lists of today's default that permit_lists leaves out although
 * it has others of the same directory; the caller frees each.
 */
static size_t
find_left_out(const struct session *r, char ***paths)
{
	const struct list *l = &r->lists[PERMIT];
	const char *file = NULL, *words = default_lists(), *name;
	size_t dir = 0, n = 0, cap = 0, len;
	struct stat st;

	*paths = NULL;
	for (size_t i = 0; i < l->n && dir == 0 && r->o->lists.n == 0; i++)
		if (l->v[i].file != file && (file = l->v[i].file) != NULL)
			dir = packaged_directory(file);
	while (dir > 0 && (name = packaged_name(&words, &len)) != NULL) {
		char *path =
		    xasprintf("%.*s%.*s", (int)dir, file, (int)len, name);

		if (stat(path, &st) != 0 || is_read(l, &st)) {
			free(path);
			continue;
		}
		*paths = grow(*paths, n, &cap, sizeof(**paths));
		(*paths)[n++] = path;
	}
	return n;
}

bool
ignored_is_due(const struct session *r)
{
	size_t n = 0, left_out;
	char **paths;

	for (int i = 0; i < LISTS; i++)
		n += r->lists[i].nignored;
	left_out = find_left_out(r, &paths);
	for (size_t i = 0; i < left_out; i++)
		free(paths[i]);
	free(paths);
	return n + left_out > 0;
}

/* Adds the addresses that an entry would bring; false if they are not known. */
static bool
add_entry(struct absents *as, const struct entry *e, struct addrset *set)
{
	struct evaluator *evs[] = {as->run->ev, as->older};
	bool known = false;

	for (size_t i = 0; i < COUNT(evs) && evs[i] != NULL && !known; i++) {
		struct verdict v;

		expand_entry(evs[i], e, &v);
		known = !v.failed && !v.incomplete &&
			(v.answered || !entry_is_domain(e));
		if (known)
			addrset_union(set, &v.permits);
		addrset_clear(&v.permits);
	}
	return known;
}

static bool
is_within(const struct addrset *set, struct addrset *table)
{
	struct addrset rest;
	bool result;

	addrset_init(&rest);
	addrset_union(&rest, set);
	addrset_subtract(&rest, table);
	result = addrset_is_empty(&rest);
	addrset_clear(&rest);
	return result;
}

static void
clear_absent(struct absent *a)
{
	addrset_clear(&a->set);
	buf_clear(&a->name);
	buf_clear(&a->owners);
}

/* Keeps it if it brings something, and the table has all of that. */
static void
keep_if_idle(struct absents *as, struct absent *a, bool known)
{
	struct addrset *table = &as->run->expansions[a->list].permits;

	if (!known || addrset_is_empty(&a->set) || !is_within(&a->set, table)) {
		clear_absent(a);
		return;
	}
	as->v = grow(as->v, as->n, &as->cap, sizeof(*as->v));
	as->v[as->n++] = *a;
}

static void
look_at_line(struct absents *as, int list, const struct entry *e)
{
	struct absent a = {.line = e, .list = list};
	bool known;

	addrset_init(&a.set);
	buf_init(&a.name);
	buf_init(&a.owners);
	if (e->line > 0)
		buf_printf(&a.name, "%s:%u: ", e->file, e->line);
	buf_add_escaped(&a.name, e->text, strlen(e->text), SHOWN_MAX);
	known = add_entry(as, e, &a.set);
	keep_if_idle(as, &a, known);
}

static void
look_at_list(struct absents *as, const char *path)
{
	struct absent a = {.list = PERMIT};
	struct problems problems;
	bool known = true;
	struct list l;

	list_init(&l);
	problems_init(&problems);
	addrset_init(&a.set);
	buf_init(&a.name);
	buf_init(&a.owners);
	buf_puts(&a.name, path);
	listfile_read_path(&l, path, &problems);
	for (size_t i = 0; i < l.n && known; i++)
		if (!l.v[i].exclude && !l.v[i].ignore)
			known = add_entry(as, &l.v[i], &a.set);
	keep_if_idle(as, &a, known && problems.n == 0);
	problems_clear(&problems);
	list_clear(&l);
}

/* Adds an entry to those that permit the same, if it does. */
static void
add_owner(struct absent *a, const struct entry *e, const struct addrset *has)
{
	struct addrset common;

	addrset_init(&common);
	addrset_union(&common, has);
	addrset_intersect(&common, &a->set);
	if (!addrset_is_empty(&common) && a->nowners++ < ENTRIES_SHOWN) {
		buf_puts(&a->owners, a->nowners > 1 ? ", " : "");
		entry_name(&a->owners, e);
	}
	addrset_clear(&common);
}

static void
find_owners(struct absents *as, int list)
{
	const struct list *l = &as->run->lists[list];

	for (size_t i = 0; i < l->n; i++) {
		struct verdict v;

		if (l->v[i].exclude)
			continue;
		expand_entry(as->run->ev, &l->v[i], &v);
		for (size_t k = 0; k < as->n; k++)
			if (as->v[k].list == list)
				add_owner(&as->v[k], &l->v[i], &v.permits);
		addrset_clear(&v.permits);
	}
}

static void
say_absent(struct absent *a)
{
	static const char *const verbs[LISTS] = {"permitted", "rejected"};
	struct net *nets;
	size_t n = addrset_nets(&a->set, &nets);

	if (a->nowners > ENTRIES_SHOWN)
		buf_printf(
		    &a->owners, " and %zu more", a->nowners - ENTRIES_SHOWN);
	else
		buf_puts(&a->owners, a->nowners > 0 ? "" : "held entries");
	say(WARNING,
	    "%s: %schanges nothing: %zu of its %zu %s, %s by %s; write -%s to "
	    "take %s out",
	    a->name.data, a->line != NULL ? "" : "leaving this list out ", n, n,
	    plural(n, "network stays", "networks stay"), verbs[a->list],
	    a->owners.data, a->line != NULL ? a->line->full : "include:NAME",
	    plural(n, "it", "them"));
	free(nets);
}

/* A number for what is said; what it brings may change without a word. */
static int64_t
hash_absents(const struct absents *as)
{
	uint64_t sum = CHECKSUM_START;

	for (size_t i = 0; i < as->n; i++)
		sum = checksum_bytes(
		    sum, as->v[i].name.data, as->v[i].name.len + 1);
	return as->n > 0 ? (int64_t)(sum >> 1) : NOTHING_IGNORED;
}

void
ignored_say(struct session *r, struct evaluator *older, int64_t said)
{
	struct absents as = {.run = r, .older = older};
	size_t left_out;
	char **paths;

	for (int i = 0; i < LISTS; i++)
		for (size_t k = 0; k < r->lists[i].nignored; k++)
			look_at_line(&as, i, &r->lists[i].ignored[k]);
	left_out = find_left_out(r, &paths);
	for (size_t i = 0; i < left_out; i++) {
		look_at_list(&as, paths[i]);
		free(paths[i]);
	}
	free(paths);
	r->ignored = hash_absents(&as);
	if (as.n > 0 && r->ignored != said) {
		for (int i = 0; i < LISTS; i++)
			find_owners(&as, i);
		for (size_t i = 0; i < as.n; i++)
			say_absent(&as.v[i]);
	}
	for (size_t i = 0; i < as.n; i++)
		clear_absent(&as.v[i]);
	free(as.v);
}
