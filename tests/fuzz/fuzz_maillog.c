/*
 * A mail log: whatever it holds, what comes out is a valid domain list of
 * printable ASCII that names no more than the senders of the zone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/problems.h"
#include "base/text.h"
#include "dns/zone.h"
#include "maillog/advice.h"
#include "expand/expand.h"
#include "expand/listfile.h"

#define NOW 1795341600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two senders that share a provider, and one of its own. */
static const char zone[] =
    "a.example. 300 IN TXT \"v=spf1 include:p.example ~all\"\n"
    "b.example. 300 IN TXT \"v=spf1 redirect=p.example\"\n"
    "p.example. 300 IN TXT \"v=spf1 ip4:11.0.0.0/8 ip6:2a0f:b00::/32\"\n"
    "c.example. 300 IN TXT \"v=spf1 ip4:11.0.0.0/9 exists:%{i}.x ?all\"\n";

static struct answers *
read_answers(void)
{
	FILE *in = fmemopen((void *)(uintptr_t)zone, sizeof(zone) - 1, "r");
	struct problems problems;
	struct answers *as;

	problems_init(&problems);
	if (in == NULL)
		abort();
	as = zone_read(in, "fuzz", NOW, &problems);
	fclose(in);
	if (as == NULL)
		abort();
	return as;
}

static struct blocked blocked;

static void
read_log(struct retries *d, const char *text, size_t size)
{
	struct maillog *m = maillog_open(NOW);
	struct maillog_event e;

	for (size_t at = 0; at < size;) {
		const char *line = text + at;
		const char *end = memchr(line, '\n', size - at);
		size_t len = end != NULL ? (size_t)(end - line) : size - at;
		/* Of its own size, so that nothing behind it is read. */
		char *copy = malloc(len > 0 ? len : 1);

		if (copy == NULL)
			abort();
		memcpy(copy, line, len);
		if (maillog_line(m, copy, len, &e) == MAILLOG_EVENT) {
			retries_event(d, &e);
			if (e.kind == MAILLOG_BLOCKED)
				blocked_event(&blocked, &e);
		}
		free(copy);
		at += len + 1;
	}
	maillog_close(m);
}

/* What is printed must be a list without a mistake. */
static void
check_list(const struct buf *out, size_t terms)
{
	FILE *in = fmemopen(out->data, out->len, "r");
	struct problems problems;
	struct list l;

	list_init(&l);
	problems_init(&problems);
	if (in == NULL || listfile_read(&l, in, "fuzz", &problems) != 0 ||
	    l.n != terms || terms > 3)
		abort();
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] != '\n' && out->data[i] != '\t' &&
		    (out->data[i] < ' ' || out->data[i] > '~'))
			abort();
	fclose(in);
	list_clear(&l);
}

static void
advise(struct retries *d)
{
	static const struct policy policy = {.min_prefix = {1, 1},
	    .max_coverage = {1000000, 1000000},
	    .now = NOW};
	struct advice_summary summary = {.counts = retries_counts(d),
	    .reasons = retries_reasons(d),
	    .blocked = &blocked};
	struct answers *as = read_answers();
	struct evaluator *ev = evaluate_open(as, &policy);
	struct configured known;
	struct problems problems;
	struct advice a;
	struct buf out;
	struct list l;
	size_t n;
	struct delayed_client *clients = retries_finish(d, &n);

	list_init(&l);
	buf_init(&out);
	problems_init(&problems);
	configured_init(&known);
	advice_init(&a, clients, n);
	advice_list(&a, &l);
	blocked_list(&blocked, &l);
	for (size_t i = 0; i < a.nsenders; i++) {
		struct verdict v;

		expand_entry(ev, &l.v[i], &v);
		advice_judge(&a, i, &v, &known);
		addrset_clear(&v.permits);
	}
	for (size_t i = 0; i < blocked.ndomains; i++) {
		struct verdict v;

		expand_entry(ev, &l.v[a.nsenders + i], &v);
		blocked_judge(&blocked, i, &v.permits);
		addrset_clear(&v.permits);
	}
	advice_make(&a, ev, as, &known);
	advice_text(&out, &a, &summary);
	check_list(&out, a.nterms);
	advice_json(&out, &a, &summary);
	buf_clear(&out);
	advice_clear(&a);
	configured_clear(&known);
	list_clear(&l);
	evaluate_close(ev);
	answers_close(as);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct retries_sizes sizes = {.attempts = 6,
	    .sessions = 3,
	    .messages = 4,
	    .domains = 5,
	    .clients = 8};
	struct retries *d = retries_open(&sizes, 42, "later");

	blocked_init(&blocked, 42);
	read_log(d, (const char *)data, size);
	advise(d);
	blocked_clear(&blocked);
	retries_close(d);
	return 0;
}
