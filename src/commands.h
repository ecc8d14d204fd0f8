/*
 * commands: the table of the commands: what each takes, and its function.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "session.h"

struct command {
	const char *name;
	const char *options; /* the letters of those that it takes */
	/* What -f takes; NULL: the formats of tables. */
	const char *const *formats;
	bool takes_terms;
	enum status (*run)(const struct options *o);
};

/* Their functions, each in a file of its name. Return the exit status. */
enum status update_command(const struct options *o);
enum status expand_command(const struct options *o);
enum status explain_command(const struct options *o);
enum status report_command(const struct options *o);
enum status suggest_command(const struct options *o);
enum status audit_command(const struct options *o); /* suggest --audit */
enum status check_command(const struct options *o);
enum status status_command(const struct options *o);

/* A command by its place in the table, from 0; NULL: there are no more. */
const struct command *command_at(size_t i);

/* A command by its name, or NULL. */
const struct command *command_named(const char *name);

/* A format that its -f takes, by its place, or NULL: there are no more. */
const char *command_format(const struct command *command, size_t i);

/* Whether -f has one of them, or was not given. If not, says why. */
bool command_has_format(
    const struct command *command, const struct options *o, struct buf *why);

#endif
