/*
 * status: the tables, the last run, and whether Postfix uses the tables, as a
 * monitoring plugin: the first line has the problem, and the exit status is 0,
 * 1 (warning) or 2 (critical).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "table/install.h"
#include "table/table.h"
#include "commands.h"
#include "lastrun.h"
#include "pending.h"
#include "postfix.h"
#include "session.h"
#include "state.h"

#define RUN_LATE ((int64_t)36 * 3600)     /* seconds without a run */
#define SUCCESS_LATE ((int64_t)3 * 86400) /* seconds of runs that fail */

enum level { OK, WARN, CRITICAL };

/* A table as it is installed. */
struct installed {
	const char *name, *path;
	bool wanted, exists;
	size_t networks;
	int64_t age;
};

struct state {
	const struct session *run;
	struct installed tables[LISTS];
	struct last_run last;
	struct holds holds;
	size_t held; /* how many of these are held, not just watched */
	struct pending pending;
	struct postfix postfix;
	enum level level;
	struct buf why; /* the problem, for the first line */
};

/* Something is wrong: the worst decides. */
static void raise_level(struct state *s, enum level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void
raise_level(struct state *s, enum level level, const char *fmt, ...)
{
	va_list ap;

	if (level > s->level)
		s->level = level;
	buf_puts(&s->why, s->why.len > 0 ? "; " : "");
	va_start(ap, fmt);
	buf_vprintf(&s->why, fmt, ap);
	va_end(ap);
}

static int64_t
since(const struct state *s, int64_t when)
{
	return s->run->now > when ? s->run->now - when : 0;
}

static void
look_at_table(struct state *s, int which)
{
	static const char *const names[] = {"permit_table", "reject_table"};
	static const char *const actions[] = {"permit", "reject"};
	const struct conf *c = &s->run->config;
	struct installed *t = &s->tables[which];
	struct net *nets = NULL;
	struct buf why;
	struct stat st;
	size_t others;
	FILE *in;

	t->name = names[which];
	t->path = which == PERMIT ? c->permit_table : c->reject_table;
	t->wanted = *t->path != '\0';
	if (!t->wanted)
		return;
	buf_init(&why);
	in = install_open(t->path, &why);
	t->exists = in != NULL && fstat(fileno(in), &st) == 0;
	if (t->exists) {
		t->networks = table_read(in, actions[which], &nets, &others);
		t->age = since(s, st.st_mtime);
	}
	if (in != NULL)
		fclose(in);
	if (!t->exists)
		raise_level(s, CRITICAL, "%s: %s", t->name,
		    why.len > 0 ? why.data : "does not exist");
	else if (which == PERMIT && t->networks == 0)
		raise_level(s, CRITICAL, "%s is empty", t->name);
	free(nets);
	buf_clear(&why);
}

static void
look_at_last_run(struct state *s)
{
	const struct last_run *l = &s->last;
	struct buf text;

	buf_init(&text);
	if (last_run_read(s->run, &s->last, &text) != 0) {
		raise_level(s, WARN, "%s",
		    text.len > 0 ? text.data : "update has not run yet");
		buf_clear(&text);
		return;
	}
	buf_add_age(&text, since(s, l->ended));
	if (since(s, l->ended) > RUN_LATE)
		raise_level(s, WARN, "the last run was %s ago", text.data);
	text.len = 0;
	buf_add_age(&text, since(s, l->success));
	if (l->status != 0 && since(s, l->success) > SUCCESS_LATE)
		raise_level(s, CRITICAL,
		    "the last run ended with exit status "
		    "%lld, and none with 0 %s%s",
		    (long long)l->status, l->success > 0 ? "for " : "yet",
		    l->success > 0 ? text.data : "");
	else if (l->status != 0)
		raise_level(s, WARN, "the last run ended with exit status %lld",
		    (long long)l->status);
	text.len = 0;
	buf_add_age(&text, since(s, l->oldest));
	if (l->stale > 0)
		raise_level(s, WARN,
		    "saved answers replace %lld of %lld lookups, the "
		    "oldest %s old",
		    (long long)l->stale, (long long)l->lookups, text.data);
	buf_clear(&text);
}

static void
look_at_holds(struct state *s)
{
	state_read_holds(s->run, &s->holds);
	for (size_t i = 0; i < s->holds.n; i++)
		s->held += held_is_held(&s->holds.v[i]);
	if (s->held > 0)
		raise_level(s, WARN, "%zu %s held", s->held,
		    plural(s->held, "entry is", "entries are"));
}

static void
look_at_reload(struct state *s)
{
	struct buf text;

	s->pending = pending_find(s->run);
	if (!s->pending.due || s->pending.seconds < PENDING_LATE)
		return;
	buf_init(&text);
	pending_advice(&text, &s->pending);
	raise_level(s, WARN, "%s", text.data);
	buf_clear(&text);
}

/* ---- As text ---- */

static void
print_age(struct buf *b, const char *before, int64_t seconds)
{
	buf_puts(b, before);
	buf_add_age(b, seconds);
}

static void
print_summary(struct buf *b, const struct state *s)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
	size_t n = s->tables[PERMIT].networks;

	buf_printf(b, "%s: ", words[s->level]);
	if (s->level != OK)
		buf_puts(b, s->why.data);
	else {
		buf_printf(
		    b, "%zu %s permitted", n, plural(n, "network", "networks"));
		print_age(b, ", last run ", since(s, s->last.ended));
		buf_puts(b, " ago");
	}
	buf_puts(b, "\n");
}

static void
print_tables(struct buf *b, const struct state *s)
{
	for (int i = 0; i < LISTS; i++) {
		const struct installed *t = &s->tables[i];

		if (!t->wanted)
			continue;
		buf_printf(b, "%s: ", t->name);
		if (t->exists) {
			buf_printf(b, "%zu %s", t->networks,
			    plural(t->networks, "network", "networks"));
			print_age(b, ", replaced ", t->age);
			buf_puts(b, " ago");
		} else
			buf_puts(b, "none");
		buf_printf(b, " (%s)\n", t->path);
	}
}

static void
print_last_run(struct buf *b, const struct state *s)
{
	const struct last_run *l = &s->last;

	if (l->ended == 0) {
		buf_puts(b, "last run: none\n");
		return;
	}
	print_age(b, "last run: ", since(s, l->ended));
	buf_printf(b, " ago, exit status %lld, took %.1f s; last success ",
	    (long long)l->status, (double)l->milliseconds / 1000);
	if (l->success > 0) {
		buf_add_age(b, since(s, l->success));
		buf_puts(b, " ago\n");
	} else
		buf_puts(b, "never\n");
	buf_printf(b, "stale answers: %lld of %lld", (long long)l->stale,
	    (long long)l->lookups);
	if (l->stale > 0)
		print_age(b, ", the oldest ", since(s, l->oldest));
	buf_puts(b, l->stale > 0 ? " old\n" : "\n");
}

/* Seconds until a held entry is accepted; -1: not by itself. */
static int64_t
accepted_in(const struct state *s, const struct held *h)
{
	const struct conf *c = &s->run->config;
	struct hold_limits limits = {.max_shrink = c->max_shrink,
	    .max_growth = c->max_growth,
	    .hold_time = c->hold_time};
	int64_t until = held_until(h, &limits);

	if (until == 0)
		return -1;
	return until > s->run->now ? until - s->run->now : 0;
}

static void
print_holds(struct buf *b, const struct state *s)
{
	if (s->held == 0)
		buf_puts(b, "held entries: none\n");
	else
		buf_printf(b, "held entries: %zu\n", s->held);
	for (size_t i = 0; i < s->holds.n; i++) {
		const struct held *h = &s->holds.v[i];
		int64_t left = accepted_in(s, h);
		const char *name = held_name(h);

		if (!held_is_held(h))
			continue;
		buf_puts(b, "  ");
		buf_add_escaped(b, name, strlen(name), SHOWN_MAX);
		buf_printf(b, " (%s): %s", h->reject ? "reject" : "permit",
		    hold_reason_name(h->reason));
		print_age(b, ", for ", since(s, h->since));
		if (left >= 0)
			print_age(b, ", accepted in ", left);
		buf_puts(b, "\n");
	}
}

static void
print_postfix(struct buf *b, const struct state *s)
{
	static const char *const words[] = {"unknown", "no", "yes"};
	const struct postfix *p = &s->postfix;
	bool facts = p->in_force == IN_FORCE_UNKNOWN || s->run->o->verbose;
	const struct problems *all[] = {
	    &p->wrong, &p->notes, facts ? &p->facts : NULL};

	buf_puts(b, "reload: ");
	if (s->pending.due)
		print_age(b, "pending for ", s->pending.seconds);
	else
		buf_puts(b, "none pending");
	buf_printf(b, "\nin force: %s\n", words[p->in_force]);
	for (size_t i = 0; i < COUNT(all); i++)
		for (size_t k = 0; all[i] != NULL && k < all[i]->n; k++)
			buf_printf(b, "  %s\n", all[i]->v[k]);
}

static void
print_text(struct buf *b, const struct state *s)
{
	print_summary(b, s);
	print_tables(b, s);
	print_last_run(b, s);
	print_holds(b, s);
	print_postfix(b, s);
}

/* ---- As JSON ---- */

static void
json_tables(struct json *j, const struct state *s)
{
	json_array(j, "tables", JSON_LINES);
	for (int i = 0; i < LISTS; i++) {
		const struct installed *t = &s->tables[i];

		if (!t->wanted)
			continue;
		json_object(j, NULL, JSON_ROW);
		json_string(j, "table", i == PERMIT ? "permit" : "reject");
		json_string(j, "path", t->path);
		json_bool(j, "exists", t->exists);
		json_number(j, "networks", (int64_t)t->networks);
		json_number(j, "age", t->age);
		json_end(j);
	}
	json_end(j);
}

static void
json_last_run(struct json *j, const struct state *s)
{
	const struct last_run *l = &s->last;

	json_object(j, "last_run", JSON_ROW);
	json_number(j, "ended", l->ended);
	json_number(j, "status", l->status);
	json_real(j, "seconds", (double)l->milliseconds / 1000);
	json_number(j, "success", l->success);
	json_number(j, "lookups", l->lookups);
	json_number(j, "failures", l->failures);
	json_number(j, "stale", l->stale);
	json_number(j, "oldest", l->stale > 0 ? since(s, l->oldest) : 0);
	json_end(j);
}

static void
json_holds(struct json *j, const struct state *s)
{
	json_array(j, "held", JSON_LINES);
	for (size_t i = 0; i < s->holds.n; i++) {
		const struct held *h = &s->holds.v[i];

		if (!held_is_held(h))
			continue;
		json_object(j, NULL, JSON_ROW);
		json_string(j, "entry", held_name(h));
		json_string(j, "table", h->reject ? "reject" : "permit");
		json_string(j, "reason", hold_reason_name(h->reason));
		json_number(j, "since", h->since);
		json_number(j, "accepted_in", accepted_in(s, h));
		json_end(j);
	}
	json_end(j);
}

static void
print_json(struct buf *b, const struct state *s)
{
	static const char *const levels[] = {"ok", "warning", "critical"};
	struct json j;

	json_init(&j, b);
	json_object(&j, NULL, JSON_LINES);
	json_string(&j, "generator", "postpermit " PACKAGE_VERSION);
	json_string(&j, "state", levels[s->level]);
	json_string(&j, "reason", s->why.data);
	json_tables(&j, s);
	json_last_run(&j, s);
	json_holds(&j, s);
	json_object(&j, "reload", JSON_ROW);
	json_bool(&j, "pending", s->pending.due);
	json_bool(&j, "taken", s->pending.taken);
	json_number(&j, "seconds", s->pending.seconds);
	json_end(&j);
	postfix_json(&j, "postfix", &s->postfix);
	json_end(&j);
}

enum status
status_command(const struct options *o)
{
	bool json = strcmp(o->format_name, "json") == 0;
	struct state s = {.level = OK};
	struct session r;
	enum status status;
	struct buf b;

	buf_init(&b);
	buf_init(&s.why);
	status = session_begin(&r, o, true);
	if (status == STATUS_OK) {
		s.run = &r;
		for (int i = 0; i < LISTS; i++)
			look_at_table(&s, i);
		look_at_last_run(&s);
		look_at_holds(&s);
		look_at_reload(&s);
		postfix_look(&s.postfix, &r.config, true);
		if (s.postfix.in_force == IN_FORCE_NO || s.postfix.broken)
			raise_level(&s, WARN,
			    s.postfix.broken
				? "the configuration of Postfix cannot be read"
				: "Postfix does not use the tables as they "
				  "are");
		(json ? print_json : print_text)(&b, &s);
		status = (enum status)s.level;
		postfix_clear(&s.postfix);
		holds_clear(&s.holds);
	} else {
		raise_level(&s, CRITICAL, "the configuration is wrong");
		if (json)
			print_json(&b, &s);
		else
			buf_printf(&b, "CRITICAL: %s\n", s.why.data);
	}
	if (print_result(&b, STATUS_OK) != STATUS_OK)
		status = STATUS_USAGE;
	buf_clear(&s.why);
	session_clear(&r);
	return status;
}
