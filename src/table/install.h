/*
 * install: atomic replacement of a file. After any failure, kill or full disk
 * the old file stays in place.
 */
#ifndef INSTALL_H
#define INSTALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

/* Whether a file or a program can be used, as far as can be seen beforehand. */
enum usable {
	USABLE,
	USABLE_BY_OTHERS, /* it fails for this user, maybe not for another */
	UNUSABLE
};

enum install_result {
	INSTALL_FAILED =
	    -1,            /* why has the reason; the old file stays in place */
	INSTALL_UNCHANGED, /* the file has these bytes already */
	INSTALL_REPLACED
};

/*
 * Whether a file holds exactly these bytes: INSTALL_UNCHANGED, or
 * INSTALL_REPLACED if installing would change it (or make it). INSTALL_FAILED
 * if it cannot be read.
 */
enum install_result install_compare(
    const char *path, const char *data, size_t len, struct buf *why);

/*
 * Makes the file contain these bytes: writes a temporary file in its directory,
 * flushes it, renames it, flushes the directory. An unchanged file is not
 * written. Mode and owner of an existing file are kept; a new one gets 0644
 * and, for root, its directory's owner. Symbolic links: see safepath.h.
 * INSTALL_FAILED after the rename means that the directory could
 * not be flushed, and why says so.
 */
enum install_result install_file(
    const char *path, const char *data, size_t len, struct buf *why);

/*
 * Whether install_file() could write a file there; nothing is written. Unless
 * the result is USABLE, why has the reason.
 */
enum usable install_check(const char *path, struct buf *why);

/* Removes temporary files that killed runs left beside a file, if possible. */
void install_clean(const char *path);

#define INSTALL_READ_MAX (1 << 30) /* bytes of a file that is read */

/*
 * Opens a file for reading like install_compare(): a regular file, not a link
 * of somebody else. Returns NULL with why, which is empty if the file does not
 * exist.
 */
FILE *install_open(const char *path, struct buf *why);

#endif
