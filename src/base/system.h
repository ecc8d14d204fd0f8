/*
 * system: random bytes and the time that passes.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills p with at most 256 bytes that nobody can guess; exits if the system has
 * none.
 */
void random_bytes(void *p, size_t size);

/* Milliseconds of a clock that is never set. */
int64_t now_ms(void);

#endif
