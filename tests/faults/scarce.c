/*
 * scarce: a preloaded library that counts the calls by which a program takes
 * memory, descriptors or threads, and lets some of them fail as they do when
 * there are no more.
 *
 *	SCARCE_KIND=KIND	what is counted:
 *		memory		malloc(), calloc(), realloc() and the like, of
 *				libraries too; they fail with ENOMEM
 *		descriptors	open(), fopen(), opendir(), socket(), pipe()
 *				and the like; they fail with EMFILE
 *		threads		pthread_create(); it fails with EAGAIN
 *	SCARCE_AT=N	the call that fails, counted from 1 in main()
 *	SCARCE_FOR=M	and the M-1 that follow (default 1)
 *	SCARCE_COUNT=FILE	at the end, the number of calls is written there
 *
 * Children have none of this.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "next.h"

/* glibc's own: dlsym() takes memory itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

enum kind { NOTHING, MEMORY, DESCRIPTORS, THREADS };

static enum kind kind; /* of the calls that are counted */
static unsigned long at, span = 1, count;
static const char *count_file;
static __thread bool in_glob;

static void start(void) __attribute__((constructor));
static void end(void) __attribute__((destructor));

static void
start(void)
{
	const char *k = getenv("SCARCE_KIND"), *n = getenv("SCARCE_AT");
	const char *m = getenv("SCARCE_FOR"), *file = getenv("SCARCE_COUNT");

	at = n != NULL ? strtoul(n, NULL, 10) : 0;
	span = m != NULL ? strtoul(m, NULL, 10) : 1;
	count_file = file != NULL ? strdup(file) : NULL;
	unsetenv("LD_PRELOAD");
	unsetenv("SCARCE_KIND");
	if (k == NULL)
		return;
	if (strcmp(k, "memory") == 0)
		kind = MEMORY;
	else if (strcmp(k, "descriptors") == 0)
		kind = DESCRIPTORS;
	else if (strcmp(k, "threads") == 0)
		kind = THREADS;
	else
		abort();
}

static void
end(void)
{
	kind = NOTHING;
	if (count_file != NULL) {
		FILE *out = fopen(count_file, "w");

		if (out == NULL || fprintf(out, "%lu\n", count) < 0 ||
		    fclose(out) != 0)
			abort();
	}
}

/* Whether this call is one that fails. */
static bool
fails(enum kind k, int error)
{
	unsigned long n;

	if (k != kind)
		return false;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	if (at == 0 || n < at || n - at >= span)
		return false;
	errno = error;
	return true;
}

/* ldns and glob() end in an assertion or worse: see ensure_memory(). */
static bool
is_spared(const void *caller)
{
	Dl_info info;

	if (in_glob)
		return true;
	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	       strstr(info.dli_fname, "/libldns.") != NULL;
}

#define NO_MEMORY                                                     \
	(kind == MEMORY && !is_spared(__builtin_return_address(0)) && \
	    fails(MEMORY, ENOMEM))

void *
malloc(size_t size)
{
	return NO_MEMORY ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return NO_MEMORY ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return NO_MEMORY ? NULL : __libc_realloc(p, size);
}

#define WRAP(type, name, params, args, failed)                       \
	type name params                                             \
	{                                                            \
		return fails(DESCRIPTORS, EMFILE) ? (failed)         \
						  : NEXT(name) args; \
	}

WRAP(int, socket, (int domain, int type, int protocol),
    (domain, type, protocol), -1)
WRAP(int, pipe, (int fds[2]), (fds), -1)
WRAP(int, pipe2, (int fds[2], int flags), (fds, flags), -1)
WRAP(int, dup, (int fd), (fd), -1)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
WRAP(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL)
WRAP(DIR *, opendir, (const char *path), (path), NULL)
WRAP(int, mkstemp, (char *template), (template), -1)

static int
open_at(const char *as, int dir, const char *path, int flags, mode_t mode)
{
	int (*f)(int, const char *, int, ...) =
	    (int (*)(int, const char *, int, ...))next(as);

	/* The counters of --enable-coverage are none of its business. */
	if (strstr(path, ".gcda") == NULL && fails(DESCRIPTORS, EMFILE))
		return -1;
	return f(dir, path, flags, mode);
}

#include "open.h"

int
glob(const char *pattern, int flags, int (*failed)(const char *, int),
    glob_t *found)
{
	int (*f)(const char *, int, int (*)(const char *, int), glob_t *) =
	    NEXT(glob);
	int result;

	in_glob = true;
	result = f(pattern, flags, failed, found);
	in_glob = false;
	return result;
}

int
pthread_create(
    pthread_t *id, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	if (fails(THREADS, EAGAIN))
		return EAGAIN;
	return NEXT(pthread_create)(id, attr, run, arg);
}
