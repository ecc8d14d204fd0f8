/*
 * system: random bytes and the time that passes.
 */
#include "base/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/say.h"

void
random_bytes(void *p, size_t size)
{
#ifdef HAVE_GETENTROPY
	if (getentropy(p, size) == 0)
		return;
#else
	FILE *in = fopen("/dev/urandom", "re");

	if (in != NULL && fread(p, size, 1, in) == 1) {
		fclose(in);
		return;
	}
#endif
	exit_alone();
	say(ERROR, "no random numbers: %s", strerror(errno));
	exit(EXIT_FAILURE);
}

int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
