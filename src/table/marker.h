/*
 * marker: an empty file whose existence says something: reload.pending.
 */
#ifndef MARKER_H
#define MARKER_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Makes the marker, and flushes its directory; one that is there already is no
 * error. Returns 0, or -1 with why.
 */
int marker_make(const char *path, struct buf *why);

/* Whether it is there, whatever kind of file it is. */
bool marker_exists(const char *path);

/*
 * Removes the marker; one that is gone already is no error. Returns 0, or -1
 * with why.
 */
int marker_remove(const char *path, struct buf *why);

#endif
