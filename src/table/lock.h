/*
 * lock: the lock file of the state directory, so that one update runs at a
 * time.
 */
#ifndef LOCK_H
#define LOCK_H

#include "base/text.h"

#define LOCK_SECONDS 60 /* that update waits for another run */
#define LOCK_PAUSE 100  /* milliseconds between two tries */

/*
 * Takes the lock, making the file if necessary; waits up to that many seconds
 * for another run. Returns a descriptor to keep open while the lock is needed,
 * or -1 with why.
 */
int lock_take(const char *path, unsigned seconds, struct buf *why);

#endif
