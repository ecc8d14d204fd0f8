/*
 * reload: runs the reload command, without a shell and for a limited time.
 */
#include "table/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"

#define WHITE " \t\r\n\v\f"
#define FALLBACK_PATH "/usr/sbin:/sbin"

/* The hook's process group, or 0. A signal handler reads it. */
static volatile pid_t running;

void
reload_signal(int sig)
{
	if (running > 0)
		kill(-running, sig);
}

/* Its arrival alone matters: it ends pselect(). */
static void
on_child(int sig)
{
	(void)sig;
}

static void
add_why(struct buf *why, const char *command, const char *text)
{
	buf_puts(why, "reload_command: ");
	buf_add_escaped(why, command, strlen(command), SHOWN_MAX);
	buf_printf(why, ": %s", text);
}

/* The words of a command, which is changed; the caller frees the array. */
static char **
split(char *command)
{
	char **words = NULL, *rest, *word;
	size_t n = 0, cap = 0;

	word = strtok_r(command, WHITE, &rest);
	for (;;) {
		words = grow(words, n, &cap, sizeof(*words));
		words[n++] = word;
		if (word == NULL)
			return words;
		word = strtok_r(NULL, WHITE, &rest);
	}
}

/* The path of a program, which the caller frees; NULL with errno. */
static char *
find(const char *word)
{
	const char *path = getenv("PATH");
	char *dirs, *dir, *next;
	int reason = ENOENT;
	struct stat st;

	if (strchr(word, '/') != NULL)
		return xstrdup(word);
	dirs = xasprintf(
	    "%s:" FALLBACK_PATH, path != NULL ? path : "/usr/bin:/bin");
	for (dir = dirs; dir != NULL; dir = next) {
		char *file;

		next = strchr(dir, ':');
		if (next != NULL)
			*next++ = '\0';
		/* An empty entry is the working directory (POSIX). */
		file = xasprintf("%s/%s", *dir != '\0' ? dir : ".", word);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
			if (access(file, X_OK) == 0) {
				free(dirs);
				return file;
			}
			reason = errno;
		}
		free(file);
	}
	free(dirs);
	errno = reason;
	return NULL;
}

/* Between fork and exec; an errno that stops it goes into the pipe. */
static _Noreturn void
become(const char *file, char **words, int report)
{
	static const int ignored[] = {SIGCHLD, SIGPIPE, SIGXFSZ};
	sigset_t none;
	int null, reason;

	setpgid(0, 0);
	/* What we catch gets its default by exec, what we ignore does not. */
	for (size_t i = 0; i < COUNT(ignored); i++)
		signal(ignored[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null != -1 && dup2(null, STDIN_FILENO) != -1 &&
	    dup2(STDERR_FILENO, STDOUT_FILENO) != -1)
		execv(file, words);
	reason = errno;
	while (write(report, &reason, sizeof(reason)) == -1 && errno == EINTR)
		;
	_exit(127);
}

/*
 * Waits until the child ends. SIGCHLD is blocked outside pselect(), so that
 * none is missed between looking and waiting. Returns 0; 1: the time is up;
 * -1 with errno.
 */
static int
wait_until(pid_t pid, int64_t end, const sigset_t *while_waiting, int *status)
{
	for (;;) {
		pid_t r = waitpid(pid, status, WNOHANG);
		int64_t left = end - now_ms();
		struct timespec ts;

		if (r == pid)
			return 0;
		if (r == -1 && errno != EINTR)
			return -1;
		if (left <= 0)
			return 1;
		ts.tv_sec = (time_t)(left / 1000);
		ts.tv_nsec = (long)(left % 1000 * 1000000);
		if (pselect(0, NULL, NULL, NULL, &ts, while_waiting) == -1 &&
		    errno != EINTR)
			return -1;
	}
}

/*
 * Starts the program, and sets running. Returns the process, or -1 with errno.
 * *report: where an errno can be read after the process ended, if the program
 * did not start.
 */
static pid_t
start(const char *file, char **words, int *report)
{
	sigset_t all, old;
	int fds[2], saved;
	pid_t pid;

	if (pipe(fds) == -1)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	/* No signal comes between starting it and knowing whom to pass it to.
	 */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	if (pid == 0)
		become(file, words, fds[1]);
	saved = errno;
	if (pid > 0) {
		/* Here too: kill() may come before the child gets that far. */
		setpgid(pid, pid);
		running = pid;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(fds[1]);
	if (pid == -1) {
		close(fds[0]);
		errno = saved;
		return -1;
	}
	*report = fds[0];
	return pid;
}

static int
judge(const char *command, const char *word, int status, int report,
    struct buf *why)
{
	char text[80];
	int reason;

	if (read(report, &reason, sizeof(reason)) == sizeof(reason)) {
		add_why(why, word, strerror(reason));
		return -1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "ended with exit status %d",
		    WEXITSTATUS(status));
	else
		snprintf(text, sizeof(text), "killed by signal %d",
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	add_why(why, command, text);
	return -1;
}

/* reload_run() with the words split, the program found, SIGCHLD blocked. */
static int
run(const char *command, const char *file, char **words, unsigned seconds,
    const sigset_t *while_waiting, struct buf *why)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000;
	int report = -1, status = 0, result;
	pid_t pid = start(file, words, &report);
	char text[80];

	if (pid == -1) {
		add_why(why, words[0], strerror(errno));
		return -1;
	}
	result = wait_until(pid, end, while_waiting, &status);
	if (result == 0) {
		result = judge(command, words[0], status, report, why);
	} else if (result == 1) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL); /* should it have left its group */
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
		snprintf(text, sizeof(text), "still running after %u s, killed",
		    seconds);
		add_why(why, command, text);
		result = -1;
	} else {
		add_why(why, command, strerror(errno));
	}
	running = 0;
	close(report);
	return result;
}

int
reload_run(const char *command, unsigned seconds, struct buf *why)
{
	struct sigaction act = {.sa_handler = on_child}, old_act;
	sigset_t child, old_mask, while_waiting;
	char *copy = xstrdup(command), *file = NULL, **words = split(copy);
	int result = -1;

	if (words[0] == NULL) {
		buf_puts(why, "reload_command: there is no command");
		goto out;
	}
	file = find(words[0]);
	if (file == NULL) {
		add_why(why, words[0], strerror(errno));
		goto out;
	}
	sigemptyset(&act.sa_mask);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old_mask);
	sigaction(SIGCHLD, &act, &old_act);
	while_waiting = old_mask;
	sigdelset(&while_waiting, SIGCHLD);
	result = run(command, file, words, seconds, &while_waiting, why);
	/* A signal that is still pending is spent on our handler. */
	sigprocmask(SIG_SETMASK, &while_waiting, NULL);
	sigaction(SIGCHLD, &old_act, NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
out:
	free(file);
	free(words);
	free(copy);
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
	char *copy = xstrdup(command), **words = split(copy), *file;
	enum usable result = UNUSABLE;

	file = find(words[0]);
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
	free(copy);
	return result;
}
