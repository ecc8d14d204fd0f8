/*
 * postpermit: domain lists in, tables for Postfix postscreen out.
 *
 *	lists -> crawl -> evaluate -> address set -> table -> install -> hook
 *
 * Here are the commands, the options, all messages and the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "crawl.h"
#include "evaluate.h"
#include "expand.h"
#include "hook.h"
#include "install.h"
#include "list.h"
#include "options.h"
#include "report.h"
#include "table.h"
#include "zone.h"

#define DEFAULT_CONFIG SYSCONFDIR "/postpermit/postpermit.conf"
#define RESOLV_CONF "/etc/resolv.conf"
#define LOCK_SECONDS 60
#define HOOK_SECONDS 60

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* nothing was replaced, or the hook failed */
	STATUS_USAGE = 2,  /* usage, configuration or a list is wrong */
	STATUS_INCOMPLETE = 3
};

enum { PERMIT, REJECT, LISTS };

/* What a command works with. */
struct run {
	const struct options *o;
	struct config config;
	struct list lists[LISTS];
	struct answers *answers, *replay;
	struct expansion expansions[LISTS];
	struct servers servers;
	int64_t now; /* seconds since 1970 */
	bool progress_shown;
};

/* A table that update keeps. */
struct target {
	const char *path;
	struct table table;
	struct buf text;
	bool changed;
	size_t come, go; /* networks, against the installed table */
};

/* One message, on a line of its own. */
static void PRINTF_LIKE(1, 2)
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("postpermit: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

static void
say_problems(const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		say("%s", p->v[i]);
}

/* What is wrong with the command line: arg, if it is about one. */
static enum status
usage(const char *wrong, const char *arg)
{
	if (arg != NULL)
		say("%s: %s", arg, wrong);
	else
		say("%s", wrong);
	fputs(options_usage, stderr);
	return STATUS_USAGE;
}

/*
 * Reads the configuration: the file, then -o. Only a file that was not named
 * may be missing.
 */
static int
read_config(struct run *r, bool with_file, struct problems *problems)
{
	const struct options *o = r->o;
	const char *path =
	    o->config_file != NULL ? o->config_file : DEFAULT_CONFIG;
	FILE *in;

	config_init(&r->config);
	if (with_file) {
		in = fopen(path, "re");
		if (in != NULL) {
			config_read(&r->config, in, path, problems);
			fclose(in);
		} else if (errno != ENOENT || o->config_file != NULL)
			problems_add(
			    problems, "%s: %s", path, strerror(errno));
	}
	for (size_t i = 0; i < o->overrides.n; i++)
		config_set(&r->config, o->overrides.v[i], problems);
	return problems->n > 0 ? -1 : 0;
}

/* -s, else the configuration's, else the system's. */
static void
find_servers(struct run *r, struct problems *problems)
{
	for (size_t i = 0; i < r->o->servers.n; i++)
		if (servers_add(&r->servers, r->o->servers.v[i]) != 0)
			problems_add(problems,
			    "-s %s: expected ADDRESS or ADDRESS@PORT, "
			    "at most %d of them",
			    r->o->servers.v[i], SERVERS_MAX);
	if (r->o->servers.n == 0)
		servers_add_list(&r->servers, r->config.servers);
	if (r->servers.n == 0)
		servers_add_system(&r->servers, RESOLV_CONF);
}

/* The lists: of the command line if it has any, else the configured ones. */
static void
read_lists(struct run *r, bool terms, struct problems *problems)
{
	const struct options *o = r->o;
	struct list *all[LISTS] = {&r->lists[PERMIT], &r->lists[REJECT]};

	for (int i = 0; i < LISTS; i++)
		list_init(&r->lists[i]);
	for (size_t i = 0; i < o->lists.n; i++)
		list_read_file(all[PERMIT], o->lists.v[i], problems);
	for (size_t i = 0; terms && i < o->terms.n; i++)
		list_add_term(all[PERMIT], NULL, 0, o->terms.v[i],
		    strlen(o->terms.v[i]), problems);
	if (o->lists.n == 0 && !(terms && o->terms.n > 0)) {
		list_read_paths(all[PERMIT], r->config.permit_lists, problems);
		list_read_paths(all[REJECT], r->config.reject_lists, problems);
	}
	if (strcmp(r->config.permit_table, r->config.reject_table) == 0)
		problems_add(problems, "%s: both permit_table and reject_table",
		    r->config.permit_table);
	if (all[REJECT]->n > 0 && *r->config.reject_table == '\0')
		problems_add(problems,
		    "reject_lists: has entries, but reject_table is empty");
	list_ignore(all, LISTS);
}

static void
run_clear(struct run *r)
{
	for (int i = 0; i < LISTS; i++) {
		list_clear(&r->lists[i]);
		addrset_clear(&r->expansions[i].permits);
	}
	answers_close(r->answers);
	answers_close(r->replay);
	config_clear(&r->config);
}

/*
 * Configuration and lists; every mistake is said. with_file: there is a
 * configuration file; terms: the arguments are terms of a list.
 */
static enum status
prepare(struct run *r, const struct options *o, bool with_file, bool terms)
{
	struct problems problems;
	enum status status = STATUS_OK;

	*r = (struct run){.o = o, .now = time(NULL)};
	problems_init(&problems);
	for (int i = 0; i < LISTS; i++)
		list_init(&r->lists[i]);
	if (read_config(r, with_file, &problems) == 0) {
		find_servers(r, &problems);
		read_lists(r, terms, &problems);
	}
	if (problems.n > 0)
		status = STATUS_USAGE;
	say_problems(&problems);
	problems_clear(&problems);
	return status;
}

static void
show_progress(void *arg, const struct crawl_stats *s)
{
	struct run *r = arg;

	fprintf(stderr, "\r%zu domains, %lu/%lu lookups, %lu retries\033[K",
	    r->lists[PERMIT].n + r->lists[REJECT].n, s->done, s->known,
	    s->retries);
	r->progress_shown = true;
}

/* Answers from a file, instead of DNS. */
static int
read_replay(struct run *r, const char *path)
{
	struct problems problems;
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		say("%s: %s", path, strerror(errno));
		return -1;
	}
	problems_init(&problems);
	r->replay = zone_read(in, path, r->now, &problems);
	fclose(in);
	say_problems(&problems);
	problems_clear(&problems);
	return r->replay == NULL ? -1 : 0;
}

static struct policy
policy_of(const struct config *c)
{
	return (struct policy){
	    .min_prefix = {c->min_prefix4, c->min_prefix6},
	    .max_coverage4 = c->max_coverage4,
	    .permit_reserved = c->permit_reserved,
	    .strict = c->strict,
	};
}

/* What DNS or a saved zone says about everything that the lists need. */
static int
get_answers(struct run *r, struct evaluator *ev)
{
	const struct config *c = &r->config;
	struct list *lists[LISTS] = {&r->lists[PERMIT], &r->lists[REJECT]};
	struct crawl_config config = {
	    .replay = r->replay,
	    .servers = r->servers,
	    .threads = c->threads,
	    .max_inflight = c->max_inflight,
	    .query_timeout = c->query_timeout,
	    .query_attempts = c->query_attempts,
	    .run_timeout = c->run_timeout,
	    .now = r->now,
	    .pass_all = c->min_prefix4 > 0 || c->min_prefix6 > 0,
	    .progress_arg = r,
	};
	const struct crawl_stats *stats;
	struct crawl *crawl;
	struct buf why;

	if (isatty(STDERR_FILENO) && !r->o->quiet)
		config.progress = show_progress;
	buf_init(&why);
	crawl = crawl_open(r->answers, &config, &why);
	if (crawl == NULL) {
		say("%s", why.data);
		buf_clear(&why);
		return -1;
	}
	expand_crawl(crawl, ev, lists, LISTS);
	if (r->progress_shown)
		fputs("\r\033[K", stderr);
	stats = crawl_stats(crawl);
	if (r->o->verbose) {
		say("lookups %lu in %.3f s", stats->known, stats->seconds);
		say("queries sent %lu, of these %lu again; %lu lookups failed",
		    stats->queries, stats->retries, stats->failed);
	}
	crawl_close(crawl);
	return 0;
}

/* The name that notes about an entry begin with. */
static void
entry_name(struct buf *b, const struct entry *e)
{
	const char *text = e->text;

	if (e->term.kind == SPF_INCLUDE && !e->exclude)
		buf_add_escaped(
		    b, e->term.spec, e->term.spec_len, SHOWN_MAX);
	else
		buf_add_escaped(b, text, strlen(text), SHOWN_MAX);
}

static void
say_notes(void *arg, const struct entry *e, const struct verdict *v)
{
	const struct run *r = arg;
	struct buf text;

	buf_init(&text);
	for (size_t i = 0; i < v->nnotes; i++) {
		if (r->o->quiet && v->notes[i]->kind != NOTE_FAILED)
			continue;
		text.len = 0;
		entry_name(&text, e);
		buf_puts(&text, ": ");
		note_to_text(&text, v->notes[i]);
		say("%s", text.data);
	}
	if (v->more > 0 && !r->o->quiet) {
		text.len = 0;
		entry_name(&text, e);
		say("%s: %zu more notes", text.data, v->more);
	}
	buf_clear(&text);
}

/* Writes the answers where --save says. */
static int
save_answers(const struct run *r)
{
	struct buf text, why;
	int result = 0;

	if (r->o->save == NULL)
		return 0;
	buf_init(&text);
	buf_init(&why);
	zone_write(&text, r->answers);
	if (install_file(r->o->save, text.data, text.len, &why) ==
	    INSTALL_FAILED) {
		say("%s", why.data);
		result = -1;
	}
	buf_clear(&text);
	buf_clear(&why);
	return result;
}

/*
 * The answers that the lists need, complete: of -r, or of DNS. The caller
 * closes the evaluator over them.
 */
static enum status
open_answers(struct run *r, struct evaluator **ev)
{
	struct policy policy = policy_of(&r->config);

	if (r->o->replay != NULL && r->replay == NULL &&
	    read_replay(r, r->o->replay) != 0)
		return STATUS_USAGE;
	r->answers = answers_open(false);
	*ev = evaluate_open(r->answers, &policy);
	if (get_answers(r, *ev) == 0)
		return STATUS_OK;
	evaluate_close(*ev);
	return STATUS_FAILED;
}

/* Says what is wrong with the expansions as a whole. */
static enum status
judge(const struct run *r)
{
	size_t domains = 0, answered = 0, failed = 0, exclusions = 0;

	for (int i = 0; i < LISTS; i++) {
		const struct expansion *x = &r->expansions[i];

		domains += x->domains;
		answered += x->answered;
		failed += x->failed;
		exclusions += x->failed_exclusions;
	}
	if (exclusions > 0)
		say("%zu exclusions have no usable answer: nothing is "
		    "replaced, since the table would get wider",
		    exclusions);
	else if (domains > 0 && answered == 0)
		say("none of %zu domains has a usable answer: nothing is "
		    "replaced",
		    domains);
	if (exclusions > 0 || (domains > 0 && answered == 0))
		return STATUS_FAILED;
	if (failed > 0)
		say("lookups failed for %zu entries: the table is incomplete",
		    failed);
	return failed > 0 ? STATUS_INCOMPLETE : STATUS_OK;
}

/*
 * Lists to expansions. Afterwards the status is that of the exit, but for
 * what the tables still bring; after STATUS_FAILED nothing may be replaced.
 */
static enum status
expand_lists(struct run *r)
{
	struct evaluator *ev;
	enum status status = open_answers(r, &ev);

	if (status != STATUS_OK)
		return status;
	for (int i = 0; i < LISTS; i++)
		expand_list(
		    ev, &r->lists[i], &r->expansions[i], say_notes, r);
	evaluate_close(ev);
	if (save_answers(r) != 0)
		return STATUS_FAILED;
	return judge(r);
}

/* The networks of an expansion as a table; only what -4 and -6 leave. */
static void
make_table(struct table *t, struct expansion *x, const char *action,
    const struct options *o)
{
	size_t n, kept = 0;

	*t = (struct table){.action = action, .domains = x->domains};
	n = addrset_nets(&x->permits, &t->nets);
	for (size_t i = 0; i < n; i++)
		if (o->only4 == o->only6 ||
		    o->only4 == (t->nets[i].family == IPV4))
			t->nets[kept++] = t->nets[i];
	t->n = kept;
}

/* Flushes standard output: what was printed may not be lost unnoticed. */
static enum status
finish_output(enum status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say("standard output: %s", strerror(errno));
	return STATUS_FAILED;
}

static enum status
expand_command(const struct options *o)
{
	enum status status;
	struct table table;
	struct buf text, why;
	struct run r;

	if (o->lists.n == 0 && o->terms.n == 0)
		return usage("expand needs a TERM or -l", NULL);
	status = prepare(&r, o, false, true);
	if (status == STATUS_OK)
		status = expand_lists(&r);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE) {
		buf_init(&text);
		buf_init(&why);
		make_table(&table, &r.expansions[PERMIT], "permit", o);
		o->format(&text, &table);
		if (o->output == NULL) {
			fwrite(text.data, 1, text.len, stdout);
			status = finish_output(status);
		} else if (install_file(o->output, text.data, text.len,
		               &why) == INSTALL_FAILED) {
			say("%s", why.data);
			status = STATUS_FAILED;
		}
		free(table.nets);
		buf_clear(&text);
		buf_clear(&why);
	}
	run_clear(&r);
	return status;
}

/* The networks of an installed table; none if it cannot be read. */
static size_t
installed_nets(const struct target *t, struct net **nets)
{
	FILE *in = fopen(t->path, "re");
	size_t n;

	*nets = NULL;
	if (in == NULL)
		return 0;
	n = table_read(in, t->table.action, nets);
	fclose(in);
	return n;
}

/*
 * How many networks come and go; with print, each is printed as a line "+" or
 * "-", of the family that options leave.
 */
static void
compare_nets(const struct options *o, const struct net *old, size_t nold,
    const struct table *t, bool print, size_t *come, size_t *go)
{
	size_t i = 0, k = 0;
	char text[NET_STRLEN];

	*come = *go = 0;
	while (i < nold || k < t->n) {
		int c = i == nold ? 1
		    : k == t->n   ? -1
		                  : net_cmp(&old[i], &t->nets[k]);
		const struct net *n = c < 0 ? &old[i] : &t->nets[k];

		*go += c < 0;
		*come += c > 0;
		i += c <= 0;
		k += c >= 0;
		if (print && c != 0 &&
		    (o->only4 == o->only6 ||
		        o->only4 == (n->family == IPV4)))
			printf("%c%s\t%s\n", c < 0 ? '-' : '+',
			    net_to_text(n, text), t->action);
	}
}

/* Compares a table with the installed one; -n prints the difference. */
static void
compare_table(const struct run *r, struct target *t)
{
	struct net *old;
	size_t n = installed_nets(t, &old);

	compare_nets(
	    r->o, old, n, &t->table, r->o->dry_run, &t->come, &t->go);
	free(old);
}

/* Says what became of a table, where it matters. */
static void
say_result(const struct run *r, const struct target *t)
{
	if (r->o->quiet)
		return;
	if (t->changed)
		say("%s: %zu networks from %zu domains (+%zu -%zu)", t->path,
		    t->table.n, t->table.domains, t->come, t->go);
	else if (r->o->verbose || isatty(STDERR_FILENO))
		say("%s: %zu networks from %zu domains, unchanged", t->path,
		    t->table.n, t->table.domains);
}

/* The path of a file in the state directory; the caller frees it. */
static char *
state_path(const struct run *r, const char *name)
{
	return xasprintf("%s/%s", r->config.state_directory, name);
}

/* Finds out which tables change. */
static int
look_for_changes(struct target *targets, size_t n, struct buf *why)
{
	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];
		enum install_result result = install_compare(
		    t->path, t->text.data, t->text.len, why);

		if (result == INSTALL_FAILED)
			return -1;
		t->changed = result == INSTALL_REPLACED;
	}
	return 0;
}

/*
 * Replaces the tables that changed. The marker of a pending reload is made
 * before the first of them, so that a kill in between loses no reload.
 */
static int
install_tables(const struct run *r, struct target *targets, size_t n,
    const char *marker, struct buf *why)
{
	bool marked = false;

	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];

		if (!t->changed)
			continue;
		if (!marked && install_mark(marker, why) != 0)
			return -1;
		marked = true;
		compare_table(r, t);
		if (install_file(t->path, t->text.data, t->text.len, why) ==
		    INSTALL_FAILED)
			return -1;
		say_result(r, t);
	}
	return 0;
}

/* Runs the reload command if a reload is pending. */
static int
reload(const struct run *r, const char *marker, struct buf *why)
{
	if (!install_is_marked(marker) || *r->config.reload_command == '\0')
		return 0;
	if (hook_run(r->config.reload_command, HOOK_SECONDS, why) != 0) {
		buf_puts(why, "; the tables stand, the next update tries "
		              "it again");
		return -1;
	}
	return install_unmark(marker, why);
}

/* What update does once the expansions are there. */
static enum status
update_tables(struct run *r, enum status status)
{
	struct target targets[LISTS] = {
	    {.path = r->config.permit_table},
	    {.path = r->config.reject_table},
	};
	static const char *const actions[LISTS] = {"permit", "reject"};
	size_t n = *r->config.reject_table == '\0' ? 1 : LISTS;
	struct options both = *r->o;
	char *marker = state_path(r, "reload.pending");
	struct buf why;

	both.only4 = both.only6 = false;
	buf_init(&why);
	for (size_t i = 0; i < n; i++) {
		struct target *t = &targets[i];

		make_table(&t->table, &r->expansions[i], actions[i], &both);
		buf_init(&t->text);
		table_format("postfix")(&t->text, &t->table);
	}
	if (r->o->dry_run) {
		for (size_t i = 0; i < n; i++)
			compare_table(r, &targets[i]);
		status = finish_output(status);
	} else if (look_for_changes(targets, n, &why) != 0 ||
	    install_tables(r, targets, n, marker, &why) != 0 ||
	    reload(r, marker, &why) != 0) {
		say("%s", why.data);
		status = STATUS_FAILED;
	} else
		for (size_t i = 0; i < n; i++)
			if (!targets[i].changed)
				say_result(r, &targets[i]);
	for (size_t i = 0; i < n; i++) {
		free(targets[i].table.nets);
		buf_clear(&targets[i].text);
	}
	buf_clear(&why);
	free(marker);
	return status;
}

static enum status
update_command(const struct options *o)
{
	enum status status;
	struct buf why;
	struct run r;
	char *path;
	int lock = -1;

	status = prepare(&r, o, true, false);
	if (status != STATUS_OK) {
		run_clear(&r);
		return status;
	}
	buf_init(&why);
	path = state_path(&r, "lock");
	if (!o->dry_run) {
		lock = install_lock(path, LOCK_SECONDS, &why);
		if (lock < 0) {
			say("%s", why.data);
			status = STATUS_FAILED;
		}
	}
	if (status == STATUS_OK)
		status = expand_lists(&r);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE)
		status = update_tables(&r, status);
	if (lock >= 0)
		close(lock);
	free(path);
	buf_clear(&why);
	run_clear(&r);
	return status;
}

/*
 * For commands that ask no DNS: lists, from -l or a configuration, and
 * answers, from -r or those saved last.
 */
static enum status
prepare_saved(struct run *r, const struct options *o, struct evaluator **ev)
{
	bool with_file = o->lists.n == 0 || o->replay == NULL;
	enum status status = prepare(r, o, with_file, false);
	char *path;

	if (status != STATUS_OK)
		return status;
	if (o->replay == NULL) {
		path = state_path(r, "answers.zone");
		if (read_replay(r, path) != 0) {
			say("%s: no saved answers; update makes them, "
			    "-r reads others",
			    path);
			status = STATUS_FAILED;
		}
		free(path);
	}
	return status == STATUS_OK ? open_answers(r, ev) : status;
}

/* Prints which entries of a list say something of the address. */
static void
explain_entries(struct evaluator *ev, const struct list *l, enum family f,
    const struct addr *a)
{
	static const char *const words[] = {
	    [EXPLAIN_PERMITS] = "permits",
	    [EXPLAIN_REFUSES] = "does not permit",
	    [EXPLAIN_GUARDED] = "would permit, but a guard leaves it out",
	};
	struct buf path, name;

	buf_init(&path);
	buf_init(&name);
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		enum explanation x;

		path.len = name.len = 0;
		buf_puts(&path, "");
		x = evaluate_explain(ev, e, f, a, &path);
		if (x == EXPLAIN_NOTHING)
			continue;
		if (e->file != NULL)
			printf("  %s:%u: ", e->file, e->line);
		else
			printf("  ");
		buf_add_escaped(&name, e->text, strlen(e->text), SHOWN_MAX);
		printf("%s %s", name.data,
		    e->exclude && x == EXPLAIN_PERMITS ? "excludes"
		                                       : words[x]);
		printf(path.len > 0 ? ": %s\n" : "%s\n", path.data);
	}
	buf_clear(&path);
	buf_clear(&name);
}

/* Every way in which the tables permit or refuse an address. */
static void
explain_address(struct run *r, struct evaluator *ev, enum family f,
    const struct addr *a)
{
	static const char *const words[LISTS][2] = {
	    {"not permitted", "permitted"}, {"not rejected", "rejected"}};
	char text[NET_STRLEN];

	for (int i = 0; i < LISTS; i++) {
		struct addrset *set = &r->expansions[i].permits;

		if (i == REJECT && r->lists[i].n == 0)
			continue;
		printf("%s: %s\n", addr_to_text(f, a, text),
		    words[i][addrset_contains(set, f, a)]);
		explain_entries(ev, &r->lists[i], f, a);
	}
}

static enum status
explain_command(const struct options *o)
{
	struct evaluator *ev = NULL;
	enum status status;
	enum family f;
	struct addr a;
	struct run r;

	if (o->terms.n == 0)
		return usage("explain needs an ADDRESS", NULL);
	for (size_t i = 0; i < o->terms.n; i++)
		if (addr_from_text(o->terms.v[i], &f, &a) != 0)
			return usage(
			    "expected an IPv4 or IPv6 address", o->terms.v[i]);
	status = prepare_saved(&r, o, &ev);
	if (status == STATUS_OK) {
		for (int i = 0; i < LISTS; i++)
			expand_list(
			    ev, &r.lists[i], &r.expansions[i], NULL, NULL);
		for (size_t i = 0; i < o->terms.n; i++) {
			addr_from_text(o->terms.v[i], &f, &a);
			explain_address(&r, ev, f, &a);
		}
		evaluate_close(ev);
		status = finish_output(STATUS_OK);
	}
	run_clear(&r);
	return status;
}

/* What the visitor of report works with. */
struct reporter {
	struct run *run;
	report_printer *print;
	struct buf text;
	size_t n;
};

static void
report_entry(void *arg, const struct entry *e, const struct verdict *v)
{
	struct reporter *reporter = arg;
	bool json = reporter->print == report_json;
	struct verdict copy = *v;
	struct buf name;

	if (!entry_is_domain(e))
		return;
	buf_init(&name);
	entry_name(&name, e);
	if (json)
		buf_puts(&reporter->text, reporter->n > 0 ? ",\n" : "\n");
	reporter->print(&reporter->text, name.data, &copy, reporter->run->now);
	reporter->n++;
	say_notes(reporter->run, e, v);
	buf_clear(&name);
}

static enum status
report_command(const struct options *o)
{
	struct evaluator *ev = NULL;
	struct reporter reporter = {.print = report_text};
	enum status status;
	struct run r;

	if (strcmp(o->format_name, "json") == 0)
		reporter.print = report_json;
	else if (strcmp(o->format_name, "postfix") != 0)
		return usage("report knows -f json alone", o->format_name);
	status = prepare_saved(&r, o, &ev);
	if (status == STATUS_OK) {
		reporter.run = &r;
		buf_init(&reporter.text);
		if (reporter.print == report_json)
			buf_puts(&reporter.text, "[");
		for (int i = 0; i < LISTS; i++)
			expand_list(ev, &r.lists[i], &r.expansions[i],
			    report_entry, &reporter);
		if (reporter.print == report_json)
			buf_puts(&reporter.text, "\n]\n");
		fwrite(reporter.text.data, 1, reporter.text.len, stdout);
		buf_clear(&reporter.text);
		evaluate_close(ev);
		status = finish_output(STATUS_OK);
	}
	run_clear(&r);
	return status;
}

static enum status
check_command(const struct options *o)
{
	enum status status;
	struct run r;

	status = prepare(&r, o, true, false);
	if (status == STATUS_OK && o->verbose)
		say("%zu permit entries, %zu reject entries",
		    r.lists[PERMIT].n, r.lists[REJECT].n);
	run_clear(&r);
	return status;
}

static const struct command {
	const char *name;
	const char *options; /* the letters of those that it takes */
	bool takes_terms;
	enum status (*run)(const struct options *o);
} commands[] = {
    {"update", "46nqvcorsS", false, update_command},
    {"expand", "46qvflOorsS", true, expand_command},
    {"explain", "qvclor", true, explain_command},
    {"report", "qvcflor", false, report_command},
    {"check", "qvclo", false, check_command},
};

static enum status
help(void)
{
	fputs(options_usage, stdout);
	fputs(options_help, stdout);
	return finish_output(STATUS_OK);
}

static enum status
version(void)
{
	printf("postpermit %s\n", PACKAGE_VERSION);
	return finish_output(STATUS_OK);
}

/* Reads a command's options and runs it. */
static enum status
run_command(const struct command *command, int argc, char **argv)
{
	enum status status;
	struct options o;
	struct buf why;

	buf_init(&why);
	if (options_parse(&o, command->options, argc, argv, &why) != 0)
		status = usage(why.data, NULL);
	else if (o.help)
		status = help();
	else if (o.version)
		status = version();
	else if (o.terms.n > 0 && !command->takes_terms)
		status = usage("not an argument of this command", o.terms.v[0]);
	else
		status = command->run(&o);
	options_clear(&o);
	buf_clear(&why);
	return status;
}

/* So that no file that we open becomes standard error. */
static void
open_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int
main(int argc, char **argv)
{
	open_standard_descriptors();
	install_catch_signals();
	if (argc < 2)
		return usage("expected a command", NULL);
	if (strcmp(argv[1], "--help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0)
		return version();
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	return usage("no such command", argv[1]);
}
