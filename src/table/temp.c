/*
 * temp: the temporary file that becomes a new file, one at a time. It is
 * removed in the end, even if the program is killed.
 *
 * The one for NAME is .NAME.postpermit-XXXXXX, with six random hexadecimal
 * digits, in the same directory. The program that writes it holds a flock on
 * it. So a file without a lock was left by a run that was killed, and the next
 * run removes it.
 */
#include "table/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MARK ".postpermit-"
#define DIGITS 6
#define TRIES 100

/* Static for the signal handler. */
static volatile sig_atomic_t exists;
static int in_dir;
static char temp_name[NAME_MAX + 1];
static const char *final_name;

static bool
is_temp_name(const char *file, const char *name)
{
	size_t n = strlen(name), mark = strlen(MARK);

	return file[0] == '.' && strncmp(file + 1, name, n) == 0 &&
	       strncmp(file + 1 + n, MARK, mark) == 0 &&
	       strlen(file + 1 + n + mark) == DIGITS &&
	       strspn(file + 1 + n + mark, "0123456789abcdef") == DIGITS;
}

/* What cannot be removed does no harm, so nothing is reported. */
void
temp_clean(int in, const char *name)
{
	int fd = openat(in, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		if (!is_temp_name(e->d_name, name))
			continue;
		fd = openat(in, e->d_name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		/* One that root left is not ours to open, but to remove. */
		if (fd == -1 ? errno == EACCES
			     : flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(in, e->d_name, 0);
		if (fd != -1)
			close(fd);
	}
	closedir(dir);
}

/* Locks a new file; false: temp_clean() of another run was faster. */
static bool
claim(int fd)
{
	struct stat st;

	/* Where there are no locks, nothing is removed either. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int
make(int dir, const char *name)
{
	struct timespec ts;
	unsigned digits;
	int fd;

	clock_gettime(CLOCK_REALTIME, &ts);
	digits = (unsigned)ts.tv_nsec ^ (unsigned)getpid() << 8;
	for (int i = 0; i < TRIES; i++, digits += 0x10001) {
		if ((size_t)snprintf(temp_name, sizeof(temp_name),
			".%s" MARK "%0*x", name, DIGITS,
			digits & 0xffffff) >= sizeof(temp_name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = openat(dir, temp_name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd == -1 && errno != EEXIST)
			return -1;
		if (fd != -1 && claim(fd)) {
			in_dir = dir;
			final_name = name;
			exists = 1;
			return fd;
		}
		if (fd != -1)
			close(fd);
	}
	errno = EEXIST;
	return -1;
}

int
temp_make(int dir, const char *name)
{
	sigset_t all, old;
	int fd, saved;

	temp_clean(dir, name);
	/* No signal comes between making the file and knowing that it is. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	fd = make(dir, name);
	saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return fd;
}

int
temp_rename(void)
{
	if (renameat(in_dir, temp_name, in_dir, final_name) == -1)
		return -1;
	exists = 0;
	return 0;
}

void
temp_remove(void)
{
	if (exists)
		unlinkat(in_dir, temp_name, 0);
	exists = 0;
}
