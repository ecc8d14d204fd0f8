/*
 * say: messages to the user, on standard error. Only the program's own files
 * use it, and allocation that fails; what lies between returns its reasons.
 */
#ifndef SAY_H
#define SAY_H

#include "base/format.h"
#include "base/problems.h"

/* How urgent a message is. An INFO line has no word for it: summaries. */
enum severity { ERROR, WARNING, NOTE, INFO };

/*
 * One message on a line of its own: "postpermit: error: ", then the text. If
 * standard error is the journal's stream (JOURNAL_STREAM, sd-daemon(3)), the
 * line begins with the syslog level: <3>, <4>, <5>, <6>.
 */
void say(enum severity severity, const char *fmt, ...) PRINTF_LIKE(2, 3);
void say_problems(enum severity severity, const struct problems *p);

/*
 * From now on messages go to a listener, without "postpermit: " and the word
 * for their severity, in place of standard error; NULL: there again.
 */
typedef void say_listener(void *arg, enum severity severity, const char *text);
void say_to(say_listener *listener, void *arg);

#endif
