/*
 * Tests of maillog: what each kind of line says, and lines that only look like
 * one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "maillog/maillog.h"

#define NOW 1795341600 /* 2026-11-22 10:00:00 UTC */

static void
add(struct buf *b, const char *name, const struct maillog_text *t)
{
	if (t->len > 0)
		buf_printf(b, " %s=%.*s", name, (int)t->len, t->text);
}

/* A line in a few words. */
static void
describe(struct buf *b, struct maillog *m, const char *line)
{
	static const char *const kinds[] = {
	    [MAILLOG_SCREENED] = "screened",
	    [MAILLOG_DEFERRED] = "deferred",
	    [MAILLOG_REJECTED] = "rejected",
	    [MAILLOG_BLOCKED] = "blocked",
	    [MAILLOG_PERMITTED] = "permitted",
	    [MAILLOG_MILTER] = "milter",
	    [MAILLOG_PASS] = "pass",
	    [MAILLOG_DISCONNECT] = "disconnect",
	    [MAILLOG_CLIENT] = "client",
	    [MAILLOG_SENDER] = "sender",
	    [MAILLOG_RECIPIENT] = "recipient",
	    [MAILLOG_REMOVED] = "removed",
	};
	char address[NET_STRLEN];
	struct maillog_event e;
	size_t len = strlen(line);
	/* Of its own size, so that nothing behind it is read unnoticed. */
	char *copy = xstrndup(line, len);
	char *exact = memcpy(xmalloc(len), copy, len);

	free(copy);
	switch (maillog_line(m, exact, len, &e)) {
	case MAILLOG_OTHER:
		buf_puts(b, "other");
		break;
	case MAILLOG_EMPTY:
		buf_puts(b, "empty");
		break;
	case MAILLOG_GARBLED:
		buf_puts(b, "garbled");
		break;
	case MAILLOG_EVENT:
		buf_puts(b, kinds[e.kind]);
		if (e.client.hi != 0 || e.client.lo != 0)
			buf_printf(b, " %s",
			    addr_to_text(e.family, &e.client, address));
		if (e.port != 0)
			buf_printf(b, ":%u", e.port);
		add(b, "id", &e.queue_id);
		add(b, "from", &e.from);
		add(b, "to", &e.to);
		add(b, "orig", &e.orig_to);
		add(b, "code", &e.code);
		add(b, "reason", &e.reason);
		add(b, "dnsbl", &e.dnsbl);
		add(b, "client", &e.blocked);
	}
	free(exact);
}

static void
expect(const char *text, const char *expected)
{
	struct maillog *m = maillog_open(NOW);
	struct buf b, line;

	buf_init(&b);
	buf_init(&line);
	buf_printf(&line, "Nov 22 09:00:00 mx %s", text);
	describe(&b, m, line.data);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
	buf_clear(&line);
	maillog_close(m);
}

#define POSTSCREEN "postfix/postscreen[1]: "
#define TOLD POSTSCREEN "NOQUEUE: reject: RCPT from "
#define SORRY "450 4.3.2 Service currently unavailable; "

static void
test_postscreen(void **state)
{
	(void)state;
	expect(TOLD "[192.0.2.1]:1024: " SORRY
		    "from=<a@b.example>, to=<c@d.example>, proto=ESMTP, "
		    "helo=<x>",
	    "screened 192.0.2.1:1024 from=a@b.example to=c@d.example");
	expect(TOLD "[2001:db8::1]:1024: " SORRY
		    "from=<>, to=<c@d.example>, proto=SMTP",
	    "screened 2001:db8::1:1024 to=c@d.example");
	expect("postfix-in/postscreen[77777]: PASS NEW [192.0.2.1]:65535",
	    "pass 192.0.2.1:65535");
	expect("mx1/postscreen[1]: DISCONNECT [2001:db8::1]:25",
	    "disconnect 2001:db8::1:25");
	expect(POSTSCREEN "PASS OLD [192.0.2.1]:1", "other");
	expect(POSTSCREEN "PASS NEW 192.0.2.1:1", "other");
	expect(POSTSCREEN "DISCONNECT [192.0.2.1]", "other");
	expect(POSTSCREEN "ALLOWLISTED [192.0.2.1]:1", "permitted 192.0.2.1:1");
	expect(POSTSCREEN "WHITELISTED [192.0.2.1]:1", "permitted 192.0.2.1:1");
	expect(
	    POSTSCREEN "CONNECT from [192.0.2.1]:1 to [192.0.2.2]:25", "other");
	/* Refused for good. */
	expect(TOLD "[192.0.2.1]:1: 550 5.7.1 Service unavailable; client "
		    "[192.0.2.1] blocked using bl.example; from=<a@b.example>, "
		    "to=<c@d.example>, proto=ESMTP, helo=<x>",
	    "blocked from=a@b.example dnsbl=bl.example client=192.0.2.1");
	expect("postfix/smtpd[1]: NOQUEUE: reject: RCPT from "
	       "a.example[192.0.2.1]: 554 5.7.1 Service unavailable; Client "
	       "host [192.0.2.1] blocked using bl.example; "
	       "https://bl.example/q?ip=192.0.2.1; from=<a@b.example> "
	       "to=<c@d.example> proto=ESMTP helo=<x>",
	    "blocked id=NOQUEUE from=a@b.example dnsbl=bl.example "
	    "client=192.0.2.1");
	expect(TOLD "[192.0.2.256]:1: " SORRY
		    "from=<a@b.example>, to=<c@d.example>, proto=ESMTP",
	    "other");
	expect(
	    TOLD "[192.0.2.1]:1: " SORRY "from=<a@b.example>, to=<c", "other");
}

static void
test_forged(void **state)
{
	(void)state;
	/* Who controls an address could write what follows it. */
	expect(TOLD "[192.0.2.1]:1: " SORRY
		    "from=<x>, to=<a@b.example>, proto=ESMTP, "
		    "helo=<x>@evil.example>, to=<c@d.example>, proto=ESMTP",
	    "screened 192.0.2.1:1 from=x to=a@b.example");
	expect(TOLD "[192.0.2.1]:1: " SORRY
		    "from=<x>@bank.example>, to=<c@d.example>, proto=ESMTP",
	    "other");
	/* Another program's line, and a host name that looks like a tag. */
	expect("sshd[1]: Invalid user " TOLD "[192.0.2.1]:1: " SORRY
	       "from=<a@b.example>, to=<c@d.example>, proto=ESMTP",
	    "other");
	expect("postscreen[1]: PASS NEW [192.0.2.1]:1", "other");
	expect(
	    "postfix/postscreen: PASS NEW [192.0.2.1]:1", "pass 192.0.2.1:1");
	expect("postfix/smtpd[1]: 4bXyZ12: client=x[192.0.2.1], "
	       "sasl_username=, orig_client=y[192.0.2.9]",
	    "client 192.0.2.1 id=4bXyZ12");
}

static void
test_smtpd(void **state)
{
	(void)state;
	expect("postfix/smtpd[1]: A1B2C3: client=a.example[192.0.2.1]",
	    "client 192.0.2.1 id=A1B2C3");
	expect("postfix/submission/smtpd[1]: 4bXyZ12: "
	       "client=unknown[2001:db8::1]:4000, sasl_method=PLAIN",
	    "client 2001:db8::1 id=4bXyZ12");
	expect("postfix/smtpd[1]: 4bXyZ12: client=localhost[127.0.0.1], "
	       "orig_queue_id=A1B2C3, orig_client=a.example[192.0.2.7]",
	    "client 192.0.2.7 id=4bXyZ12");
	expect("postfix/smtpd[1]: connect from a.example[192.0.2.1]", "other");
	expect("postfix/smtpd[1]: A1B2C3: client=a.example", "other");
	expect(
	    "postfix/smtpd[1]: NOQUEUE: client=a.example[192.0.2.1]", "other");
}

#define REJECT \
	"postfix/smtpd[1]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: "
#define ENVELOPE "; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>"

static void
test_rejects(void **state)
{
	(void)state;
	expect(REJECT "450 4.2.0 <c@d.example>: Recipient address rejected: "
		      "Greylisted, see http://postgrey.example/d.html" ENVELOPE,
	    "deferred 192.0.2.1 id=NOQUEUE from=a@b.example to=c@d.example "
	    "code=450 4.2.0 reason=Recipient address rejected: Greylisted, "
	    "see http://postgrey.example/d.html");
	expect("postfix/smtpd[1]: NOQUEUE: milter-reject: RCPT from "
	       "a.example[192.0.2.1]:99: 451 4.7.1 Come back; in 5 "
	       "minutes" ENVELOPE,
	    "deferred 192.0.2.1 id=NOQUEUE from=a@b.example to=c@d.example "
	    "code=451 4.7.1 reason=Come back; in 5 minutes");
	expect("postfix/cleanup[1]: A1B2C3: milter-reject: END-OF-MESSAGE from "
	       "a.example[192.0.2.1]: 4.7.1 Try again later" ENVELOPE,
	    "deferred 192.0.2.1 id=A1B2C3 from=a@b.example to=c@d.example "
	    "code=4.7.1 reason=Try again later");
	expect(REJECT "451 busy" ENVELOPE,
	    "deferred 192.0.2.1 id=NOQUEUE from=a@b.example to=c@d.example "
	    "code=451 reason=busy");
	expect("postfix/cleanup[1]: A1B2C3: message-id=<greylist@a.example>",
	    "other");
	/* Words of the client's are not the server's. */
	expect(REJECT "450 4.7.1 <greylisted@d.example>: Recipient address "
		      "rejected: busy" ENVELOPE,
	    "deferred 192.0.2.1 id=NOQUEUE from=a@b.example to=c@d.example "
	    "code=450 4.7.1 reason=Recipient address rejected: busy");
	expect(REJECT "550 5.7.1 <c@d.example>: Recipient address rejected: "
		      "not greylisted" ENVELOPE,
	    "rejected 192.0.2.1 id=NOQUEUE from=a@b.example to=c@d.example "
	    "code=550 5.7.1 reason=Recipient address rejected: not "
	    "greylisted");
	expect("postfix/smtpd[1]: warning: connect to Milter service "
	       "inet:localhost:1: Connection refused",
	    "milter");
	expect("postfix/cleanup[1]: warning: milter inet:localhost:1: can't "
	       "read SMFIC_BODYEOB reply packet header: Success",
	    "milter");
}

static void
test_queue(void **state)
{
	(void)state;
	expect("postfix/qmgr[1]: A1B2C3: from=<a@b.example>, size=1, nrcpt=1 "
	       "(queue active)",
	    "sender id=A1B2C3 from=a@b.example");
	expect("postfix/qmgr[1]: A1B2C3: from=<>, size=1, nrcpt=1 (queue "
	       "active)",
	    "sender id=A1B2C3");
	expect("postfix/qmgr[1]: A1B2C3: removed", "removed id=A1B2C3");
	expect(
	    "postfix/qmgr[1]: A1B2C3: skipped, still being delivered", "other");
	expect("postfix/qmgr[1]: A1B2: removed", "other");
	expect("postfix/lmtp[1]: 4bXyZ12: to=<c@d.example>, relay=x, delay=1",
	    "recipient id=4bXyZ12 to=c@d.example");
	expect("postfix/pipe[1]: 4bXyZ12: to=<c@e.example>, "
	       "orig_to=<c@d.example>, relay=x, delay=1",
	    "recipient id=4bXyZ12 to=c@e.example orig=c@d.example");
	expect("postfix/error[1]: 4bXyZ12: to=<c@d.example>, delay=1", "other");
}

static void
test_garbled(void **state)
{
	static const char *const lines[] = {
	    "x",
	    "Nov 22 10:00:00",
	    "Nov 22 10:00:00 ",
	    "Nov 22 10:00:00 mx",
	    "Nov 22 10:00:00 mx ",
	    "Nov 22 10:00:00 mx postfix/qmgr",
	    "Nov 22 10:00:00 mx postfix/qmgr[1",
	    "Nov 22 10:00:00mx postfix/qmgr[1]: A1B2C3: removed",
	};
	static const char *const others[] = {
	    "Nov 22 10:00:00 mx postfix/qmgr[1]:",
	    "Nov 22 10:00:00 mx postfix/qmgr[1]: ",
	    "Nov 22 10:00:00 mx postfix/qmgr[1]: A1B2C3",
	    "Nov 22 10:00:00 mx postfix/[1]: A1B2C3: removed",
	    "Nov 22 10:00:00 mx kernel: x",
	};
	struct maillog *m = maillog_open(NOW);
	struct buf b;

	(void)state;
	buf_init(&b);
	for (size_t i = 0; i < COUNT(lines) + COUNT(others); i++) {
		bool garbled = i < COUNT(lines);

		b.len = 0;
		describe(&b, m, garbled ? lines[i] : others[i - COUNT(lines)]);
		assert_string_equal(b.data, garbled ? "garbled" : "other");
	}
	buf_clear(&b);
	maillog_close(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_postscreen),
	    cmocka_unit_test(test_forged),
	    cmocka_unit_test(test_smtpd),
	    cmocka_unit_test(test_rejects),
	    cmocka_unit_test(test_queue),
	    cmocka_unit_test(test_garbled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
