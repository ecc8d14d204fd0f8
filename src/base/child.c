/*
 * child: runs another program, without a shell and for a limited time.
 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"

#define FALLBACK_PATH "/usr/sbin:/sbin"

/*
 * The program's process group, or 0. A signal handler reads it. Signals are
 * blocked but in pselect(): one that came after the program was waited for
 * could go to another process of that number.
 */
static atomic_int running;

void
child_signal(int sig)
{
	pid_t group = atomic_load(&running);

	if (group > 0)
		kill(-group, sig);
}

/* The handler is empty: the signal only has to end pselect(). */
static void
on_child(int sig)
{
	(void)sig;
}

char **
child_words(const char *command)
{
	/* The words, then the text that they point into. */
	size_t most = strlen(command) / 2 + 2, n = 0;
	char **words = xmalloc(most * sizeof(*words) + strlen(command) + 1);
	char *text = (char *)(words + most), *rest;

	memcpy(text, command, strlen(command) + 1);
	for (char *w = strtok_r(text, BLANKS, &rest); w != NULL;
	     w = strtok_r(NULL, BLANKS, &rest))
		words[n++] = w;
	words[n] = NULL;
	return words;
}

char *
child_find(const char *program)
{
	const char *path = getenv("PATH");
	char *dirs, *dir, *next;
	int reason = ENOENT;
	struct stat st;

	if (strchr(program, '/') != NULL)
		return xstrdup(program);
	dirs = xasprintf(
	    "%s:" FALLBACK_PATH, path != NULL ? path : "/usr/bin:/bin");
	for (dir = dirs; dir != NULL; dir = next) {
		char *file;

		next = strchr(dir, ':');
		if (next != NULL)
			*next++ = '\0';
		/* An empty entry is the working directory (POSIX). */
		file = xasprintf("%s/%s", *dir != '\0' ? dir : ".", program);
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

/* The ends of pipes: 0 and 1 of each; -1: there is none. */
enum { IN, OUT, ERR, REPORT, PIPES };

struct pipes {
	int fd[PIPES][2];
};

static void
close_end(int *fd)
{
	close(*fd);
	*fd = -1;
}

static void
close_pipes(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++)
		for (int k = 0; k < 2; k++)
			if (p->fd[i][k] != -1)
				close_end(&p->fd[i][k]);
}

/* Returns 0, or -1 with errno. */
static int
open_pipes(struct pipes *p, const struct child *c)
{
	const bool wanted[PIPES] = {c->input != NULL,
	    c->out != NULL || c->take != NULL, c->err != NULL, true};

	for (int i = 0; i < PIPES; i++)
		p->fd[i][0] = p->fd[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		if (wanted[i] && pipe(p->fd[i]) == -1) {
			int error = errno;

			close_pipes(p);
			errno = error;
			return -1;
		}
		for (int k = 0; wanted[i] && k < 2; k++)
			fcntl(p->fd[i][k], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

/* Between fork and exec; an errno that stops it goes into the pipe. */
static _Noreturn void
become(const char *file, char *const *words, const struct pipes *p)
{
	static const int ignored[] = {SIGCHLD, SIGPIPE, SIGXFSZ};
	int in = p->fd[IN][0], out = p->fd[OUT][1], err = p->fd[ERR][1];
	sigset_t none;
	int reason;

	setpgid(0, 0);
	/* What we catch gets its default by exec, what we ignore does not. */
	for (size_t i = 0; i < COUNT(ignored); i++)
		signal(ignored[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in == -1)
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (in != -1 && dup2(in, STDIN_FILENO) != -1 &&
	    dup2(out != -1 ? out : STDERR_FILENO, STDOUT_FILENO) != -1 &&
	    (err == -1 || dup2(err, STDERR_FILENO) != -1))
		execv(file, words);
	reason = errno;
	while (write(p->fd[REPORT][1], &reason, sizeof(reason)) == -1 &&
	       errno == EINTR)
		;
	_exit(127);
}

/* Starts the program, and sets running. Returns it, or -1 with errno. */
static pid_t
start(const char *file, char *const *words, struct pipes *p)
{
	pid_t pid = fork();

	if (pid == 0)
		become(file, words, p);
	if (pid > 0) {
		/* Here too: kill() may come before the child gets that far. */
		setpgid(pid, pid);
		atomic_store(&running, pid);
	}
	return pid;
}

/* The conversation with a program that runs. */
struct talk {
	struct child *child;
	struct pipes *pipes;
	size_t written; /* of the input */
	size_t taken;   /* of the output */
	bool too_long;  /* what it wrote */
};

/* Reads the bytes that are available. Returns false at the end. */
static bool
take_output(struct talk *t, int which, struct buf *b)
{
	char chunk[16384];
	ssize_t n = read(t->pipes->fd[which][0], chunk, sizeof(chunk));

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return true;
	t->taken += n > 0 ? (size_t)n : 0;
	if (n > 0 && b == NULL)
		return t->child->take(t->child->arg, chunk, (size_t)n);
	if (n > 0 && b->len + (size_t)n > CHILD_OUTPUT_MAX)
		t->too_long = true;
	else if (n > 0)
		buf_add(b, chunk, (size_t)n);
	return n > 0 && !t->too_long;
}

/* Writes as much as the program accepts now. Returns false at the end. */
static bool
give_input(struct talk *t)
{
	const char *from = t->child->input + t->written;
	ssize_t n = write(t->pipes->fd[IN][1], from, strlen(from));

	if (n == -1)
		return errno == EINTR || errno == EAGAIN;
	t->written += (size_t)n;
	return t->child->input[t->written] != '\0';
}

/*
 * Waits until a pipe is ready, a signal comes or that many milliseconds are
 * over, and does what can be done.
 */
static int
talk(struct talk *t, int64_t left, const sigset_t *while_waiting)
{
	struct timespec ts = {.tv_sec = (time_t)(left / 1000),
	    .tv_nsec = (long)(left % 1000 * 1000000)};
	struct buf *to[PIPES] = {[OUT] = t->child->out, [ERR] = t->child->err};
	int *in = &t->pipes->fd[IN][1], most = *in;
	fd_set reading, writing;

	FD_ZERO(&reading);
	FD_ZERO(&writing);
	if (*in != -1)
		FD_SET(*in, &writing);
	for (int i = OUT; i <= ERR; i++) {
		int fd = t->pipes->fd[i][0];

		if (fd != -1)
			FD_SET(fd, &reading);
		most = fd > most ? fd : most;
	}
	if (pselect(most + 1, &reading, &writing, NULL, &ts, while_waiting) ==
	    -1)
		return errno == EINTR ? 0 : -1;
	if (*in != -1 && FD_ISSET(*in, &writing) && !give_input(t))
		close_end(in);
	for (int i = OUT; i <= ERR; i++) {
		int *fd = &t->pipes->fd[i][0];

		if (*fd != -1 && FD_ISSET(*fd, &reading) &&
		    !take_output(t, i, to[i]))
			close_end(fd);
	}
	return 0;
}

/* Reads the rest of the output from the pipes. */
static void
drain(struct talk *t)
{
	struct buf *to[PIPES] = {[OUT] = t->child->out, [ERR] = t->child->err};

	for (int i = OUT; i <= ERR; i++) {
		size_t before;

		if (t->pipes->fd[i][0] == -1)
			continue;
		do
			before = t->taken;
		while (take_output(t, i, to[i]) && t->taken > before);
	}
}

/*
 * Waits until the program ends. Signals are blocked outside pselect(), so that
 * none is missed between looking and waiting. Returns 0; 1: the time is up, or
 * it wrote too much; -1 with errno.
 */
static int
wait_until(struct talk *t, pid_t pid, int64_t end,
    const sigset_t *while_waiting, int *status)
{
	for (;;) {
		pid_t r = t->too_long ? 0 : waitpid(pid, status, WNOHANG);
		int64_t left = end - now_ms();

		if (r == pid)
			return 0;
		if (r == -1 && errno != EINTR)
			return -1;
		if (left <= 0 || t->too_long)
			return 1;
		if (talk(t, left, while_waiting) == -1)
			return -1;
	}
}

/* Ends the program and all of its group. */
static void
stop(pid_t pid, int *status)
{
	int error = errno;

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* should it have left its group */
	while (waitpid(pid, status, 0) == -1 && errno == EINTR)
		;
	errno = error;
}

/* Closes the program's ends of the pipes; ours do not block. */
static void
keep_ours(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++) {
		int ours = p->fd[i][i == IN];

		if (ours == -1)
			continue;
		close_end(&p->fd[i][i != IN]);
		fcntl(ours, F_SETFL, O_NONBLOCK);
	}
}

/* What became of a program that ended by itself. */
static int
say_end(struct child *c, int status, int report, struct buf *why)
{
	int reason;

	if (read(report, &reason, sizeof(reason)) == sizeof(reason)) {
		buf_puts(why, strerror(reason));
		return -1;
	}
	c->started = true;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (c->status == 0)
		return 0;
	if (WIFEXITED(status))
		buf_printf(why, "ended with exit status %d", c->status);
	else
		buf_printf(why, "killed by signal %d",
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return -1;
}

/* child_run() with the program found and all signals blocked. */
static int
run(struct child *c, const char *file, char *const *words,
    const sigset_t *while_waiting, struct buf *why)
{
	int64_t end = now_ms() + (int64_t)c->seconds * 1000;
	struct pipes pipes;
	struct talk t = {.child = c, .pipes = &pipes};
	int status = 0, result = -1;
	pid_t pid;

	if (open_pipes(&pipes, c) == -1 ||
	    (pid = start(file, words, &pipes)) == -1) {
		buf_puts(why, strerror(errno));
		close_pipes(&pipes);
		return -1;
	}
	keep_ours(&pipes);
	result = wait_until(&t, pid, end, while_waiting, &status);
	if (result != 0) {
		c->started = true;
		stop(pid, &status);
	}
	atomic_store(&running, 0);
	if (result == 0)
		drain(&t);
	if (t.too_long) {
		c->started = true;
		buf_printf(why, "wrote more than %zu MB, killed",
		    CHILD_OUTPUT_MAX >> 20);
		result = -1;
	} else if (result == 0)
		result = say_end(c, status, pipes.fd[REPORT][0], why);
	else if (result == 1)
		buf_printf(why, "still running after %u s, killed", c->seconds);
	else
		buf_puts(why, strerror(errno));
	close_pipes(&pipes);
	return result == 0 ? 0 : -1;
}

int
child_run(struct child *c, char *const *words, struct buf *why)
{
	struct sigaction act = {.sa_handler = on_child}, old_act;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old_pipe;
	sigset_t all, old_mask, while_waiting;
	char *file = child_find(words[0]);
	int result;

	c->started = false;
	c->status = -1;
	if (file == NULL) {
		buf_puts(why, strerror(errno));
		return -1;
	}
	sigemptyset(&act.sa_mask);
	sigemptyset(&ignore.sa_mask);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old_mask);
	sigaction(SIGCHLD, &act, &old_act);
	sigaction(SIGPIPE, &ignore, &old_pipe);
	while_waiting = old_mask;
	sigdelset(&while_waiting, SIGCHLD);
	result = run(c, file, words, &while_waiting, why);
	/* A signal that is still pending is delivered to our handler. */
	sigprocmask(SIG_SETMASK, &while_waiting, NULL);
	sigaction(SIGPIPE, &old_pipe, NULL);
	sigaction(SIGCHLD, &old_act, NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
	free(file);
	return result;
}
