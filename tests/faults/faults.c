/*
 * faults: a preloaded library that counts the calls by which a program
 * changes the file system, and lets one of them go wrong.
 *
 *	FAULT_LOG=FILE	a line a call: what it is, and of which file
 *	FAULT_AT=N	the call, counted from 1
 *	FAULT_KIND=KIND	what happens there:
 *		kill-before, kill-after	SIGKILL
 *		kill-inside	half of what is to be written is; SIGKILL
 *		term, int	SIGTERM or SIGINT, and the call goes on
 *		ENOSPC EIO EINTR EDQUOT	the call fails with this error
 *		short		half of what is to be written is
 *		full		half of it, then ENOSPC, and so does whatever
 *				needs space from then on
 *		read-only	EROFS, and so does everything from then on
 *
 * Counted are: opening a file to write or make it, write() and ftruncate() to
 * regular files, fsync(), close() of files that were open for writing,
 * fchmod(), fchown(), renaming, linking and removing. Only those of the
 * process that the library was loaded into: its children have none of this.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "next.h"

#define FDS 1024
#define LOG_FD 1000

enum effect {
	NORMAL,
	FAIL,  /* with errno */
	HALF,  /* write half, then go on */
	TORN,  /* write half, then SIGKILL */
	AFTER, /* SIGKILL after the call */
};

static pid_t self; /* 0: not active */
static unsigned long at, count;
static const char *kind = "";
static bool logs;
static bool writable[FDS]; /* open for writing */

static void
start(void) __attribute__((constructor));

static void
start(void)
{
	const char *n = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
	const char *k = getenv("FAULT_KIND");

	at = n != NULL ? strtoul(n, NULL, 10) : 0;
	kind = k != NULL ? strdup(k) : "";
	if (log != NULL) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, log,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		logs = fd >= 0 && dup3(fd, LOG_FD, O_CLOEXEC) == LOG_FD;
		syscall(SYS_close, fd);
	}
	self = getpid();
	unsetenv("LD_PRELOAD");
	unsetenv("FAULT_LOG");
	unsetenv("FAULT_AT");
	unsetenv("FAULT_KIND");
}

static void
log_call(const char *call, const char *name)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %s\n", call, name);

	if (logs && n > 0)
		syscall(SYS_write, LOG_FD, line,
		    (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* The name of an open file. */
static const char *
fd_name(int fd)
{
	static char name[256];
	char path[40];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = '\0';
	return name;
}

static void
die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static enum effect
fails(int error)
{
	errno = error;
	return FAIL;
}

/* What happens at this call. writes: it is one that can write a part. */
static enum effect
reached(const char *call, const char *name, bool writes, bool needs_space)
{
	int saved = errno;

	if (getpid() != self)
		return NORMAL;
	log_call(call, name);
	count++;
	errno = saved;
	if (at == 0 || count < at)
		return NORMAL;
	if (strcmp(kind, "full") == 0 && needs_space)
		return writes && count == at ? HALF : fails(ENOSPC);
	if (strcmp(kind, "read-only") == 0 && strcmp(call, "close") != 0)
		return fails(EROFS);
	if (count > at)
		return NORMAL;
	if (strcmp(kind, "kill-before") == 0)
		die();
	if (strcmp(kind, "kill-after") == 0)
		return AFTER;
	if (strcmp(kind, "kill-inside") == 0)
		return writes ? TORN : AFTER;
	if (strcmp(kind, "term") == 0)
		raise(SIGTERM);
	if (strcmp(kind, "int") == 0)
		raise(SIGINT);
	if (strcmp(kind, "short") == 0 && writes)
		return HALF;
	if (strcmp(kind, "ENOSPC") == 0)
		return fails(ENOSPC);
	if (strcmp(kind, "EDQUOT") == 0)
		return fails(EDQUOT);
	if (strcmp(kind, "EIO") == 0)
		return fails(EIO);
	if (strcmp(kind, "EINTR") == 0)
		return fails(EINTR);
	return NORMAL;
}

/* Ends a call: with its result, or not at all. */
static int
done(enum effect e, int result)
{
	if (e == AFTER || e == TORN)
		die();
	return result;
}

static int
opened(int fd, int flags)
{
	if (fd >= 0 && fd < FDS)
		writable[fd] = (flags & O_ACCMODE) != O_RDONLY;
	return fd;
}

static bool
is_counted(const char *path, int flags)
{
	return ((flags & O_CREAT) != 0 || (flags & O_ACCMODE) != O_RDONLY) &&
	       strcmp(path, "/dev/null") != 0 && strstr(path, ".gcda") == NULL;
}

static int
open_at(const char *as, int dir, const char *path, int flags, mode_t mode)
{
	int (*f)(int, const char *, int, ...) =
	    (int (*)(int, const char *, int, ...))next(as);
	enum effect e;

	if (!is_counted(path, flags))
		return f(dir, path, flags, mode);
	e = reached("open", path, false, (flags & O_CREAT) != 0);
	if (e == FAIL)
		return -1;
	return done(e, opened(f(dir, path, flags, mode), flags));
}

#include "open.h"

int
creat(const char *path, mode_t mode)
{
	return open_at(
	    "openat", AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int
mkstemp(char *template)
{
	enum effect e = reached("mkstemp", template, false, true);

	if (e == FAIL)
		return -1;
	return done(e, opened(NEXT(mkstemp)(template), O_RDWR));
}

ssize_t
write(int fd, const void *data, size_t len)
{
	enum effect e;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fd >= FDS || !writable[fd] || fstat(fd, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return NEXT(write)(fd, data, len);
	e = reached("write", fd_name(fd), true, true);
	if (e == FAIL)
		return -1;
	if ((e == HALF || e == TORN) && len > 1)
		len /= 2;
	n = NEXT(write)(fd, data, len);
	return done(e, 0), n;
}

int
close(int fd)
{
	enum effect e = NORMAL;
	int result;

	if (fd >= 0 && fd < FDS && writable[fd]) {
		e = reached("close", fd_name(fd), false, false);
		writable[fd] = false;
	}
	/* As in the kernel: it is closed, whatever the result. */
	if (e == FAIL) {
		int error = errno;

		NEXT(close)(fd);
		errno = error;
		return -1;
	}
	result = NEXT(close)(fd);
	return done(e, result);
}

#define WRAP(type, name, params, args, file, space) \
	type name params \
	{ \
		enum effect e = reached(#name, file, false, space); \
\
		if (e == FAIL) \
			return -1; \
		return done(e, NEXT(name) args); \
	}

WRAP(int, fsync, (int fd), (fd), fd_name(fd), true)
WRAP(int, fdatasync, (int fd), (fd), fd_name(fd), true)
WRAP(int, ftruncate, (int fd, off_t len), (fd, len), fd_name(fd), true)
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), fd_name(fd), false)
WRAP(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), fd_name(fd),
    false)
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode), path, false)
WRAP(int, chown, (const char *path, uid_t uid, gid_t gid), (path, uid, gid),
    path, false)
WRAP(int, rename, (const char *from, const char *to), (from, to), to, true)
WRAP(int, renameat, (int in, const char *from, int dir, const char *to),
    (in, from, dir, to), to, true)
WRAP(int, link, (const char *from, const char *to), (from, to), to, true)
WRAP(int, linkat,
    (int in, const char *from, int dir, const char *to, int flags),
    (in, from, dir, to, flags), to, true)
WRAP(int, symlink, (const char *from, const char *to), (from, to), to, true)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), path, true)
WRAP(int, unlink, (const char *path), (path), path, false)
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags),
    path, false)
