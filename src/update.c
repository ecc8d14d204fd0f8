/*
 * update: regenerates the configured tables, installs those that changed,
 * runs the hook, and keeps the answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "table/install.h"
#include "table/lock.h"
#include "accept.h"
#include "allow.h"
#include "changesay.h"
#include "check.h"
#include "commands.h"
#include "difference.h"
#include "ignored.h"
#include "lastrun.h"
#include "metrics.h"
#include "pending.h"
#include "session.h"
#include "state.h"
#include "takers.h"
#include "target.h"

/* Keeps what is held, and the answers, for the next run. */
static int
write_saved(struct changes *c, struct buf *why)
{
	struct holds first, then;
	bool released = changes_holds(c, &first, true);
	int result;

	holds_init(&then);
	if (released)
		changes_holds(c, &then, false);
	result = state_write(c->run, &first, released ? &then : NULL, why);
	holds_clear(&first);
	holds_clear(&then);
	return result;
}

/* Says that no listed domain permits anything, and of whom that was asked. */
static void
say_empty(const struct session *r, const struct target *t, const char *end)
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
	    "%s: %s empty, although %zu %s listed: check the resolver%s%s%s",
	    t->path, end == NULL ? "is" : "would be", t->table.domains,
	    plural(t->table.domains, "domain is", "domains are"), servers.data,
	    end == NULL ? "" : "; ", end == NULL ? "" : end);
	buf_clear(&servers);
}

/*
 * An empty permit table is a mistake: a resolver denies every name, or the
 * lists are missing. If the saved answers say that --force accepted it before,
 * it stays as it is, and the reject table is updated.
 */
static bool
may_be_empty(const struct changes *c, const struct target *t)
{
	const struct session *r = c->run;
	const char *end = r->o->force
			      ? "accepted by --force"
			      : "keeping the old table; --force accepts it";

	if (t->table.n > 0)
		return true;
	if (t->table.domains > 0) {
		bool was = c->knew && target_has_same_rules(t);

		say_empty(r, t, was ? NULL : end);
		return was || r->o->force;
	}
	if (r->lists[PERMIT].n == 0 && t->ninstalled > 0) {
		say(r->o->force ? WARNING : ERROR,
		    "permit_lists: the lists are empty: %zu %s would go from "
		    "%s: "
		    "%s",
		    t->ninstalled, plural(t->ninstalled, "network", "networks"),
		    t->path, end);
		return r->o->force;
	}
	check_entries(r);
	return true;
}

/* Whether the installed tables may be replaced. */
static bool
may_replace(struct changes *c, const struct target *targets, size_t n)
{
	bool result = true;

	for (size_t i = 0; i < n; i++)
		if (targets[i].foreign > 0 && !c->run->o->force) {
			say(ERROR,
			    "%s: %zu of its rules %s not say %s: it is not a "
			    "table of postpermit, so it is not replaced; move "
			    "it away, or replace it with --force",
			    targets[i].path, targets[i].foreign,
			    plural(targets[i].foreign, "does", "do"),
			    targets[i].table.action);
			result = false;
		}
	if (!may_be_empty(c, &targets[PERMIT]))
		result = false;
	for (size_t i = 0; i < n; i++)
		if (!allow_table(c, targets[i].path, (int)i,
			targets[i].installed, targets[i].ninstalled))
			result = false;
	return result;
}

/* Says which of the list's own networks are wide and new to the table. */
static void
say_new_wide(const struct session *r, int list, const struct target *t)
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
make_targets(struct changes *c, struct target targets[LISTS])
{
	struct session *r = c->run;
	size_t n = *r->config.reject_table == '\0' ? 1 : LISTS;

	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];

		*t = (struct target){0};
		t->path = i == PERMIT ? r->config.permit_table
				      : r->config.reject_table;
		session_make_table(&t->table, r, (int)i, true);
		buf_init(&t->text);
		table_format("postfix")(&t->text, &t->table);
		target_read(t);
		t->difference = (struct difference){.changes = c,
		    .list = (int)i,
		    .action = t->table.action,
		    .old = t->installed,
		    .nold = t->ninstalled,
		    .new = t->table.nets,
		    .nnew = t->table.n};
		say_new_wide(r, (int)i, t);
	}
	return n;
}

/* Whether the tables can be compared with what they have now. */
static bool
are_readable(const struct target *targets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (targets[i].unreadable)
			return false;
	return true;
}

/* The same as print_changes(), as JSON, and what is held. */
static void
add_json_changes(
    struct buf *out, struct changes *c, struct target *targets, size_t n)
{
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL, JSON_LINES);
	json_array(&j, "tables", JSON_LINES);
	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];

		json_object(&j, NULL, JSON_LINES);
		json_string(&j, "path", t->path);
		json_string(&j, "action", t->table.action);
		json_number(&j, "networks", (int64_t)t->table.n);
		difference_json(&t->difference, &j);
		json_end(&j);
	}
	json_end(&j);
	changes_json(c, &j);
	json_end(&j);
}

/* What -n prints: how the tables would change. */
static enum status
print_changes(
    struct changes *c, struct target *targets, size_t n, enum status status)
{
	struct buf out;

	buf_init(&out);
	if (strcmp(c->run->o->format_name, "json") == 0)
		add_json_changes(&out, c, targets, n);
	else
		for (size_t i = 0; i < n; i++)
			difference_text(&targets[i].difference, &out, SIZE_MAX);
	return print_result(&out, status);
}

/* What update does once the expansions are there. */
static enum status
update_tables(struct changes *c, const char *marker, enum status status)
{
	struct session *r = c->run;
	struct target targets[LISTS];
	size_t n = make_targets(c, targets);
	bool readable = are_readable(targets, n);
	bool allowed = readable && may_replace(c, targets, n);

	if (r->o->dry_run && readable)
		status = print_changes(c, targets, n, status);
	if (!allowed)
		status = STATUS_FAILED;
	else if (!r->o->dry_run)
		status = targets_replace(r, targets, n, marker, status);
	for (size_t i = 0; i < n; i++) {
		difference_clear(&targets[i].difference);
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
	say(WARNING, "saved answers replace %lu of %lu %s, the oldest %s old",
	    r->stats.stale, r->stats.known,
	    plural(r->stats.known, "lookup", "lookups"), age.data);
	buf_clear(&age);
}

/* Visits each verdict: notes that are new, and what changed. */
static void
visit(void *arg, const struct entry *e, struct verdict *v)
{
	struct changes *c = arg;
	bool failed = v->failed;
	struct verdict old;

	if (!changes_visit(c, e, v, &old)) {
		notes_say(&c->run->notes, e, v, NULL);
		return;
	}
	if (failed || c->run->o->verbose || !changes_is_silent(c, e))
		notes_say(
		    &c->run->notes, e, v, c->run->o->verbose ? NULL : &old);
	addrset_clear(&old.permits);
}

/* The notes that visit() left out, unless the resolver is to blame. */
static void
say_left_out(struct changes *c)
{
	for (size_t i = 0; i < c->n && !c->run->o->verbose; i++) {
		const struct change *ch = &c->v[i];
		struct verdict v, old;

		if (ch->held.reason != HOLD_LOSS || (c->many && !ch->accepted))
			continue;
		expand_entry(c->run->ev, ch->entry, &v);
		addrset_init(&old.permits);
		if (c->saved != NULL)
			expand_entry(c->saved, ch->entry, &old);
		if (!v.failed)
			notes_say(&c->run->notes, ch->entry, &v,
			    c->saved != NULL ? &old : NULL);
		addrset_clear(&v.permits);
		addrset_clear(&old.permits);
	}
}

/*
 * Removes temporary files that killed runs left beside the files that update
 * writes.
 */
static void
clean(const struct session *r)
{
	char *saved = session_state_path(r, SAVED_ANSWERS);
	char *held = session_state_path(r, HELD_SETS);
	const char *paths[] = {r->config.permit_table, r->config.reject_table,
	    r->config.metrics_file, saved, held};

	for (size_t i = 0; i < COUNT(paths); i++)
		if (*paths[i] != '\0')
			install_clean(paths[i]);
	free(saved);
	free(held);
}

/*
 * Lists, answers, tables, saved answers, reload command, metrics, in that
 * order. The answers belong to the tables, even if the reload command fails.
 */
static enum status
locked_update(struct session *r, const struct last_run *last)
{
	char *marker = session_state_path(r, RELOAD_PENDING);
	enum status status;
	struct changes changes;
	struct buf why;

	if (!r->o->dry_run)
		clean(r);
	buf_init(&why);
	state_mend_clock(r);
	r->saved = state_read_saved(r);
	changes_init(&changes, r, last->ended);
	status = session_expand(r, visit, &changes);
	say_stale(r);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE) {
		changes_settle(&changes);
		changes_say(&changes);
		takers_settle(&changes);
		say_left_out(&changes);
		ignored_say(
		    r, changes.saved, r->o->verbose ? 0 : last->ignored);
		status = update_tables(&changes, marker, status);
	}
	if (!r->o->dry_run) {
		if ((status == STATUS_OK || status == STATUS_INCOMPLETE) &&
		    write_saved(&changes, &why) != 0) {
			say(ERROR, "%s", why.data);
			status = STATUS_FAILED;
		}
		if (pending_reload(r) != 0)
			status = STATUS_FAILED;
	}
	changes_clear(&changes);
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
	*lock = lock_take(path, LOCK_SECONDS, &why);
	if (*lock < 0)
		say(ERROR, "%s", why.data);
	*waited = now_ms() - start >= LOCK_PAUSE;
	buf_clear(&why);
	free(path);
	return *lock < 0 ? STATUS_FAILED : STATUS_OK;
}

static enum status
begin(struct session *r, const struct options *o)
{
	enum status status = session_begin(r, o, true);

	r->notes.few = true;
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

/* How the last update ended; a damaged file is replaced in the end. */
static void
read_last_run(const struct session *r, struct last_run *last)
{
	struct buf unsaid;

	buf_init(&unsaid);
	last_run_read(r, last, &unsaid);
	buf_clear(&unsaid);
}

/* Keeps how the run ended, for status and metrics. */
static void
record(struct session *r, const struct last_run *l, bool locked)
{
	struct buf why;

	buf_init(&why);
	/* What kept it from the lock was said. */
	if (last_run_write(r, l, &why) != 0 && locked)
		say(WARNING, "%s", why.data);
	why.len = 0;
	/* The exit status is about the tables. */
	if (metrics_write(r, l, &why) != 0)
		say(ERROR, "%s", why.data);
	buf_clear(&why);
}

enum status
update_command(const struct options *o)
{
	struct last_run last = {0}, this;
	enum status status;
	struct session r;
	int lock = -1;

	if (strcmp(o->format_name, "json") == 0 && !o->dry_run)
		return usage("update supports -f json only with -n", NULL);
	status = begin(&r, o);
	if (status == STATUS_OK && (!check_tables(&r) || accept_check(&r) != 0))
		status = STATUS_USAGE;
	/* -n takes none, and says beforehand what writing would fail with. */
	if (status == STATUS_OK && o->dry_run)
		check_places(&r);
	else if (status == STATUS_OK)
		status = begin_locked(&r, o, &lock);
	if (r.configured)
		read_last_run(&r, &last);
	if (status == STATUS_OK)
		status = locked_update(&r, &last);
	if (r.configured && !o->dry_run) {
		this = last_run_of(&r, status, &last);
		record(&r, &this, lock >= 0);
	}
	if (lock >= 0)
		close(lock);
	if (lock >= 0 && isatty(STDERR_FILENO) && !o->quiet)
		check_postfix(&r, false);
	session_clear(&r);
	return status;
}
