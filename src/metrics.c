/*
 * metrics: a file for node_exporter's textfile collector, in the Prometheus
 * text exposition format.
 */
#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/text.h"
#include "table/install.h"
#include "places.h"
#include "table/table.h"
#include "pending.h"
#include "state.h"

static void
gauge(struct buf *b, const char *name, const char *help, double value)
{
	buf_printf(b,
	    "# HELP postpermit_%s %s\n# TYPE postpermit_%s gauge\n"
	    "postpermit_%s %.17g\n",
	    name, help, name, name, value);
}

/* The tables as they are installed, which is what Postfix gets. */
struct installed {
	struct addrset sets[LISTS];
	double changed; /* when one was replaced last */
};

static void
read_installed(struct installed *t, const struct session *r)
{
	static const char *const actions[LISTS] = {"permit", "reject"};
	const char *const paths[LISTS] = {
	    r->config.permit_table, r->config.reject_table};

	t->changed = 0;
	for (int i = 0; i < LISTS; i++) {
		struct net *nets = NULL;
		struct stat st;
		size_t n = 0, others;
		struct buf why;
		FILE *in;

		addrset_init(&t->sets[i]);
		buf_init(&why);
		in = *paths[i] != '\0' ? install_open(paths[i], &why) : NULL;
		if (in != NULL) {
			if (fstat(fileno(in), &st) == 0 &&
			    (double)st.st_mtime > t->changed)
				t->changed = (double)st.st_mtime;
			n = table_read(in, actions[i], &nets, &others);
			fclose(in);
		}
		for (size_t k = 0; k < n; k++)
			addrset_add_net(&t->sets[i], nets[k].family,
			    &nets[k].addr, nets[k].prefix);
		free(nets);
		buf_clear(&why);
	}
}

/* A gauge with one value a table. */
static void
table_gauge(struct buf *b, struct installed *t, const char *name,
    const char *help, double (*value)(struct addrset *set))
{
	static const char *const tables[LISTS] = {"permit", "reject"};

	buf_printf(b, "# HELP postpermit_%s %s\n# TYPE postpermit_%s gauge\n",
	    name, help, name);
	for (int i = 0; i < LISTS; i++)
		buf_printf(b, "postpermit_%s{table=\"%s\"} %.17g\n", name,
		    tables[i], value(&t->sets[i]));
}

static double
nets4(struct addrset *set)
{
	return (double)addrset_count_nets(set, IPV4);
}

static double
nets6(struct addrset *set)
{
	return (double)addrset_count_nets(set, IPV6);
}

static double
addresses4(struct addrset *set)
{
	return addrset_addresses(set, IPV4);
}

static double
addresses6(struct addrset *set)
{
	return addrset_addresses(set, IPV6);
}

static void
add_tables(struct buf *b, const struct session *r)
{
	struct installed t;

	read_installed(&t, r);
	table_gauge(b, &t, "networks4", "IPv4 networks.", nets4);
	table_gauge(b, &t, "networks6", "IPv6 networks.", nets6);
	table_gauge(b, &t, "addresses4", "IPv4 addresses.", addresses4);
	table_gauge(b, &t, "addresses6", "IPv6 addresses.", addresses6);
	gauge(b, "last_change_timestamp_seconds",
	    "When a table was last replaced.", t.changed);
	for (int i = 0; i < LISTS; i++)
		addrset_clear(&t.sets[i]);
}

/* How many entries ask DNS, as far as the lists could be read. */
static double
count_domains(const struct list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += entry_is_domain(&l->v[i]) && !l->v[i].exclude;
	return (double)n;
}

/* Entries that are held, as far as the file can be read. */
static void
add_held(struct buf *b, const struct session *r)
{
	char *path = session_state_path(r, HELD_SETS);
	int64_t since = r->now;
	struct problems problems;
	struct holds h;
	struct buf why;
	size_t n = 0;
	FILE *in;

	holds_init(&h);
	problems_init(&problems);
	buf_init(&why);
	in = install_open(path, &why);
	if (in != NULL) {
		holds_read(&h, in, path, &problems);
		fclose(in);
	}
	for (size_t i = 0; i < h.n; i++)
		if (held_is_held(&h.v[i])) {
			n++;
			since = h.v[i].since < since ? h.v[i].since : since;
		}
	gauge(b, "held_entries", "Entries that are held.", (double)n);
	gauge(b, "oldest_hold_age_seconds",
	    "How long the entry has been held that is held longest.",
	    (double)(r->now - since));
	holds_clear(&h);
	problems_clear(&problems);
	buf_clear(&why);
	free(path);
}

static void
add_run(struct buf *b, const struct session *r, const struct last_run *l)
{
	struct pending p = pending_find(r);

	gauge(b, "lookups", "Distinct names and types asked for.",
	    (double)l->lookups);
	gauge(b, "lookup_failures", "Lookups without an answer.",
	    (double)l->failures);
	gauge(b, "stale_answers", "Saved answers in use.", (double)l->stale);
	gauge(b, "oldest_answer_age_seconds",
	    "Age of the oldest saved answer in use.",
	    l->stale > 0 ? (double)(r->now - l->oldest) : 0);
	add_held(b, r);
	gauge(b, "last_run_status", "Exit status of the last run.",
	    (double)l->status);
	gauge(b, "last_run_timestamp_seconds", "When the last run began.",
	    (double)l->began);
	gauge(b, "last_run_duration_seconds", "How long the last run took.",
	    (double)l->milliseconds / 1000);
	gauge(b, "last_success_timestamp_seconds",
	    "When a run last ended with exit status 0.", (double)l->success);
	gauge(b, "reload_pending_seconds",
	    "Since when a reload of Postfix is due; 0: none is.",
	    p.due ? (double)(p.seconds > 0 ? p.seconds : 1) : 0);
}

int
metrics_write(struct session *r, const struct last_run *l, struct buf *why)
{
	enum install_result result;
	struct problems problems;
	struct buf b;

	if (*r->config.metrics_file == '\0')
		return 0;
	problems_init(&problems);
	places_check_metrics(r, &problems);
	if (problems.n > 0)
		buf_puts(why, problems.v[0]);
	problems_clear(&problems);
	if (why->len > 0)
		return -1;
	buf_init(&b);
	buf_puts(&b,
	    "# HELP postpermit_build_info The program's version.\n"
	    "# TYPE postpermit_build_info gauge\n"
	    "postpermit_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	buf_printf(&b,
	    "# HELP postpermit_domains Listed entries that ask DNS.\n"
	    "# TYPE postpermit_domains gauge\n"
	    "postpermit_domains{table=\"permit\"} %.0f\n"
	    "postpermit_domains{table=\"reject\"} %.0f\n",
	    count_domains(&r->lists[PERMIT]), count_domains(&r->lists[REJECT]));
	add_tables(&b, r);
	add_run(&b, r, l);
	result = install_file(r->config.metrics_file, b.data, b.len, why);
	buf_clear(&b);
	return result == INSTALL_FAILED ? -1 : 0;
}
