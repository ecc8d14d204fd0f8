/*
 * maillog: a line of Postfix's log to what it says.
 *
 * Most lines mean nothing here, and reading them has to cost next to nothing:
 * fixed positions, the service's name and a few first letters tell which line
 * may be worth a match. What a line says, PCRE2 decides.
 */
#include "maillog/maillog.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pattern.h"
#include "maillog/logtime.h"

#define HEAD_MAX 300 /* host and program are shorter */
#define QUEUE_ID_MIN 5
#define QUEUE_ID_MAX 32

/* The patterns, for the text behind "program[pid]: " or the queue id. */
enum format {
	SCREENED,
	SESSION,
	GREYLISTED,
	CLIENT,
	SENDER,
	RECIPIENT,
	FORMATS
};

#define ADDRESS "\\[ ([0-9A-Fa-f:.]{3,45}+) \\]"
#define MAILBOX "< ([^<>]*+) >"

/* All are anchored, and without a choice that is tried twice: linear. */
static const char *const formats[FORMATS] = {
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
	struct pattern *patterns[FORMATS];
	struct logtime time;
};

struct maillog *
maillog_open(int64_t now)
{
	struct maillog *m = xcalloc(1, sizeof(*m));

	for (int i = 0; i < FORMATS; i++)
		m->patterns[i] = pattern_open(formats[i], false);
	logtime_init(&m->time, now);
	return m;
}

void
maillog_close(struct maillog *m)
{
	for (int i = 0; i < FORMATS; i++)
		pattern_close(m->patterns[i]);
	free(m);
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
matches(struct maillog *m, enum format f, const struct maillog_text *t)
{
	return pattern_match(m->patterns[f], t->text, t->len);
}

/* What a group matched; empty if it took no part. */
static struct maillog_text
group(const struct maillog *m, enum format f, const struct maillog_text *t,
    size_t g)
{
	struct maillog_text part;

	part.text = pattern_group(m->patterns[f], t->text, g, &part.len);
	return part;
}

static bool
set_client(struct maillog_event *e, struct maillog_text t)
{
	return addr_from_part(t.text, t.len, &e->family, &e->client) == 0;
}

/* Of digits alone. */
static unsigned
port_of(struct maillog_text t)
{
	unsigned port = 0;

	for (size_t i = 0; i < t.len; i++)
		port = port * 10 + (unsigned)(t.text[i] - '0');
	return port;
}

static bool
read_postscreen(
    struct maillog *m, const struct maillog_text *t, struct maillog_event *e)
{
	if (begins(t->text, t->len, "NOQUEUE: reject: RCPT ")) {
		if (!matches(m, SCREENED, t))
			return false;
		e->kind = MAILLOG_SCREENED;
		e->port = port_of(group(m, SCREENED, t, 2));
		e->from = group(m, SCREENED, t, 3);
		e->to = group(m, SCREENED, t, 4);
		return set_client(e, group(m, SCREENED, t, 1));
	}
	if (!begins(t->text, t->len, "PASS NEW ") &&
	    !begins(t->text, t->len, "DISCONNECT "))
		return false;
	if (!matches(m, SESSION, t))
		return false;
	e->kind =
	    group(m, SESSION, t, 1).len > 0 ? MAILLOG_PASS : MAILLOG_DISCONNECT;
	e->port = port_of(group(m, SESSION, t, 3));
	return set_client(e, group(m, SESSION, t, 2));
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
		return set_client(e, group(m, CLIENT, t, 2)) ||
		       set_client(e, group(m, CLIENT, t, 1));
	}
	if (!begins(t->text, t->len, "reject: ") &&
	    !begins(t->text, t->len, "milter-reject: "))
		return false;
	if (!matches(m, GREYLISTED, &whole))
		return false;
	e->kind = MAILLOG_GREYLISTED;
	e->from = group(m, GREYLISTED, &whole, 2);
	e->to = group(m, GREYLISTED, &whole, 3);
	return set_client(e, group(m, GREYLISTED, &whole, 1));
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
	e->from = group(m, SENDER, t, 1);
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
	e->to = group(m, RECIPIENT, t, 1);
	e->orig_to = group(m, RECIPIENT, t, 2);
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
	stamp = logtime_read(&m->time, line, len, &e->time);
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
