/*
 * text: growing strings, and how text from outside is shown.
 */
#include "base/text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wctype.h>

#include "base/memory.h"

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
buf_print(const struct buf *b, FILE *out)
{
	/* An empty one may have no memory, which fwrite() must not be given. */
	if (b->len > 0)
		fwrite(b->data, 1, b->len, out);
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
		abort(); /* no format of ours is wrong */
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

bool
has_lone_cr(const char *line, size_t len)
{
	const char *cr = memchr(line, '\r', len);

	if (cr == NULL)
		return false;
	while (cr < line + len && strchr("\r\n", *cr) != NULL && *cr != '\0')
		cr++;
	return cr < line + len;
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

/* Whether it can be shown in this encoding: nothing invisible, no marks. */
static bool
is_shown(uint32_t code)
{
	static locale_t locale;
	static bool utf8;

	/* Not setlocale(): the program compares text as in the C locale. */
	if (locale == (locale_t)0 &&
	    (locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0)) != (locale_t)0)
		utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	return utf8 && iswalnum_l((wint_t)code, locale) != 0;
}

void
buf_add_typed(struct buf *b, const char *text, size_t len, size_t max)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code;

		if (i >= max) {
			buf_puts(b, "...");
			return;
		}
		n = utf8_len(text + i, len - i, &code);
		if (n > 1 && is_shown(code)) {
			buf_add(b, text + i, n);
			continue;
		}
		n = 1;
		buf_add_escaped(b, text + i, 1, 1);
	}
}

/* How long a character is by its first byte; 0: none begins so. */
static size_t
utf8_announced(unsigned char first)
{
	return first < 0x80   ? 1
	       : first < 0xc0 ? 0
	       : first < 0xe0 ? 2
	       : first < 0xf0 ? 3
	       : first < 0xf8 ? 4
			      : 0;
}

size_t
utf8_len(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text;
	size_t n;
	uint32_t c;

	if (len == 0)
		return 0;
	n = utf8_announced(p[0]);
	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* Longer than needed, a surrogate, or beyond Unicode. */
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	if (code != NULL)
		*code = c;
	return n;
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
buf_add_count(struct buf *b, double n)
{
	if (n < 1e15)
		buf_printf(b, "%.0f", n);
	else
		buf_printf(b, "%.3g", n);
}

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

void
buf_add_time(struct buf *b, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[64];
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), TIME_FORMAT, &tm) > 0)
		buf_puts(b, text);
}

const char *
text_to_time(const char *text, int64_t *seconds)
{
	struct tm tm = {0};
	const char *end = strptime(text, TIME_FORMAT, &tm);

	if (end != NULL)
		*seconds = timegm(&tm);
	return end;
}
