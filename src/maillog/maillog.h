/*
 * maillog: a line of Postfix's log to an event. Pure, except for the year,
 * which syslog's time stamps leave out. Nothing in a line is trusted: clients
 * choose the names and addresses in it.
 */
#ifndef MAILLOG_H
#define MAILLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "maillog/logline.h"

enum maillog_kind {
	MAILLOG_SCREENED,   /* postscreen told a client to come back */
	MAILLOG_DEFERRED,   /* smtpd or a milter did: greylisting, for one */
	MAILLOG_REJECTED,   /* smtpd or a milter refused a client for good */
	MAILLOG_BLOCKED,    /* the same for a client that a DNSBL lists */
	MAILLOG_PERMITTED,  /* postscreen: ALLOWLISTED */
	MAILLOG_PASS,       /* postscreen: PASS NEW */
	MAILLOG_DISCONNECT, /* postscreen: the client left */
	MAILLOG_CLIENT,     /* smtpd: a message begins, its client */
	MAILLOG_SENDER,     /* qmgr: the message's envelope sender */
	MAILLOG_RECIPIENT,  /* a delivery agent: one of its recipients */
	MAILLOG_REMOVED,    /* qmgr: the message is done */
	MAILLOG_MILTER      /* a milter failed */
};

/* Members that a kind of event does not have are empty. */
struct maillog_event {
	enum maillog_kind kind;
	int64_t time; /* seconds since 1970 */
	struct maillog_text host, queue_id;
	struct maillog_text from, to;     /* addresses, without < and > */
	struct maillog_text orig_to;      /* to before it was rewritten */
	struct maillog_text code, reason; /* of a reject: "450 4.2.0", text */
	struct maillog_text dnsbl;        /* that lists the client */
	struct maillog_text blocked;      /* that client, still as text */
	enum family family;               /* the client's */
	struct addr client;
	unsigned port;
};

enum maillog_result {
	MAILLOG_EVENT,
	MAILLOG_OTHER,  /* a line of a log, with nothing for us */
	MAILLOG_EMPTY,  /* a remark, or part of an entry */
	MAILLOG_GARBLED /* no line of a log: no time or no program */
};

struct maillog; /* the patterns, and the year so far */

/* now: seconds since 1970, see logtime_init(). */
struct maillog *maillog_open(int64_t now);
void maillog_close(struct maillog *m);

/* Another file begins. */
void maillog_begin(struct maillog *m);

/*
 * Reads one line, without its newline; NULL: one that was too long to keep.
 * The event points into the line, or into m. See logtime.h for its time.
 */
enum maillog_result maillog_line(
    struct maillog *m, const char *line, size_t len, struct maillog_event *e);

#endif
