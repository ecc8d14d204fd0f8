/*
 * install: the replacement of a file by a new one in one step.
 */
#include "table/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "table/safepath.h"
#include "table/temp.h"

static enum install_result
compare(const struct safepath *p, const char *data, size_t len, struct buf *why)
{
	enum install_result result = INSTALL_REPLACED;
	char chunk[65536];
	ssize_t n;
	int fd;

	if (!p->exists)
		return INSTALL_REPLACED;
	fd = safepath_read(p);
	if (fd == -1)
		return safepath_fail(why, p->path, "cannot read");
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
		result = safepath_fail(why, p->path, "cannot read");
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

/*
 * Sets owner and mode of a new file, or those of the file that it replaces. An
 * ordinary user cannot give a file away. If everybody may read the file, it
 * becomes the user's, who could have replaced it anyway, and its group gets the
 * rights of others; a file that not everybody may read is refused.
 */
static int
set_owner(int fd, const struct safepath *p)
{
	mode_t mode = p->exists ? p->st.st_mode & 0777 : 0644;
	struct stat now;

	if (fstat(fd, &now) == -1)
		return -1;
	if (!p->exists && geteuid() != 0)
		return fchmod(fd, mode);
	const struct stat *like = p->exists ? &p->st : &p->dir_st;
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
fill_and_rename(const struct safepath *p, int fd, const char *data, size_t len,
    struct buf *why)
{
	if (set_owner(fd, p) == -1)
		return safepath_fail(
		    why, p->path, "cannot keep its owner and mode");
	if (write_full(fd, data, len) == -1 || fsync(fd) == -1)
		return safepath_fail(why, p->path, "cannot write");
	if (temp_rename() == -1)
		return safepath_fail(why, p->path,
		    errno == EBUSY ? "cannot replace a mount point, mount its "
				     "directory instead"
				   : "cannot replace");
	/* The one failure after which the new file is there already. */
	if (safepath_flush(p->dir) == -1)
		return safepath_fail(why, p->path,
		    "replaced, but its directory cannot be flushed");
	return 0;
}

static enum install_result
replace(const struct safepath *p, const char *data, size_t len, struct buf *why)
{
	int fd = temp_make(p->dir, p->name), result;

	if (fd == -1)
		return safepath_fail(why, p->path,
		    "cannot create a temporary file in its directory");
	result = fill_and_rename(p, fd, data, len, why);
	temp_remove();
	/* Open until here for its lock; fsync() has reported every error. */
	close(fd);
	return result == 0 ? INSTALL_REPLACED : INSTALL_FAILED;
}

enum install_result
install_compare(const char *path, const char *data, size_t len, struct buf *why)
{
	enum install_result result;
	struct safepath p;

	if (safepath_open(&p, path, why) == -1)
		return INSTALL_FAILED;
	result = compare(&p, data, len, why);
	safepath_close(&p);
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
	struct safepath p;

	if (safepath_open(&p, path, why) == -1) {
		exit_if_exhausted(path);
		return errno == EACCES || errno == EPERM ? USABLE_BY_OTHERS
							 : UNUSABLE;
	}
	if (is_mount_point(p.resolved)) {
		buf_printf(why,
		    "%s: is a mount point, which cannot be replaced: mount its "
		    "directory instead",
		    path);
		result = UNUSABLE;
	} else if (faccessat(p.dir, ".", W_OK | X_OK, 0) == -1) {
		safepath_fail(why, path, "cannot write in its directory");
		result = errno == EROFS ? UNUSABLE : USABLE_BY_OTHERS;
	} else if (p.exists && faccessat(p.dir, p.name, R_OK, 0) == -1) {
		safepath_fail(why, path, "cannot read");
		result = USABLE_BY_OTHERS;
	}
	safepath_close(&p);
	return result;
}

void
install_clean(const char *path)
{
	struct buf why;
	struct safepath p;

	buf_init(&why);
	if (safepath_open(&p, path, &why) == 0) {
		temp_clean(p.dir, p.name);
		safepath_close(&p);
	}
	buf_clear(&why);
}

FILE *
install_open(const char *path, struct buf *why)
{
	struct safepath p;
	FILE *in = NULL;
	int fd;

	if (safepath_open(&p, path, why) == -1) {
		exit_if_exhausted(path);
		return NULL;
	}
	if (p.exists && p.st.st_size > INSTALL_READ_MAX)
		buf_printf(
		    why, "%s: larger than %d MB", path, INSTALL_READ_MAX >> 20);
	else if (p.exists) {
		fd = safepath_read(&p);
		in = fd == -1 ? NULL : fdopen(fd, "r");
		if (in == NULL) {
			exit_if_exhausted(path);
			safepath_fail(why, path, "cannot read");
		}
		if (in == NULL && fd != -1)
			close(fd);
	}
	safepath_close(&p);
	return in;
}

enum install_result
install_file(const char *path, const char *data, size_t len, struct buf *why)
{
	enum install_result result;
	struct safepath p;

	if (safepath_open(&p, path, why) == -1)
		return INSTALL_FAILED;
	result = compare(&p, data, len, why);
	if (result == INSTALL_REPLACED)
		result = replace(&p, data, len, why);
	safepath_close(&p);
	return result;
}
