/*
 * system: random bytes, the time that passes, and waiting for descriptors.
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

int
wait_ready(struct pollfd *p, size_t n, int milliseconds)
{
	struct timespec pause = {.tv_nsec = 10000000};
	int ready = poll(p, (nfds_t)n, milliseconds);

	if (ready >= 0 || errno == EINTR)
		return ready > 0 ? ready : 0;
	if (milliseconds != 0)
		nanosleep(&pause, NULL);
	return -1;
}
