/*
 * target: a table that update keeps: what it has now, and how it is replaced.
 */
#include "target.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "table/install.h"
#include "table/marker.h"

/* The networks of the installed table; none if it cannot be opened. */
void
target_read(struct target *t)
{
	struct buf why;
	FILE *in;

	buf_init(&why);
	in = install_open(t->path, &why);
	t->exists = in != NULL;
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

/* Says which networks came and went, a line each. */
static void
say_difference(const struct session *r, struct target *t)
{
	struct buf text;
	size_t more;
	char *line, *rest;

	buf_init(&text);
	buf_puts(&text, "");
	more = difference_text(
	    &t->difference, &text, r->o->verbose ? SIZE_MAX : TARGET_CHANGES);
	for (rest = text.data; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0')
			say(INFO, "%s", line);
	if (more > 0)
		say(INFO, "%zu more %s (see -v)", more,
		    plural(more, "network", "networks"));
	buf_clear(&text);
}

/* Says what became of a table, where it matters. */
static void
say_result(const struct session *r, struct target *t)
{
	const char *networks = plural(t->table.n, "network", "networks");
	const char *domains = plural(t->table.domains, "domain", "domains");
	size_t come, go;

	if (r->o->quiet)
		return;
	difference_count(&t->difference, &come, &go);
	if (t->changed) {
		say(INFO, "%s: %zu %s from %zu %s (+%zu -%zu)", t->path,
		    t->table.n, networks, t->table.domains, domains, come, go);
		/* Of a table's first networks each one is new. */
		if (t->exists)
			say_difference(r, t);
	} else if (r->o->verbose || isatty(STDERR_FILENO))
		say(INFO, "%s: %zu %s from %zu %s, unchanged", t->path,
		    t->table.n, networks, t->table.domains, domains);
}

/*
 * Whether a file has the same rules as a table, and a comment in front of them
 * too. That counts domains, which Postfix need not know.
 */
bool
target_has_same_rules(const struct target *t)
{
	const char *rules = strchr(t->text.data, '\n') + 1;
	char *line = NULL;
	struct buf old, why;
	size_t cap = 0;
	ssize_t len;
	FILE *in;
	bool same = false;

	buf_init(&old);
	buf_init(&why);
	buf_puts(&old, "");
	in = install_open(t->path, &why);
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
look_for_changes(struct target *targets, size_t n, struct buf *why)
{
	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];
		enum install_result result =
		    install_compare(t->path, t->text.data, t->text.len, why);

		if (result == INSTALL_FAILED)
			return -1;
		t->changed = result == INSTALL_REPLACED;
		t->reload = t->changed && !target_has_same_rules(t);
	}
	return 0;
}

/*
 * Replaces the tables that changed. The marker of a pending reload is made
 * before the first of them, so that a kill in between loses no reload, and
 * taken back if none was replaced.
 */
static int
install_tables(const struct session *r, struct target *targets, size_t n,
    const char *marker, struct buf *why)
{
	bool needless = !marker_exists(marker);
	struct buf unsaid; /* the first failure is what why tells */
	int result = 0;

	buf_init(&unsaid);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct target *t = &targets[i];

		if (!t->changed)
			continue;
		if (t->reload && marker_make(marker, why) != 0)
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
		marker_remove(marker, &unsaid);
	buf_clear(&unsaid);
	return result;
}

/* Replaces the tables that changed. */
enum status
targets_replace(struct session *r, struct target *targets, size_t n,
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
