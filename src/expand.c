/*
 * expand: the table for the domains and terms of the command line.
 */
#include <stdlib.h>

#include "base/text.h"
#include "table/install.h"
#include "table/table.h"
#include "check.h"
#include "commands.h"
#include "session.h"

/* The visitor of expand: every note is said. */
static void
say_all_notes(void *arg, const struct entry *e, struct verdict *v)
{
	notes_say(arg, e, v, NULL);
}

/* Prints or installs the table; returns status, or what went wrong. */
static enum status
put_table(struct session *r, table_printer *print, enum status status)
{
	const struct options *o = r->o;
	struct table table;
	struct buf text, why;

	buf_init(&text);
	buf_init(&why);
	session_forget_answers(r);
	session_make_table(&table, r, PERMIT, false);
	buf_puts(&text, "");
	print(&text, &table);
	if (o->output == NULL)
		status = print_result(&text, status);
	else if (install_file(o->output, text.data, text.len, &why) ==
		 INSTALL_FAILED) {
		say(ERROR, "%s", why.data);
		status = STATUS_FAILED;
	}
	free(table.nets);
	buf_clear(&text);
	buf_clear(&why);
	return status;
}

enum status
expand_command(const struct options *o)
{
	enum status status;
	struct session r;

	if (o->lists.n == 0 && o->terms.n == 0 && o->config_file == NULL)
		return usage("expand needs a TERM, -l or -c", NULL);
	status = session_begin(&r, o, o->config_file != NULL);
	if (status == STATUS_OK)
		status = session_read_lists(&r, true, NULL);
	if (status == STATUS_OK) {
		check_wide(&r, PERMIT, NULL);
		status = session_expand(&r, say_all_notes, &r.notes);
	}
	if (status == STATUS_OK || status == STATUS_INCOMPLETE)
		status = put_table(&r, table_format(o->format_name), status);
	session_clear(&r);
	return status;
}
