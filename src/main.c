/*
 * postpermit: domain lists in, tables for Postfix postscreen out.
 *
 *	lists -> crawl -> evaluate -> address set -> table -> install -> hook
 *
 * Here are the commands; the longer ones are in files of their own.
 */
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "table/install.h"
#include "check.h"
#include "session.h"
#include "signals.h"

/* The visitor of expand: every note is said. */
static void
say_all_notes(void *arg, const struct entry *e, struct verdict *v)
{
	session_say_notes(arg, e, v, NULL);
}

/* The printer of -f, or NULL, with why. */
static table_printer *
table_printer_of(const struct options *o, struct buf *why)
{
	table_printer *print = table_format(o->format_name);

	if (print != NULL)
		return print;
	buf_printf(why, "-f %s: expected one of ", o->format_name);
	table_formats(why);
	return NULL;
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
	if (o->output == NULL) {
		buf_print(&text, stdout);
		status = finish_output(status);
	} else if (install_file(o->output, text.data, text.len, &why) ==
		   INSTALL_FAILED) {
		say(ERROR, "%s", why.data);
		status = STATUS_FAILED;
	}
	free(table.nets);
	buf_clear(&text);
	buf_clear(&why);
	return status;
}

static enum status
expand_command(const struct options *o)
{
	table_printer *print;
	enum status status;
	struct session r;
	struct buf why;

	buf_init(&why);
	print = table_printer_of(o, &why);
	status = print == NULL ? usage(why.data, NULL) : STATUS_OK;
	buf_clear(&why);
	if (print == NULL)
		return status;
	if (o->lists.n == 0 && o->terms.n == 0 && o->config_file == NULL)
		return usage("expand needs a TERM, -l or -c", NULL);
	status = session_begin(&r, o, o->config_file != NULL);
	if (status == STATUS_OK)
		status = session_read_lists(&r, true, NULL);
	if (status == STATUS_OK) {
		check_wide(&r, PERMIT, NULL);
		status = session_expand(&r, say_all_notes, &r);
	}
	if (status == STATUS_OK || status == STATUS_INCOMPLETE)
		status = put_table(&r, print, status);
	session_clear(&r);
	return status;
}

static const struct command {
	const char *name;
	const char *options; /* the letters of those that it takes */
	bool takes_terms;
	enum status (*run)(const struct options *o);
} commands[] = {
    {"update", "46nqvcforsSFP", false, update_command},
    {"expand", "46qvcflOorsS", true, expand_command},
    {"explain", "qvcflor", true, explain_command},
    {"report", "qvcflor", false, report_command},
    {"suggest", "qvcflorsAJ", true, suggest_command},
    {"check", "qvcflo", false, check_command},
    {"status", "qvcfo", false, status_command},
};

static enum status
help(void)
{
	fputs(options_usage, stdout);
	fputs(options_help, stdout);
	return finish_output(STATUS_OK);
}

static enum status
version(void)
{
	printf("postpermit %s\n", PACKAGE_VERSION);
	return finish_output(STATUS_OK);
}

/* Reads a command's options and runs it. */
static enum status
run_command(const struct command *command, int argc, char **argv)
{
	enum status status;
	struct options o;
	struct buf why;

	buf_init(&why);
	if (options_parse(&o, command->options, argc, argv, &why) != 0)
		status = usage(why.data, NULL);
	else if (o.help)
		status = help();
	else if (o.version)
		status = version();
	else if (o.terms.n > 0 && !command->takes_terms)
		status = usage("not an argument of this command", o.terms.v[0]);
	else
		status = command->run(&o);
	options_clear(&o);
	buf_clear(&why);
	return status;
}

/*
 * So that no file that we open becomes standard error. In place of a standard
 * output that is closed there is one that cannot be written: a result is not
 * lost unnoticed.
 */
static void
open_standard_descriptors(void)
{
	/* The lowest descriptor that is free is the one that is given out. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDERR_FILENO ? O_RDWR : O_RDONLY) == -1)
			return;
}

/*
 * ldns takes and frees 64 KB for each line of a zone file; glibc would give
 * them back to the system each time, which costs more than the parsing.
 */
static void
keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

int
main(int argc, char **argv)
{
	keep_memory();
	open_standard_descriptors();
	signals_catch();
	if (argc < 2)
		return usage("expected a command", NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return version();
	if (argv[1][0] == '-')
		return usage(
		    "the command comes first, its options after it", argv[1]);
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	return usage("no such command", argv[1]);
}
