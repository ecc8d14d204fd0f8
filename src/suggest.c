/*
 * suggest: mail logs to list lines.
 *
 *	log lines -> events -> delays -> crawl -> evaluate -> advice -> lines
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/problems.h"
#include "base/system.h"
#include "base/text.h"
#include "table/install.h"
#include "maillog/advice.h"
#include "maillog/logfile.h"
#include "session.h"

/* What the visitor of log lines works with. */
struct reader {
	struct maillog *log;
	struct delays *delays;
	uint64_t events, garbled;
};

static void
read_line(void *arg, const char *line, size_t len)
{
	struct reader *r = arg;
	struct maillog_event e;

	switch (maillog_line(r->log, line, len, &e)) {
	case MAILLOG_EVENT:
		r->events++;
		delays_event(r->delays, &e);
		break;
	case MAILLOG_GARBLED:
		r->garbled++;
		break;
	case MAILLOG_OTHER:
		break;
	}
}

/* Reads one log file; what is wrong is said. */
static enum status
read_log(struct reader *r, const char *path, struct logfile_counts *counts)
{
	enum status status = STATUS_OK;
	struct buf why;
	int fd;

	buf_init(&why);
	fd = logfile_open(path, &why);
	if (fd < 0) {
		say(ERROR, "%s", why.data);
		status = STATUS_USAGE;
	} else if (logfile_read(fd, counts, read_line, r) != 0) {
		say(ERROR, "%s: %s", path, strerror(errno));
		status = STATUS_FAILED;
	}
	if (fd > STDERR_FILENO)
		close(fd);
	buf_clear(&why);
	return status;
}

/* One line for each number that is not what a good log has. */
static void
say_counts(const struct session *r, const struct reader *reader,
    const struct logfile_counts *lines)
{
	const struct delays_counts *c = delays_counts(reader->delays);
	const struct {
		uint64_t n;
		const char *one, *many, *rest;
		bool shown;
	} messages[] = {
	    {lines->too_long, "line is", "lines are",
		"too long, and passed over", true},
	    {reader->garbled, "line begins", "lines begin",
		"with no time stamp, host and program", true},
	    {c->backwards, "jump", "jumps",
		"back in time by more than a minute", true},
	    {c->forgotten, "attempt", "attempts",
		"had to be forgotten before the message came", true},
	    {c->overflow, "delay", "delays",
		"found no room for the domain or client", true},
	    {c->odd_sender, "attempt names", "attempts name",
		"a sender without a mail domain", r->o->verbose},
	    {c->no_sender, "attempt is for a bounce,",
		"attempts are for bounces,", "without a sender", r->o->verbose},
	    {c->attempts, "attempt was", "attempts were", "told to come back",
		r->o->verbose},
	    {reader->events, "line was", "lines were", "of use", r->o->verbose},
	};

	for (size_t i = 0; i < COUNT(messages); i++)
		if (messages[i].n > 0 && messages[i].shown && !r->o->quiet)
			say(NOTE, "%llu %s %s",
			    (unsigned long long)messages[i].n,
			    plural(messages[i].n, messages[i].one,
				messages[i].many),
			    messages[i].rest);
	if (lines->lines > 0 && reader->events == 0)
		say(WARNING,
		    "no line of Postfix's postscreen, smtpd or qmgr is in "
		    "the log");
}

/* Reads all logs. */
static enum status
read_logs(struct session *r, struct delays *d, struct logfile_counts *lines)
{
	struct reader reader = {.log = maillog_open(r->now), .delays = d};
	const struct strings *given = &r->o->terms;
	const char **paths = xcalloc(given->n, sizeof(*paths));
	enum status status = STATUS_OK;

	for (size_t i = 0; i < given->n; i++)
		paths[i] = given->v[i];
	logfile_sort(paths, given->n, r->now);
	if (given->n == 0)
		status = read_log(&reader, "-", lines);
	for (size_t i = 0; i < given->n && status == STATUS_OK; i++)
		status = read_log(&reader, paths[i], lines);
	if (status == STATUS_OK)
		say_counts(r, &reader, lines);
	maillog_close(reader.log);
	free(paths);
	return status;
}

/* ---- what is there already ---- */

/* The lists of this run: nothing else is looked up. */
enum { SENDERS, OWN };

/*
 * Reads the lists: of the command line if it has any, else the configured
 * ones. Of these only the exclusions are looked up: the table has the rest.
 */
static enum status
read_own_lists(struct session *r, struct known *known)
{
	const struct strings *given = &r->o->lists;
	struct problems problems;
	struct list all, *lists = &all;
	enum status status;

	list_init(&all);
	problems_init(&problems);
	for (size_t i = 0; i < given->n; i++)
		list_read_file(&all, given->v[i], &problems);
	if (given->n == 0)
		list_read_paths(&all, r->config.permit_lists, &problems);
	status = problems.n > 0 ? STATUS_USAGE : STATUS_OK;
	say_problems(ERROR, &problems);
	problems_clear(&problems);
	problems_init(&problems);
	known_add_list(known, &all);
	list_ignore(&lists, 1, NULL);
	for (size_t i = 0; i < all.n; i++)
		if (given->n > 0 || all.v[i].exclude)
			list_add_term(&r->lists[OWN], NULL, 0, all.v[i].text,
			    strlen(all.v[i].text), &problems);
	problems_clear(&problems);
	list_clear(&all);
	return status;
}

/* The installed table; without one, nothing is permitted yet. */
static enum status
read_table(const struct session *r, struct addrset *permitted)
{
	const char *path = r->config.permit_table;
	enum status status = STATUS_OK;
	struct net *nets = NULL;
	struct buf why;
	size_t n, others;
	FILE *in;

	buf_init(&why);
	in = install_open(path, &why);
	if (in != NULL) {
		n = table_read(in, "permit", &nets, &others);
		if (ferror(in)) {
			say(ERROR, "%s: cannot read: %s", path,
			    strerror(errno));
			status = STATUS_FAILED;
		}
		fclose(in);
		for (size_t i = 0; i < n; i++)
			addrset_add_net(permitted, nets[i].family,
			    &nets[i].addr, nets[i].prefix);
		free(nets);
	} else if (why.len > 0) {
		say(ERROR, "%s", why.data);
		status = STATUS_FAILED;
	} else if (!r->o->quiet)
		say(WARNING, "%s: there is no table yet", path);
	buf_clear(&why);
	return status;
}

/* ---- senders ---- */

/* What the visitor of senders works with. */
struct judge {
	struct session *run;
	struct advice *advice;
	struct known *known;
	size_t next; /* senders come in the order of their entries */
};

static void
visit_sender(void *arg, const struct entry *e, struct verdict *v)
{
	struct judge *j = arg;

	if (j->run->o->verbose)
		session_say_notes(j->run, e, v, NULL);
	advice_judge(j->advice, j->next++, v, j->known);
}

/* What the lookups were good for. */
static enum status
judge(const struct session *r)
{
	const struct expansion *x = &r->expansions[SENDERS];
	size_t failed = x->failed + r->expansions[OWN].failed;

	if (x->domains > 0 && x->answered == 0) {
		say(ERROR, "none of %zu sender %s has a usable answer",
		    x->domains, plural(x->domains, "domain", "domains"));
		return STATUS_FAILED;
	}
	if (failed == 0)
		return STATUS_OK;
	say(WARNING, "lookups failed for %zu %s: lines may be missing", failed,
	    plural(failed, "domain", "domains"));
	return STATUS_INCOMPLETE;
}

/* Looks everything up and decides. */
static enum status
advise(struct session *r, struct advice *a, struct known *known)
{
	struct judge j = {.run = r, .advice = a, .known = known};
	enum status status = STATUS_OK;

	advice_list(a, &r->lists[SENDERS]);
	if (a->left_out > 0 && !r->o->quiet)
		say(WARNING,
		    "%zu sender %s left out, whose mail waited less than that "
		    "of the others",
		    a->left_out,
		    plural(a->left_out, "domain is", "domains are"));
	r->max_queries = ADVICE_QUERIES;
	if (r->o->lists.n == 0)
		status = read_table(r, &known->permitted);
	if (status == STATUS_OK)
		status = session_get_answers(r);
	if (status != STATUS_OK)
		return status;
	expand_list(r->ev, &r->lists[OWN], &r->expansions[OWN], NULL, NULL);
	addrset_union(&known->permitted, &r->expansions[OWN].permits);
	addrset_union(&known->excluded, &r->expansions[OWN].excluded);
	expand_list(r->ev, &r->lists[SENDERS], &r->expansions[SENDERS],
	    visit_sender, &j);
	status = judge(r);
	if (status != STATUS_FAILED)
		advice_make(a, r->ev, r->answers, known);
	return status;
}

/* From what the logs gave to what is printed. */
static enum status
suggest(struct session *r, struct delays *d, const struct logfile_counts *lines,
    struct known *known)
{
	struct advice_summary summary = {
	    .counts = delays_counts(d), .lines = lines->lines};
	struct delayed_client *clients;
	enum status status;
	struct advice a;
	struct buf out;
	size_t n;

	clients = delays_finish(d, &n);
	advice_init(&a, clients, n);
	status = advise(r, &a, known);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE) {
		buf_init(&out);
		if (strcmp(r->o->format_name, "json") == 0)
			advice_json(&out, &a, &summary);
		else
			advice_text(&out, &a, &summary);
		fwrite(out.data, 1, out.len, stdout);
		status = finish_output(status);
		buf_clear(&out);
	}
	advice_clear(&a);
	return status;
}

/* Bytes that nobody outside can know. */
static uint64_t
secret(void)
{
	uint64_t key;

	random_bytes(&key, sizeof(key));
	return key;
}

enum status
suggest_command(const struct options *o)
{
	struct logfile_counts lines = {0};
	struct known known;
	enum status status;
	struct delays *d;
	struct session r;

	if (strcmp(o->format_name, "json") != 0 &&
	    strcmp(o->format_name, "postfix") != 0)
		return usage("suggest supports only -f json", o->format_name);
	known_init(&known);
	status = session_begin(&r, o, o->lists.n == 0 || o->replay == NULL);
	if (status == STATUS_OK)
		status = read_own_lists(&r, &known);
	if (status == STATUS_OK) {
		d = delays_open(&delays_default_sizes, secret());
		status = read_logs(&r, d, &lines);
		if (status == STATUS_OK)
			status = suggest(&r, d, &lines, &known);
		delays_close(d);
	}
	session_clear(&r);
	known_clear(&known);
	return status;
}
