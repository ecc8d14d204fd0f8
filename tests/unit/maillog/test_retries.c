/*
 * Tests of delays: which message answers which attempt, what is forgotten, and
 * that tallies are right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "maillog/retries.h"

#define START 1795341600

/* Lines in a short notation; see play(). */
struct fixture {
	struct retries *d;
	struct delayed_client *clients;
	size_t n;
};

static struct maillog_text
text(const char *s)
{
	return (struct maillog_text){s, s == NULL ? 0 : strlen(s)};
}

/* One event, so many seconds after START. */
static void
event(struct fixture *f, int64_t at, enum maillog_kind kind, const char *id,
    const char *client, const char *from, const char *to)
{
	struct maillog_event e = {.kind = kind, .time = START + at};

	e.host = text("mx");
	e.queue_id = text(id);
	e.from = text(from);
	e.to = text(to);
	e.port = 1;
	if (client != NULL)
		assert_int_equal(
		    addr_from_text(client, &e.family, &e.client), 0);
	retries_event(f->d, &e);
}

static void
begin(struct fixture *f, const struct retries_sizes *sizes)
{
	f->d = retries_open(sizes != NULL ? sizes : &retries_default_sizes, 42,
	    "please wait, odd text");
}

/* What came out, a client a line. */
static void
expect(struct fixture *f, const char *expected)
{
	char address[NET_STRLEN];
	struct buf b;

	f->clients = retries_finish(f->d, &f->n);
	buf_init(&b);
	buf_puts(&b, "");
	for (size_t i = 0; i < f->n; i++) {
		const struct delayed_client *c = &f->clients[i];

		buf_printf(&b, "%s %s %u %lld %lld\n", c->domain,
		    addr_to_text(c->family, &c->client, address),
		    c->histogram.messages, (long long)c->histogram.seconds,
		    (long long)c->histogram.worst);
	}
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

#define A "192.0.2.1"
#define B "192.0.2.2"
#define C "2001:db8::1"

static void
told(struct fixture *f, int64_t at, const char *client, const char *from,
    const char *to)
{
	event(f, at, MAILLOG_SCREENED, NULL, client, from, to);
}

/* A message from that client's first line to its last. */
static void
message(struct fixture *f, int64_t at, const char *id, const char *client,
    const char *from, const char *to)
{
	event(f, at, MAILLOG_CLIENT, id, client, NULL, NULL);
	event(f, at + 1, MAILLOG_SENDER, id, NULL, from, NULL);
	if (to != NULL)
		event(f, at + 2, MAILLOG_RECIPIENT, id, NULL, NULL, to);
	event(f, at + 3, MAILLOG_REMOVED, id, NULL, NULL, NULL);
}

static void
test_retries(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@One.example", "u@here");
	told(&f, 600, B, "x@one.example", "U@here");
	told(&f, 700, B, "x@one.example", "u@here");
	told(&f, 800, A, "x@one.example", "u@here");
	told(&f, 1000, C, "y@two.example", "u@here");
	/* Another sender, another recipient. */
	message(&f, 2000, "A00001", C, "z@one.example", "u@here");
	message(&f, 2000, "A00002", C, "x@one.example", "v@here");
	message(&f, 3600, "A00003", C, "x@ONE.example", "u@here");
	message(&f, 3700, "A00004", C, "x@one.example", "u@here");
	message(&f, 4600, "A00005", C, "y@two.example.", "u@here");
	message(&f, 4600, "A00006", C, "y@two.example", "u@here");
	expect(&f, "one.example 192.0.2.1 1 3600 3600\n"
		   "one.example 192.0.2.2 0 0 0\n"
		   "two.example 2001:db8::1 1 3600 3600\n");
	assert_int_equal(retries_counts(f.d)->attempts, 5);
	assert_int_equal(retries_counts(f.d)->delayed, 2);
	retries_close(f.d);
}

/* Of the addresses that an attempt comes from, four count. */
static void
test_many_clients(void **state)
{
	struct fixture f;
	char client[NET_STRLEN];

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@one.example", "u@here");
	told(&f, 60, C, "x@one.example", "u@here");
	for (int i = 10; i < 20; i++) {
		snprintf(client, sizeof(client), "192.0.2.%d", i);
		told(&f, 60 + i, client, "x@one.example", "u@here");
	}
	message(&f, 3600, "A00001", B, "x@one.example", "u@here");
	expect(&f, "one.example 192.0.2.1 1 3600 3600\n"
		   "one.example 192.0.2.10 0 0 0\n"
		   "one.example 192.0.2.11 0 0 0\n"
		   "one.example 2001:db8::1 0 0 0\n");
	retries_close(f.d);
}

/* A queue id that is used again is another message. */
static void
test_queue_ids_come_back(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@one.example", "u@here");
	told(&f, 0, A, "y@two.example", "u@here");
	/* The log has nothing of the end of the first one. */
	event(&f, 100, MAILLOG_CLIENT, "A00001", A, NULL, NULL);
	event(&f, 100, MAILLOG_SENDER, "A00001", NULL, "x@one.example", NULL);
	message(&f, 200, "A00001", A, "y@two.example", "u@here");
	expect(&f, "two.example 192.0.2.1 1 200 200\n");
	retries_close(f.d);
}

/* Several recipients are one message; several messages are several. */
static void
test_recipients(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@one.example", "u@here");
	told(&f, 0, A, "x@one.example", "v@here");
	told(&f, 0, A, "x@one.example", "w@here");
	event(&f, 100, MAILLOG_CLIENT, "A00001", B, NULL, NULL);
	event(&f, 100, MAILLOG_SENDER, "A00001", NULL, "x@one.example", NULL);
	event(&f, 100, MAILLOG_RECIPIENT, "A00001", NULL, NULL, "u@here");
	event(&f, 900, MAILLOG_SENDER, "A00001", NULL, "x@one.example", NULL);
	event(&f, 900, MAILLOG_RECIPIENT, "A00001", NULL, NULL, "v@here");
	message(&f, 200, "A00002", B, "x@one.example", "w@here");
	expect(&f, "one.example 192.0.2.1 2 300 200\n");
	retries_close(f.d);
}

/* A log without delivery agents: the sender has to do. */
static void
test_by_sender(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@one.example", "u@here");
	message(&f, 60, "A00001", B, "x@one.example", NULL);
	message(&f, 90, "A00002", B, "x@one.example", NULL);
	told(&f, 100, A, "x@two.example", "u@here");
	event(&f, 160, MAILLOG_SENDER, "A00003", NULL, "x@two.example", NULL);
	expect(&f, "one.example 192.0.2.1 1 60 60\n"
		   "two.example 192.0.2.1 1 60 60\n");
	retries_close(f.d);
}

static void
test_time(void **state)
{
	const int64_t limit = RETRIES_DAYS * 86400;
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	told(&f, 0, A, "x@in.example", "u@here");
	told(&f, 0, A, "x@late.example", "u@here");
	told(&f, 5000, A, "x@before.example", "u@here");
	message(&f, 4000, "A00001", B, "x@before.example", "u@here");
	message(&f, limit, "A00002", B, "x@in.example", "u@here");
	message(&f, limit + 1, "A00003", B, "x@late.example", "u@here");
	/* Told again, it begins anew. */
	told(&f, limit + 10, A, "x@late.example", "u@here");
	message(&f, limit + 20, "A00004", B, "x@late.example", "u@here");
	expect(&f, "in.example 192.0.2.1 1 432000 432000\n"
		   "late.example 192.0.2.1 1 10 10\n");
	retries_close(f.d);
}

/* Clients that passed the tests and left without naming a sender. */
static void
test_left(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	event(&f, 0, MAILLOG_PASS, NULL, A, NULL, NULL);
	event(&f, 1, MAILLOG_DISCONNECT, NULL, A, NULL, NULL);
	event(&f, 100, MAILLOG_PASS, NULL, A, NULL, NULL);
	event(&f, 101, MAILLOG_DISCONNECT, NULL, A, NULL, NULL);
	message(&f, 301, "A00001", A, "x@one.example", "u@here");
	message(&f, 400, "A00002", A, "x@one.example", "u@here");
	/* Where the log begins, some are gone that it does not show coming. */
	event(&f, 450, MAILLOG_DISCONNECT, NULL, B, NULL, NULL);
	message(&f, 460, "A00006", B, "x@six.example", "u@here");
	/* It went on to smtpd; it was told; it comes too late. */
	event(&f, 500, MAILLOG_PASS, NULL, B, NULL, NULL);
	message(&f, 501, "A00003", B, "x@two.example", "u@here");
	told(&f, 600, C, "x@three.example", "u@here");
	event(&f, 600, MAILLOG_PASS, NULL, C, NULL, NULL);
	event(&f, 600, MAILLOG_DISCONNECT, NULL, C, NULL, NULL);
	message(&f, 700, "A00004", C, "x@four.example", "u@here");
	event(&f, 800, MAILLOG_PASS, NULL, "192.0.2.9", NULL, NULL);
	event(&f, 801, MAILLOG_DISCONNECT, NULL, "192.0.2.9", NULL, NULL);
	message(&f, 802 + RETRIES_RETURN_HOURS * 3600, "A00005", "192.0.2.9",
	    "x@five.example", "u@here");
	expect(&f, "one.example 192.0.2.1 1 300 300\n");
	retries_close(f.d);
}

static void
test_senders(void **state)
{
	static const char *const odd[] = {"x", "x@", "x@one", "x@[192.0.2.1]",
	    "x@one..example", "x@.example", "x@one.example..", "x@a b.example",
	    "x@-a.example", "x@\xc3\xa4.example", "@"};
	struct fixture f;

	(void)state;
	begin(&f, NULL);
	for (size_t i = 0; i < COUNT(odd); i++) {
		told(&f, 0, A, odd[i], "u@here");
		message(&f, 60, "A00001", B, odd[i], "u@here");
	}
	told(&f, 0, A, "", "u@here");
	message(&f, 60, "A00001", B, "", "u@here");
	told(&f, 0, A, "\"a@b c\"@_x.one-2.example", "u@here");
	message(&f, 60, "A00001", B, "\"a@b c\"@_x.one-2.example", "u@here");
	expect(&f, "_x.one-2.example 192.0.2.1 1 60 60\n");
	assert_int_equal(retries_counts(f.d)->odd_sender, COUNT(odd));
	assert_int_equal(retries_counts(f.d)->no_sender, 1);
	retries_close(f.d);
}

/* More than there is room for: counted, and the newest counts. */
static void
test_bounds(void **state)
{
	const struct retries_sizes small = {.attempts = 8,
	    .sessions = 2,
	    .messages = 4,
	    .domains = 3,
	    .clients = 2};
	struct fixture f;
	struct buf from;

	(void)state;
	begin(&f, &small);
	buf_init(&from);
	for (int i = 0; i < 100; i++) {
		from.len = 0;
		buf_printf(&from, "x@d%d.example", i);
		told(&f, 0, A, from.data, "u@here");
	}
	assert_int_equal(retries_counts(f.d)->forgotten, 92);
	for (int i = 0; i < 100; i++) {
		from.len = 0;
		buf_printf(&from, "x@d%d.example", i);
		message(&f, 60, "A00001", B, from.data, "u@here");
	}
	buf_clear(&from);
	/* Eight come, three domains and two clients have room. */
	assert_int_equal(retries_counts(f.d)->delayed, 3);
	assert_int_equal(retries_counts(f.d)->overflow, 5 + 1);
	expect(&f, "d92.example 192.0.2.1 1 60 60\n"
		   "d93.example 192.0.2.1 1 60 60\n");
	retries_close(f.d);
}

static void
test_tally(void **state)
{
	struct histogram t = {0}, more = {0};
	int64_t worst = 0;

	(void)state;
	assert_int_equal(histogram_median(&t), 0);
	for (int64_t s = 0; s < 10 * 86400; s = s + s / 7 + 1) {
		struct histogram one = {0}, three = {0};
		int64_t median;

		histogram_count(&one, HISTOGRAM_POSTSCREEN, s);
		assert_int_equal(histogram_median(&one), s);
		histogram_count(&three, HISTOGRAM_POSTSCREEN, 0);
		histogram_count(&three, HISTOGRAM_POSTSCREEN, s);
		histogram_count(&three, HISTOGRAM_POSTSCREEN, INT64_C(1) << 40);
		median = histogram_median(&three);
		assert_true(8 * llabs(median - s) <= s);
		histogram_count(&more, HISTOGRAM_GREYLISTING, s);
		worst = s;
	}
	histogram_count(&t, HISTOGRAM_POSTSCREEN, 5);
	histogram_add(&t, &more);
	assert_int_equal(t.messages, more.messages + 1);
	assert_int_equal(t.by[HISTOGRAM_GREYLISTING], more.messages);
	assert_int_equal(t.seconds, more.seconds + 5);
	assert_int_equal(t.worst, worst);
	/* Full buckets stay full. */
	for (int i = 0; i < 70000; i++)
		histogram_count(&t, HISTOGRAM_POSTSCREEN, 100);
	histogram_add(&t, &t);
	assert_true(labs((long)histogram_median(&t) - 100) <= 13);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_retries),
	    cmocka_unit_test(test_many_clients),
	    cmocka_unit_test(test_queue_ids_come_back),
	    cmocka_unit_test(test_recipients),
	    cmocka_unit_test(test_by_sender),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_left),
	    cmocka_unit_test(test_senders),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_tally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
