/*
 * postfix: whether Postfix uses the tables.
 */
#include "postfix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/install.h"
#include "table/table.h"
#include "accesslist.h"
#include "postcmd.h"
#include "postconf.h"
#include "postscreen.h"

#define CLOCK_TICK 10 /* milliseconds that a process may have started later */

/* The state of a look. */
struct look {
	struct postfix *result;
	const struct conf *conf;
	struct postfix_services services;
	char *values; /* what postconf prints of one service */
	char *config_directory;
	struct our_table tables[OUR_TABLES];
	size_t ntables;
};

/* What postconf prints with an option, or NULL; the caller frees it. */
static char *
postconf(struct look *k, const char *option,
    const struct postfix_service *service, const char *const *names)
{
	const char *command = k->conf->postconf_command;
	struct buf why;
	char *out;

	buf_init(&why);
	out = postcmd_postconf(command, option, service, names, &why);
	if (out == NULL)
		problems_add(&k->result->facts,
		    "%s: did not look at it: %s fails: fix that first",
		    why.data, command);
	buf_clear(&why);
	return out;
}

/* ---- One service ---- */

/* Where a parameter of a service is set. */
static const char *
set_in(const struct postfix_service *s, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->overrides[i], name, len) == 0 &&
		    s->overrides[i][len] == '=')
			return "master.cf (-o)";
	return "main.cf";
}

/* Whether one of the yes-or-no parameters is on. */
static bool
is_on(const struct look *k, const char *name)
{
	char *value = postconf_value(k->values, name);
	bool result = value != NULL && strcasecmp(value, "yes") == 0;

	free(value);
	return result;
}

/* Reports the tests that a permitted client skips. */
static void
look_at_tests(struct look *k, const struct postfix_service *s)
{
	static const struct {
		const char *name, *text;
	} deep[] = {{"postscreen_pipelining_enable", "pipelining"},
	    {"postscreen_non_smtp_command_enable", "non-SMTP commands"},
	    {"postscreen_bare_newline_enable", "bare newlines"}};
	char *banner = postconf_value(k->values, "postscreen_greet_banner");
	char *wait = postconf_value(k->values, "postscreen_greet_wait");
	char *dnsbl = postconf_value(k->values, "postscreen_dnsbl_sites");
	struct buf b;

	buf_init(&b);
	if (banner != NULL && *banner != '\0')
		buf_printf(&b, ", greet wait (%s)", wait != NULL ? wait : "?");
	if (dnsbl != NULL && *dnsbl != '\0')
		buf_puts(&b, ", DNSBL");
	for (size_t i = 0; i < COUNT(deep); i++)
		if (is_on(k, deep[i].name))
			buf_printf(&b, ", %s", deep[i].text);
	if (b.len > 0)
		problems_add(&k->result->facts,
		    "%s: tests that permitted clients skip: %s", s->name,
		    b.data + 2);
	else
		problems_add(&k->result->notes,
		    "%s: no test of postscreen is turned on, so the table has "
		    "no effect: see postscreen_dnsbl_sites, "
		    "postscreen_greet_banner and postscreen_pipelining_enable "
		    "in postconf(5)",
		    s->name);
	buf_clear(&b);
	free(banner);
	free(wait);
	free(dnsbl);
}

/* Checks that the reject table has an effect. */
static void
look_at_action(struct look *k, const struct postfix_service *s)
{
	const char *name = "postscreen_denylist_action";
	char *action = postconf_value(k->values, name);

	/* Postfix before 3.6. */
	if (action == NULL) {
		name = "postscreen_blacklist_action";
		action = postconf_value(k->values, name);
	}
	if (action != NULL && strcasecmp(action, "ignore") == 0)
		problems_add(&k->result->wrong,
		    "%s: %s = ignore in %s: reject_table has no effect: set "
		    "it to enforce or drop",
		    s->name, name, set_in(s, name));
	free(action);
}

/* Whether the list of a service has our tables, and where. */
static void
look_at_list(struct look *k, const struct postfix_service *s, const char *list,
    size_t places[OUR_TABLES])
{
	char *directory = postconf_value(k->values, "command_directory");
	const struct accesslist a = {.service = s,
	    .list = list,
	    .set_in = set_in(s, "postscreen_access_list"),
	    .command_directory = directory,
	    .config_directory = k->config_directory,
	    .tables = k->tables,
	    .n = k->ntables,
	    .wrong = &k->result->wrong};

	accesslist_look(&a, places);
	free(directory);
}

static void
look_at_service(struct look *k, const struct postfix_service *s)
{
	static const char *const names[] = {"postscreen_access_list",
	    "postscreen_denylist_action", "postscreen_blacklist_action",
	    "postscreen_greet_banner", "postscreen_greet_wait",
	    "postscreen_dnsbl_sites", "postscreen_pipelining_enable",
	    "postscreen_non_smtp_command_enable",
	    "postscreen_bare_newline_enable", "command_directory", NULL};
	size_t places[OUR_TABLES] = {0};
	char *list;
	struct buf shown;

	k->values = postconf(k, "-x", s, names);
	if (k->values == NULL) {
		k->result->broken = true;
		return;
	}
	list = postconf_value(k->values, "postscreen_access_list");
	if (list != NULL)
		look_at_list(k, s, list, places);
	if (places[OUR_REJECT] > 0)
		look_at_action(k, s);
	if (list != NULL && places[OUR_PERMIT] > 0) {
		buf_init(&shown);
		buf_add_escaped(&shown, list, strlen(list), SHOWN_MAX);
		problems_add(&k->result->facts,
		    "%s: postscreen_access_list = %s (set in %s)", s->name,
		    shown.data, set_in(s, "postscreen_access_list"));
		buf_clear(&shown);
		look_at_tests(k, s);
	}
	free(list);
	free(k->values);
	k->values = NULL;
}

/* ---- All of it ---- */

/* Which services are postscreen, and whether mail comes to it. */
static size_t
look_at_services(struct look *k)
{
	const struct postfix_services *all = &k->services;
	const struct postfix_service *other = NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		bool postscreen = strcmp(all->v[i].command, "postscreen") == 0;

		n += postscreen;
		if (!postscreen && postfix_service_is_smtp(&all->v[i]))
			other = &all->v[i];
	}
	if (n == 0)
		problems_add(&k->result->wrong,
		    "no service in master.cf is postscreen%s%s%s, so nothing "
		    "reads the tables: see POSTSCREEN_README of Postfix for "
		    "how to turn it on",
		    other != NULL ? " (" : "", other != NULL ? other->name : "",
		    other != NULL ? " is smtpd)" : "");
	else if (other != NULL)
		problems_add(&k->result->wrong,
		    "%s in master.cf is %s, not postscreen, so the tables are "
		    "not used for its clients: change it to postscreen, see "
		    "POSTSCREEN_README of Postfix",
		    other->name, other->command);
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].command, "postscreen") == 0)
			look_at_service(k, &all->v[i]);
	return n;
}

/* Whether postscreen can read our tables, and has done so. */
static void
look_at_file(struct look *k, const struct our_table *t, int64_t started)
{
	int64_t written;

	if (!t->exists) {
		problems_add(&k->result->wrong,
		    "%s: %s: postscreen ignores the rest of its access list: "
		    "run postpermit update",
		    t->path, strerror(ENOENT));
		return;
	}
	if ((t->st.st_mode & S_IROTH) == 0)
		problems_add(&k->result->notes,
		    "%s: not readable by all (mode %04o): postscreen reads it "
		    "as root before it drops privileges, but proxymap and "
		    "others cannot: chmod 644 it",
		    t->path, (unsigned)t->st.st_mode & 07777);
	written = (int64_t)t->st.st_mtim.tv_sec * 1000 +
		  t->st.st_mtim.tv_nsec / 1000000;
	if (started != -1 && written > started + CLOCK_TICK)
		problems_add(&k->result->wrong,
		    "%s: newer than the running postscreen, which has the old "
		    "table: run postfix reload",
		    t->path);
}

static void
read_table(struct our_table *t)
{
	struct buf why;
	size_t others;
	FILE *in;

	t->exists = stat(t->path, &t->st) == 0;
	buf_init(&why);
	in = install_open(t->path, &why);
	if (in != NULL) {
		t->n = table_read(in, t->action, &t->nets, &others);
		fclose(in);
	}
	buf_clear(&why);
}

static void
look_at_all(struct look *k, bool running)
{
	static const char *const names[] = {
	    "config_directory", "queue_directory", NULL};
	char *fields = postconf(k, "-F", NULL, NULL);
	char *overrides = NULL, *values = NULL, *queue = NULL;
	int64_t started = -1;

	if (fields != NULL)
		overrides = postconf(k, "-P", NULL, NULL);
	if (overrides != NULL)
		values = postconf(k, "-x", NULL, names);
	k->result->broken = values == NULL;
	if (values != NULL) {
		k->config_directory =
		    postconf_value(values, "config_directory");
		queue = postconf_value(values, "queue_directory");
		postfix_services_read(&k->services, fields, overrides);
	}
	if (queue != NULL && k->config_directory != NULL &&
	    look_at_services(k) > 0) {
		if (running)
			started = postscreen_started(queue);
		for (size_t i = 0; i < k->ntables; i++)
			look_at_file(k, &k->tables[i], started);
	}
	free(fields);
	free(overrides);
	free(values);
	free(queue);
}

/* Whether there is a postconf to ask. */
static bool
has_postconf(struct look *k)
{
	char **words = child_words(k->conf->postconf_command), *file = NULL;

	if (words[0] == NULL)
		problems_add(&k->result->facts,
		    "postconf_command is empty: did not look at Postfix");
	else if ((file = child_find(words[0])) == NULL)
		problems_add(&k->result->facts,
		    "%s: %s: did not look at Postfix (postconf_command)",
		    words[0], strerror(errno));
	free(words);
	free(file);
	return file != NULL;
}

void
postfix_look(struct postfix *p, const struct conf *c, bool running)
{
	struct look k = {.result = p, .conf = c, .ntables = 1};

	*p = (struct postfix){.in_force = IN_FORCE_UNKNOWN};
	if (!has_postconf(&k))
		return;
	k.tables[OUR_PERMIT] = (struct our_table){.parameter = "permit_table",
	    .path = c->permit_table,
	    .action = "permit",
	    .other = "reject"};
	k.tables[OUR_REJECT] = (struct our_table){.parameter = "reject_table",
	    .path = c->reject_table,
	    .action = "reject",
	    .other = "permit"};
	if (*c->reject_table != '\0')
		k.ntables = OUR_TABLES;
	for (size_t i = 0; i < k.ntables; i++)
		read_table(&k.tables[i]);
	look_at_all(&k, running);
	if (!p->broken)
		p->in_force = p->wrong.n > 0 ? IN_FORCE_NO : IN_FORCE_YES;
	for (size_t i = 0; i < k.ntables; i++)
		free(k.tables[i].nets);
	postfix_services_clear(&k.services);
	free(k.config_directory);
}

void
postfix_clear(struct postfix *p)
{
	problems_clear(&p->wrong);
	problems_clear(&p->notes);
	problems_clear(&p->facts);
}

static void
add_texts(struct json *j, const char *name, const struct problems *p)
{
	json_array(j, name, JSON_LINES);
	for (size_t i = 0; i < p->n; i++)
		json_string(j, NULL, p->v[i]);
	json_end(j);
}

void
postfix_json(struct json *j, const char *name, const struct postfix *p)
{
	static const char *const words[] = {"unknown", "no", "yes"};

	json_object(j, name, JSON_LINES);
	json_string(j, "in_force", words[p->in_force]);
	add_texts(j, "wrong", &p->wrong);
	add_texts(j, "notes", &p->notes);
	add_texts(j, "facts", &p->facts);
	json_end(j);
}
