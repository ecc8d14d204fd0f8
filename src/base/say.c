/*
 * say: messages to the user, on standard error.
 */
#include "base/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether standard error is what JOURNAL_STREAM says: DEVICE:INODE. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char self[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(self, sizeof(self), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, self) == 0;
}

static say_listener *listener;
static void *listener_arg;

void
say_to(say_listener *l, void *arg)
{
	listener = l;
	listener_arg = arg;
}

static void say_to_listener(enum severity severity, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0);

static void
say_to_listener(enum severity severity, const char *fmt, va_list ap)
{
	say_listener *l = listener;
	char text[8192];

	vsnprintf(text, sizeof(text), fmt, ap);
	/*
	 * If it cannot collect a message, it prints it to the standard error.
	 */
	listener = NULL;
	l(listener_arg, severity, text);
	listener = l;
}

/* Allocates nothing: it also reports that there is no memory. */
void
say(enum severity severity, const char *fmt, ...)
{
	static const char *const level[] = {"<3>", "<4>", "<5>", "<6>"};
	static const char *const word[] = {
	    "error: ", "warning: ", "note: ", ""};
	va_list ap;

	if (listener != NULL) {
		va_start(ap, fmt);
		say_to_listener(severity, fmt, ap);
		va_end(ap);
		return;
	}
	flockfile(stderr);
	fprintf(stderr, "%spostpermit: %s", is_journal() ? level[severity] : "",
	    word[severity]);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	funlockfile(stderr);
}

void
say_problems(enum severity severity, const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		say(severity, "%s", p->v[i]);
}
