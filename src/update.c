/*
 * update: regenerates the configured tables, installs those that changed,
 * runs the hook, and keeps the answers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/zone.h"
#include "table/install.h"
#include "check.h"
#include "lastrun.h"
#include "metrics.h"
#include "pending.h"
#include "session.h"
#include "shrink.h"

#define LOCK_SECONDS 60
#define DOMAINS_SHOWN 3 /* of a network's, in a line of -n */

/* A table that update keeps. */
struct kept_table {
	const char *path;
	struct table table;
	struct buf text;
	struct net *installed; /* the networks that it has now */
	size_t ninstalled;
	size_t foreign;  /* rules with an action that it never has */
	bool unreadable; /* in part: these are not all of its networks */
	bool changed;    /* its bytes do */
	bool reload;     /* and its rules, not just the comment in front */
};

static int
write_saved(const struct session *r, struct buf *why)
{
	char *path = session_state_path(r, SAVED_ANSWERS);
	enum install_result result;
	struct buf text;

	buf_init(&text);
	zone_write(&text, r->answers);
	result = install_file(path, text.data, text.len, why);
	buf_clear(&text);
	free(path);
	return result == INSTALL_FAILED ? -1 : 0;
}

/* The networks of the installed table; none if it cannot be opened. */
static void
read_installed(struct kept_table *t)
{
	struct buf why;
	FILE *in;

	buf_init(&why);
	in = install_open(t->path, &why);
	if (in != NULL) {
		t->ninstalled =
		    table_read(in, t->table.action, &t->installed, &t->foreign);
		if (ferror(in)) {
			say(ERROR, "%s: cannot read: %s", t->path,
			    strerror(errno));
			t->unreadable = true;
		}
		fclose(in);
	}
	buf_clear(&why);
}

/* Counts the networks that come and go; calls print, if not NULL, for each. */
static void
compare_nets(const struct kept_table *t, size_t *come, size_t *go,
    void (*print)(void *arg, const struct net *n, bool comes), void *arg)
{
	const struct net *old = t->installed, *new = t->table.nets;
	size_t i = 0, k = 0;

	*come = *go = 0;
	while (i < t->ninstalled || k < t->table.n) {
		int c = i == t->ninstalled ? 1
			: k == t->table.n  ? -1
					   : net_cmp(&old[i], &new[k]);

		if (c != 0 && print != NULL)
			print(arg, c < 0 ? &old[i] : &new[k], c > 0);
		*go += c < 0;
		*come += c > 0;
		i += c <= 0;
		k += c >= 0;
	}
}

/* What -n prints with. */
struct printer {
	struct session *run;
	const struct list *list;
	const char *action;
	struct addrset *excluded;
	struct shrink *shrink;
};

/* "+NETWORK ACTION DOMAINS": who brought it or took it. */
static void
print_change(void *arg, const struct net *n, bool comes)
{
	struct printer *p = arg;
	enum owners which = OWNERS_OLD;
	struct range r = net_range(n);
	char text[NET_STRLEN];
	struct buf names;

	if (!session_shows(p->run->o, n->family))
		return;
	buf_init(&names);
	buf_puts(&names, "");
	if (comes)
		which = OWNERS_NEW;
	else if (addrset_overlaps(p->excluded, n->family, &r))
		which = OWNERS_EXCLUDING;
	shrink_owners(p->shrink, p->list, n, which, DOMAINS_SHOWN, &names);
	printf("%c%s\t%s\t%s\n", comes ? '+' : '-', net_to_text(n, text),
	    p->action, names.data);
	buf_clear(&names);
}

static void
print_changes(struct session *r, struct kept_table *targets, size_t n,
    struct shrink *shrink)
{
	for (size_t i = 0; i < n; i++) {
		struct printer p = {.run = r,
		    .list = &r->lists[i],
		    .action = targets[i].table.action,
		    .excluded = &r->expansions[i].excluded,
		    .shrink = shrink};
		size_t come, go;

		compare_nets(&targets[i], &come, &go, print_change, &p);
	}
}

/* Says what became of a table, where it matters. */
static void
say_result(const struct session *r, const struct kept_table *t)
{
	const char *networks = plural(t->table.n, "network", "networks");
	const char *domains = plural(t->table.domains, "domain", "domains");
	size_t come, go;

	if (r->o->quiet)
		return;
	compare_nets(t, &come, &go, NULL, NULL);
	if (t->changed)
		say(INFO, "%s: %zu %s from %zu %s (+%zu -%zu)", t->path,
		    t->table.n, networks, t->table.domains, domains, come, go);
	else if (r->o->verbose || isatty(STDERR_FILENO))
		say(INFO, "%s: %zu %s from %zu %s, unchanged", t->path,
		    t->table.n, networks, t->table.domains, domains);
}

/*
 * Whether a file has the same rules as a table, and a comment in front of them
 * too. That counts domains, which Postfix need not know.
 */
static bool
has_same_rules(const char *path, const struct buf *text)
{
	const char *rules = strchr(text->data, '\n') + 1;
	char *line = NULL;
	struct buf old, why;
	size_t cap = 0;
	ssize_t len;
	FILE *in;
	bool same = false;

	buf_init(&old);
	buf_init(&why);
	buf_puts(&old, "");
	in = install_open(path, &why);
	if (in != NULL) {
		same = xgetline(&line, &cap, in) != -1 && *line == '#';
		while (same && (len = xgetline(&line, &cap, in)) != -1)
			buf_add(&old, line, (size_t)len);
		fclose(in);
	}
	same = same && old.len == strlen(rules) &&
	       memcmp(old.data, rules, old.len) == 0;
	free(line);
	buf_clear(&old);
	buf_clear(&why);
	return same;
}

/* Finds out which tables change. */
static int
look_for_changes(struct kept_table *targets, size_t n, struct buf *why)
{
	for (size_t i = 0; i < n; i++) {
		struct kept_table *t = &targets[i];
		enum install_result result =
		    install_compare(t->path, t->text.data, t->text.len, why);

		if (result == INSTALL_FAILED)
			return -1;
		t->changed = result == INSTALL_REPLACED;
		t->reload = t->changed && !has_same_rules(t->path, &t->text);
	}
	return 0;
}

/*
 * Replaces the tables that changed. The marker of a pending reload is made
 * before the first of them, so that a kill in between loses no reload, and
 * taken back if none was replaced.
 */
static int
install_tables(const struct session *r, const struct kept_table *targets,
    size_t n, const char *marker, struct buf *why)
{
	bool needless = !install_is_marked(marker);
	struct buf unsaid; /* the first failure is what why tells */
	int result = 0;

	buf_init(&unsaid);
	for (size_t i = 0; i < n && result == 0; i++) {
		const struct kept_table *t = &targets[i];

		if (!t->changed)
			continue;
		if (t->reload && install_mark(marker, why) != 0)
			return -1;
		if (install_file(t->path, t->text.data, t->text.len, why) ==
		    INSTALL_FAILED) {
			result = -1;
			/* It may have been renamed, but not flushed. */
			needless = needless && install_compare(t->path,
						   t->text.data, t->text.len,
						   &unsaid) == INSTALL_REPLACED;
			continue;
		}
		needless = needless && !t->reload;
		say_result(r, t);
	}
	if (result != 0 && needless)
		install_unmark(marker, &unsaid);
	buf_clear(&unsaid);
	return result;
}

/* Replaces the tables that changed. */
static enum status
replace(struct session *r, struct kept_table *targets, size_t n,
    const char *marker, enum status status)
{
	struct buf why;

	buf_init(&why);
	if (look_for_changes(targets, n, &why) != 0 ||
	    install_tables(r, targets, n, marker, &why) != 0) {
		say(ERROR, "%s", why.data);
		status = STATUS_FAILED;
	} else
		for (size_t i = 0; i < n; i++)
			if (!targets[i].changed)
				say_result(r, &targets[i]);
	buf_clear(&why);
	return status;
}

/* Says that no listed domain permits anything, and of whom that was asked. */
static void
say_empty(const struct session *r, const struct kept_table *t, const char *end)
{
	struct buf servers;

	buf_init(&servers);
	buf_puts(&servers, "");
	if (r->replay == NULL) {
		buf_puts(&servers, " (");
		servers_to_text(&servers, &r->servers);
		buf_puts(&servers, ")");
	}
	say(end == NULL || r->o->force ? WARNING : ERROR,
	    "%s: %s empty, though %zu %s listed: is the resolver%s right?%s%s",
	    t->path, end == NULL ? "is" : "would be", t->table.domains,
	    plural(t->table.domains, "domain is", "domains are"), servers.data,
	    end == NULL ? "" : " ", end == NULL ? "" : end);
	buf_clear(&servers);
}

/*
 * A permit table that permits nothing is hardly meant: a resolver denies
 * whatever it is asked, or the lists were mislaid. Where --force accepted it,
 * by what the saved answers say, there is nothing to lose, and the reject table
 * goes on.
 */
static bool
may_be_empty(const struct shrink *s, const struct kept_table *t)
{
	const struct session *r = s->run;
	const char *end = r->o->force
			      ? "accepted by --force"
			      : "nothing is replaced; --force accepts it";

	if (t->table.n > 0)
		return true;
	if (t->table.domains > 0) {
		bool was = s->knew && has_same_rules(t->path, &t->text);

		say_empty(r, t, was ? NULL : end);
		return was || r->o->force;
	}
	if (r->lists[PERMIT].n == 0 && t->ninstalled > 0) {
		say(r->o->force ? WARNING : ERROR,
		    "permit_lists: no entry at all: %zu %s would go from %s: "
		    "%s",
		    t->ninstalled, plural(t->ninstalled, "network", "networks"),
		    t->path, end);
		return r->o->force;
	}
	check_entries(r);
	return true;
}

/* Whether the tables may go: what the guards think of the installed ones. */
static bool
may_replace(struct shrink *s, const struct kept_table *targets, size_t n)
{
	bool result = true;

	for (size_t i = 0; i < n; i++)
		if (targets[i].foreign > 0 && !s->run->o->force) {
			say(ERROR,
			    "%s: %zu of its rules %s not say %s: it is not a "
			    "table of postpermit; nothing is replaced. Move it "
			    "away, or accept that with --force",
			    targets[i].path, targets[i].foreign,
			    plural(targets[i].foreign, "does", "do"),
			    targets[i].table.action);
			result = false;
		}
	if (!may_be_empty(s, &targets[PERMIT]))
		result = false;
	for (size_t i = 0; i < n; i++)
		if (!shrink_allows(s, targets[i].path, (int)i,
			targets[i].installed, targets[i].ninstalled))
			result = false;
	return result;
}

/* Says which of the list's own networks are wide and new to the table. */
static void
say_new_wide(const struct session *r, int list, const struct kept_table *t)
{
	struct addrset installed;

	addrset_init(&installed);
	for (size_t i = 0; i < t->ninstalled; i++)
		addrset_add_net(&installed, t->installed[i].family,
		    &t->installed[i].addr, t->installed[i].prefix);
	check_wide(r, list, &installed);
	addrset_clear(&installed);
}

/* The tables that the expansions make. */
static size_t
make_targets(struct session *r, struct kept_table targets[LISTS])
{
	size_t n = *r->config.reject_table == '\0' ? 1 : LISTS;

	for (size_t i = 0; i < n; i++) {
		struct kept_table *t = &targets[i];

		*t = (struct kept_table){0};
		t->path = i == PERMIT ? r->config.permit_table
				      : r->config.reject_table;
		session_make_table(&t->table, r, (int)i, true);
		buf_init(&t->text);
		table_format("postfix")(&t->text, &t->table);
		read_installed(t);
		say_new_wide(r, (int)i, t);
	}
	return n;
}

/* Whether the tables can be compared with what they have now. */
static bool
are_readable(const struct kept_table *targets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (targets[i].unreadable)
			return false;
	return true;
}

/* What update does once the expansions are there. */
static enum status
update_tables(struct session *r, struct shrink *shrink, const char *marker,
    enum status status)
{
	struct kept_table targets[LISTS];
	size_t n = make_targets(r, targets);
	bool readable = are_readable(targets, n);
	bool allowed = readable && may_replace(shrink, targets, n);

	if (r->o->dry_run && readable) {
		print_changes(r, targets, n, shrink);
		status = finish_output(status);
	}
	if (!allowed)
		status = STATUS_FAILED;
	else if (!r->o->dry_run)
		status = replace(r, targets, n, marker, status);
	for (size_t i = 0; i < n; i++) {
		free(targets[i].table.nets);
		free(targets[i].installed);
		buf_clear(&targets[i].text);
	}
	return status;
}

/* How much of the tables rests on saved answers, in one line. */
static void
say_stale(const struct session *r)
{
	struct buf age;

	if (r->stats.stale == 0)
		return;
	buf_init(&age);
	buf_add_age(&age, r->now - r->stats.oldest_stale);
	say(WARNING,
	    "saved answers stand in for %lu of %lu %s, the oldest %s old",
	    r->stats.stale, r->stats.known,
	    plural(r->stats.known, "lookup", "lookups"), age.data);
	buf_clear(&age);
}

/* Visits each verdict: notes that are new, and what the shrink guard needs. */
static void
visit(void *arg, const struct entry *e, struct verdict *v)
{
	struct shrink *s = arg;
	struct verdict old;

	if (!shrink_visit(s, e, v, &old)) {
		session_say_notes(s->run, e, v, NULL);
		return;
	}
	session_say_notes(s->run, e, v, s->run->o->verbose ? NULL : &old);
	addrset_clear(&old.permits);
}

/* Removes what killed runs left beside the files that update writes. */
static void
clean(const struct session *r)
{
	char *saved = session_state_path(r, SAVED_ANSWERS);
	const char *paths[] = {r->config.permit_table, r->config.reject_table,
	    r->config.metrics_file, saved};

	for (size_t i = 0; i < COUNT(paths); i++)
		if (*paths[i] != '\0')
			install_clean(paths[i]);
	free(saved);
}

/*
 * Lists, answers, tables, saved answers, hook, metrics, in that order. The
 * answers belong to the tables, whatever becomes of the hook.
 */
static enum status
locked_update(struct session *r)
{
	char *marker = session_state_path(r, RELOAD_PENDING);
	enum status status;
	struct shrink shrink;
	struct buf why;

	if (!r->o->dry_run)
		clean(r);
	buf_init(&why);
	r->saved = session_read_saved(r);
	shrink_init(&shrink, r);
	status = session_expand(r, visit, &shrink);
	say_stale(r);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE)
		status = update_tables(r, &shrink, marker, status);
	shrink_clear(&shrink);
	if (!r->o->dry_run) {
		if ((status == STATUS_OK || status == STATUS_INCOMPLETE) &&
		    write_saved(r, &why) != 0) {
			say(ERROR, "%s", why.data);
			status = STATUS_FAILED;
		}
		if (pending_reload(r) != 0)
			status = STATUS_FAILED;
	}
	buf_clear(&why);
	free(marker);
	return status;
}

/* Takes the lock. *waited: another run had it. */
static enum status
take_lock(const struct session *r, int *lock, bool *waited)
{
	char *path = session_state_path(r, "lock");
	int64_t start = now_ms();
	struct buf why;

	buf_init(&why);
	*lock = install_lock(path, LOCK_SECONDS, &why);
	if (*lock < 0)
		say(ERROR, "%s", why.data);
	*waited = now_ms() - start >= INSTALL_LOCK_PAUSE;
	buf_clear(&why);
	free(path);
	return *lock < 0 ? STATUS_FAILED : STATUS_OK;
}

static enum status
begin(struct session *r, const struct options *o)
{
	enum status status = session_begin(r, o, true);

	r->few_failures = true;
	r->configured = status == STATUS_OK;
	return status == STATUS_OK ? session_read_lists(r, false, NULL)
				   : status;
}

/*
 * Takes the lock. If another run had it, configuration and lists may have been
 * edited meanwhile, and are read again.
 */
static enum status
begin_locked(struct session *r, const struct options *o, int *lock)
{
	enum status status = STATUS_OK;
	bool waited = true, same = false;

	while (status == STATUS_OK && waited && !same) {
		char *directory = xstrdup(r->config.state_directory);

		status = take_lock(r, lock, &waited);
		if (status == STATUS_OK && waited) {
			session_clear(r);
			status = begin(r, o);
			same =
			    status != STATUS_OK ||
			    strcmp(directory, r->config.state_directory) == 0;
			if (!same)
				close(*lock);
		}
		free(directory);
	}
	return status;
}

/* Keeps how the run ended, for status and metrics. */
static void
record(struct session *r, enum status status, bool locked)
{
	struct last_run l;
	struct buf why;

	buf_init(&why);
	last_run_of(r, status, &l);
	/* What kept it from the lock was said. */
	if (last_run_write(r, &l, &why) != 0 && locked)
		say(WARNING, "%s", why.data);
	why.len = 0;
	/* The tables are what the status speaks of. */
	if (metrics_write(r, &l, &why) != 0)
		say(ERROR, "%s", why.data);
	buf_clear(&why);
}

enum status
update_command(const struct options *o)
{
	enum status status;
	struct session r;
	int lock = -1;

	status = begin(&r, o);
	/* -n takes none, and says beforehand what writing would fail with. */
	if (status == STATUS_OK && o->dry_run)
		check_places(&r);
	else if (status == STATUS_OK)
		status = begin_locked(&r, o, &lock);
	if (status == STATUS_OK)
		status = locked_update(&r);
	if (r.configured && !o->dry_run)
		record(&r, status, lock >= 0);
	if (lock >= 0)
		close(lock);
	if (lock >= 0 && isatty(STDERR_FILENO) && !o->quiet)
		check_postfix(&r, false);
	session_clear(&r);
	return status;
}
