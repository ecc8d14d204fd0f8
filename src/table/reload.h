/*
 * reload: runs the reload command, without a shell and for a limited time.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "base/text.h"
#include "table/install.h"

/*
 * Runs a command: split at white space, without a shell, found in PATH, then in
 * /usr/sbin and /sbin. Its standard input is /dev/null, its standard output and
 * error are the caller's standard error. After that many seconds it is killed
 * with its process group. Waits only for the command, not for processes that it
 * leaves in the background. Returns 0 if it exited with 0, or -1 with why,
 * which begins "reload_command: ". Descriptors 0 to 2 must be open. The
 * function uses SIGCHLD, so no other thread may run meanwhile.
 */
int reload_run(const char *command, unsigned seconds, struct buf *why);

/*
 * Whether reload_run() would find a program to run. command: not just white
 * space. Unless the result is USABLE, why has the reason.
 */
enum usable reload_check(const char *command, struct buf *why);

#endif
