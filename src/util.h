/*
 * util: allocation that succeeds or exits, growing buffers, collected
 * messages, and how text from outside is shown.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Allocation: these return memory, or print a message and exit with status 1,
 * in any thread. A size of 0 is allowed.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

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

/* A growing string of bytes; data has a NUL behind its len bytes. */
struct buf {
	char *data;
	size_t len, cap;
};

void buf_init(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/*
 * Appends text that came from outside so that it can be shown in one line:
 * what is not printable ASCII becomes a master-file escape (\DDD, RFC 1035
 * section 5.1), a backslash is doubled, and after max bytes "..." follows.
 */
void buf_add_escaped(struct buf *b, const void *text, size_t len, size_t max);

/* The length of what some editors put at the beginning of a file (UTF-8). */
size_t byte_order_mark(const char *text, size_t len);

/* Appends text that is printable ASCII already as a string of JSON. */
void buf_add_json(struct buf *b, const char *text);

/* The word for that many: "1 network", "2 networks". */
const char *plural(size_t n, const char *one, const char *many);

/* Appends a time span in the unit that a person would use: 3h, 12d. */
void buf_add_age(struct buf *b, int64_t seconds);

#define SHOWN_MAX 200 /* bytes of foreign text that a message shows */

/* Messages collected by a parser, for its caller to print. */
struct problems {
	char **v;
	size_t n, cap;
};

void problems_init(struct problems *p);
void problems_clear(struct problems *p);
void problems_add(struct problems *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define PROBLEMS_SHOWN 50 /* of one file: with more it is something else */

/* Drops all behind the first n; returns how many these were. */
size_t problems_cut(struct problems *p, size_t n);

/* Says of a file that n more were dropped, if any; what it should have been. */
void problems_add_more(
    struct problems *p, const char *file, size_t n, const char *what);

/*
 * Memory that is given out piece by piece and freed at once. Pieces are
 * aligned for any type.
 */
struct arena {
	struct arena_block *blocks;
};

void arena_init(struct arena *a);
void arena_clear(struct arena *a);
void *arena_alloc(struct arena *a, size_t size);

/* What will become of something, as far as can be seen beforehand. */
enum outlook {
	OUTLOOK_GOOD,
	OUTLOOK_DOUBTFUL, /* it fails for this user, maybe not for another */
	OUTLOOK_BAD
};

/*
 * Fills p with at most 256 bytes that nobody can guess; exits if the system has
 * none.
 */
void random_bytes(void *p, size_t size);

/* Milliseconds of a clock that is never set. */
int64_t now_ms(void);

#endif
