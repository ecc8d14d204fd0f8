/*
 * lock: the lock file of the state directory.
 */
#include "table/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/system.h"
#include "table/safepath.h"

static int
open_lock(const char *path, const struct stat *dir_st)
{
	const int flags =
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	/*
	 * Anyone who can open it could hold it forever, so not everybody may.
	 */
	int fd = safepath_make(path, dir_st, 0600);

	return fd == -1 && errno == EEXIST ? open(path, flags) : fd;
}

int
lock_take(const char *path, unsigned seconds, struct buf *why)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000;
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE * 1000000L};
	struct stat dir_st;
	int dir = safepath_open_dir(path, &dir_st, why), fd;

	if (dir == -1)
		return -1;
	close(dir);
	fd = open_lock(path, &dir_st);
	if (fd == -1)
		return safepath_fail(why, path, "cannot open the lock file");
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
			safepath_fail(why, path, "cannot lock");
		close(fd);
		return -1;
	}
	return fd;
}
