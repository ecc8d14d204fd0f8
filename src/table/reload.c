/*
 * reload: runs the reload command.
 */
#include "table/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"

/* Adds "reload_command: COMMAND: TEXT". */
static void
add_why(struct buf *why, const char *command, const char *text)
{
	buf_puts(why, "reload_command: ");
	buf_add_escaped(why, command, strlen(command), SHOWN_MAX);
	buf_printf(why, ": %s", text);
}

int
reload_run(const char *command, unsigned seconds, struct buf *why)
{
	struct child child = {.seconds = seconds};
	char **words = child_words(command);
	int result = -1;
	struct buf reason;

	buf_init(&reason);
	if (words[0] == NULL)
		buf_puts(why, "reload_command: there is no command");
	else
		result = child_run(&child, words, &reason);
	/* One that did not even start is not to blame for its arguments. */
	if (words[0] != NULL && result != 0)
		add_why(why, child.started ? command : words[0], reason.data);
	buf_clear(&reason);
	free(words);
	return result;
}

/* reload_check() for the program's file. */
static enum usable
look_at_program(const char *file)
{
	struct stat st;

	if (stat(file, &st) == -1)
		return errno == EACCES ? USABLE_BY_OTHERS : UNUSABLE;
	errno = EACCES;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return UNUSABLE;
	return access(file, X_OK) == 0 ? USABLE : USABLE_BY_OTHERS;
}

enum usable
reload_check(const char *command, struct buf *why)
{
	char **words = child_words(command), *file;
	enum usable result = UNUSABLE;

	file = child_find(words[0]);
	if (file != NULL)
		result = look_at_program(file);
	else if (errno == EACCES)
		result = USABLE_BY_OTHERS;
	if (result != USABLE) {
		const char *reason = strerror(errno);

		buf_add_escaped(why, words[0], strlen(words[0]), SHOWN_MAX);
		buf_printf(why, ": %s", reason);
	}
	free(file);
	free(words);
	return result;
}
