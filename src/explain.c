/*
 * explain: why an address is permitted or not, by the saved answers.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "commands.h"
#include "session.h"
#include "state.h"

/* What explain prints with. */
struct explainer {
	struct session *run;
	struct json *json; /* NULL: as text */
	enum family family;
	struct addr address;
};

/* One entry that says something of the address. path: by which terms. */
static void
print_entry(const struct explainer *x, int list, const struct entry *e,
    enum explanation what, const char *path)
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
	static const char *const results[4] = {
	    [EXPLAIN_PERMITS] = "match",
	    [EXPLAIN_REFUSES] = "no-match",
	    [EXPLAIN_GUARDED] = "guarded",
	};
	bool excludes = e->exclude && what == EXPLAIN_PERMITS;
	struct buf name;

	buf_init(&name);
	buf_add_escaped(&name, e->text, strlen(e->text), SHOWN_MAX);
	if (x->json == NULL) {
		printf("  %s:%u: %s %s%s%s\n", e->file, e->line, name.data,
		    excludes ? "excludes" : words[list][what],
		    *path != '\0' ? ": " : "", path);
	} else {
		json_object(x->json, NULL, JSON_ROW);
		json_string(x->json, "file", e->file);
		json_number(x->json, "line", e->line);
		json_string(x->json, "entry", name.data);
		json_string(
		    x->json, "result", excludes ? "excluded" : results[what]);
		json_string(x->json, "path", path);
		json_end(x->json);
	}
	buf_clear(&name);
}

/*
 * Prints which entries of a list say something of the address. All of them are
 * from files: the arguments on the command line are the addresses.
 */
static void
explain_entries(const struct explainer *x, int list)
{
	const struct list *l = &x->run->lists[list];
	struct buf path;

	buf_init(&path);
	for (size_t i = 0; i < l->n; i++) {
		struct spf_term term = entry_term(&l->v[i]);
		enum explanation what;

		path.len = 0;
		buf_puts(&path, "");
		what = evaluate_explain(
		    x->run->ev, &term, x->family, &x->address, &path);
		if (what != EXPLAIN_NOTHING)
			print_entry(x, list, &l->v[i], what, path.data);
	}
	buf_clear(&path);
}

/* Says which entries that concern the address are held. */
static void
say_held_entries(const struct explainer *x)
{
	for (size_t i = 0; i < x->run->held.n; i++) {
		struct held *h = &x->run->held.v[i];

		if (held_is_held(h) &&
		    (addrset_contains(&h->before, x->family, &x->address) ||
			addrset_contains(&h->after, x->family, &x->address)))
			state_say_held(h);
	}
}

/* Every way in which the tables permit or refuse an address. */
static void
explain_address(const struct explainer *x)
{
	static const char *const words[LISTS][2] = {
	    {"not permitted", "permitted"}, {"not rejected", "rejected"}};
	static const char *const tables[LISTS] = {"permit", "reject"};
	char text[NET_STRLEN];

	say_held_entries(x);
	for (int i = 0; i < LISTS; i++) {
		bool is_in = addrset_contains(
		    &x->run->expansions[i].permits, x->family, &x->address);

		if (i == REJECT && x->run->lists[i].n == 0)
			continue;
		addr_to_text(x->family, &x->address, text);
		if (x->json == NULL) {
			printf("%s: %s\n", text, words[i][is_in]);
			explain_entries(x, i);
			continue;
		}
		json_object(x->json, NULL, JSON_LINES);
		json_string(x->json, "address", text);
		json_string(x->json, "table", tables[i]);
		json_bool(x->json, "contained", is_in);
		json_array(x->json, "entries", JSON_LINES);
		explain_entries(x, i);
		json_end(x->json);
		json_end(x->json);
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

/* Explains the addresses that are the arguments. */
static enum status
explain_addresses(struct session *r, bool as_json)
{
	struct explainer x = {.run = r};
	struct json j;
	struct buf b;

	buf_init(&b);
	if (as_json) {
		json_init(&j, &b);
		json_array(&j, NULL, JSON_LINES);
		x.json = &j;
	}
	for (size_t i = 0; i < r->o->terms.n; i++) {
		client_address(r->o->terms.v[i], &x.family, &x.address);
		explain_address(&x);
	}
	if (as_json)
		json_end(&j);
	return print_result(&b, STATUS_OK);
}

/*
 * The addresses of an entry in the table. An entry without saved answers cannot
 * be explained.
 */
static void
visit(void *arg, const struct entry *e, struct verdict *v)
{
	struct session *r = arg;
	struct buf name;

	state_apply_hold(r, e, &v->permits);
	if (v->answered || r->o->replay != NULL)
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
	bool json = strcmp(o->format_name, "json") == 0;
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
	status = state_begin(&r, o, true);
	if (status == STATUS_OK) {
		for (int i = 0; i < LISTS; i++)
			expand_list(
			    r.ev, &r.lists[i], &r.expansions[i], visit, &r);
		expand_yield(&r.lists[REJECT], &r.expansions[REJECT],
		    &r.expansions[PERMIT]);
		status = explain_addresses(&r, json);
	}
	session_clear(&r);
	return status;
}
