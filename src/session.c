/*
 * session: what a command works with: configuration, lists and answers.
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/problems.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/zone.h"
#include "expand/listfile.h"
#include "table/install.h"

#define RESOLV_CONF "/etc/resolv.conf"

/* A mistake on the command line; arg, if it is about an argument. */
enum status
usage(const char *wrong, const char *arg)
{
	if (arg != NULL)
		say(ERROR, "%s: %s", arg, wrong);
	else
		say(ERROR, "%s", wrong);
	fputs(options_usage, stderr);
	return STATUS_USAGE;
}

enum status
finish_output(enum status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say(ERROR, "standard output: %s", strerror(errno));
	return STATUS_FAILED;
}

enum status
print_result(struct buf *result, enum status status)
{
	buf_print(result, stdout);
	buf_clear(result);
	return finish_output(status);
}

char *
session_state_path(const struct session *r, const char *name)
{
	return xasprintf("%s/%s", r->config.state_directory, name);
}

/*
 * Reads the configuration: the file, then -o. Only a file that was not named
 * may be missing.
 */
static int
read_config(struct session *r, bool with_file, struct problems *problems)
{
	const struct options *o = r->o;
	const char *path =
	    o->config_file != NULL ? o->config_file : DEFAULT_CONFIG;
	FILE *in;

	conf_init(&r->config);
	if (with_file) {
		in = fopen(path, "re");
		if (in != NULL) {
			conf_read(&r->config, in, path, problems);
			fclose(in);
		} else if (errno != ENOENT || o->config_file != NULL) {
			exit_if_exhausted(path);
			problems_add(problems, "%s: %s", path, strerror(errno));
		}
	}
	for (size_t i = 0; i < o->overrides.n; i++)
		conf_set(&r->config, o->overrides.v[i], problems);
	return problems->n > 0 ? -1 : 0;
}

/* -s, else the configuration's, else the system's. */
static void
find_servers(struct session *r, struct problems *problems)
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

static bool
is_one_file(const char *a, const char *b)
{
	struct stat st[2];

	return strcmp(a, b) == 0 ||
	       (stat(a, &st[0]) == 0 && stat(b, &st[1]) == 0 &&
		   st[0].st_dev == st[1].st_dev &&
		   st[0].st_ino == st[1].st_ino);
}

/* A file that is a permit list and a reject list rejects all that it permits.
 */
static void
find_shared_file(struct list *const all[LISTS], struct problems *problems)
{
	const char *permit = NULL, *reject;

	for (size_t i = 0; i < all[PERMIT]->n; i++) {
		if (all[PERMIT]->v[i].file == permit)
			continue;
		permit = all[PERMIT]->v[i].file;
		reject = NULL;
		for (size_t k = 0; permit != NULL && k < all[REJECT]->n; k++) {
			if (all[REJECT]->v[k].file == reject)
				continue;
			reject = all[REJECT]->v[k].file;
			if (reject != NULL && is_one_file(permit, reject))
				problems_add(problems,
				    "%s: in permit_lists and in reject_lists: "
				    "remove it from one of them",
				    permit);
		}
	}
}

/* The lists: of the command line if it has any, else the configured ones. */
static void
read_lists(struct session *r, bool terms, struct problems *problems,
    struct problems *unused)
{
	const struct options *o = r->o;
	struct list *all[LISTS] = {&r->lists[PERMIT], &r->lists[REJECT]};

	for (size_t i = 0; i < o->lists.n; i++)
		listfile_read_path(all[PERMIT], o->lists.v[i], problems);
	for (size_t i = 0; terms && i < o->terms.n; i++)
		list_add_term(all[PERMIT], NULL, 0, o->terms.v[i],
		    strlen(o->terms.v[i]), problems);
	if (o->lists.n == 0 && !(terms && o->terms.n > 0)) {
		listfile_read_paths(
		    all[PERMIT], r->config.permit_lists, problems);
		listfile_read_paths(
		    all[REJECT], r->config.reject_lists, problems);
	}
	if (all[REJECT]->n > 0 && *r->config.reject_table == '\0')
		problems_add(problems,
		    "reject_lists: has entries, but reject_table is empty");
	find_shared_file(all, problems);
	list_ignore(all, LISTS, unused);
	for (int i = 0; i < LISTS && !r->keep_repeats; i++)
		list_drop_repeats(all[i], r->o->verbose ? unused : NULL);
}

void
session_clear(struct session *r)
{
	for (int i = 0; i < LISTS; i++) {
		list_clear(&r->lists[i]);
		expansion_clear(&r->expansions[i]);
	}
	session_forget_answers(r);
	answers_close(r->saved);
	holds_clear(&r->held);
	conf_clear(&r->config);
}

void
session_forget_answers(struct session *r)
{
	if (r->ev != NULL)
		evaluate_close(r->ev);
	answers_close(r->answers);
	answers_close(r->replay);
	r->ev = NULL;
	r->answers = r->replay = NULL;
}

/* Prints the problems. */
static enum status
say_and_clear(enum severity severity, struct problems *problems)
{
	enum status status = problems->n > 0 ? STATUS_USAGE : STATUS_OK;

	say_problems(severity, problems);
	problems_clear(problems);
	return status;
}

enum status
session_begin(struct session *r, const struct options *o, bool with_file)
{
	struct problems problems;

	*r = (struct session){.o = o,
	    .now = time(NULL),
	    .began = now_ms(),
	    .notes = {.o = o},
	    .max_queries = QUERIES_MAX};
	problems_init(&problems);
	for (int i = 0; i < LISTS; i++)
		list_init(&r->lists[i]);
	if (read_config(r, with_file, &problems) == 0)
		find_servers(r, &problems);
	say_problems(WARNING, &r->config.doubts);
	return say_and_clear(ERROR, &problems);
}

enum status
session_read_lists(struct session *r, bool terms, struct problems *unused)
{
	struct problems problems;

	for (int i = 0; i < LISTS; i++) {
		list_clear(&r->lists[i]);
		list_init(&r->lists[i]);
	}
	problems_init(&problems);
	read_lists(r, terms, &problems, unused);
	return say_and_clear(ERROR, &problems);
}

static void
show_progress(void *arg, const struct crawl_stats *s)
{
	struct session *r = arg;
	size_t entries = r->lists[PERMIT].n + r->lists[REJECT].n;

	fprintf(stderr, "\r%zu %s, %lu/%lu %s, %lu %s\033[K", entries,
	    plural(entries, "entry", "entries"), s->done, s->known,
	    plural(s->known, "lookup", "lookups"), s->retries,
	    plural(s->retries, "retry", "retries"));
	r->progress_shown = true;
}

struct answers *
session_read_zone(
    const struct session *r, FILE *in, const char *path, enum severity severity)
{
	struct problems problems;
	struct answers *as;

	problems_init(&problems);
	as = zone_read(in, path, r->now, &problems);
	fclose(in);
	say_and_clear(severity, &problems);
	return as;
}

static struct answers *
read_replay(const struct session *r, const char *path)
{
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		exit_if_exhausted(path);
		say(ERROR, "%s: %s", path, strerror(errno));
		return NULL;
	}
	return session_read_zone(r, in, path, ERROR);
}

int
session_list_of(const struct session *r, const struct entry *e)
{
	const struct list *reject = &r->lists[REJECT];

	return reject->n > 0 && e >= reject->v && e < reject->v + reject->n
		   ? REJECT
		   : PERMIT;
}

struct evaluator *
session_evaluator(const struct session *r, const struct answers *answers)
{
	const struct conf *c = &r->config;
	struct policy policy = {
	    .min_prefix = {c->min_prefix4, c->min_prefix6},
	    .max_coverage = {c->max_coverage4, c->max_coverage6},
	    .max_networks = c->max_networks,
	    .permit_reserved = c->permit_reserved,
	    .strict = c->strict,
	    .max_queries = r->max_queries,
	    .now = r->now,
	};

	return evaluate_open(answers, &policy);
}

/* What DNS or a saved zone says about everything that the lists need. */
static int
crawl(struct session *r)
{
	const struct conf *config = &r->config;
	struct list *lists[LISTS] = {&r->lists[PERMIT], &r->lists[REJECT]};
	struct crawl_config crawling = {
	    .replay = r->replay,
	    .servers = r->servers,
	    .threads = config->threads,
	    .max_inflight = config->max_inflight,
	    .query_timeout = config->query_timeout,
	    .query_attempts = config->query_attempts,
	    .run_timeout = config->run_timeout,
	    .patience = config->patience,
	    .max_queries = r->max_queries,
	    .now = r->now,
	    .saved = r->saved,
	    .stale_limit = config->stale_limit,
	    .pass_all = config->min_prefix4 > 0 || config->min_prefix6 > 0,
	    .progress_arg = r,
	};
	const struct crawl_stats *stats = &r->stats;
	struct crawl *c;
	struct buf why;

	if (isatty(STDERR_FILENO) && !r->o->quiet)
		crawling.progress = show_progress;
	buf_init(&why);
	c = crawl_open(r->answers, &crawling, &why);
	if (c == NULL) {
		say(ERROR, "%s", why.data);
		buf_clear(&why);
		return -1;
	}
	expand_crawl(c, r->ev, lists, LISTS);
	if (r->progress_shown)
		fputs("\r\033[K", stderr);
	r->stats = *crawl_stats(c);
	if (r->o->verbose) {
		say(INFO, "lookups %lu in %.3f s", stats->known,
		    stats->seconds);
		say(INFO, "%lu queries, %lu retries; %lu lookups failed",
		    stats->queries, stats->retries, stats->failed);
	}
	crawl_close(c);
	return 0;
}

/* Writes the answers where --save says. */
static int
save_answers(const struct session *r)
{
	struct buf text, why;
	int result = 0;

	if (r->o->save == NULL || r->o->dry_run)
		return 0;
	buf_init(&text);
	buf_init(&why);
	zone_write(&text, r->answers);
	if (install_file(r->o->save, text.data, text.len, &why) ==
	    INSTALL_FAILED) {
		say(ERROR, "%s", why.data);
		result = -1;
	}
	buf_clear(&text);
	buf_clear(&why);
	return result;
}

/* Prints, in one line, how many lookups failed, and the servers. */
static void
say_failed(const struct session *r)
{
	struct buf servers;

	if (r->replay != NULL || r->stats.failed == 0)
		return;
	buf_init(&servers);
	servers_to_text(&servers, &r->servers);
	say(WARNING, "%lu of %lu %s failed; servers asked: %s", r->stats.failed,
	    r->stats.known, plural(r->stats.known, "lookup", "lookups"),
	    servers.len > 0 ? servers.data : "none");
	buf_clear(&servers);
}

enum status
session_get_answers(struct session *r)
{
	if (r->o->replay != NULL && r->replay == NULL &&
	    (r->replay = read_replay(r, r->o->replay)) == NULL)
		return STATUS_USAGE;
	r->answers = answers_open(false);
	/* About two lookups for a domain. */
	answers_expect(r->answers,
	    2 * (r->lists[PERMIT].n + r->lists[REJECT].n));
	r->ev = session_evaluator(r, r->answers);
	if (crawl(r) != 0)
		return STATUS_FAILED;
	say_failed(r);
	return STATUS_OK;
}

/* Prints messages about the expansions as a whole. */
static enum status
judge(const struct session *r)
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
		say(ERROR,
		    "%zu %s could not be resolved: no new table, which would "
		    "permit too much",
		    exclusions, plural(exclusions, "exclusion", "exclusions"));
	else if (domains > 0 && answered == 0)
		say(ERROR, "none of %zu %s could be resolved: no new table",
		    domains, plural(domains, "domain", "domains"));
	if (exclusions > 0 || (domains > 0 && answered == 0))
		return STATUS_FAILED;
	if (failed > 0)
		say(WARNING,
		    "lookups failed for %zu %s: the table is incomplete",
		    failed, plural(failed, "entry", "entries"));
	return failed > 0 ? STATUS_INCOMPLETE : STATUS_OK;
}

enum status
session_expand(struct session *r, expand_visit *visit, void *arg)
{
	enum status status = session_get_answers(r);
	clock_t began = clock();

	if (status != STATUS_OK)
		return status;
	for (int i = 0; i < LISTS; i++)
		expand_list(r->ev, &r->lists[i], &r->expansions[i], visit, arg);
	if (r->o->verbose)
		say(INFO, "entries %zu evaluated in %.3f s",
		    r->lists[PERMIT].n + r->lists[REJECT].n,
		    (double)(clock() - began) / CLOCKS_PER_SEC);
	notes_say_rest(&r->notes);
	if (save_answers(r) != 0)
		return STATUS_FAILED;
	return judge(r);
}

bool
session_shows(const struct options *o, enum family f)
{
	return o->only4 == o->only6 || o->only4 == (f == IPV4);
}

void
session_make_table(
    struct table *t, struct session *r, int list, bool everything)
{
	static const char *const actions[LISTS] = {"permit", "reject"};
	struct expansion *x = &r->expansions[list];
	size_t n, kept = 0;

	*t = (struct table){.action = actions[list],
	    .domains = x->domains,
	    .ttl = r->config.zone_ttl,
	    .zone_servers = r->config.zone_servers};
	n = addrset_nets(&x->permits, &t->nets);
	for (size_t i = 0; i < n; i++)
		if (everything || session_shows(r->o, t->nets[i].family))
			t->nets[kept++] = t->nets[i];
	t->n = kept;
	for (int f = 0; f < FAMILIES; f++)
		t->hidden[f] =
		    !everything && !session_shows(r->o, (enum family)f);
	t->indexed =
	    r->config.table_layout == LAYOUT_INDEXED ||
	    (r->config.table_layout == LAYOUT_AUTO && table_is_large(kept));
}
