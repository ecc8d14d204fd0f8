/*
 * json: JSON text, member by member.
 */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
json_init(struct json *j, struct buf *out)
{
	*j = (struct json){.out = out};
	buf_puts(out, "");
}

/* A string with its quotes (RFC 8259 section 7). */
static void
add_string(struct buf *out, const char *text)
{
	buf_puts(out, "\"");
	while (*text != '\0') {
		unsigned char c = (unsigned char)*text;
		size_t len = utf8_len(text, strlen(text), NULL);

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\u%04x", c);
		else if (len == 0)
			buf_puts(out, "\\ufffd");
		else
			buf_add(out, text, len);
		text += len > 0 ? len : 1;
	}
	buf_puts(out, "\"");
}

static void
new_line(struct json *j)
{
	buf_puts(j->out, "\n");
	for (unsigned i = 0; i < j->depth; i++)
		buf_puts(j->out, "  ");
}

/*
 * The text before a value: a comma, a newline with its indentation, the name.
 */
static void
begin_value(struct json *j, const char *name)
{
	if (j->depth > 0) {
		bool lines = j->open[j->depth - 1].layout == JSON_LINES;

		if (j->open[j->depth - 1].filled)
			buf_puts(j->out, lines ? "," : ", ");
		if (lines)
			new_line(j);
		j->open[j->depth - 1].filled = true;
	}
	if (name != NULL) {
		add_string(j->out, name);
		buf_puts(j->out, ": ");
	}
}

static void
begin(struct json *j, const char *name, enum json_layout layout, char start,
    char end)
{
	if (j->depth == JSON_DEPTH)
		abort();
	begin_value(j, name);
	buf_add(j->out, &start, 1);
	j->open[j->depth].end = end;
	j->open[j->depth].layout = layout;
	j->open[j->depth].filled = false;
	j->depth++;
}

void
json_object(struct json *j, const char *name, enum json_layout layout)
{
	begin(j, name, layout, '{', '}');
}

void
json_array(struct json *j, const char *name, enum json_layout layout)
{
	begin(j, name, layout, '[', ']');
}

void
json_end(struct json *j)
{
	j->depth--;
	if (j->open[j->depth].filled && j->open[j->depth].layout == JSON_LINES)
		new_line(j);
	buf_add(j->out, &j->open[j->depth].end, 1);
	if (j->depth == 0)
		buf_puts(j->out, "\n");
}

void
json_string(struct json *j, const char *name, const char *text)
{
	begin_value(j, name);
	if (text != NULL)
		add_string(j->out, text);
	else
		buf_puts(j->out, "null");
}

void
json_number(struct json *j, const char *name, int64_t n)
{
	begin_value(j, name);
	buf_printf(j->out, "%lld", (long long)n);
}

void
json_large(struct json *j, const char *name, double n)
{
	begin_value(j, name);
	buf_printf(j->out, "%.0f", n);
}

void
json_real(struct json *j, const char *name, double n)
{
	begin_value(j, name);
	if (isfinite(n))
		buf_printf(j->out, "%.3f", n);
	else
		buf_puts(j->out, "null");
}

void
json_bool(struct json *j, const char *name, bool value)
{
	begin_value(j, name);
	buf_puts(j->out, value ? "true" : "false");
}
