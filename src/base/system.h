/*
 * system: random bytes, the time that passes, and waiting for descriptors.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fills p with at most 256 unpredictable bytes; exits if the system has none.
 */
void random_bytes(void *p, size_t size);

/* Milliseconds of a clock that is never set. */
int64_t now_ms(void);

/*
 * poll(), for callers that would call it again at once: returns how many
 * descriptors are ready, 0 also if a signal came; -1 after a short pause if
 * poll() cannot serve (RLIMIT_NOFILE below the number of descriptors, no
 * memory). Then anything may be ready.
 */
int wait_ready(struct pollfd *p, size_t n, int milliseconds);

#endif
