/*
 * safepath: a path in a directory that others may write to.
 */
#include "table/safepath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#define LINKS_MAX 40 /* links to links, as in the kernel */

int
safepath_fail(struct buf *why, const char *path, const char *what)
{
	int error = errno;

	buf_printf(why, "%s: %s: %s", path, what, strerror(error));
	errno = error;
	return -1;
}

static const char *
last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int
safepath_open_dir(const char *path, struct stat *st, struct buf *why)
{
	const char *name = last_component(path);
	char *dir =
	    name == path ? xstrdup(".") : xstrndup(path, (size_t)(name - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1) {
		safepath_fail(why, path, "cannot open its directory");
	} else if (fstat(fd, st) == -1) {
		safepath_fail(why, path, "cannot examine its directory");
		close(fd);
		fd = -1;
	}
	free(dir);
	return fd;
}

/* The target of the link at path, as a path; NULL with errno. */
static char *
read_link(const char *path)
{
	char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof(to));

	if (n == -1)
		return NULL;
	if ((size_t)n >= sizeof(to)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (to[0] == '/')
		return xstrndup(to, (size_t)n);
	return xasprintf(
	    "%.*s%.*s", (int)(last_component(path) - path), path, (int)n, to);
}

/* The path after symbolic links were followed; the caller frees it. */
static char *
resolve(const char *path, struct buf *why)
{
	char *at = xstrdup(path);
	struct stat st;

	for (int links = 0; lstat(at, &st) == 0; links++) {
		char *next;

		if (!S_ISLNK(st.st_mode))
			return at;
		if (st.st_uid != 0 && st.st_uid != geteuid()) {
			buf_printf(why,
			    "%s: not followed: a symbolic link that belongs "
			    "neither to root nor to the caller",
			    at);
			free(at);
			errno = EPERM;
			return NULL;
		}
		errno = ELOOP;
		next = links < LINKS_MAX ? read_link(at) : NULL;
		if (next == NULL) {
			safepath_fail(
			    why, path, "cannot follow the symbolic link");
			free(at);
			return NULL;
		}
		free(at);
		at = next;
	}
	/* A directory that is missing is reported when it is opened. */
	if (errno == ENOENT)
		return at;
	safepath_fail(why, path, "cannot examine");
	free(at);
	return NULL;
}

void
safepath_close(struct safepath *p)
{
	if (p->dir != -1)
		close(p->dir);
	free(p->resolved);
}

int
safepath_open(struct safepath *p, const char *path, struct buf *why)
{
	*p = (struct safepath){.path = path, .dir = -1};
	p->resolved = resolve(path, why);
	if (p->resolved == NULL)
		return -1;
	p->name = last_component(p->resolved);
	p->dir = safepath_open_dir(p->resolved, &p->dir_st, why);
	if (p->dir == -1)
		goto failed;
	p->exists = fstatat(p->dir, p->name, &p->st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!p->exists && errno != ENOENT) {
		safepath_fail(why, path, "cannot examine");
		goto failed;
	}
	/* There is no name after a final slash. */
	if (p->exists ? !S_ISREG(p->st.st_mode) : *p->name == '\0') {
		buf_printf(why, "%s: not a regular file", path);
		errno = EINVAL;
		goto failed;
	}
	return 0;
failed:
	safepath_close(p);
	return -1;
}

/* Not blocking, should it have become a fifo meanwhile. */
int
safepath_read(const struct safepath *p)
{
	return openat(p->dir, p->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/*
 * A file that exists may be anything that the owner linked there: root does not
 * give it away.
 */
int
safepath_make(const char *path, const struct stat *dir_st, mode_t mode)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	gid_t group = getegid();
	bool as_owner;
	int fd, error;

	if (geteuid() != 0)
		return open(path, flags, mode);
	/* Made as the owner: there is no moment when it is root's. */
	as_owner = setegid(dir_st->st_gid) == 0 && seteuid(dir_st->st_uid) == 0;
	fd = open(path, flags, mode);
	error = errno;
	if ((as_owner && seteuid(0) != 0) || setegid(group) != 0)
		abort();
	if (!as_owner && fd != -1 &&
	    fchown(fd, dir_st->st_uid, dir_st->st_gid) == -1)
		error = 0; /* no failure: root can use it all the same */
	errno = error;
	return fd;
}

/* Some file systems cannot flush a directory, and say so by EINVAL. */
int
safepath_flush(int dir)
{
	return fsync(dir) == -1 && errno != EINVAL ? -1 : 0;
}
