/*
 * reportjson: the report as JSON, an object an entry.
 */
#include "report.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/name.h"

static const char *const networks_names[] = {"networks4", "networks6"};
static const char *const addresses_names[] = {"addresses4", "addresses6"};

static void
json_sizes(struct json *j, struct addrset *set)
{
	for (int f = 0; f < FAMILIES; f++) {
		json_number(j, networks_names[f],
		    (int64_t)addrset_count_nets(set, (enum family)f));
		json_large(j, addresses_names[f],
		    addrset_addresses(set, (enum family)f));
	}
}

static void
json_networks(struct json *j, const char *name, struct addrset *set)
{
	char text[NET_STRLEN];
	struct net *nets;
	size_t n = addrset_nets(set, &nets);

	json_array(j, name, JSON_ROW);
	for (size_t i = 0; i < n; i++)
		json_string(j, NULL, net_to_text(&nets[i], text));
	json_end(j);
	free(nets);
}

static void
json_note(struct json *j, const struct note *n)
{
	struct buf text;

	buf_init(&text);
	json_object(j, NULL, JSON_ROW);
	json_string(j, "keyword", note_keyword(n->kind));
	name_to_text(&text, n->owner);
	json_string(j, "owner", text.data);
	json_string(j, "term", n->term);
	text.len = 0;
	note_to_text(&text, n);
	json_string(j, "text", text.data);
	json_end(j);
	buf_clear(&text);
}

static void
json_notes(struct json *j, const struct verdict *v)
{
	json_number(j, "more_notes", (int64_t)v->more);
	json_array(j, "notes", JSON_ROW);
	for (size_t i = 0; i < v->nnotes; i++)
		json_note(j, v->notes[i]);
	json_end(j);
	json_array(j, "not_enumerable", JSON_ROW);
	for (size_t i = 0; i < v->nnotes; i++)
		if (note_needs_client(v->notes[i]))
			json_string(j, NULL, v->notes[i]->term);
	json_end(j);
}

static void
json_shares(struct json *j, struct report *r, struct report_item *item)
{
	struct buf name;

	buf_init(&name);
	json_object(j, "only", JSON_ROW);
	json_sizes(j, &item->only);
	if (r->session->o->verbose)
		json_networks(j, "networks", &item->only);
	json_end(j);
	json_array(j, "also_in", JSON_ROW);
	for (size_t i = 0; i < item->nshares; i++) {
		const struct report_share *s = &item->shares[i];

		name.len = 0;
		report_share_name(&name, r, s);
		json_object(j, NULL, JSON_ROW);
		json_string(j, "entry", name.data);
		for (int f = 0; f < FAMILIES; f++)
			json_large(j, addresses_names[f], s->addresses[f]);
		json_end(j);
	}
	json_end(j);
	buf_clear(&name);
}

static void
json_item(struct json *j, struct report *r, struct report_item *item)
{
	const struct entry *e = item->entry;
	struct verdict v;
	struct buf name;

	buf_init(&name);
	entry_name(&name, e);
	report_evaluate(r, item, &v);
	json_object(j, NULL, JSON_ROW);
	json_string(j, "domain", entry_is_domain(e) ? name.data : NULL);
	json_string(j, "entry", name.data);
	json_string(j, "list", e->file);
	json_number(j, "line", e->line);
	json_string(j, "action", item->list == PERMIT ? "permit" : "reject");
	json_number(j, "lookups", v.lookups);
	json_sizes(j, &item->permits);
	json_number(j, "age", report_age(r, &v));
	json_string(j, "held",
	    item->held != NULL ? hold_reason_name(item->held->reason) : NULL);
	json_bool(j, "answered", v.answered);
	json_bool(j, "failed", v.failed);
	json_shares(j, r, item);
	if (r->session->o->verbose)
		json_networks(j, "networks", &item->permits);
	json_notes(j, &v);
	json_end(j);
	addrset_clear(&v.permits);
	buf_clear(&name);
}

void
report_json(struct buf *out, struct report *r)
{
	struct json j;

	json_init(&j, out);
	json_array(&j, NULL, JSON_LINES);
	for (size_t i = 0; i < r->n; i++)
		json_item(&j, r, &r->v[i]);
	json_end(&j);
}
