/*
 * name: domain names in wire format (RFC 1035 section 3.1), in lower case,
 * uncompressed, with the root label at the end.
 */
#include "base/name.h"

#include <string.h>

#define LABELS_MAX 128 /* a name of 255 bytes has at most 127 */

uint8_t
name_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

int
name_from_text(const char *text, size_t len, uint8_t *wire)
{
	size_t label = 0,
	       out = 1; /* where the label's length goes; next byte */

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0)
		return -1;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '.') {
			/* Leaves room for the root label. */
			if (out - label > LABEL_MAX || out >= NAME_MAX_WIRE - 1)
				return -1;
			wire[out++] = name_lower((uint8_t)text[i]);
			continue;
		}
		if (out - label == 1)
			return -1;
		wire[label] = (uint8_t)(out - label - 1);
		label = out++;
	}
	wire[label] = 0;
	return 0;
}

size_t
name_read(const uint8_t *msg, size_t len, size_t *at, uint8_t *to)
{
	size_t p = *at, start = p, n = 0, end = 0;

	for (unsigned labels = 0; p < len && labels < 2 * LABELS_MAX;
	     labels++) {
		size_t label = msg[p];

		if (label >= 0xc0 && p + 1 < len) {
			if (end == 0)
				end = p + 2;
			p = (label & 0x3f) << 8 | msg[p + 1];
			if (p >= start)
				return 0;
			start = p;
			continue;
		}
		if (label > LABEL_MAX || p + 1 + label > len ||
		    n + 1 + label > NAME_MAX_WIRE)
			return 0;
		to[n++] = (uint8_t)label;
		if (label == 0) {
			*at = end == 0 ? p + 1 : end;
			return n;
		}
		for (size_t i = 1; i <= label; i++)
			to[n++] = name_lower(msg[p + i]);
		p += 1 + label;
	}
	return 0;
}

size_t
name_len(const uint8_t *wire)
{
	size_t at = 0;

	while (wire[at] != 0)
		at += (size_t)wire[at] + 1;
	return at + 1;
}

unsigned
name_labels(const uint8_t *wire)
{
	unsigned n = 0;

	for (; *wire != 0; wire += *wire + 1)
		n++;
	return n;
}

bool
name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t n = name_len(a);

	return n == name_len(b) && memcmp(a, b, n) == 0;
}

/* Where each label starts; returns how many there are. */
static unsigned
label_starts(const uint8_t *wire, const uint8_t *starts[LABELS_MAX])
{
	unsigned n = 0;

	for (; *wire != 0; wire += *wire + 1)
		starts[n++] = wire;
	return n;
}

int
name_cmp(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *as[LABELS_MAX], *bs[LABELS_MAX];
	unsigned na = label_starts(a, as), nb = label_starts(b, bs);

	while (na > 0 && nb > 0) {
		const uint8_t *la = as[--na], *lb = bs[--nb];
		int c = memcmp(la + 1, lb + 1, *la < *lb ? *la : *lb);

		if (c == 0)
			c = *la - *lb;
		if (c != 0)
			return c;
	}
	return na > 0 ? 1 : nb > 0 ? -1 : 0;
}

void
name_to_text(struct buf *b, const uint8_t *wire)
{
	if (*wire == 0)
		buf_puts(b, ".");
	for (; *wire != 0; wire += *wire + 1) {
		for (unsigned i = 1; i <= *wire; i++) {
			uint8_t c = wire[i];

			if (c <= 0x20 || c > 0x7e)
				buf_printf(b, "\\%03u", c);
			else if (strchr(".\\\"();@$", c) != NULL)
				buf_printf(b, "\\%c", c);
			else
				buf_add(b, &c, 1);
		}
		if (wire[*wire + 1] != 0)
			buf_puts(b, ".");
	}
}
