/*
 * explain: what the saved answers mean for an address, and for each domain.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report.h"
#include "session.h"

/*
 * For commands that ask no DNS: lists, from -l or a configuration, and
 * answers, from -r or those saved last. keep_repeats: see struct session.
 */
static enum status
begin_saved(struct session *r, const struct options *o, bool keep_repeats)
{
	bool with_file = o->lists.n == 0 || o->replay == NULL;
	enum status status = session_begin(r, o, with_file);

	r->keep_repeats = keep_repeats;
	if (status == STATUS_OK)
		status = session_read_lists(r, false, NULL);
	if (status != STATUS_OK)
		return status;
	if (o->replay == NULL && (r->replay = session_read_saved(r)) == NULL) {
		say(ERROR,
		    "%s: no saved answers; update makes them, -r reads others",
		    r->config.state_directory);
		return STATUS_FAILED;
	}
	return session_get_answers(r);
}

/*
 * Prints which entries of a list say something of the address. All of them are
 * from files: what stands on the command line are the addresses.
 */
static void
explain_entries(
    struct session *r, int list, enum family f, const struct addr *a)
{
	static const char *const words[LISTS][4] = {
	    {
		[EXPLAIN_PERMITS] = "permits",
		[EXPLAIN_REFUSES] = "does not permit",
		[EXPLAIN_GUARDED] = "would permit, but a guard leaves it out",
	    },
	    {
		[EXPLAIN_PERMITS] = "rejects",
		[EXPLAIN_REFUSES] = "does not reject",
		[EXPLAIN_GUARDED] = "would reject, but a guard leaves it out",
	    },
	};
	const struct list *l = &r->lists[list];
	struct buf path, name;

	buf_init(&path);
	buf_init(&name);
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];
		struct spf_term term = entry_term(e);
		enum explanation x;

		path.len = name.len = 0;
		buf_puts(&path, "");
		x = evaluate_explain(r->ev, &term, f, a, &path);
		if (x == EXPLAIN_NOTHING)
			continue;
		printf("  %s:%u: ", e->file, e->line);
		buf_add_escaped(&name, e->text, strlen(e->text), SHOWN_MAX);
		printf("%s %s", name.data,
		    e->exclude && x == EXPLAIN_PERMITS ? "excludes"
						       : words[list][x]);
		printf(path.len > 0 ? ": %s\n" : "%s\n", path.data);
	}
	buf_clear(&path);
	buf_clear(&name);
}

/* Every way in which the tables permit or refuse an address. */
static void
explain_address(struct session *r, enum family f, const struct addr *a)
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
		explain_entries(r, i, f, a);
	}
}

/* An address, also as postscreen logs it: [ADDRESS]:PORT. */
static int
client_address(const char *text, enum family *f, struct addr *a)
{
	size_t len;

	if (*text != '[')
		return addr_from_text(text, f, a);
	len = strcspn(text + 1, "]");
	return text[len + 1] == ']' ? addr_from_part(text + 1, len, f, a) : -1;
}

/* What the saved answers know nothing of cannot be explained. */
static void
say_unknown(void *arg, const struct entry *e, struct verdict *v)
{
	struct buf name;

	(void)arg;
	if (v->answered)
		return;
	buf_init(&name);
	entry_name(&name, e);
	say(WARNING, "%s: no answer was saved: run postpermit update",
	    name.data);
	buf_clear(&name);
}

enum status
explain_command(const struct options *o)
{
	enum status status;
	enum family f;
	struct addr a;
	struct session r;

	if (o->terms.n == 0)
		return usage("explain needs an ADDRESS", NULL);
	for (size_t i = 0; i < o->terms.n; i++)
		if (client_address(o->terms.v[i], &f, &a) != 0) {
			say(ERROR, "%s: expected an IPv4 or IPv6 address",
			    o->terms.v[i]);
			return STATUS_USAGE;
		}
	status = begin_saved(&r, o, true);
	if (status == STATUS_OK) {
		for (int i = 0; i < LISTS; i++)
			expand_list(r.ev, &r.lists[i], &r.expansions[i],
			    o->replay == NULL ? say_unknown : NULL, NULL);
		for (size_t i = 0; i < o->terms.n; i++) {
			client_address(o->terms.v[i], &f, &a);
			explain_address(&r, f, &a);
		}
		status = finish_output(STATUS_OK);
	}
	session_clear(&r);
	return status;
}

/* What the visitor of report works with. */
struct reporter {
	struct session *run;
	struct buf text;
	struct json json;
	bool as_json;
};

static void
report_entry(void *arg, const struct entry *e, struct verdict *v)
{
	struct reporter *reporter = arg;
	int64_t now = reporter->run->now;
	struct buf name;

	if (!entry_is_domain(e))
		return;
	buf_init(&name);
	entry_name(&name, e);
	if (reporter->as_json)
		report_json(&reporter->json, name.data, v, now);
	else
		report_text(&reporter->text, name.data, v, now);
	session_say_notes(reporter->run, e, v, NULL);
	buf_clear(&name);
}

enum status
report_command(const struct options *o)
{
	struct reporter reporter = {
	    .as_json = strcmp(o->format_name, "json") == 0};
	enum status status;
	struct session r;

	if (!reporter.as_json && strcmp(o->format_name, "postfix") != 0)
		return usage("report knows -f json alone", o->format_name);
	status = begin_saved(&r, o, false);
	if (status == STATUS_OK) {
		reporter.run = &r;
		buf_init(&reporter.text);
		if (reporter.as_json) {
			json_init(&reporter.json, &reporter.text);
			json_array(&reporter.json, NULL, JSON_LINES);
		}
		for (int i = 0; i < LISTS; i++)
			expand_list(r.ev, &r.lists[i], &r.expansions[i],
			    report_entry, &reporter);
		if (reporter.as_json)
			json_end(&reporter.json);
		fwrite(reporter.text.data, 1, reporter.text.len, stdout);
		buf_clear(&reporter.text);
		status = finish_output(STATUS_OK);
	}
	session_clear(&r);
	return status;
}
