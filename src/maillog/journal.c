/*
 * journal: entries of systemd's journal, in its export format or as JSON.
 *
 * The export format has a field a line, as NAME=VALUE, or as only the name
 * followed by a size and so many bytes; an empty line ends an entry.
 */
#include "maillog/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BINARY_MAX (UINT64_C(1) << 30) /* bytes of a field: journald's own */

/* The names of fields, also those that other programs give to them. */
static const struct {
	const char *name;
	enum journal_field field;
} names[] = {
    {"__REALTIME_TIMESTAMP", JOURNAL_TIME},
    {"_HOSTNAME", JOURNAL_HOST},
    {"SYSLOG_IDENTIFIER", JOURNAL_PROGRAM},
    {"MESSAGE", JOURNAL_MESSAGE},
    /* docker's files */
    {"log", JOURNAL_LINE},
    {"time", JOURNAL_STAMP},
    /* syslog daemons */
    {"timestamp", JOURNAL_STAMP},
    {"@timestamp", JOURNAL_STAMP},
    {"host", JOURNAL_HOST},
    {"hostname", JOURNAL_HOST},
    {"program", JOURNAL_PROGRAM},
    {"programname", JOURNAL_PROGRAM},
    {"syslogtag", JOURNAL_PROGRAM},
    {"message", JOURNAL_MESSAGE},
    {"msg", JOURNAL_MESSAGE},
};

void
journal_init(struct journal *j)
{
	memset(j, 0, sizeof(*j));
}

static void
clear(struct journal *j)
{
	for (int i = 0; i < JOURNAL_FIELDS; i++)
		j->fields[i].len = 0;
}

/* The field of that name, or JOURNAL_FIELDS. */
static enum journal_field
field_of(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0)
			return names[i].field;
	return JOURNAL_FIELDS;
}

static void
add_byte(struct journal *j, enum journal_field f, char c)
{
	if (f != JOURNAL_FIELDS && j->fields[f].len < JOURNAL_FIELD_MAX)
		j->fields[f].text[j->fields[f].len++] = c;
}

static struct maillog_text
text_of(const struct journal *j, enum journal_field f)
{
	return (struct maillog_text){j->fields[f].text, j->fields[f].len};
}

static bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(text, word, n) == 0;
}

/* Microseconds to seconds; false if they are none. */
static bool
read_microseconds(struct maillog_text t, int64_t *seconds)
{
	int64_t n = 0;

	if (t.len < 7 || t.len > 18)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.text[i] < '0' || t.text[i] > '9')
			return false;
		n = n * 10 + t.text[i] - '0';
	}
	*seconds = n / 1000000;
	return true;
}

/* The end of a text without the line ends that programs leave there. */
static struct maillog_text
without_end(struct maillog_text t)
{
	while (t.len > 0 &&
	       (t.text[t.len - 1] == '\n' || t.text[t.len - 1] == '\r'))
		t.len--;
	return t;
}

/* "postfix/smtpd[1]:", a tag of syslog, to its program. */
static struct maillog_text
without_pid(struct maillog_text t)
{
	const char *bracket = memchr(t.text, '[', t.len);

	if (bracket != NULL)
		t.len = (size_t)(bracket - t.text);
	else if (t.len > 0 && t.text[t.len - 1] == ':')
		t.len--;
	return t;
}

/* The values of the fields; those of a container hold a whole line. */
static enum logline_result
finish(struct journal *j, struct logtime *times, struct logline *l)
{
	struct maillog_text message = without_end(text_of(j, JOURNAL_MESSAGE));
	struct maillog_text line = without_end(text_of(j, JOURNAL_LINE));
	struct maillog_text stamp = text_of(j, JOURNAL_STAMP);
	int64_t t;
	bool timed = read_microseconds(text_of(j, JOURNAL_TIME), &t) ||
		     (stamp.len > 0 &&
			 logtime_read(times, stamp.text, stamp.len, &t) > 0);

	*l = (struct logline){.host = text_of(j, JOURNAL_HOST)};
	l->service = logline_service(without_pid(text_of(j, JOURNAL_PROGRAM)));
	l->message = message;
	if (l->service.len == 0 && (line.len > 0 || message.len > 0)) {
		struct logline inner;

		if (line.len == 0)
			line = message;
		if (logline_read(times, line.text, line.len, &inner) ==
		    LOGLINE_READ) {
			*l = inner;
		} else if (text_of(j, JOURNAL_LINE).len > 0) {
			return LOGLINE_UNKNOWN;
		}
	} else if (message.len == 0) {
		return LOGLINE_EMPTY;
	}
	if (timed)
		times->last = l->time = t;
	return timed || l->time != 0 ? LOGLINE_READ : LOGLINE_UNKNOWN;
}

/* ---- JSON ---- */

/* The byte of four hex digits; Postfix writes nothing but ASCII. */
static char
escaped_ascii(const char *digits)
{
	char text[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
	char *end;
	unsigned long code = strtoul(text, &end, 16);

	return (char)(end == text + 4 && code > 0 && code < 0x80 ? code : '?');
}

/* The character after a backslash. Returns the position after it. */
static const char *
read_escape(
    struct journal *j, enum journal_field f, const char *p, const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;

	if (p == end)
		return end;
	if (*p != 'u') {
		at = memchr(from, *p, sizeof(from) - 1);
		add_byte(j, f, (char)(at != NULL ? to[at - from] : *p));
		return p + 1;
	}
	if (end - p < 5)
		return end;
	add_byte(j, f, escaped_ascii(p + 1));
	return p + 5;
}

/* A string after its opening quote, into a field; where it ends, or NULL. */
static const char *
read_string(
    struct journal *j, enum journal_field f, const char *p, const char *end)
{
	if (f != JOURNAL_FIELDS)
		j->fields[f].len = 0;
	while (p < end && *p != '"')
		if (*p == '\\') {
			p = read_escape(j, f, p + 1, end);
		} else {
			add_byte(j, f, *p++);
		}
	return p < end ? p + 1 : NULL;
}

/* A value that is no string: a number goes into the field. */
static const char *
read_other(
    struct journal *j, enum journal_field f, const char *p, const char *end)
{
	int depth = 0;

	if (f != JOURNAL_FIELDS)
		j->fields[f].len = 0;
	for (; p < end; p++) {
		if (*p == '"') {
			p = read_string(j, JOURNAL_FIELDS, p + 1, end);
			if (p == NULL)
				return NULL;
			p--;
		} else if (*p == '[' || *p == '{') {
			depth++;
		} else if (*p == ']' || *p == '}') {
			if (depth-- == 0)
				return p;
		} else if (*p == ',' && depth == 0) {
			return p;
		} else if (depth == 0 && *p != ' ') {
			add_byte(j, f, *p);
		}
	}
	return NULL;
}

static const char *
skip_white(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* An object on one line: NAME: VALUE, ... */
static bool
read_object(struct journal *j, const char *p, const char *end)
{
	p = skip_white(p + 1, end);
	while (p != NULL && p < end && *p == '"') {
		const char *name = p + 1;
		const char *quote = memchr(name, '"', (size_t)(end - name));
		enum journal_field f;

		if (quote == NULL)
			return false;
		f = field_of(name, (size_t)(quote - name));
		p = skip_white(quote + 1, end);
		if (p == end || *p != ':')
			return false;
		p = skip_white(p + 1, end);
		if (p == end)
			return false;
		p = *p == '"' ? read_string(j, f, p + 1, end)
			      : read_other(j, f, p, end);
		if (p == NULL)
			return false;
		p = skip_white(p, end);
		if (p < end && *p == ',')
			p = skip_white(p + 1, end);
	}
	return p != NULL && p < end && *p == '}';
}

/* json-seq and json-sse put a few bytes before each object. */
static size_t
object_start(const char *line, size_t len)
{
	if (len > 1 && line[0] == '\x1e')
		return 1;
	return begins(line, len, "data: {") ? 6 : 0;
}

/* ---- the export format ---- */

/* Bytes of a binary field, and the end of their line. */
static void
skip_binary(struct journal *j, const char *line, size_t len)
{
	size_t at = 0;

	for (; at <= len && j->size_bytes > 0; at++) {
		uint64_t byte = at == len      ? '\n'
				: line == NULL ? 0
					       : (unsigned char)line[at];

		j->size |= byte << (8 * (8 - j->size_bytes));
		/* A newline follows the field. */
		if (--j->size_bytes == 0)
			j->size = j->size < BINARY_MAX ? j->size + 1 : 0;
	}
	j->size -= len + 1 - at < j->size ? len + 1 - at : j->size;
}

/* Letters, digits and "_". */
static bool
is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= 'A' && text[i] <= 'Z') ||
			(text[i] >= '0' && text[i] <= '9') || text[i] == '_'))
			return false;
	return len > 0;
}

static enum logline_result
read_field(struct journal *j, const char *line, size_t len)
{
	const char *sign = memchr(line, '=', len);
	enum journal_field f;

	if (!is_name(line, sign != NULL ? (size_t)(sign - line) : len)) {
		j->inside = false;
		return LOGLINE_UNKNOWN;
	}
	if (sign == NULL) {
		j->size_bytes = 8;
		j->size = 0;
		return LOGLINE_EMPTY;
	}
	f = field_of(line, (size_t)(sign - line));
	if (f == JOURNAL_FIELDS)
		return LOGLINE_EMPTY;
	j->fields[f].len = 0;
	for (const char *p = sign + 1; p < line + len; p++)
		add_byte(j, f, *p);
	return LOGLINE_EMPTY;
}

bool
journal_wants(const struct journal *j, const char *line, size_t len)
{
	if (j->inside || line == NULL)
		return true;
	if (len < 2 || (line[0] != '{' && line[0] != '_' && line[0] != 'd' &&
			   line[0] != '\x1e'))
		return false;
	return line[object_start(line, len)] == '{' ||
	       begins(line, len, "__CURSOR=") ||
	       begins(line, len, "__REALTIME_TIMESTAMP=");
}

enum logline_result
journal_read(struct journal *j, struct logtime *times, const char *line,
    size_t len, struct logline *l)
{
	size_t start;

	if (j->size_bytes > 0 || j->size > 0) {
		skip_binary(j, line, len);
		return LOGLINE_EMPTY;
	}
	if (line == NULL)
		return LOGLINE_EMPTY;
	if (j->inside && len == 0) {
		j->inside = false;
		return finish(j, times, l);
	}
	if (j->inside && !begins(line, len, "__CURSOR="))
		return read_field(j, line, len);
	clear(j);
	start = object_start(line, len);
	if (line[start] == '{')
		return read_object(j, line + start, line + len)
			   ? finish(j, times, l)
			   : LOGLINE_UNKNOWN;
	j->inside = true;
	return read_field(j, line, len);
}
