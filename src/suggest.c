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
#include "expand/listfile.h"
#include "table/install.h"
#include "maillog/advice.h"
#include "maillog/blocked.h"
#include "commands.h"
#include "logs.h"

/* The receivers of events. */
struct reader {
	struct retries *delays;
	struct blocked blocked;
};

static void
take_event(void *arg, const struct maillog_event *e)
{
	struct reader *r = arg;

	if (e->kind == MAILLOG_BLOCKED)
		blocked_event(&r->blocked, e);
	retries_event(r->delays, e);
}

/* One line for each number that is not what a good log has. */
static void
say_counts(const struct session *r, const struct retries_counts *c)
{
	const struct {
		uint64_t n;
		const char *one, *many, *rest;
		bool shown;
	} messages[] = {
	    {c->forgotten, "attempt", "attempts",
		"dropped before the message came: table full", true},
	    {c->overflow, "delay", "delays", "dropped: table full", true},
	    {c->odd_sender, "attempt names", "attempts name",
		"a sender without a mail domain", r->o->verbose},
	    {c->no_sender, "attempt is for a bounce,",
		"attempts are for bounces,", "without a sender", r->o->verbose},
	    {c->attempts, "attempt was", "attempts were", "told to come back",
		r->o->verbose},
	};

	for (size_t i = 0; i < COUNT(messages); i++)
		if (messages[i].n > 0 && messages[i].shown && !r->o->quiet)
			say(NOTE, "%llu %s %s",
			    (unsigned long long)messages[i].n,
			    plural(messages[i].n, messages[i].one,
				messages[i].many),
			    messages[i].rest);
}

/* Every text of temporary rejects, and what followed. */
static void
say_reasons(const struct reasons *reasons)
{
	for (unsigned i = 0; i <= REASONS_MAX; i++) {
		const struct reason *v = &reasons->v[i];
		uint64_t counted = v->times - v->passed;

		if (v->passed > 0)
			say(NOTE,
			    "%llu %s skipped, with a cause other than "
			    "greylisting: %s",
			    (unsigned long long)v->passed,
			    plural(v->passed, "temporary reject was",
				"temporary rejects were"),
			    v->text);
		if (counted > 0)
			say(NOTE, "%llu %s, which %llu %s followed: %s",
			    (unsigned long long)counted,
			    plural(counted, "temporary reject",
				"temporary rejects"),
			    (unsigned long long)v->followed,
			    plural(v->followed, "message", "messages"),
			    v->text);
	}
}

/* Reads all logs. */
static enum status
read_logs(struct session *r, struct reader *reader, uint64_t *lines)
{
	struct logs logs;
	enum status status = logs_read(&logs, r, take_event, reader);

	*lines = logs.lines;
	if (status != STATUS_OK)
		return status;
	say_counts(r, retries_counts(reader->delays));
	if (r->o->verbose)
		say_reasons(retries_reasons(reader->delays));
	return STATUS_OK;
}

/* ---- Lists and tables that exist already ---- */

/* The lists of this run: nothing else is looked up. */
enum { SENDERS, OWN };

/*
 * Reads the lists: of the command line if it has any, else the configured
 * ones. Of these only the exclusions are looked up: the table has the rest.
 */
static enum status
read_own_lists(struct session *r, struct configured *known)
{
	const struct strings *given = &r->o->lists;
	struct problems problems;
	struct list all, *lists = &all;
	enum status status;

	list_init(&all);
	problems_init(&problems);
	for (size_t i = 0; i < given->n; i++)
		listfile_read_path(&all, given->v[i], &problems);
	if (given->n == 0)
		listfile_read_paths(&all, r->config.permit_lists, &problems);
	status = problems.n > 0 ? STATUS_USAGE : STATUS_OK;
	say_problems(ERROR, &problems);
	problems_clear(&problems);
	problems_init(&problems);
	configured_add_list(known, &all);
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

/* The data of the visitor of senders. */
struct judge {
	struct session *run;
	struct advice *advice;
	struct configured *known;
	struct blocked *blocked;
	size_t next; /* senders come in the order of their entries */
	size_t domains, answered, failed; /* of those that were delayed */
};

static void
visit_sender(void *arg, const struct entry *e, struct verdict *v)
{
	struct judge *j = arg;
	size_t i = j->next++;

	/* The senders of what DNSBLs refused come last. */
	if (i >= j->advice->nsenders) {
		blocked_judge(j->blocked, i - j->advice->nsenders, &v->permits);
		return;
	}
	if (j->run->o->verbose)
		notes_say(&j->run->notes, e, v, NULL);
	j->domains++;
	j->answered += v->answered;
	j->failed += v->failed;
	advice_judge(j->advice, i, v, j->known);
}

/* Messages about failed lookups. */
static enum status
say_failures(const struct judge *j)
{
	size_t failed = j->failed + j->run->expansions[OWN].failed;

	if (j->domains > 0 && j->answered == 0) {
		say(ERROR, "none of %zu sender %s could be resolved",
		    j->domains, plural(j->domains, "domain", "domains"));
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
advise(struct session *r, struct advice *a, struct configured *known,
    struct blocked *blocked)
{
	struct judge j = {
	    .run = r, .advice = a, .known = known, .blocked = blocked};
	enum status status = STATUS_OK;

	advice_list(a, &r->lists[SENDERS]);
	if (a->left_out > 0 && !r->o->quiet)
		say(WARNING,
		    "%zu sender %s left out: their mail waited less than that "
		    "of the others",
		    a->left_out,
		    plural(a->left_out, "domain is", "domains are"));
	blocked_list(blocked, &r->lists[SENDERS]);
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
	status = say_failures(&j);
	if (status != STATUS_FAILED)
		advice_make(a, r->ev, r->answers, known);
	return status;
}

/* From the delays in the logs to the list lines. */
static enum status
suggest(struct session *r, struct reader *reader, uint64_t lines,
    struct configured *known)
{
	struct advice_summary summary = {
	    .counts = retries_counts(reader->delays),
	    .reasons = retries_reasons(reader->delays),
	    .blocked = &reader->blocked,
	    .lines = lines};
	struct delayed_client *clients;
	enum status status;
	struct advice a;
	struct buf out;
	size_t n;

	clients = retries_finish(reader->delays, &n);
	advice_init(&a, clients, n);
	status = advise(r, &a, known, &reader->blocked);
	if (status == STATUS_OK || status == STATUS_INCOMPLETE) {
		buf_init(&out);
		if (strcmp(r->o->format_name, "json") == 0)
			advice_json(&out, &a, &summary);
		else
			advice_text(&out, &a, &summary);
		status = print_result(&out, status);
	}
	advice_clear(&a);
	return status;
}

/* Unpredictable bytes for the hashes. */
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
	struct reader reader;
	struct configured known;
	enum status status;
	struct session r;
	uint64_t lines;

	if (o->journal && o->terms.n > 1)
		return usage("--journal takes one SINCE", o->terms.v[1]);
	if (o->audit)
		return audit_command(o);
	configured_init(&known);
	status = session_begin(&r, o, o->lists.n == 0 || o->replay == NULL);
	if (status == STATUS_OK)
		status = read_own_lists(&r, &known);
	if (status == STATUS_OK) {
		reader.delays = retries_open(
		    &retries_default_sizes, secret(), r.config.greylist_texts);
		blocked_init(&reader.blocked, secret());
		status = read_logs(&r, &reader, &lines);
		if (status == STATUS_OK)
			status = suggest(&r, &reader, lines, &known);
		blocked_clear(&reader.blocked);
		retries_close(reader.delays);
	}
	session_clear(&r);
	configured_clear(&known);
	return status;
}
