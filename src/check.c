/*
 * check: the configuration and the lists, and what an administrator should look
 * at again, though no parser objects to it.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/problems.h"
#include "base/text.h"
#include "table/install.h"
#include "table/reload.h"
#include "commands.h"
#include "ignored.h"
#include "places.h"
#include "postfix.h"
#include "state.h"

/*
 * Whether the installed table already has the addresses that the entry permits,
 * or does not have those that it excludes.
 */
static bool
is_old(const struct session *r, int list, const struct entry *e,
    const struct net *n, struct addrset *installed)
{
	struct range range = net_range(n);
	struct addrset known;
	bool result;

	if (e->exclude)
		return !addrset_overlaps(installed, n->family, &range);
	addrset_init(&known);
	addrset_union(&known, installed);
	addrset_union(&known, &r->expansions[list].excluded);
	result = addrset_covers(&known, n->family, &range);
	addrset_clear(&known);
	return result;
}

/* min: the length that records must have. */
static void
say_wide_entry(int list, const struct entry *e, enum family f, unsigned min)
{
	struct buf text;

	buf_init(&text);
	if (e->line > 0)
		buf_printf(&text, "%s:%u: ", e->file, e->line);
	buf_add_escaped(&text, e->text, strlen(e->text), SHOWN_MAX);
	say(WARNING, "%s: wider than min_prefix%c (%u): all of it is %s",
	    text.data, f == IPV4 ? '4' : '6', min,
	    e->exclude       ? "excluded"
	    : list == PERMIT ? "permitted"
			     : "rejected");
	buf_clear(&text);
}

/* Host bits are ignored: perhaps another prefix length was meant. */
static bool
has_host_bits(const struct net *n)
{
	struct addr first = net_range(n).first;

	return addr_cmp(&first, &n->addr) != 0;
}

static void
say_host_bits(const struct entry *e, const struct net *n)
{
	struct net masked = {n->family, n->prefix, net_range(n).first};
	char text[NET_STRLEN];
	struct buf name;

	buf_init(&name);
	if (e->line > 0)
		buf_printf(&name, "%s:%u: ", e->file, e->line);
	buf_add_escaped(&name, e->text, strlen(e->text), SHOWN_MAX);
	say(WARNING, "%s: host bits are set: taken as %s", name.data,
	    net_to_text(&masked, text));
	buf_clear(&name);
}

void
check_wide(const struct session *r, int list, struct addrset *installed)
{
	const unsigned min[FAMILIES] = {
	    r->config.min_prefix4, r->config.min_prefix6};
	const struct list *l = &r->lists[list];

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct spf_term term;
		struct net n;

		if (entry_is_domain(e))
			continue;
		term = entry_term(e);
		n.family = term.kind == SPF_IP4 ? IPV4 : IPV6;
		n.prefix = term.prefix[n.family];
		n.addr = term.addr;
		if (installed != NULL && is_old(r, list, e, &n, installed))
			continue;
		if (n.prefix < min[n.family])
			say_wide_entry(list, e, n.family, min[n.family]);
		if (has_host_bits(&n))
			say_host_bits(e, &n);
	}
}

void
check_entries(const struct session *r)
{
	const char *lists = r->config.permit_lists;

	if (r->lists[PERMIT].n == 0 && lists[strspn(lists, " \t")] != '\0')
		say(WARNING,
		    "permit_lists: the lists are empty, and so is the table");
}

/* Says what is wrong with a parameter's value, and where it was set. */
static void
say_parameter(const struct session *r, enum severity severity, const char *name,
    const char *what)
{
	const char *at = conf_set_at(&r->config, name);

	say(severity, "%s%s%s: %s", at != NULL ? at : "",
	    at != NULL ? ": " : "", name, what);
}

/*
 * Whether update could use what a parameter names; an empty value names
 * nothing. A default may wait for its directory to be made.
 */
static bool
look_at(const struct session *r, const char *name, const char *value,
    enum usable (*look)(const char *value, struct buf *why))
{
	bool chosen = conf_set_at(&r->config, name) != NULL;
	enum usable result;
	struct buf why;
	bool fatal;

	if (*value == '\0')
		return true;
	buf_init(&why);
	result = look(value, &why);
	if (result == USABLE_BY_OTHERS)
		buf_puts(&why, " (for this user)");
	fatal = result == UNUSABLE && chosen;
	if (result != USABLE)
		say_parameter(r, fatal ? ERROR : WARNING, name, why.data);
	buf_clear(&why);
	return !fatal;
}

bool
check_tables(const struct session *r)
{
	struct problems problems;
	bool good;

	problems_init(&problems);
	places_check(r, &problems);
	say_problems(ERROR, &problems);
	good = problems.n == 0;
	problems_clear(&problems);
	return good;
}

bool
check_places(const struct session *r)
{
	const struct conf *c = &r->config;
	char *state = session_state_path(r, SAVED_ANSWERS);
	bool good;

	good = look_at(r, "permit_table", c->permit_table, install_check);
	good &= look_at(r, "reject_table", c->reject_table, install_check);
	good &= look_at(r, "state_directory", state, install_check);
	good &= look_at(r, "metrics_file", c->metrics_file, install_check);
	good &= look_at(r, "reload_command", c->reload_command, reload_check);
	free(state);
	return good;
}

/*
 * Says which paths of the file are relative: cron, a service and an
 * administrator's shell would mean others by them. With -o they may be.
 */
static void
say_relative(const struct session *r)
{
	const struct conf *c = &r->config;
	const struct {
		const char *name, *value, *between; /* several paths */
	} paths[] = {{"permit_lists", c->permit_lists, " \t,"},
	    {"permit_table", c->permit_table, ""},
	    {"reject_lists", c->reject_lists, " \t,"},
	    {"reject_table", c->reject_table, ""},
	    {"state_directory", c->state_directory, ""},
	    {"metrics_file", c->metrics_file, ""}};

	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *at = conf_set_at(c, paths[i].name);
		const char *p = paths[i].value, *between = paths[i].between;

		if (at == NULL || *at == '-')
			continue;
		while (*(p += strspn(p, between)) == '/')
			p += strcspn(p, between);
		if (*p != '\0')
			say_parameter(r, WARNING, paths[i].name,
			    "a relative path: it depends on the working "
			    "directory");
	}
}

/* Says what would be an argument of the reload command, not for a shell. */
static void
say_shell_words(const struct session *r)
{
	const char *p = r->config.reload_command;
	size_t len;

	for (; *(p += strspn(p, " \t")) != '\0'; p += len) {
		len = strcspn(p, " \t");
		if (strchr("&|;<>#'\"`$", *p) == NULL && p[len - 1] != ';')
			continue;
		say_parameter(r, WARNING, "reload_command",
		    "not run by a shell: quotes, variables, comments and "
		    "further commands are arguments; write a script");
		return;
	}
}

/* Says what node_exporter would pass over. */
static void
say_metrics_name(const struct session *r)
{
	const char *path = r->config.metrics_file, *dot = strrchr(path, '.');

	if (*path != '\0' && (dot == NULL || strcmp(dot, ".prom") != 0))
		say_parameter(r, WARNING, "metrics_file",
		    "node_exporter reads only files that end in .prom");
}

#define RELOAD_UNIT \
	"/etc/systemd/system/paths.target.wants/postpermit-reload.path"

/*
 * The unit reloads Postfix as root; the user postpermit would run a
 * reload_command, but may not reload.
 */
static void
say_two_reloads(const struct session *r)
{
	struct stat st;

	if (*r->config.reload_command != '\0' && lstat(RELOAD_UNIT, &st) == 0)
		say_parameter(r, WARNING, "reload_command",
		    "postpermit-reload.path is enabled and reloads Postfix "
		    "already: leave reload_command empty, or run systemctl "
		    "disable --now postpermit-reload.path");
}

static void
say_all(enum severity severity, const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		say(severity, "Postfix: %s", p->v[i]);
}

void
check_postfix(const struct session *r, bool running)
{
	struct postfix p;

	postfix_look(&p, &r->config, running);
	say_all(WARNING, &p.wrong);
	say_all(NOTE, &p.notes);
	if (p.broken)
		say_all(WARNING, &p.facts);
	else if (p.in_force == IN_FORCE_UNKNOWN &&
		 *r->config.postconf_command != '\0')
		say_all(NOTE, &p.facts);
	else if (r->o->verbose)
		say_all(INFO, &p.facts);
	if (p.in_force == IN_FORCE_YES && r->o->verbose)
		say(INFO, "Postfix: the tables are in force");
	postfix_clear(&p);
}

/* The addresses of an entry in the table. */
static void
visit(void *arg, const struct entry *e, struct verdict *v)
{
	state_apply_hold(arg, e, &v->permits);
}

/* Says which "!" lines change nothing, as far as the saved answers tell. */
static void
say_ignored(struct session *r)
{
	if (!ignored_is_due(r) || (r->answers = state_read_saved(r)) == NULL)
		return;
	r->ev = session_evaluator(r, r->answers);
	state_read_holds(r, &r->held);
	for (int i = 0; i < LISTS; i++)
		expand_list(r->ev, &r->lists[i], &r->expansions[i], visit, r);
	expand_yield(
	    &r->lists[REJECT], &r->expansions[REJECT], &r->expansions[PERMIT]);
	ignored_say(r, NULL, 0);
}

/* All checks; mistakes are reported. */
static enum status
check(struct session *r, const struct options *o)
{
	struct problems unused;
	enum status status;
	bool tables;

	problems_init(&unused);
	status = session_begin(r, o, true);
	if (status == STATUS_OK)
		status = session_read_lists(r, false, &unused);
	say_problems(WARNING, &unused);
	problems_clear(&unused);
	for (int i = 0; i < LISTS; i++)
		check_wide(r, i, NULL);
	if (status == STATUS_OK && o->lists.n == 0) {
		check_entries(r);
		say_relative(r);
		say_shell_words(r);
		say_metrics_name(r);
		say_two_reloads(r);
		tables = check_tables(r);
		if (!check_places(r) || !tables)
			status = STATUS_USAGE;
		say_ignored(r);
	}
	return status;
}

/* Adds a message to the array that is open. */
static void
add_message(void *arg, enum severity severity, const char *text)
{
	static const char *const words[] = {"error", "warning", "note", "info"};
	struct json *j = arg;
	const char *p = text;
	size_t digits = 0;

	/* "FILE:LINE: TEXT" */
	while ((p = strchr(p, ':')) != NULL) {
		digits = strspn(p + 1, "0123456789");
		if (digits > 0 && p[1 + digits] == ':' && p > text)
			break;
		p++;
	}
	json_object(j, NULL, JSON_ROW);
	json_string(j, "severity", words[severity]);
	if (p != NULL) {
		char *file = xstrndup(text, (size_t)(p - text));

		json_string(j, "file", file);
		json_number(j, "line", strtol(p + 1, NULL, 10));
		text = p + 1 + digits + 1 + (p[2 + digits] == ' ');
		free(file);
	} else {
		json_string(j, "file", NULL);
		json_number(j, "line", 0);
	}
	json_string(j, "text", text);
	json_end(j);
}

/* check -f json: the messages become elements of an array. */
static enum status
check_as_json(struct session *r, const struct options *o)
{
	enum status status;
	struct postfix p = {.in_force = IN_FORCE_UNKNOWN};
	struct json j;
	struct buf b;

	buf_init(&b);
	json_init(&j, &b);
	json_object(&j, NULL, JSON_LINES);
	json_string(&j, "generator", "postpermit " PACKAGE_VERSION);
	json_array(&j, "messages", JSON_LINES);
	say_to(add_message, &j);
	status = check(r, o);
	say_to(NULL, NULL);
	json_end(&j);
	json_number(&j, "status", status);
	json_number(&j, "permit_entries", (int64_t)r->lists[PERMIT].n);
	json_number(&j, "reject_entries", (int64_t)r->lists[REJECT].n);
	if (status == STATUS_OK && o->lists.n == 0)
		postfix_look(&p, &r->config, true);
	postfix_json(&j, "postfix", &p);
	postfix_clear(&p);
	json_end(&j);
	return print_result(&b, status);
}

enum status
check_command(const struct options *o)
{
	bool json = strcmp(o->format_name, "json") == 0;
	enum status status;
	struct session r;

	status = json ? check_as_json(&r, o) : check(&r, o);
	if (status == STATUS_OK && !json && o->lists.n == 0)
		check_postfix(&r, true);
	if (status == STATUS_OK && !json && o->verbose)
		say(INFO, "%zu permit %s, %zu reject %s", r.lists[PERMIT].n,
		    plural(r.lists[PERMIT].n, "entry", "entries"),
		    r.lists[REJECT].n,
		    plural(r.lists[REJECT].n, "entry", "entries"));
	session_clear(&r);
	return status;
}
