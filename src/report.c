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
print_json_note(struct buf *out, const struct note *n)
{
	struct buf text;

	buf_init(&text);
	buf_puts(out, "{\"keyword\": ");
	buf_add_json(out, note_keyword(n->kind));
	buf_puts(out, ", \"owner\": ");
	name_to_text(&text, n->owner);
	buf_add_json(out, text.data);
	buf_puts(out, ", \"term\": ");
	if (n->term != NULL)
		buf_add_json(out, n->term);
	else
		buf_puts(out, "null");
	text.len = 0;
	note_to_text(&text, n);
	buf_puts(out, ", \"text\": ");
	buf_add_json(out, text.data);
	buf_puts(out, "}");
	buf_clear(&text);
}

void
report_json(struct buf *out, const char *name, struct verdict *v, int64_t now)
{
	buf_puts(out, "{\"domain\": ");
	buf_add_json(out, name);
	buf_printf(out, ", \"lookups\": %u", v->lookups);
	for (int f = 0; f < FAMILIES; f++)
		buf_printf(out, ", \"networks%c\": %zu, \"addresses%c\": %.0f",
		    f == IPV4 ? '4' : '6',
		    addrset_count_nets(&v->permits, (enum family)f),
		    f == IPV4 ? '4' : '6',
		    addrset_addresses(&v->permits, (enum family)f));
	buf_printf(out,
	    ", \"age\": %lld, \"answered\": %s, \"failed\": %s, "
	    "\"more_notes\": %zu, \"notes\": [",
	    (long long)age(v, now), v->answered ? "true" : "false",
	    v->failed ? "true" : "false", v->more);
	for (size_t i = 0; i < v->nnotes; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		print_json_note(out, v->notes[i]);
	}
	buf_puts(out, "], \"not_enumerable\": [");
	for (size_t i = 0, n = 0; i < v->nnotes; i++) {
		if (!note_needs_client(v->notes[i]))
			continue;
		if (n++ > 0)
			buf_puts(out, ", ");
		buf_add_json(out, v->notes[i]->term);
	}
	buf_puts(out, "]}");
}
