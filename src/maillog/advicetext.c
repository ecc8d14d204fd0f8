/*
 * advicetext: advice as list lines with the evidence in comments, or as JSON.
 */
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/text.h"
#include "maillog/advice.h"

#define SENDERS_SHOWN 5 /* of those that a provider's line helps */

static void
add_hours(struct buf *out, int64_t seconds)
{
	buf_printf(out, "%.1f hours", (double)seconds / 3600);
}

static void
add_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	buf_printf(out, "%llu %s", (unsigned long long)n, plural(n, one, many));
}

/* "45s", "93m", "3h", "2.5h" */
static void
add_delay(struct buf *out, int64_t seconds)
{
	int64_t tenths = (seconds + 180) / 360;

	if (seconds < 120)
		buf_printf(out, "%llds", (long long)seconds);
	else if (seconds < 7200 - 30)
		buf_printf(out, "%lldm", (long long)(seconds + 30) / 60);
	else if (tenths % 10 == 0)
		buf_printf(out, "%lldh", (long long)tenths / 10);
	else
		buf_printf(out, "%lld.%lldh", (long long)tenths / 10,
		    (long long)tenths % 10);
}

/* "2026-11-22 14:01:59" */
static void
add_time(struct buf *out, int64_t t)
{
	time_t when = (time_t)t;
	char text[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		buf_puts(out, "?");
	else
		buf_puts(out, text);
}

static void
add_client(struct buf *out, const struct delayed_client *c)
{
	char text[NET_STRLEN];

	buf_puts(out, addr_to_text(c->family, &c->client, text));
}

/* " (3 greylisted, 1 deferred)": by others than postscreen. */
static void
add_causes(struct buf *out, const struct histogram *t)
{
	static const char *const words[HISTOGRAM_CAUSES] = {
	    [HISTOGRAM_GREYLISTING] = "greylisted",
	    [HISTOGRAM_DEFERRED] = "deferred"};
	const char *before = " (";

	for (int i = HISTOGRAM_GREYLISTING; i < HISTOGRAM_CAUSES; i++)
		if (t->by[i] > 0) {
			buf_printf(out, "%s%u %s", before, t->by[i], words[i]);
			before = ", ";
		}
	if (*before == ',')
		buf_puts(out, ")");
}

/* A line for a list, and the evidence. */
static void
add_line(struct buf *out, const struct advice *a, const struct advice_term *t)
{
	const struct histogram *histogram = &t->histogram;

	buf_puts(out, "\n");
	if (t->provider) {
		buf_printf(out, "# helps %zu of your senders: ", t->nsenders);
		for (size_t i = 0; i < t->nsenders && i < SENDERS_SHOWN; i++)
			buf_printf(out, "%s%s", i > 0 ? ", " : "",
			    a->senders[t->senders[i]].domain);
		buf_puts(out, t->nsenders > SENDERS_SHOWN ? ", ...\n" : "\n");
	}
	buf_printf(out, "%s\t# ", t->text);
	add_hours(out, histogram->seconds);
	buf_puts(out, ": ");
	add_count(out, histogram->messages, "message", "messages");
	add_causes(out, histogram);
	buf_puts(out, ", median ");
	add_delay(out, histogram_median(histogram));
	buf_puts(out, ", worst ");
	add_delay(out, histogram->worst);
	buf_puts(out, "; ");
	add_count(out, t->nclients, "address", "addresses");
	buf_puts(out, t->nclients > 1 ? ", such as " : ", ");
	add_client(out, t->example);
	if (t->through != NULL)
		buf_printf(out, "; by include:%s", t->through);
	buf_puts(out, "\n");
}

/* How many senders have which result. */
static void
add_results(struct buf *out, const struct advice *a)
{
	static const struct {
		const char *one, *many, *rest;
	} texts[ADVICE_RESULTS] = {
	    [ADVICE_SUGGESTED] = {"has", "have", "a line below"},
	    [ADVICE_COVERED] = {"is", "are",
		"helped by a provider's line below"},
	    [ADVICE_PERMITTED] = {"is", "are", "permitted already"},
	    [ADVICE_LISTED] = {"is", "are",
		"listed already, but not in the table"},
	    [ADVICE_IGNORED] = {"is", "are", "ignored or excluded by a list"},
	    [ADVICE_NOT_PERMITTED] = {"does", "do",
		"not permit these clients by SPF"},
	    [ADVICE_NOT_ENUMERABLE] = {"has", "have",
		"SPF records that cannot be enumerated"},
	    [ADVICE_NO_RECORD] = {"has", "have", "no SPF record"},
	    [ADVICE_FAILED] = {"could", "could", "not be looked up"},
	};
	size_t n[ADVICE_RESULTS] = {0};

	for (size_t i = 0; i < a->nsenders; i++)
		n[a->senders[i].result]++;
	for (int i = 0; i < ADVICE_RESULTS; i++)
		if (n[i] > 0)
			buf_printf(out, "#   %zu %s %s\n", n[i],
			    plural(n[i], texts[i].one, texts[i].many),
			    texts[i].rest);
}

/* Attempts that no message followed. Without delivery agents in the log, a
 * message answers for one of its recipients. */
static uint64_t
unanswered(const struct retries_counts *c)
{
	return c->senders > c->answered ? c->senders - c->answered : 0;
}

/* Rejects by DNSBLs of clients that the sender's record permits. */
static void
add_blocked(struct buf *out, const struct blocked *b)
{
	bool any = false;

	for (size_t i = 0; i < b->ndomains; i++) {
		const struct blocked_domain *d = &b->domains[i];
		char text[NET_STRLEN];

		if (d->permitted == 0)
			continue;
		if (!any)
			buf_puts(out, "\n# Rejected because a DNSBL lists the "
				      "client, although the sender's record "
				      "permits it.\n# This mail was lost; it "
				      "may have been spam. To permit a sender, "
				      "list its domain.\n");
		any = true;
		buf_printf(out, "#   %s: ", d->clients[0]->domain);
		add_count(out, d->times, "time", "times");
		for (unsigned k = 0; k < b->nnames; k++)
			if ((d->dnsbls & UINT32_C(1) << k) != 0)
				buf_printf(out, ", %s", b->names[k]);
		buf_puts(out, "; ");
		add_count(out, d->permitted, "address", "addresses");
		buf_printf(out, "%s%s\n",
		    d->permitted > 1 ? ", such as " : ", ",
		    addr_to_text(
			d->example->family, &d->example->client, text));
	}
}

void
advice_text(
    struct buf *out, const struct advice *a, const struct advice_summary *s)
{
	const struct retries_counts *c = s->counts;

	buf_puts(out, "# postpermit suggest: ");
	add_count(out, s->lines, "line", "lines");
	if (c->first != 0) {
		buf_puts(out, " from ");
		add_time(out, c->first);
		buf_puts(out, " to ");
		add_time(out, c->last);
	}
	buf_puts(out, "\n# ");
	add_count(out, a->histogram.messages, "message", "messages");
	buf_puts(out, " of ");
	add_count(out, a->nsenders, "sender domain", "sender domains");
	buf_puts(out, " delayed, ");
	add_hours(out, a->histogram.seconds);
	buf_puts(out, a->nsenders > 0 ? " in all. Of these:\n" : "\n");
	add_results(out, a);
	if (unanswered(c) > 0) {
		buf_puts(out, "# ");
		add_count(out, unanswered(c), "attempt", "attempts");
		buf_puts(out, " that no message followed\n");
	}
	for (size_t i = 0; i < a->nterms; i++)
		add_line(out, a, &a->terms[i]);
	add_blocked(out, s->blocked);
}

/* ---- JSON ---- */

const char *
advice_result_text(enum advice_result result)
{
	static const char *const texts[ADVICE_RESULTS] = {
	    [ADVICE_SUGGESTED] = "suggested",
	    [ADVICE_COVERED] = "covered",
	    [ADVICE_PERMITTED] = "permitted",
	    [ADVICE_LISTED] = "listed",
	    [ADVICE_IGNORED] = "ignored",
	    [ADVICE_NOT_PERMITTED] = "not-permitted",
	    [ADVICE_NOT_ENUMERABLE] = "not-enumerable",
	    [ADVICE_NO_RECORD] = "no-record",
	    [ADVICE_FAILED] = "failed",
	};

	return texts[result];
}

static void
add_tally(struct json *j, const struct histogram *t)
{
	json_number(j, "messages", t->messages);
	json_number(j, "greylisted", t->by[HISTOGRAM_GREYLISTING]);
	json_number(j, "deferred", t->by[HISTOGRAM_DEFERRED]);
	json_number(j, "seconds", t->seconds);
	json_number(j, "median", histogram_median(t));
	json_number(j, "worst", t->worst);
}

static void
add_term(struct json *j, const struct advice *a, const struct advice_term *t)
{
	struct buf example;

	buf_init(&example);
	add_client(&example, t->example);
	json_object(j, NULL, JSON_ROW);
	json_string(j, "term", t->text);
	add_tally(j, &t->histogram);
	json_number(j, "addresses", (int64_t)t->nclients);
	json_string(j, "example", example.data);
	json_string(j, "provider", t->through);
	json_array(j, "senders", JSON_ROW);
	for (size_t i = 0; i < t->nsenders; i++)
		json_string(j, NULL, a->senders[t->senders[i]].domain);
	json_end(j);
	json_end(j);
	buf_clear(&example);
}

static void
add_sender(struct json *j, const struct advice_sender *s)
{
	json_object(j, NULL, JSON_ROW);
	json_string(j, "domain", s->domain);
	add_tally(j, &s->histogram);
	json_number(j, "addresses", (int64_t)s->n);
	json_string(j, "result", advice_result_text(s->result));
	json_end(j);
}

static void
add_blocked_domain(struct json *j, const struct blocked *b, size_t i)
{
	const struct blocked_domain *d = &b->domains[i];
	char text[NET_STRLEN];

	if (d->permitted == 0)
		return;
	json_object(j, NULL, JSON_ROW);
	json_string(j, "domain", d->clients[0]->domain);
	json_number(j, "rejects", (int64_t)d->times);
	json_array(j, "dnsbls", JSON_ROW);
	for (unsigned k = 0; k < b->nnames; k++)
		if ((d->dnsbls & UINT32_C(1) << k) != 0)
			json_string(j, NULL, b->names[k]);
	json_end(j);
	json_number(j, "addresses", (int64_t)d->permitted);
	json_string(j, "example",
	    addr_to_text(d->example->family, &d->example->client, text));
	json_end(j);
}

static void
add_reason(struct json *j, const struct reason *r)
{
	if (r->times == 0)
		return;
	json_object(j, NULL, JSON_ROW);
	json_string(j, "text", r->text);
	json_number(j, "rejects", (int64_t)r->times);
	json_number(j, "skipped", (int64_t)r->passed);
	json_number(j, "followed", (int64_t)r->followed);
	json_end(j);
}

void
advice_json(
    struct buf *out, const struct advice *a, const struct advice_summary *s)
{
	const struct retries_counts *c = s->counts;
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL, JSON_LINES);
	json_string(&j, "generator", "postpermit " PACKAGE_VERSION);
	json_number(&j, "lines", (int64_t)s->lines);
	json_number(&j, "first", c->first > 0 ? c->first : 0);
	json_number(&j, "last", c->last > 0 ? c->last : 0);
	json_number(&j, "attempts", (int64_t)c->attempts);
	json_number(&j, "unanswered", (int64_t)unanswered(c));
	json_number(&j, "delayed", (int64_t)a->histogram.messages);
	json_array(&j, "suggestions", JSON_LINES);
	for (size_t i = 0; i < a->nterms; i++)
		add_term(&j, a, &a->terms[i]);
	json_end(&j);
	json_array(&j, "senders", JSON_LINES);
	for (size_t i = 0; i < a->nsenders; i++)
		add_sender(&j, &a->senders[i]);
	json_end(&j);
	json_array(&j, "blocked", JSON_LINES);
	for (size_t i = 0; i < s->blocked->ndomains; i++)
		add_blocked_domain(&j, s->blocked, i);
	json_end(&j);
	json_array(&j, "reasons", JSON_LINES);
	for (unsigned i = 0; i <= REASONS_MAX; i++)
		add_reason(&j, &s->reasons->v[i]);
	json_end(&j);
	json_end(&j);
}
