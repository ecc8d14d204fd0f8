/*
 * install: the lock, the marker of a pending reload, and the replacement of a
 * file by a new one in one step.
 */
#include "table/install.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "table/temp.h"

#define LINKS_MAX 40 /* links to links, as in the kernel */

/* A file to replace, and its directory, which is open. */
struct target {
	const char *path; /* as the caller has it, for messages */
	char *resolved;   /* after symbolic links */
	const char *name; /* its last component */
	int dir;
	struct stat dir_st;
	bool exists;
	struct stat st; /* if it exists */
};

/* Adds "PATH: WHAT: the reason in errno", which stays; returns -1. */
static int
fail(struct buf *why, const char *path, const char *what)
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

/* Opens the directory that the path is in, for messages about path. */
static int
open_dir_of(const char *path, struct stat *st, struct buf *why)
{
	const char *name = last_component(path);
	char *dir =
	    name == path ? xstrdup(".") : xstrndup(path, (size_t)(name - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1) {
		fail(why, path, "cannot open its directory");
	} else if (fstat(fd, st) == -1) {
		fail(why, path, "cannot examine its directory");
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

/*
 * The path after symbolic links were followed; the caller frees it. Anyone who
 * can write to a directory could put a link there that makes root overwrite
 * another file, so only links of root or of the caller are followed.
 */
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
			fail(why, path, "cannot follow the symbolic link");
			free(at);
			return NULL;
		}
		free(at);
		at = next;
	}
	/* A directory that is missing is reported when it is opened. */
	if (errno == ENOENT)
		return at;
	fail(why, path, "cannot examine");
	free(at);
	return NULL;
}

static void
close_target(struct target *t)
{
	if (t->dir != -1)
		close(t->dir);
	free(t->resolved);
}

/* Returns 0, or -1 with why and errno. */
static int
open_target(struct target *t, const char *path, struct buf *why)
{
	*t = (struct target){.path = path, .dir = -1};
	t->resolved = resolve(path, why);
	if (t->resolved == NULL)
		return -1;
	t->name = last_component(t->resolved);
	t->dir = open_dir_of(t->resolved, &t->dir_st, why);
	if (t->dir == -1)
		goto failed;
	t->exists = fstatat(t->dir, t->name, &t->st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!t->exists && errno != ENOENT) {
		fail(why, path, "cannot examine");
		goto failed;
	}
	/* There is no name after a final slash. */
	if (t->exists ? !S_ISREG(t->st.st_mode) : *t->name == '\0') {
		buf_printf(why, "%s: not a regular file", path);
		errno = EINVAL;
		goto failed;
	}
	return 0;
failed:
	close_target(t);
	return -1;
}

/* Not blocking, should it have become a fifo meanwhile. */
static int
open_to_read(const struct target *t)
{
	return openat(t->dir, t->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static enum install_result
compare(const struct target *t, const char *data, size_t len, struct buf *why)
{
	enum install_result result = INSTALL_REPLACED;
	char chunk[65536];
	ssize_t n;
	int fd;

	if (!t->exists)
		return INSTALL_REPLACED;
	fd = open_to_read(t);
	if (fd == -1)
		return fail(why, t->path, "cannot read");
	for (;;) {
		/* One byte more than there should be shows a longer file. */
		n = read(
		    fd, chunk, len < sizeof(chunk) ? len + 1 : sizeof(chunk));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0 || (size_t)n > len ||
		    memcmp(chunk, data, (size_t)n) != 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	if (n == -1)
		result = fail(why, t->path, "cannot read");
	else if (n == 0 && len == 0)
		result = INSTALL_UNCHANGED;
	close(fd);
	return result;
}

static int
write_full(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Some file systems cannot flush a directory, and say so by EINVAL. */
static int
flush_dir(int dir)
{
	return fsync(dir) == -1 && errno != EINVAL ? -1 : 0;
}

/*
 * Sets owner and mode of a new file, or those of the file that it replaces. An
 * ordinary user cannot give a file away. If everybody may read the file, it
 * becomes the user's, who could have replaced it anyway, and its group gets the
 * rights of others; a file that not everybody may read is refused.
 */
static int
set_owner(int fd, const struct target *t)
{
	mode_t mode = t->exists ? t->st.st_mode & 0777 : 0644;
	struct stat now;

	if (fstat(fd, &now) == -1)
		return -1;
	if (!t->exists && geteuid() != 0)
		return fchmod(fd, mode);
	const struct stat *like = t->exists ? &t->st : &t->dir_st;
	if ((now.st_uid != like->st_uid || now.st_gid != like->st_gid) &&
	    fchown(fd, like->st_uid, like->st_gid) == -1) {
		if ((mode & S_IROTH) == 0)
			return -1;
		if (now.st_gid != like->st_gid &&
		    fchown(fd, (uid_t)-1, like->st_gid) == -1)
			mode = (mode & 0707) | (mode & 07) << 3;
	}
	return fchmod(fd, mode);
}

/* Fills the temporary file and gives it the target's name. */
static int
fill_and_rename(const struct target *t, int fd, const char *data, size_t len,
    struct buf *why)
{
	if (set_owner(fd, t) == -1)
		return fail(why, t->path, "cannot keep its owner and mode");
	if (write_full(fd, data, len) == -1 || fsync(fd) == -1)
		return fail(why, t->path, "cannot write");
	if (temp_rename() == -1)
		return fail(why, t->path,
		    errno == EBUSY ? "cannot replace a mount point, mount its "
				     "directory instead"
				   : "cannot replace");
	/* The one failure after which the new file is there already. */
	if (flush_dir(t->dir) == -1)
		return fail(why, t->path,
		    "replaced, but its directory cannot be flushed");
	return 0;
}

static enum install_result
replace(const struct target *t, const char *data, size_t len, struct buf *why)
{
	int fd = temp_make(t->dir, t->name), result;

	if (fd == -1)
		return fail(why, t->path,
		    "cannot create a temporary file in its directory");
	result = fill_and_rename(t, fd, data, len, why);
	temp_remove();
	/* Open until here for its lock; fsync() has reported every error. */
	close(fd);
	return result == 0 ? INSTALL_REPLACED : INSTALL_FAILED;
}

enum install_result
install_compare(const char *path, const char *data, size_t len, struct buf *why)
{
	enum install_result result;
	struct target t;

	if (open_target(&t, path, why) == -1)
		return INSTALL_FAILED;
	result = compare(&t, data, len, why);
	close_target(&t);
	return result;
}

/*
 * Whether a file is itself a mount point: a bind mount, as containers make.
 * Without /proc this is not known.
 */
static bool
is_mount_point(const char *path)
{
	FILE *in = fopen("/proc/self/mountinfo", "re");
	char *real = realpath(path, NULL), *line = NULL;
	bool found = false;
	size_t cap = 0;

	while (in != NULL && real != NULL && !found &&
	       xgetline(&line, &cap, in) != -1) {
		char *rest = line, *word = NULL;

		for (int i = 0; i < 5; i++)
			word = strsep(&rest, " ");
		found = word != NULL && strcmp(word, real) == 0;
	}
	if (in != NULL)
		fclose(in);
	free(real);
	free(line);
	return found;
}

enum usable
install_check(const char *path, struct buf *why)
{
	enum usable result = USABLE;
	struct target t;

	if (open_target(&t, path, why) == -1) {
		exit_if_exhausted(path);
		return errno == EACCES || errno == EPERM ? USABLE_BY_OTHERS
							 : UNUSABLE;
	}
	if (is_mount_point(t.resolved)) {
		buf_printf(why,
		    "%s: is a mount point, which cannot be replaced: mount its "
		    "directory instead",
		    path);
		result = UNUSABLE;
	} else if (faccessat(t.dir, ".", W_OK | X_OK, 0) == -1) {
		fail(why, path, "cannot write in its directory");
		result = errno == EROFS ? UNUSABLE : USABLE_BY_OTHERS;
	} else if (t.exists && faccessat(t.dir, t.name, R_OK, 0) == -1) {
		fail(why, path, "cannot read");
		result = USABLE_BY_OTHERS;
	}
	close_target(&t);
	return result;
}

void
install_clean(const char *path)
{
	struct buf why;
	struct target t;

	buf_init(&why);
	if (open_target(&t, path, &why) == 0) {
		temp_clean(t.dir, t.name);
		close_target(&t);
	}
	buf_clear(&why);
}

FILE *
install_open(const char *path, struct buf *why)
{
	struct target t;
	FILE *in = NULL;
	int fd;

	if (open_target(&t, path, why) == -1) {
		exit_if_exhausted(path);
		return NULL;
	}
	if (t.exists && t.st.st_size > INSTALL_READ_MAX)
		buf_printf(
		    why, "%s: larger than %d MB", path, INSTALL_READ_MAX >> 20);
	else if (t.exists) {
		fd = open_to_read(&t);
		in = fd == -1 ? NULL : fdopen(fd, "r");
		if (in == NULL) {
			exit_if_exhausted(path);
			fail(why, path, "cannot read");
		}
		if (in == NULL && fd != -1)
			close(fd);
	}
	close_target(&t);
	return in;
}

enum install_result
install_file(const char *path, const char *data, size_t len, struct buf *why)
{
	enum install_result result;
	struct target t;

	if (open_target(&t, path, why) == -1)
		return INSTALL_FAILED;
	result = compare(&t, data, len, why);
	if (result == INSTALL_REPLACED)
		result = replace(&t, data, len, why);
	close_target(&t);
	return result;
}

/*
 * Makes a file of the state directory; it belongs to the directory's owner,
 * so that root and a service user can take turns. (A file that exists may be
 * anything that the owner linked there: root does not give it away.) Returns
 * a descriptor, or -1 with errno.
 */
static int
make_state(const char *path, const struct stat *dir_st, mode_t mode)
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

static int
open_lock(const char *path, const struct stat *dir_st)
{
	const int flags =
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	/*
	 * Anyone who can open it could hold it forever, so not everybody may.
	 */
	int fd = make_state(path, dir_st, 0600);

	return fd == -1 && errno == EEXIST ? open(path, flags) : fd;
}

int
install_lock(const char *path, unsigned seconds, struct buf *why)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000;
	const struct timespec pause = {
	    .tv_nsec = INSTALL_LOCK_PAUSE * 1000000L};
	struct stat dir_st;
	int dir = open_dir_of(path, &dir_st, why), fd;

	if (dir == -1)
		return -1;
	close(dir);
	fd = open_lock(path, &dir_st);
	if (fd == -1)
		return fail(why, path, "cannot open the lock file");
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		bool held = errno == EWOULDBLOCK || errno == EINTR;

		if (held && now_ms() < end) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (held)
			buf_printf(why,
			    "%s: another run holds the lock; waited %u s", path,
			    seconds);
		else
			fail(why, path, "cannot lock");
		close(fd);
		return -1;
	}
	return fd;
}

int
install_mark(const char *path, struct buf *why)
{
	struct stat dir_st;
	int dir = open_dir_of(path, &dir_st, why), fd, result = 0;

	if (dir == -1)
		return -1;
	/* Its name is all that counts, so the directory is what to flush. */
	fd = make_state(path, &dir_st, 0644);
	if ((fd == -1 && errno != EEXIST) || flush_dir(dir) == -1)
		result = fail(why, path, "cannot create the marker");
	if (fd != -1)
		close(fd);
	close(dir);
	return result;
}

bool
install_is_marked(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int
install_unmark(const char *path, struct buf *why)
{
	/* Not flushed: if a crash brings it back, the hook runs once more. */
	if (unlink(path) == -1 && errno != ENOENT)
		return fail(why, path, "cannot remove the marker");
	return 0;
}
