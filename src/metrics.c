/*
 * metrics: a file for node_exporter's textfile collector, in the Prometheus
 * text exposition format.
 */
#include "metrics.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/text.h"
#include "table/install.h"

static void
gauge(struct buf *b, const char *name, const char *help, double value)
{
	buf_printf(b,
	    "# HELP postpermit_%s %s\n# TYPE postpermit_%s gauge\n"
	    "postpermit_%s %.17g\n",
	    name, help, name, name, value);
}

/* A gauge with one value a table. */
static void
table_gauge(struct buf *b, struct session *r, const char *name,
    const char *help, double (*value)(struct expansion *x))
{
	static const char *const tables[LISTS] = {"permit", "reject"};

	buf_printf(b, "# HELP postpermit_%s %s\n# TYPE postpermit_%s gauge\n",
	    name, help, name);
	for (int i = 0; i < LISTS; i++)
		buf_printf(b, "postpermit_%s{table=\"%s\"} %.17g\n", name,
		    tables[i], value(&r->expansions[i]));
}

static double
domains(struct expansion *x)
{
	return (double)x->domains;
}

static double
nets4(struct expansion *x)
{
	return (double)addrset_count_nets(&x->permits, IPV4);
}

static double
nets6(struct expansion *x)
{
	return (double)addrset_count_nets(&x->permits, IPV6);
}

static double
addresses4(struct expansion *x)
{
	return addrset_addresses(&x->permits, IPV4);
}

static double
addresses6(struct expansion *x)
{
	return addrset_addresses(&x->permits, IPV6);
}

/* When a file was replaced last, seconds since 1970; 0 if it is not there. */
static double
modified(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (double)st.st_mtime : 0;
}

int
metrics_write(struct session *r, enum status status, struct buf *why)
{
	const struct crawl_stats *s = &r->stats;
	double permit = modified(r->config.permit_table);
	double reject = modified(r->config.reject_table);
	enum install_result result;
	char *answers;
	struct buf b;

	if (*r->config.metrics_file == '\0')
		return 0;
	answers = session_state_path(r, SAVED_ANSWERS);
	buf_init(&b);
	table_gauge(&b, r, "domains", "Listed domains.", domains);
	table_gauge(&b, r, "networks4", "IPv4 networks.", nets4);
	table_gauge(&b, r, "networks6", "IPv6 networks.", nets6);
	table_gauge(&b, r, "addresses4", "IPv4 addresses.", addresses4);
	table_gauge(&b, r, "addresses6", "IPv6 addresses.", addresses6);
	gauge(&b, "lookups", "Distinct names and types asked for.",
	    (double)s->known);
	gauge(&b, "lookup_failures", "Lookups without an answer.",
	    (double)s->failed);
	gauge(&b, "stale_answers", "Saved answers in use.", (double)s->stale);
	gauge(&b, "oldest_answer_age_seconds",
	    "Age of the oldest saved answer in use.",
	    s->stale > 0 ? (double)(r->now - s->oldest_stale) : 0);
	gauge(&b, "last_run_status", "Exit status of the last run.", status);
	gauge(&b, "last_run_timestamp_seconds", "When the last run was.",
	    (double)r->now);
	gauge(&b, "last_success_timestamp_seconds",
	    "When a run last got its answers and kept them.",
	    modified(answers));
	gauge(&b, "last_change_timestamp_seconds",
	    "When a table was last replaced.",
	    permit > reject ? permit : reject);
	result = install_file(r->config.metrics_file, b.data, b.len, why);
	buf_clear(&b);
	free(answers);
	return result == INSTALL_FAILED ? -1 : 0;
}
