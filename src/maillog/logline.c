/*
 * logline: a line of a log to its time, host, program and message.
 *
 *	[prefix] time [prefix time] [host] [facility] program[pid]: message
 *	[prefix] time [host] program pid msgid structured-data message
 *
 * The second is RFC 5424. A prefix is what containers put before each line,
 * a priority, or another word or two.
 */
#include "maillog/logline.h"

#include <string.h>

#define PREFIX_WORDS 4 /* before the time */
#define PREFIX_MAX 200
#define USUAL_TIME 15 /* characters of "Nov 22 14:01:59" */
#define HEAD_WORDS 6  /* from the time to the program */
#define HEAD_MAX 300  /* host and program are shorter */

static inline bool
begins(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

static const char *
skip_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static const char *
word_end(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	return p;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "<22>" and the like; the version of RFC 5424 stays. */
static const char *
skip_priority(const char *p, const char *end)
{
	const char *q = p;

	if (p == end || *p != '<')
		return p;
	while (q < end && q - p < 20 && *q != '>' && *q != ' ')
		q++;
	return q < end && *q == '>' ? q + 1 : p;
}

/* Whether a time of day comes so soon that the text may begin with a date. */
static bool
may_be_time(const char *p, const char *end)
{
	const char *limit = end - p > 32 ? p + 32 : end;
	const char *colon = memchr(p, ':', (size_t)(limit - p));

	return colon != NULL && colon - p >= 2 && end - colon > 5 &&
	       is_digit(colon[-1]) && is_digit(colon[1]) && colon[3] == ':';
}

/*
 * The first time stamp, after at most a few words. Returns its end, or NULL if
 * there is none.
 */
static const char *
find_time(struct logtime *times, const char *p, const char *end, int64_t *t)
{
	const char *limit = end - p > PREFIX_MAX ? p + PREFIX_MAX : end;
	size_t n = logtime_read(times, p, (size_t)(end - p), t);

	if (n > 0)
		return p + n;
	if (begins(p, end, "\xef\xbb\xbf"))
		p += 3;
	for (int words = 0; words <= PREFIX_WORDS && p < limit; words++) {
		p = skip_priority(skip_spaces(p, end), end);
		n = logtime_read(times, p, (size_t)(end - p), t);
		if (n > 0)
			return p + n;
		p = word_end(p, end);
	}
	return NULL;
}

/* A container's stream and flag, and the time that the daemon itself wrote. */
static const char *
skip_second_time(struct logtime *times, const char *p, const char *end)
{
	int64_t last = times->last, ignored;
	const char *q = skip_spaces(p, end);
	size_t n;

	if (begins(q, end, "stdout ") || begins(q, end, "stderr "))
		q = word_end(skip_spaces(q + 7, end), end);
	q = skip_priority(skip_spaces(q, end), end);
	if (!may_be_time(q, end))
		return p;
	n = logtime_read(times, q, (size_t)(end - q), &ignored);
	if (n == 0)
		return p;
	/* The first one has a year. */
	times->last = last;
	return q + n;
}

struct maillog_text
logline_service(struct maillog_text program)
{
	static const char unsaid[] = "*";
	const char *slash =
	    program.len == 0 ? NULL : memrchr(program.text, '/', program.len);
	const char *end = program.text + program.len;

	if (slash != NULL)
		return (struct maillog_text){
		    slash + 1, (size_t)(end - slash - 1)};
	/* journalctl -o with-unit has the unit's name: postfix@-.service */
	if (begins(program.text, end, "postfix") && program.len > 8 &&
	    memcmp(end - 8, ".service", 8) == 0)
		return (struct maillog_text){unsaid, 1};
	return (struct maillog_text){program.text, 0};
}

/* "program[pid]:" or "program:"; the length of the program, or 0. */
static size_t
program_length(const char *word, size_t len)
{
	size_t n;

	if (len < 2 || word[len - 1] != ':')
		return 0;
	n = len - 1;
	if (word[n - 1] != ']')
		return n;
	for (n--; n > 0 && is_digit(word[n - 1]);)
		n--;
	return n > 1 && word[n - 1] == '[' ? n - 1 : 0;
}

/*
 * The message of RFC 5424 after the process id: msgid, structured data. Returns
 * NULL if the line does not go on like this.
 */
static const char *
structured_end(const char *p, const char *end)
{
	bool quoted = false;

	p = word_end(skip_spaces(p, end), end);
	p = skip_spaces(p, end);
	if (p == end)
		return NULL;
	if (*p == '-')
		return p + 1;
	if (*p != '[')
		return NULL;
	for (; p < end; p++) {
		if (*p == '\\' && quoted)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == ']' && !quoted && (p + 1 == end || p[1] != '['))
			return p + 1;
	}
	return NULL;
}

/* Whether a word is a process id, or the sign for none (RFC 5424). */
static bool
is_pid(const char *word, size_t len)
{
	if (len == 1 && *word == '-')
		return true;
	for (size_t i = 0; i < len; i++)
		if (!is_digit(word[i]))
			return false;
	return len > 0;
}

/* The message after the prefix of the log. */
static void
set_message(struct logline *l, const char *p, const char *end)
{
	const char *q;

	p = skip_spaces(p, end);
	if (begins(p, end, "\xef\xbb\xbf"))
		p += 3;
	/* Solaris */
	if (begins(p, end, "[ID ")) {
		q = memchr(p, ']', (size_t)(end - p));
		if (q != NULL)
			p = skip_spaces(q + 1, end);
	}
	l->message = (struct maillog_text){p, (size_t)(end - p)};
}

/*
 * " HOST NAME/SERVICE[PID]: MESSAGE", as nearly all lines go on; false if this
 * one does in another way.
 */
static bool
read_usual(const char *p, const char *end, struct logline *l)
{
	const char *limit = end - p > HEAD_MAX ? p + HEAD_MAX : end;
	const char *host, *program, *slash = NULL;

	if (p == limit || *p != ' ')
		return false;
	host = ++p;
	while (p < limit && *p != ' ')
		p++;
	program = p + 1;
	l->host = (struct maillog_text){host, (size_t)(p - host)};
	if (p == host || *host == '<' || program >= limit)
		return false;
	for (p = program; p < limit && *p != '[' && *p != ' '; p++)
		if (*p == '/')
			slash = p;
	if (p == limit || *p != '[' || slash == NULL)
		return false;
	l->service = (struct maillog_text){slash + 1, (size_t)(p - slash - 1)};
	for (p++; p < limit && is_digit(*p);)
		p++;
	/* What Solaris puts before the message is read elsewhere. */
	if (!begins(p, end, "]: ") || end - p < 4 || p[3] == '[')
		return false;
	l->message = (struct maillog_text){p + 3, (size_t)(end - p - 3)};
	return true;
}

/* What follows the time. */
static bool
read_head(const char *p, const char *end, struct logline *l)
{
	const char *limit = end - p > HEAD_MAX ? p + HEAD_MAX : end;
	struct maillog_text last = {p, 0};

	l->host = last;
	for (int words = 0; words < HEAD_WORDS; words++) {
		const char *word = skip_spaces(p, limit);
		size_t len, n;

		p = word_end(word, limit);
		len = (size_t)(p - word);
		n = p == limit && p < end ? 0 : program_length(word, len);
		if (n > 0) {
			l->service =
			    logline_service((struct maillog_text){word, n});
			set_message(l, p, end);
			return true;
		}
		if (p == limit)
			return false;
		if (words > 0 && is_pid(word, len)) {
			const char *message = structured_end(p, end);

			if (message != NULL) {
				l->service = logline_service(last);
				set_message(l, message, end);
				return true;
			}
		}
		if (l->host.len == 0 && *word != '<' && *word != '[')
			l->host = (struct maillog_text){word, len};
		last = (struct maillog_text){word, len};
	}
	return false;
}

/* journalctl's own lines, syslogd's marks and repetitions. */
static bool
is_remark(const char *line, size_t len)
{
	return line == NULL || len == 0 ||
	       (len > 3 && memcmp(line, "-- ", 3) == 0) ||
	       memmem(line, len, "message repeated ", 17) != NULL ||
	       memmem(line, len, "-- MARK --", 10) != NULL;
}

enum logline_result
logline_read(
    struct logtime *times, const char *line, size_t len, struct logline *l)
{
	const char *end = line + len, *p;
	bool ended = len > 0 && end[-1] == '\r';

	end -= ended;
	p = find_time(times, line, end, &l->time);
	/* docker logs -t, kubectl: a second one follows */
	if (p != NULL && p - line > USUAL_TIME)
		p = skip_second_time(times, p, end);
	if (p != NULL && (read_usual(p, end, l) || read_head(p, end, l)))
		return LOGLINE_READ;
	return is_remark(line, len - ended) ? LOGLINE_EMPTY : LOGLINE_UNKNOWN;
}
