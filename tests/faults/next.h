/*
 * next: the functions that a preloaded library puts itself in front of. It needs
 * _GNU_SOURCE.
 */
#ifndef NEXT_H
#define NEXT_H

#include <dlfcn.h>
#include <stdlib.h>

/* The library's own version of a function. */
static void *
next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

#define NEXT(name) ((__typeof__(&(name)))next(#name))

#endif
