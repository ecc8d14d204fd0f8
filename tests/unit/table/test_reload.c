/*
 * Tests of hook: how commands are found, run, judged and stopped. The tests
 * share a directory with scripts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "table/reload.h"
#include "../directory.h"
#include "../needs.h"

/* Makes ./hook a script of these lines. */
static void
script(const char *text, mode_t mode)
{
	FILE *out;

	unlink("hook");
	out = fopen("hook", "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fchmod(fileno(out), mode), 0);
	assert_int_equal(fclose(out), 0);
}

/* Runs a command with descriptor 2 going to the file "err". */
static int
run(const char *command, unsigned seconds, struct buf *why)
{
	int saved = dup(STDERR_FILENO), result;
	int err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(err, -1);
	dup2(err, STDERR_FILENO);
	close(err);
	result = reload_run(command, seconds, why);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return result;
}

static void
expect_success(const char *command)
{
	struct buf why;

	buf_init(&why);
	buf_puts(&why, "");
	run(command, 20, &why);
	assert_string_equal(why.data, "");
	buf_clear(&why);
}

static void
expect_failure(const char *command, const char *reason)
{
	struct buf why;

	buf_init(&why);
	assert_int_equal(run(command, 20, &why), -1);
	assert_string_equal(why.data, reason);
	buf_clear(&why);
}

static void
test_results(void **state)
{
	(void)state;
	expect_success("true");
	expect_success(" \ttrue  with words\n");
	expect_failure("false now", "reload_command: false now: ended with "
				    "exit status 1");
	script("#!/bin/sh\nexit 77\n", 0755);
	expect_failure(
	    "./hook", "reload_command: ./hook: ended with exit status 77");
	script("#!/bin/sh\nkill -KILL $$\n", 0755);
	expect_failure("./hook", "reload_command: ./hook: killed by signal 9");
}

static void
test_words_and_descriptors(void **state)
{
	(void)state;
	script("#!/bin/sh\necho \"$#:$1:$2\"\necho err >&2\ncat\n", 0755);
	expect_success("./hook  a;b\t$HOME|'c ");
	expect_content("err", "2:a;b:$HOME|'c\nerr\n");
}

static void
test_not_started(void **state)
{
	(void)state;
	expect_failure("", "reload_command: there is no command");
	expect_failure(" \t", "reload_command: there is no command");
	expect_failure("no-such-command reload",
	    "reload_command: no-such-command: No such file or directory");
	expect_failure(
	    "./none", "reload_command: ./none: No such file or directory");
	expect_failure("/", "reload_command: /: Permission denied");
	script("#!/bin/sh\n", 0644);
	expect_failure("./hook", "reload_command: ./hook: Permission denied");
	script("exit 0\n", 0755);
	expect_failure("./hook", "reload_command: ./hook: Exec format error");
	script("#!/none/sh\n", 0755);
	expect_failure(
	    "./hook", "reload_command: ./hook: No such file or directory");
}

static void
test_path(void **state)
{
	char *saved = xstrdup(getenv("PATH"));

	script("#!/bin/sh\nexit 5\n", 0755);
	setenv("PATH", *state, 1);
	expect_failure(
	    "hook", "reload_command: hook: ended with exit status 5");
	setenv("PATH", "/none:", 1);
	expect_failure(
	    "hook", "reload_command: hook: ended with exit status 5");
	script("#!/bin/sh\nexit 5\n", 0644);
	expect_failure("hook", "reload_command: hook: Permission denied");
	unsetenv("PATH");
	expect_success("true");
	setenv("PATH", saved, 1);
	free(saved);
}

static void
test_fallback_path(void **state)
{
	char *saved = xstrdup(getenv("PATH"));

	(void)state;
	setenv("PATH", "/none", 1);
	expect_success("chroot --version");
	setenv("PATH", saved, 1);
	free(saved);
}

/* Whether no process holds the other end of the pipe any more. */
static bool
is_hung_up(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1 && (p.revents & POLLHUP) != 0;
}

static void
test_time_limit(void **state)
{
	int64_t start = now_ms(), took;
	struct buf why;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFD, FD_CLOEXEC), 0);
	script("#!/bin/sh\ntrap '' TERM\nsleep 30 &\nsleep 30\n", 0755);
	buf_init(&why);
	assert_int_equal(run("./hook", 1, &why), -1);
	assert_string_equal(why.data,
	    "reload_command: ./hook: still running after 1 s, killed");
	buf_clear(&why);
	took = now_ms() - start;
	assert_true(took >= 1000 && took <= 10000);
	/* What it had started is gone, too. */
	close(fds[1]);
	assert_true(is_hung_up(fds[0], 10000));
	close(fds[0]);
}

static void
test_background_is_not_waited_for(void **state)
{
	int64_t start = now_ms();
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFD, FD_CLOEXEC), 0);
	script("#!/bin/sh\nsleep 8 &\nexit 0\n", 0755);
	expect_success("./hook");
	close(fds[1]);
	assert_false(is_hung_up(fds[0], 0));
	assert_true(now_ms() - start < 7000);
	close(fds[0]);
}

static void
test_signals_are_reset(void **state)
{
	sigset_t set, old, now;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	script("#!/bin/sh\nkill -TERM $$\nexit 0\n", 0755);
	expect_failure("./hook", "reload_command: ./hook: killed by signal 15");
	sigprocmask(SIG_SETMASK, &old, &now);
	assert_true(sigismember(&now, SIGTERM));
	assert_false(sigismember(&now, SIGCHLD));

	signal(SIGPIPE, SIG_IGN);
	script("#!/bin/sh\nkill -PIPE $$\nexit 0\n", 0755);
	expect_failure("./hook", "reload_command: ./hook: killed by signal 13");
	signal(SIGPIPE, SIG_DFL);
}

static void
test_ignored_children(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	expect_failure(
	    "false", "reload_command: false: ended with exit status 1");
	assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

static void
on_alarm(int sig)
{
	(void)sig;
	child_signal(SIGTERM);
	alarm(1); /* once more: on a busy machine it may not have begun yet */
}

static void
test_signal_is_passed_on(void **state)
{
	int64_t start = now_ms();

	(void)state;
	child_signal(SIGKILL); /* no hook runs: nothing happens */
	signal(SIGALRM, on_alarm);
	alarm(1);
	expect_failure("sleep 15", "reload_command: sleep 15: killed by signal "
				   "15");
	alarm(0);
	assert_true(now_ms() - start < 10000);
	signal(SIGALRM, SIG_DFL);
}

static void
test_no_descriptor_is_left(void **state)
{
	int before = dup(STDIN_FILENO), after;

	(void)state;
	close(before);
	expect_success("true");
	expect_failure(
	    "./none", "reload_command: ./none: No such file or directory");
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_words_and_descriptors),
	    cmocka_unit_test(test_not_started),
	    cmocka_unit_test(test_path),
	    NEEDS(access("/usr/sbin/chroot", X_OK) == 0, "/usr/sbin/chroot",
		test_fallback_path, NULL, NULL),
	    cmocka_unit_test(test_time_limit),
	    cmocka_unit_test(test_background_is_not_waited_for),
	    cmocka_unit_test(test_signals_are_reset),
	    cmocka_unit_test(test_ignored_children),
	    cmocka_unit_test(test_signal_is_passed_on),
	    cmocka_unit_test(test_no_descriptor_is_left),
	};

	return cmocka_run_group_tests_name("hook", tests, enter_dir, leave_dir);
}
