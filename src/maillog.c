/*
 * maillog: a line of Postfix's log to what it says.
 *
 * Most lines mean nothing here, and reading them has to cost next to nothing:
 * fixed positions, the service's name and a few first letters tell which line
 * may be worth a match. What a line says, PCRE2 decides.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "maillog.h"

#include <err.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define DAY INT64_C(86400)
#define HEAD_MAX 300 /* host and program are shorter */
#define QUEUE_ID_MIN 5
#define QUEUE_ID_MAX 32

/* The patterns, for the text behind "program[pid]: " or the queue id. */
enum pattern {
	SCREENED,
	SESSION,
	GREYLISTED,
	CLIENT,
	SENDER,
	RECIPIENT,
	PATTERNS
};

#define ADDRESS "\\[ ([0-9A-Fa-f:.]{3,45}+) \\]"
#define MAILBOX "< ([^<>]*+) >"

/* All are anchored, and without a choice that is tried twice: linear. */
static const char *const patterns[PATTERNS] = {
    [SCREENED] = "NOQUEUE:[ ]reject:[ ]RCPT[ ]from[ ]" ADDRESS
		 ":([0-9]{1,5}+):[ ]450[ ]4\\.3\\.2[ ][^<>;]*+;"
		 "[ ]from=" MAILBOX ",[ ]to=" MAILBOX ",[ ]proto=",
    [SESSION] =
	"(?:(PASS[ ]NEW)|DISCONNECT)[ ]" ADDRESS ":([0-9]{1,5}+)[ ]*+\\z",
    /* From smtpd "450 4.2.0 <recipient>: text", from cleanup "4.7.1 text". */
    [GREYLISTED] =
	"[0-9A-Za-z]++:[ ](?:milter-)?+reject:[ ][A-Z-]++[ ]from"
	"[ ][^\\[\\]\\s]*+" ADDRESS "(?: :[0-9]++)?+:"
	"[ ](?:4[0-9][0-9][ ])?+4\\.[0-9]++\\.[0-9]++[ ](?:<[^<>]*+>:[ ])?+"
	"(?: (?> [^<>]*? (?i: gr[ae]y[- ]?list )) [^<>]*?"
	" | Try[ ]again[ ]later ) ;[ ]from=" MAILBOX "(?: [ ]to=" MAILBOX
	" )?+ (?: [ ]proto= | \\z )",
    /* A content filter that sends on says for whom (XFORWARD). */
    [CLIENT] = "client=[^\\[\\]\\s]*+" ADDRESS "(?: :[0-9]++ )?+"
	       "(?: ,[ ]orig_queue_id=[^,\\s]++ )?+"
	       "(?: ,[ ]orig_client=[^\\[\\]\\s,]*+" ADDRESS " )?+",
    [SENDER] = "from=" MAILBOX ",[ ]size=[0-9]++,[ ]nrcpt=[0-9]",
    [RECIPIENT] = "to=" MAILBOX ",[ ](?: orig_to=" MAILBOX ",[ ] )?+ relay=",
};

struct maillog {
	pcre2_code *codes[PATTERNS];
	pcre2_match_data *match;
	int64_t last; /* the time of the last line that had one */
	int year;
};

static pcre2_code *
compile(const char *pattern)
{
	int error;
	size_t at;
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_ANCHORED | PCRE2_EXTENDED, &error, &at, NULL);

	if (code == NULL)
		errx(1, "PCRE2 refuses a pattern for logs at %zu: error %d", at,
		    error);
	/* See spf.c: without it pcre2_match() interprets. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

/* Days from 1970 to the first of a month, 1 to 12, Gregorian. */
static int64_t
days_before(int64_t year, int month)
{
	static const int days[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162 + days[month - 1] +
	       (month > 2 && leap);
}

struct maillog *
maillog_open(int64_t now)
{
	struct maillog *m = xcalloc(1, sizeof(*m));

	for (int i = 0; i < PATTERNS; i++)
		m->codes[i] = compile(patterns[i]);
	m->match = pcre2_match_data_create(8, NULL);
	if (m->match == NULL)
		out_of_memory();
	/* Half a year ago: the nearest year is then the one that has just
	 * been, up to tomorrow. */
	m->last = now + DAY - 183 * DAY;
	m->year = 1970;
	while (days_before(m->year + 1, 1) * DAY <= m->last)
		m->year++;
	return m;
}

void
maillog_close(struct maillog *m)
{
	if (m == NULL)
		return;
	for (int i = 0; i < PATTERNS; i++)
		pcre2_code_free(m->codes[i]);
	pcre2_match_data_free(m->match);
	free(m);
}

/* Digits in a row, n of them; -1 if they are none. */
static int
number(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + text[i] - '0';
	}
	return value;
}

/* "hh:mm:ss" to seconds, or -1. A leap second is possible. */
static int
time_of_day(const char *text)
{
	int h = number(text, 2), m = number(text + 3, 2),
	    s = number(text + 6, 2);

	if (text[2] != ':' || text[5] != ':' || h < 0 || h > 23 || m < 0 ||
	    m > 59 || s < 0 || s > 60)
		return -1;
	return h * 3600 + m * 60 + s;
}

/* "Nov" to 11; 0 if it is none. */
static int
month_of(const char *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, text, 3) == 0)
			return (int)i + 1;
	return 0;
}

#define SYSLOG_LEN 15 /* "Nov 22 14:01:59" */

/* Returns the length of the time stamp, 0 if there is none. */
static size_t
syslog_time(struct maillog *m, const char *line, size_t len, int64_t *t)
{
	int month, day, seconds;
	int64_t at;

	if (len < SYSLOG_LEN || line[3] != ' ' || line[6] != ' ' ||
	    (month = month_of(line)) == 0 ||
	    (seconds = time_of_day(line + 7)) < 0)
		return 0;
	day = line[4] == ' ' ? number(line + 5, 1) : number(line + 4, 2);
	if (day < 1 || day > 31)
		return 0;
	at = (days_before(m->year, month) + day - 1) * DAY + seconds;
	if (at - m->last > 183 * DAY && m->year > 1970)
		m->year--;
	else if (m->last - at > 183 * DAY && m->year < 9999)
		m->year++;
	*t = (days_before(m->year, month) + day - 1) * DAY + seconds;
	return SYSLOG_LEN;
}

/* "+01:00", "+0100" or "Z" to seconds; the length, 0 if it is none of them. */
static size_t
zone_offset(const char *text, size_t len, int *offset)
{
	bool colon = len > 3 && text[3] == ':';
	size_t n = colon ? 6 : 5;
	int h, m;

	*offset = 0;
	if (len > 0 && text[0] == 'Z')
		return 1;
	if (len < n || (text[0] != '+' && text[0] != '-'))
		return 0;
	h = number(text + 1, 2);
	m = number(text + n - 2, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return 0;
	*offset = (h * 3600 + m * 60) * (text[0] == '-' ? -1 : 1);
	return n;
}

#define RFC3339_LEN 19 /* "2026-11-22T14:01:59", then fraction and zone */

static size_t
rfc3339_time(struct maillog *m, const char *line, size_t len, int64_t *t)
{
	int year, month, day, seconds, offset;
	size_t at = RFC3339_LEN, zone;

	if (len < RFC3339_LEN || line[4] != '-' || line[7] != '-' ||
	    line[10] != 'T' || (seconds = time_of_day(line + 11)) < 0)
		return 0;
	year = number(line, 4);
	month = number(line + 5, 2);
	day = number(line + 8, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	if (at < len && line[at] == '.')
		for (at++; at < len && line[at] >= '0' && line[at] <= '9';)
			at++;
	zone = zone_offset(line + at, len - at, &offset);
	if (zone == 0)
		return 0;
	m->year = year;
	*t = (days_before(year, month) + day - 1) * DAY + seconds - offset;
	return at + zone;
}

/* Either time stamp; its length, 0 if there is none. */
static size_t
time_stamp(struct maillog *m, const char *line, size_t len, int64_t *t)
{
	size_t n;

	if (len > 0 && line[0] >= '0' && line[0] <= '9')
		n = rfc3339_time(m, line, len, t);
	else
		n = syslog_time(m, line, len, t);
	if (n > 0)
		m->last = *t;
	return n;
}

int
maillog_time(struct maillog *m, const char *line, size_t len, int64_t *t)
{
	return time_stamp(m, line, len, t) > 0 ? 0 : -1;
}

static bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(text, word, n) == 0;
}

static bool
is(const struct maillog_text *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

/*
 * " HOST NAME/SERVICE[PID]: " at the start of *rest, which then begins behind
 * it. The service is empty if the program is none of Postfix's.
 */
static bool
read_head(struct maillog_text *rest, struct maillog_text *host,
    struct maillog_text *service)
{
	const char *p = rest->text, *end = p + rest->len, *from;
	const char *limit = rest->len > HEAD_MAX ? p + HEAD_MAX : end;

	if (p == limit || *p != ' ')
		return false;
	for (from = ++p; p < limit && *p != ' ';)
		p++;
	if (p == limit || p == from)
		return false;
	*host = (struct maillog_text){from, (size_t)(p - from)};
	*service = (struct maillog_text){p, 0};
	for (from = ++p; p < limit && *p != '[' && *p != ':' && *p != ' '; p++)
		if (*p == '/')
			*service = (struct maillog_text){p + 1, 0};
	if (p == limit || p == from)
		return false;
	if (*p != '[' || service->text < from)
		return true;
	service->len = (size_t)(p - service->text);
	for (p++; p < limit && *p >= '0' && *p <= '9';)
		p++;
	if (!begins(p, (size_t)(end - p), "]: "))
		service->len = 0;
	else
		*rest = (struct maillog_text){p + 3, (size_t)(end - p - 3)};
	return true;
}

/* The queue id and ": " at the start of *rest, which then begins behind it. */
static bool
read_queue_id(struct maillog_text *rest, struct maillog_text *id)
{
	size_t n = 0;

	while (
	    n < rest->len && n <= QUEUE_ID_MAX &&
	    ((rest->text[n] >= '0' && rest->text[n] <= '9') ||
		((rest->text[n] | 32) >= 'a' && (rest->text[n] | 32) <= 'z')))
		n++;
	if (n < QUEUE_ID_MIN || n > QUEUE_ID_MAX ||
	    !begins(rest->text + n, rest->len - n, ": "))
		return false;
	*id = (struct maillog_text){rest->text, n};
	*rest = (struct maillog_text){rest->text + n + 2, rest->len - n - 2};
	return true;
}

static bool
matches(struct maillog *m, enum pattern p, const struct maillog_text *t)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)t->text;
	int n = pcre2_match(m->codes[p], subject, t->len, 0, 0, m->match, NULL);

	/* What is too much for the machine code may still match. */
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		n = pcre2_match(m->codes[p], subject, t->len, 0, PCRE2_NO_JIT,
		    m->match, NULL);
	if (n == PCRE2_ERROR_NOMEMORY)
		out_of_memory();
	return n > 0;
}

/* What a group matched; empty if it took no part. */
static struct maillog_text
group(const struct maillog *m, const struct maillog_text *t, size_t g)
{
	const size_t *v = pcre2_get_ovector_pointer(m->match);

	if (g >= pcre2_get_ovector_count(m->match) || v[2 * g] == PCRE2_UNSET)
		return (struct maillog_text){t->text, 0};
	return (struct maillog_text){
	    t->text + v[2 * g], v[2 * g + 1] - v[2 * g]};
}

static bool
set_client(struct maillog_event *e, struct maillog_text t)
{
	char copy[NET_STRLEN];

	if (t.len == 0 || t.len >= sizeof(copy))
		return false;
	memcpy(copy, t.text, t.len);
	copy[t.len] = '\0';
	return addr_from_text(copy, &e->family, &e->client) == 0;
}

static unsigned
port_of(struct maillog_text t)
{
	return (unsigned)number(t.text, (int)t.len);
}

static bool
read_postscreen(
    struct maillog *m, const struct maillog_text *t, struct maillog_event *e)
{
	if (begins(t->text, t->len, "NOQUEUE: reject: RCPT ")) {
		if (!matches(m, SCREENED, t))
			return false;
		e->kind = MAILLOG_SCREENED;
		e->port = port_of(group(m, t, 2));
		e->from = group(m, t, 3);
		e->to = group(m, t, 4);
		return set_client(e, group(m, t, 1));
	}
	if (!begins(t->text, t->len, "PASS NEW ") &&
	    !begins(t->text, t->len, "DISCONNECT "))
		return false;
	if (!matches(m, SESSION, t))
		return false;
	e->kind = group(m, t, 1).len > 0 ? MAILLOG_PASS : MAILLOG_DISCONNECT;
	e->port = port_of(group(m, t, 3));
	return set_client(e, group(m, t, 2));
}

/* smtpd and cleanup: greylisting, and where a message comes from. */
static bool
read_receiver(
    struct maillog *m, struct maillog_text *t, struct maillog_event *e)
{
	struct maillog_text whole = *t;

	if (!read_queue_id(t, &e->queue_id))
		return false;
	if (begins(t->text, t->len, "client=")) {
		/* Before a proxy filter: the message's own line is to come. */
		if (is(&e->queue_id, "NOQUEUE") || !matches(m, CLIENT, t))
			return false;
		e->kind = MAILLOG_CLIENT;
		return set_client(e, group(m, t, 2)) ||
		       set_client(e, group(m, t, 1));
	}
	if (!begins(t->text, t->len, "reject: ") &&
	    !begins(t->text, t->len, "milter-reject: "))
		return false;
	if (!matches(m, GREYLISTED, &whole))
		return false;
	e->kind = MAILLOG_GREYLISTED;
	e->from = group(m, &whole, 2);
	e->to = group(m, &whole, 3);
	return set_client(e, group(m, &whole, 1));
}

static bool
read_qmgr(struct maillog *m, struct maillog_text *t, struct maillog_event *e)
{
	if (!read_queue_id(t, &e->queue_id))
		return false;
	if (is(t, "removed")) {
		e->kind = MAILLOG_REMOVED;
		return true;
	}
	if (!begins(t->text, t->len, "from=<") || !matches(m, SENDER, t))
		return false;
	e->kind = MAILLOG_SENDER;
	e->from = group(m, t, 1);
	return true;
}

/* smtp, lmtp, local, virtual, pipe and whatever else delivers. */
static bool
read_delivery(
    struct maillog *m, struct maillog_text *t, struct maillog_event *e)
{
	if (!read_queue_id(t, &e->queue_id) ||
	    !begins(t->text, t->len, "to=<") || !matches(m, RECIPIENT, t))
		return false;
	e->kind = MAILLOG_RECIPIENT;
	e->to = group(m, t, 1);
	e->orig_to = group(m, t, 2);
	return true;
}

enum maillog_result
maillog_line(
    struct maillog *m, const char *line, size_t len, struct maillog_event *e)
{
	struct maillog_text rest = {line, len}, service;
	size_t stamp;
	bool found;

	*e = (struct maillog_event){0};
	stamp = time_stamp(m, line, len, &e->time);
	rest.text += stamp;
	rest.len -= stamp;
	if (stamp == 0 || !read_head(&rest, &e->host, &service))
		return MAILLOG_GARBLED;
	if (service.len == 0)
		return MAILLOG_OTHER;
	if (is(&service, "postscreen"))
		found = read_postscreen(m, &rest, e);
	else if (is(&service, "smtpd") || is(&service, "cleanup"))
		found = read_receiver(m, &rest, e);
	else if (is(&service, "qmgr"))
		found = read_qmgr(m, &rest, e);
	else
		found = read_delivery(m, &rest, e);
	return found ? MAILLOG_EVENT : MAILLOG_OTHER;
}
