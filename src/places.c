/*
 * places: whether update would overwrite a file that it did not write.
 */
#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "table/install.h"
#include "table/table.h"
#include "lastrun.h"
#include "pending.h"
#include "state.h"

/* What tells a file from others: its inode, or its directory's and its name. */
struct place {
	const char *path;
	dev_t dev;
	ino_t ino;
	const char *name; /* empty: the file exists */
};

/* Returns false if even the directory does not exist. */
static bool
find_place(struct place *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *dir;
	bool found;

	*p = (struct place){.path = path, .name = ""};
	if (stat(path, &st) == 0) {
		p->dev = st.st_dev;
		p->ino = st.st_ino;
		return true;
	}
	dir = slash == NULL ? xstrdup(".")
			    : xstrndup(path, (size_t)(slash - path) + 1);
	p->name = slash == NULL ? path : slash + 1;
	found = stat(dir, &st) == 0;
	if (found) {
		p->dev = st.st_dev;
		p->ino = st.st_ino;
	}
	free(dir);
	return found;
}

static bool
is_same(const struct place *a, const struct place *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
	       strcmp(a->name, b->name) == 0;
}

static bool
is_list(const struct list *l, const struct place *p)
{
	for (size_t i = 0; *p->name == '\0' && i < l->nfiles; i++)
		if (l->files[i].dev == p->dev && l->files[i].ino == p->ino)
			return true;
	return false;
}

/* Whether it is one of the files in the state directory. */
static bool
is_state(const struct session *r, const struct place *p)
{
	static const char *const names[] = {
	    SAVED_ANSWERS, HELD_SETS, LAST_RUN, RELOAD_PENDING, "lock"};
	bool same = false;

	for (size_t i = 0; i < COUNT(names) && !same; i++) {
		char *path = session_state_path(r, names[i]);
		struct place state;

		same = find_place(&state, path) && is_same(&state, p);
		free(path);
	}
	return same;
}

static bool
is_path(const char *path, const struct place *p)
{
	struct place other;

	return path != NULL && *path != '\0' && find_place(&other, path) &&
	       is_same(&other, p);
}

/* What kind of our files is at that place; NULL: none. */
static const char *
what_is(const struct session *r, const char *parameter, const struct place *p)
{
	const struct conf *c = &r->config;

	for (int i = 0; i < LISTS; i++)
		if (is_list(&r->lists[i], p))
			return "one of the lists";
	if (is_path(r->o->config_file, p) || is_path(DEFAULT_CONFIG, p))
		return "the configuration";
	if (is_state(r, p))
		return "a file of state_directory";
	if (strcmp(parameter, "permit_table") != 0 &&
	    is_path(c->permit_table, p))
		return "permit_table";
	if (strcmp(parameter, "reject_table") != 0 &&
	    strcmp(parameter, "permit_table") != 0 &&
	    is_path(c->reject_table, p))
		return "reject_table";
	return NULL;
}

/*
 * Whether a file is not ours: it is not empty, and has neither a rule of such a
 * table nor its first line. (A table that was cut off has one of them, or the
 * beginning of that line.)
 */
static bool
is_foreign(const char *path, const char *action)
{
	static const char title[] = "# postpermit ";
	char first[sizeof(title)];
	struct net *nets = NULL;
	size_t len, n, others;
	struct buf why;
	FILE *in;

	buf_init(&why);
	in = install_open(path, &why);
	buf_clear(&why);
	if (in == NULL)
		return false;
	len = fread(first, 1, sizeof(title) - 1, in);
	rewind(in);
	n = table_read(in, action, &nets, &others);
	free(nets);
	fclose(in);
	return n == 0 && strncmp(first, title, len) != 0;
}

static void
check_place(const struct session *r, const char *parameter, const char *path,
    const char *action, struct problems *problems)
{
	const char *at = conf_set_at(&r->config, parameter);
	const char *what;
	struct place p;

	if (path == NULL || *path == '\0' || !find_place(&p, path))
		return;
	what = what_is(r, parameter, &p);
	if (what != NULL)
		problems_add(problems,
		    "%s%s%s: %s is %s as well; it would be overwritten",
		    at != NULL ? at : "", at != NULL ? ": " : "", parameter,
		    path, what);
	else if (action != NULL && is_foreign(path, action))
		problems_add(problems,
		    "%s%s%s: %s: not a table of postpermit, and not replaced: "
		    "move it away",
		    at != NULL ? at : "", at != NULL ? ": " : "", parameter,
		    path);
}

void
places_check(const struct session *r, struct problems *problems)
{
	check_place(
	    r, "permit_table", r->config.permit_table, "permit", problems);
	check_place(
	    r, "reject_table", r->config.reject_table, "reject", problems);
	places_check_metrics(r, problems);
}

void
places_check_metrics(const struct session *r, struct problems *problems)
{
	check_place(r, "metrics_file", r->config.metrics_file, NULL, problems);
}
