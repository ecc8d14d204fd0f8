/*
 * util: allocation that succeeds or exits, growing buffers, collected
 * messages, and how text from outside is shown.
 */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * For whoever is about to exit: threads run out of memory together, but exit()
 * is for one of them. The others wait here for their end.
 */
static void
be_the_one(void)
{
	static atomic_flag taken = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&taken))
		pause();
}

void
out_of_memory(void)
{
	be_the_one();
	errx(1, "out of memory");
}

void
exit_if_exhausted(const char *what)
{
	if (errno != ENOMEM && errno != EMFILE && errno != ENFILE &&
	    errno != ENOBUFS)
		return;
	be_the_one();
	err(1, "%s", what);
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

char *
xvasprintf(const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b);
	buf_vprintf(&b, fmt, ap);
	return b.data;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return text;
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

void
buf_init(struct buf *b)
{
	*b = (struct buf){0};
}

void
buf_clear(struct buf *b)
{
	free(b->data);
	buf_init(b);
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	if (len >= SIZE_MAX / 2 - b->len)
		out_of_memory();
	if (b->len + len + 1 > b->cap) {
		b->cap = b->len + len + 1 + b->cap / 2;
		b->data = xreallocarray(b->data, b->cap, 1);
	}
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->len;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, ap);
	if (n < 0)
		errx(1, "cannot format a message");
	if ((size_t)n >= room) {
		room = (size_t)n + 1;
		b->cap = b->len + room + b->cap / 2;
		b->data = xreallocarray(b->data, b->cap, 1);
		vsnprintf(b->data + b->len, room, fmt, again);
	}
	va_end(again);
	b->len += (size_t)n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

size_t
byte_order_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void
buf_add_escaped(struct buf *b, const void *text, size_t len, size_t max)
{
	const unsigned char *p = text;

	for (size_t i = 0; i < len; i++) {
		if (i == max) {
			buf_puts(b, "...");
			return;
		}
		if (p[i] == '\\')
			buf_puts(b, "\\\\");
		else if (p[i] < 0x20 || p[i] > 0x7e)
			buf_printf(b, "\\%03u", p[i]);
		else
			buf_add(b, p + i, 1);
	}
}

void
buf_add_json(struct buf *b, const char *text)
{
	buf_puts(b, "\"");
	for (; *text != '\0'; text++) {
		if (strchr("\"\\", *text) != NULL)
			buf_puts(b, "\\");
		buf_add(b, text, 1);
	}
	buf_puts(b, "\"");
}

const char *
plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

void
buf_add_age(struct buf *b, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	while (i + 1 < COUNT(units) && seconds < 2 * units[i].seconds)
		i++;
	buf_printf(b, "%lld%c", (long long)(seconds / units[i].seconds),
	    units[i].unit);
}

void
problems_init(struct problems *p)
{
	*p = (struct problems){0};
}

void
problems_clear(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	problems_init(p);
}

void
problems_add(struct problems *p, const char *fmt, ...)
{
	va_list ap;

	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	va_start(ap, fmt);
	p->v[p->n++] = xvasprintf(fmt, ap);
	va_end(ap);
}

size_t
problems_cut(struct problems *p, size_t n)
{
	size_t dropped = 0;

	for (; p->n > n; dropped++)
		free(p->v[--p->n]);
	return dropped;
}

void
problems_add_more(
    struct problems *p, const char *file, size_t n, const char *what)
{
	if (n > 0)
		problems_add(p, "%s: %zu more %s like these: is it %s?", file,
		    n, plural(n, "mistake", "mistakes"), what);
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
	be_the_one();
	err(1, "no random numbers");
}

int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
