/*
 * commands: what each command takes, and its function.
 */
#include "commands.h"

#include <string.h>

#include "base/memory.h"
#include "table/table.h"

static const char *const json[] = {"json", NULL};
static const char *const json_html[] = {"json", "html", NULL};

static const struct command commands[] = {
    {"update", "46nqvcforsSFP", json, false, update_command},
    {"expand", "46qvcflOorsS", NULL, true, expand_command},
    {"explain", "qvcflor", json, true, explain_command},
    {"report", "qvcflor", json_html, false, report_command},
    {"suggest", "qvcflorsAJ", json, true, suggest_command},
    {"check", "qvcflo", json, false, check_command},
    {"status", "qvcfo", json, false, status_command},
};

const struct command *
command_at(size_t i)
{
	return i < COUNT(commands) ? &commands[i] : NULL;
}

const struct command *
command_named(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

const char *
command_format(const struct command *command, size_t i)
{
	if (command->formats == NULL)
		return table_format_name(i);
	return command->formats[i];
}

bool
command_has_format(
    const struct command *command, const struct options *o, struct buf *why)
{
	const char *name, *next = command_format(command, 0), *before = "";

	if (strcmp(o->format_name, DEFAULT_FORMAT) == 0)
		return true;
	buf_printf(why, "-f %s: expected ", o->format_name);
	for (size_t i = 1; (name = next) != NULL; i++) {
		if (strcmp(o->format_name, name) == 0)
			return true;
		next = command_format(command, i);
		buf_printf(why, "%s%s", before, name);
		before = next != NULL && command_format(command, i + 1) != NULL
			     ? ", "
			     : " or ";
	}
	return false;
}
