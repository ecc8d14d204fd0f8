/*
 * pending: a reload of Postfix that is due.
 */
#include "pending.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "table/marker.h"
#include "table/reload.h"

static const char *const names[] = {RELOAD_PENDING, RELOAD_TAKEN};

struct pending
pending_find(const struct session *r)
{
	struct pending p = {0};

	for (size_t i = 0; i < 2; i++) {
		char *path = session_state_path(r, names[i]);
		struct stat st;

		if (lstat(path, &st) == 0) {
			int64_t age = r->now - st.st_mtime;

			p.due = true;
			p.taken |= i == 1;
			p.seconds = age > p.seconds ? age : p.seconds;
		}
		free(path);
	}
	return p;
}

void
pending_advice(struct buf *b, const struct pending *p)
{
	buf_puts(b, "reload pending for ");
	buf_add_age(b, p->seconds);
	buf_puts(b,
	    p->taken
		? ": Postfix still has the old tables, and reloading "
		  "it fails: see systemctl status postpermit-reload, "
		  "then start that unit again"
		: ": Postfix still has the old tables: set reload_command, or "
		  "let another program reload Postfix and remove the file");
}

/* Says that a reload of Postfix has been due for long. */
static void
say_late(const struct session *r, const struct pending *p)
{
	struct buf text;

	if (p->seconds < PENDING_LATE)
		return;
	buf_init(&text);
	pending_advice(&text, p);
	say(WARNING, "%s/%s: %s", r->config.state_directory, names[p->taken],
	    text.data);
	buf_clear(&text);
}

/* Removes both files. */
static int
clear(const struct session *r, struct buf *why)
{
	int result = 0;

	for (size_t i = 0; i < 2 && result == 0; i++) {
		char *path = session_state_path(r, names[i]);

		result = marker_remove(path, why);
		free(path);
	}
	return result;
}

int
pending_reload(const struct session *r)
{
	struct pending p = pending_find(r);
	struct buf why;
	int result = 0;

	if (!p.due)
		return 0;
	if (*r->config.reload_command == '\0') {
		say_late(r, &p);
		return 0;
	}
	buf_init(&why);
	if (reload_run(
		r->config.reload_command, PENDING_RELOAD_SECONDS, &why) != 0) {
		say(ERROR,
		    "%s; the new tables are in place, but Postfix still has "
		    "the old ones; the next update tries again",
		    why.data);
		result = -1;
	} else if (clear(r, &why) != 0) {
		say(ERROR, "%s", why.data);
		result = -1;
	}
	buf_clear(&why);
	return result;
}
