/*
 * safepath: a path in a directory that others may write to. Anyone who can
 * write there could put a link there that makes root open another file, so
 * symbolic links are followed only if root or the caller owns them.
 */
#ifndef SAFEPATH_H
#define SAFEPATH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/text.h"

/* A path that was followed, and the directory of the file, which is open. */
struct safepath {
	const char *path; /* as the caller has it, for messages */
	char *resolved;   /* after symbolic links */
	const char *name; /* its last component */
	int dir;
	struct stat dir_st;
	bool exists;
	struct stat st; /* if it exists */
};

/*
 * Follows a path to a regular file, or to the place of one that does not exist.
 * It keeps the pointer to the path. Returns 0, or -1 with why and errno.
 */
int safepath_open(struct safepath *p, const char *path, struct buf *why);

/* Only after safepath_open() returned 0. */
void safepath_close(struct safepath *p);

/* Opens the file for reading. Returns a descriptor, or -1 with errno. */
int safepath_read(const struct safepath *p);

/*
 * Opens the directory that a path is in, without a look at the path itself.
 * Returns a descriptor, with what fstat() says of it, or -1 with why.
 */
int safepath_open_dir(const char *path, struct stat *st, struct buf *why);

/*
 * Makes an empty file that belongs to the owner of its directory, whose
 * fstat() is dir_st, so that root and a service user can take turns. Returns a
 * descriptor for reading and writing, or -1 with errno, EEXIST too.
 */
int safepath_make(const char *path, const struct stat *dir_st, mode_t mode);

/* Flushes an open directory to the disk. Returns 0, or -1 with errno. */
int safepath_flush(int dir);

/* Adds "PATH: WHAT: the reason in errno" to why. Returns -1; errno stays. */
int safepath_fail(struct buf *why, const char *path, const char *what);

#endif
