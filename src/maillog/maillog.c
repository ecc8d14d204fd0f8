/*
 * maillog: a line of Postfix's log to an event.
 *
 * Most lines are irrelevant, and skipping them must be fast: the service's name
 * and the first few letters decide whether a line is matched by PCRE2.
 */
#include "maillog/maillog.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pattern.h"
#include "maillog/journal.h"

#define QUEUE_ID_MIN 5
#define QUEUE_ID_MAX 32

/* The patterns, for the message, its queue id included. */
enum format { SCREENED, SESSION, REJECTED, CLIENT, SENDER, RECIPIENT, FORMATS };

#define ADDRESS "\\[ ([0-9A-Fa-f:.]{3,45}+) \\]"
#define MAILBOX "< ([^<>]*+) >"
#define FROM_CLIENT "[ ]from[ ][^\\[\\]\\s]*+" ADDRESS "(?: :[0-9]++ )?+ :[ ]"

/* All are anchored, and without a choice that is tried twice: linear. */
static const char *const formats[FORMATS] = {
    [SCREENED] = "NOQUEUE:[ ]reject:[ ]RCPT[ ]from[ ]" ADDRESS
		 ":([0-9]{1,5}+):[ ]450[ ]4\\.3\\.2[ ][^<>;]*+;"
		 "[ ]from=" MAILBOX ",[ ]to=" MAILBOX ",[ ]proto=",
    [SESSION] = "(?: (PASS[ ]NEW) | (ALLOWLISTED|WHITELISTED) | DISCONNECT )"
		"[ ]" ADDRESS ":([0-9]{1,5}+)[ ]*+\\z",
    /* From smtpd "450 4.2.0 <recipient>: text", from cleanup "4.7.1 text". */
    [REJECTED] =
	"[0-9A-Za-z]++:[ ](?:milter-)?+reject:[ ][A-Z-]++" FROM_CLIENT
	"((?: [45][0-9][0-9][ ] )?+ (?: [45]\\.[0-9]++\\.[0-9]++[ ] )?+)"
	"(?: <[^<>]*+>:[ ] )?+ ((?: [^<>;]++ | ;(?![ ]from=<) )*+) ;"
	"[ ]from=" MAILBOX "(?: [ ]to=" MAILBOX ")?+"
	"(?: [ ]proto= | \\z )",
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
	struct journal journal;
};

struct maillog *
maillog_open(int64_t now)
{
	struct maillog *m = xcalloc(1, sizeof(*m));

	for (int i = 0; i < FORMATS; i++)
		m->patterns[i] = pattern_open(formats[i], false);
	logtime_init(&m->time, now);
	journal_init(&m->journal);
	return m;
}

void
maillog_begin(struct maillog *m)
{
	journal_init(&m->journal);
}

void
maillog_close(struct maillog *m)
{
	for (int i = 0; i < FORMATS; i++)
		pattern_close(m->patterns[i]);
	free(m);
}

static inline bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(text, word, n) == 0;
}

static inline bool
is(const struct maillog_text *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

/*
 * Reads the queue id and ": " at the start of *rest, and moves *rest after
 * them.
 */
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

/* Whether it has only digits. */
static unsigned
port_of(struct maillog_text t)
{
	unsigned port = 0;

	for (size_t i = 0; i < t.len; i++)
		port = port * 10 + (unsigned)(t.text[i] - '0');
	return port;
}

/*
 * "... from NAME[CLIENT]:PORT: CODE Service unavailable; client [CLIENT]
 * blocked using DNSBL; ... from=<SENDER>": postscreen and smtpd, for a client
 * that a DNSBL lists. These are many, and most of them are of no use: no
 * pattern, and the address stays as it is.
 */
static bool
read_blocked(const struct maillog_text *t, struct maillog_event *e)
{
	const char *end = t->text + t->len, *from;
	const char *p = memchr(t->text, '[', t->len), *name, *bracket = NULL;

	if (p != NULL)
		bracket = memchr(p, ']', (size_t)(end - p));
	if (bracket == NULL)
		return false;
	e->blocked = (struct maillog_text){p + 1, (size_t)(bracket - p - 1)};
	p = memchr(bracket + 1, ']', (size_t)(end - bracket - 1));
	if (p == NULL || !begins(p, (size_t)(end - p), "] blocked using "))
		return false;
	name = p + strlen("] blocked using ");
	for (from = name; from != NULL; from++) {
		from = memchr(from, ';', (size_t)(end - from));
		if (from == NULL)
			return false;
		if (begins(from, (size_t)(end - from), "; from=<"))
			break;
	}
	e->kind = MAILLOG_BLOCKED;
	e->dnsbl = (struct maillog_text){name, 0};
	while (name[e->dnsbl.len] != ';' && name[e->dnsbl.len] != ' ')
		e->dnsbl.len++;
	from += strlen("; from=<");
	p = memchr(from, '>', (size_t)(end - from));
	if (p == NULL)
		return false;
	e->from = (struct maillog_text){from, (size_t)(p - from)};
	return true;
}

/* Whether the code after "[CLIENT]:PORT: " begins with 5. */
static bool
refuses_for_good(const struct maillog_text *t)
{
	const char *end = t->text + t->len;
	const char *p = memchr(t->text, ']', t->len);

	p = p == NULL ? NULL : memchr(p, ' ', (size_t)(end - p));
	return p != NULL && p + 1 < end && p[1] == '5';
}

static bool
read_postscreen(
    struct maillog *m, const struct maillog_text *t, struct maillog_event *e)
{
	if (begins(t->text, t->len, "NOQUEUE: reject: RCPT ")) {
		if (refuses_for_good(t) || !matches(m, SCREENED, t))
			return read_blocked(t, e);
		e->kind = MAILLOG_SCREENED;
		e->port = port_of(group(m, SCREENED, t, 2));
		e->from = group(m, SCREENED, t, 3);
		e->to = group(m, SCREENED, t, 4);
		return set_client(e, group(m, SCREENED, t, 1));
	}
	if (!begins(t->text, t->len, "PASS NEW ") &&
	    !begins(t->text, t->len, "DISCONNECT ") &&
	    !begins(t->text, t->len, "ALLOWLISTED ") &&
	    !begins(t->text, t->len, "WHITELISTED "))
		return false;
	if (!matches(m, SESSION, t))
		return false;
	e->kind = group(m, SESSION, t, 1).len > 0   ? MAILLOG_PASS
		  : group(m, SESSION, t, 2).len > 0 ? MAILLOG_PERMITTED
						    : MAILLOG_DISCONNECT;
	e->port = port_of(group(m, SESSION, t, 4));
	return set_client(e, group(m, SESSION, t, 3));
}

/* A client that smtpd, a policy service or a milter refused. */
static bool
read_reject(
    struct maillog *m, const struct maillog_text *t, struct maillog_event *e)
{
	struct maillog_text code, text;

	if (!matches(m, REJECTED, t))
		return false;
	code = group(m, REJECTED, t, 2);
	text = group(m, REJECTED, t, 3);
	if (code.len == 0)
		return false;
	if (begins(text.text, text.len, "Service unavailable; ") &&
	    read_blocked(t, e))
		return true;
	e->kind = code.text[0] == '4' ? MAILLOG_DEFERRED : MAILLOG_REJECTED;
	e->code = (struct maillog_text){code.text, code.len - 1};
	e->reason = text;
	e->from = group(m, REJECTED, t, 4);
	e->to = group(m, REJECTED, t, 5);
	return set_client(e, group(m, REJECTED, t, 1));
}

/* smtpd and cleanup: rejected clients, and the clients of messages. */
static bool
read_receiver(
    struct maillog *m, struct maillog_text *t, struct maillog_event *e)
{
	struct maillog_text whole = *t;

	if (begins(t->text, t->len, "warning: milter ") ||
	    begins(t->text, t->len, "warning: connect to Milter service ")) {
		e->kind = MAILLOG_MILTER;
		return true;
	}
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
	return read_reject(m, &whole, e);
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

/* smtp, lmtp, local, virtual, pipe and other delivery agents. */
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

/* The log does not name the service: the message alone decides. */
static bool
read_any(
    struct maillog *m, const struct maillog_text *t, struct maillog_event *e)
{
	struct maillog_text rest = *t;

	if (read_postscreen(m, &rest, e) || read_receiver(m, &rest, e))
		return true;
	rest = *t;
	if (read_qmgr(m, &rest, e))
		return true;
	rest = *t;
	return read_delivery(m, &rest, e);
}

enum maillog_result
maillog_line(
    struct maillog *m, const char *line, size_t len, struct maillog_event *e)
{
	enum logline_result result;
	struct logline l;
	bool found;

	*e = (struct maillog_event){0};
	if (journal_wants(&m->journal, line, len))
		result = journal_read(&m->journal, &m->time, line, len, &l);
	else
		result = logline_read(&m->time, line, len, &l);
	if (result == LOGLINE_UNKNOWN)
		return MAILLOG_GARBLED;
	if (result == LOGLINE_EMPTY)
		return MAILLOG_EMPTY;
	if (l.service.len == 0)
		return MAILLOG_OTHER;
	e->time = l.time;
	e->host = l.host;
	if (is(&l.service, "postscreen"))
		found = read_postscreen(m, &l.message, e);
	else if (is(&l.service, "smtpd") || is(&l.service, "cleanup"))
		found = read_receiver(m, &l.message, e);
	else if (is(&l.service, "qmgr"))
		found = read_qmgr(m, &l.message, e);
	else if (is(&l.service, "*"))
		found = read_any(m, &l.message, e);
	else
		found = read_delivery(m, &l.message, e);
	return found ? MAILLOG_EVENT : MAILLOG_OTHER;
}
