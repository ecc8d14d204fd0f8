/*
 * directory: tests that run in a new directory each, and look at what is in it;
 * some as another user. Include this after cmocka.h.
 */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

static inline int
enter_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/test.XXXXXX", tmp != NULL ? tmp : "/tmp");

	*state = dir;
	return mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0;
}

static inline int
leave_dir(void **state)
{
	char *dir = *state;
	char *command = xasprintf("chmod -R u+rwx '%s'; rm -rf '%s'", dir, dir);
	int result = chdir("/") == -1 ? -1 : system(command);

	free(command);
	free(dir);
	return result;
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, enter_dir, leave_dir)

static inline void
expect_content(const char *path, const char *text)
{
	char have[1000];
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(have, 1, sizeof(have) - 1, in);
	have[n] = '\0';
	fclose(in);
	assert_string_equal(have, text);
}

#define OTHER 65534 /* a user that is neither root nor the caller */

/*
 * Runs a function in a child process, as an ordinary user, and returns its
 * result; asserts do not work in there.
 */
static inline int
in_child(int (*function)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (geteuid() == 0 &&
		    (setgroups(0, NULL) == -1 || setgid(OTHER) == -1 ||
			setuid(OTHER) == -1))
			_exit(99);
		_exit(function());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
