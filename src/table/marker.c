/*
 * marker: an empty file whose existence says something.
 */
#include "table/marker.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/safepath.h"

int
marker_make(const char *path, struct buf *why)
{
	struct stat dir_st;
	int dir = safepath_open_dir(path, &dir_st, why), fd, result = 0;

	if (dir == -1)
		return -1;
	/* Its name is all that counts, so the directory is what to flush. */
	fd = safepath_make(path, &dir_st, 0644);
	if ((fd == -1 && errno != EEXIST) || safepath_flush(dir) == -1)
		result = safepath_fail(why, path, "cannot create the marker");
	if (fd != -1)
		close(fd);
	close(dir);
	return result;
}

bool
marker_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int
marker_remove(const char *path, struct buf *why)
{
	/* Not flushed: if a crash brings it back, the hook runs once more. */
	if (unlink(path) == -1 && errno != ENOENT)
		return safepath_fail(why, path, "cannot remove the marker");
	return 0;
}
