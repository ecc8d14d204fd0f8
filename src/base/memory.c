/*
 * memory: allocation that succeeds or exits, growing arrays, and memory that is
 * freed at once.
 */
#include "base/memory.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/say.h"

/*
 * ldns allocates and frees 64 KB for each line of a zone file, and sets of some
 * thousand addresses are as large; glibc would return these to the system each
 * time, which costs more than the work.
 */
void
keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20); /* the former alone lowers it */
#endif
}

void
exit_alone(void)
{
	static atomic_flag taken = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&taken))
		pause();
}

void
out_of_memory(void)
{
	exit_alone();
	say(ERROR, "out of memory");
	exit(EXIT_FAILURE);
}

void
exit_if_exhausted(const char *what)
{
	if (errno != ENOMEM && errno != EMFILE && errno != ENFILE &&
	    errno != ENOBUFS)
		return;
	exit_alone();
	say(ERROR, "%s: %s", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void *
or_exit(void *p)
{
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xmalloc(size_t size)
{
	return or_exit(malloc(size > 0 ? size : 1));
}

void *
xcalloc(size_t n, size_t size)
{
	return or_exit(calloc(n > 0 ? n : 1, size > 0 ? size : 1));
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		out_of_memory();
	return or_exit(realloc(p, n * size > 0 ? n * size : 1));
}

/*
 * In pieces that malloc() keeps when they are freed. volatile: a compiler may
 * leave out memory that nothing uses, as clang does.
 */
void
ensure_memory(size_t size)
{
	void *volatile pieces[4] = {NULL};
	size_t each = size / COUNT(pieces) + 1;

	for (size_t i = 0; i < COUNT(pieces); i++)
		pieces[i] = xmalloc(each);
	for (size_t i = COUNT(pieces); i-- > 0;)
		free(pieces[i]);
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	char *copy = xmalloc(n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

ssize_t
xgetline(char **line, size_t *cap, FILE *in)
{
	ssize_t len = getline(line, cap, in);

	if (len == -1 && !feof(in) && errno == ENOMEM)
		out_of_memory();
	return len;
}

void *
grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap < 8 ? 8 : *cap + *cap / 2;
	return xreallocarray(v, *cap, size);
}

void *
shrink_to(void *v, size_t n, size_t *cap, size_t size)
{
	if (n == *cap)
		return v;
	*cap = n;
	if (n > 0)
		return xreallocarray(v, n, size);
	free(v);
	return NULL;
}

#define BLOCK_SIZE ((size_t)256 * 1024)

/* A huge page is aligned to its size. */
void *
large_block(size_t size)
{
	void *block = or_exit(aligned_alloc(LARGE_BLOCK, size));

#ifdef MADV_HUGEPAGE
	/* Without huge pages it is memory like any other. */
	(void)madvise(block, size, MADV_HUGEPAGE);
#endif
	return block;
}

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	size_t before; /* of all blocks before it */
	unsigned char data[];
};

void
arena_init(struct arena *a)
{
	a->blocks = NULL;
}

void
arena_clear(struct arena *a)
{
	struct arena_block *b;

	while ((b = a->blocks) != NULL) {
		a->blocks = b->next;
		free(b);
	}
}

/* Blocks are large once the arena has as much already. */
static struct arena_block *
add_block(struct arena *a, size_t size)
{
	size_t before =
	    a->blocks == NULL ? 0 : a->blocks->before + a->blocks->size;
	size_t room = before < LARGE_BLOCK ? BLOCK_SIZE : LARGE_BLOCK;
	struct arena_block *b;

	if (size > room - sizeof(*b))
		room = sizeof(*b) + size;
	b = room == LARGE_BLOCK ? large_block(LARGE_BLOCK) : xmalloc(room);
	*b = (struct arena_block){
	    .next = a->blocks, .size = room - sizeof(*b), .before = before};
	a->blocks = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	if (b == NULL || size > b->size - b->used)
		b = add_block(a, size);
	p = b->data + b->used;
	b->used += size;
	return p;
}
