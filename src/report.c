/*
 * report: what each listed domain takes and permits, a line each.
 */
#include "report.h"

#include "base/name.h"
#include "base/text.h"

static int64_t
age(const struct verdict *v, int64_t now)
{
	return v->oldest == 0 || v->oldest > now ? 0 : now - v->oldest;
}

static void
print_addresses(struct buf *out, double n)
{
	buf_printf(out, n < 1e15 ? "%.0f" : "%.3g", n);
}

/* One form, whatever the numbers: scripts read it. */
void
report_text(struct buf *out, const char *name, struct verdict *v, int64_t now)
{
	bool first = true;

	buf_printf(out, "%s: %u lookups", name, v->lookups);
	for (int f = 0; f < FAMILIES; f++) {
		buf_printf(out, ", %zu IPv%c networks (",
		    addrset_count_nets(&v->permits, (enum family)f),
		    f == IPV4 ? '4' : '6');
		print_addresses(
		    out, addrset_addresses(&v->permits, (enum family)f));
		buf_puts(out, " addresses)");
	}
	buf_puts(out, ", age ");
	buf_add_age(out, age(v, now));
	buf_printf(out, ", %zu notes", v->nnotes + v->more);
	if (!v->answered)
		buf_puts(out, ", no usable answer");
	else if (v->failed)
		buf_puts(out, ", some lookups failed");
	for (size_t i = 0; i < v->nnotes; i++) {
		if (!note_needs_client(v->notes[i]))
			continue;
		buf_printf(out, "%s%s",
		    first ? "; cannot be enumerated: " : " ",
		    v->notes[i]->term);
		first = false;
	}
	buf_puts(out, "\n");
}

static void
print_json_note(struct json *j, const struct note *n)
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

void
report_json(struct json *j, const char *name, struct verdict *v, int64_t now)
{
	static const char *const networks[] = {"networks4", "networks6"};
	static const char *const addresses[] = {"addresses4", "addresses6"};

	json_object(j, NULL, JSON_ROW);
	json_string(j, "domain", name);
	json_number(j, "lookups", v->lookups);
	for (int f = 0; f < FAMILIES; f++) {
		json_number(j, networks[f],
		    (int64_t)addrset_count_nets(&v->permits, (enum family)f));
		json_large(j, addresses[f],
		    addrset_addresses(&v->permits, (enum family)f));
	}
	json_number(j, "age", age(v, now));
	json_bool(j, "answered", v->answered);
	json_bool(j, "failed", v->failed);
	json_number(j, "more_notes", (int64_t)v->more);
	json_array(j, "notes", JSON_ROW);
	for (size_t i = 0; i < v->nnotes; i++)
		print_json_note(j, v->notes[i]);
	json_end(j);
	json_array(j, "not_enumerable", JSON_ROW);
	for (size_t i = 0; i < v->nnotes; i++)
		if (note_needs_client(v->notes[i]))
			json_string(j, NULL, v->notes[i]->term);
	json_end(j);
	json_end(j);
}
