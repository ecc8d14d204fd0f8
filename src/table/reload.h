/*
 * reload: runs the reload command, without a shell and for a limited time.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "base/text.h"
#include "table/install.h"

/*
 * Runs a command: split at white space, no shell, found in PATH, then in
 * /usr/sbin and /sbin; standard input is /dev/null, standard output and error
 * are the caller's standard error; killed, with its process group, after that
 * many seconds. Waits for the command itself, not for what it leaves in the
 * background. Returns 0 if it exited with 0, or -1 with why, which begins
 * "reload_command: ". Descriptors 0 to 2 must be open. SIGCHLD is ours
 * while it runs; no other thread may run then.
 */
int reload_run(const char *command, unsigned seconds, struct buf *why);

/*
 * Whether reload_run() would find a program to run. command: not just white
 * space. Unless that is USABLE, why says what is the matter.
 */
enum usable reload_check(const char *command, struct buf *why);

#endif
