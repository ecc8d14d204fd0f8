/*
 * postpermit: domain lists in, tables for Postfix postscreen out.
 *
 *	lists -> crawl -> evaluate -> address set -> table -> install -> reload
 *
 * Each command is in a file of its own, and commands.c has their table.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "session.h"
#include "signals.h"

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
	if (options_parse(&o, command->options, argc, argv, &why) != 0 ||
	    (!o.help && !o.version && !command_has_format(command, &o, &why)))
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

int
main(int argc, char **argv)
{
	const struct command *command;

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
	command = command_named(argv[1]);
	if (command == NULL)
		return usage("no such command", argv[1]);
	return run_command(command, argc - 1, argv + 1);
}
