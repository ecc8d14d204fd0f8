/*
 * child: runs another program, without a shell and for a limited time.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

#include "base/text.h"

/* What a program is given, and what comes of it. */
struct child {
	unsigned seconds;  /* it is killed after that time */
	const char *input; /* its standard input; NULL: /dev/null */
	/*
	 * What it writes to its standard output and error, of each at most
	 * CHILD_OUTPUT_MAX bytes. NULL: it goes to our standard error.
	 */
	struct buf *out, *err;
	/* In place of out: gets the standard output piece by piece, however
	 * long; until it returns false. */
	bool (*take)(void *arg, const char *bytes, size_t len);
	void *arg;
	bool started; /* or it could not be */
	int status;   /* its exit status, -1: it has none */
};

#define CHILD_OUTPUT_MAX ((size_t)16 << 20)

/* The words of a command, split at white space, then NULL; one free(). */
char **child_words(const char *command);

/*
 * The path of a program: in PATH, then in /usr/sbin and /sbin. The caller frees
 * it; NULL with errno.
 */
char *child_find(const char *program);

/*
 * Runs a program, words[0], and waits for it, but not for processes that it
 * leaves in the background. When its time is up, it is killed with its process
 * group. Returns 0 if it exited with 0, or -1 with why, which does not name the
 * program. Descriptors 0 to 2 must be open. The function uses SIGCHLD, so no
 * other thread may run meanwhile.
 */
int child_run(struct child *c, char *const *words, struct buf *why);

/*
 * Sends the signal to the process group of the program that runs, if one does;
 * for a signal handler.
 */
void child_signal(int sig);

#endif
