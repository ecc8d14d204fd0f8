/*
 * memory: allocation that succeeds or exits, growing arrays, and memory that is
 * freed at once.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* For main(): what was freed stays with the process, for its next use. */
void keep_memory(void);

/*
 * Allocation: these return memory, or print a message and exit with status 1,
 * in any thread. A size of 0 is allowed.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* getline() that likewise returns, or exits for lack of memory. */
ssize_t xgetline(char **line, size_t *cap, FILE *in);

/* The message and the exit, for what allocates by itself. */
_Noreturn void out_of_memory(void);

/*
 * Exits unless so much memory can be had; it is free again afterwards. For
 * libraries that crash, or blame their input, when they get none.
 */
void ensure_memory(size_t size);

/*
 * For a call that failed with errno: if it lacked memory or descriptors, this
 * exits as well, since the same file may be all right. what: for the message.
 */
void exit_if_exhausted(const char *what);

/*
 * Room for one more element in a growing array: returns v, or where it was
 * moved to. n: elements in use; *cap: elements there is room for.
 */
void *grow(void *v, size_t n, size_t *cap, size_t size);

/*
 * Frees the room of a growing array beyond its n elements: returns v, where it
 * was moved to, or NULL without elements.
 */
void *shrink_to(void *v, size_t n, size_t *cap, size_t size);

/*
 * A block of a multiple of this size, which free() takes. It is on huge pages
 * where the system has them: what millions of pieces are reached through is not
 * in the processor's caches otherwise, and each page that is touched for the
 * first time costs as much as an allocation.
 */
#define LARGE_BLOCK ((size_t)2 * 1024 * 1024)
void *large_block(size_t size);

/*
 * Memory for strings and other bytes: pieces are not aligned, and are freed at
 * once.
 */
struct arena {
	struct arena_block *blocks;
};

void arena_init(struct arena *a);
void arena_clear(struct arena *a);
void *arena_alloc(struct arena *a, size_t size);

/*
 * For a thread that is about to exit: threads run out of memory together, but
 * only one of them may call exit(). The others wait here for their end.
 */
void exit_alone(void);

#endif
