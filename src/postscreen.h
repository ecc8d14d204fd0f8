/*
 * postscreen: the processes of it that run.
 */
#ifndef POSTSCREEN_H
#define POSTSCREEN_H

#include <stdint.h>

/*
 * When the oldest postscreen that accepts connections was started, in
 * milliseconds since 1970. queue_directory: of its Postfix; others are ignored
 * if this user may see whose they are. -1: none runs, or this system does not
 * show it.
 */
int64_t postscreen_started(const char *queue_directory);

#endif
