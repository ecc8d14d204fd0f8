/*
 * memory: allocation that succeeds or exits, growing arrays, and memory that is
 * freed at once.
 */
#include "base/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"

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
	void *volatile pieces[16] = {NULL};
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

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
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

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	/* Eight is enough for every type in use: pointers, int64_t, double. */
	size = (size + 7) & ~(size_t)7;
	if (b == NULL || size > b->size - b->used) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		b = xmalloc(sizeof(*b) + room);
		*b = (struct arena_block){
		    .next = a->blocks, .used = 0, .size = room};
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}
