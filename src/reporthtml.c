/*
 * reporthtml: report as a page of HTML: a map of IPv4, and a table of entries
 * with their records. Its text and style are in reportpage.h. Text from outside
 * gets into the page only through add_html().
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "report.h"
#include "reportpage.h"
#include "spf/macro.h"

#define TERMS_SHOWN 1000 /* of the records of one entry, and networks */
#define LEVELS_SHOWN 12  /* of includes inside each other */
#define PARTS 65536      /* of IPv4: networks of 16 bits */

struct page {
	struct report *report;
	struct buf *out;
	double addresses, largest; /* of IPv4: in the table, of an entry */
	size_t terms;              /* that may still be shown of an entry */
	unsigned colour;           /* of the list at hand */
};

/* A row: an entry, or all address lines of a list. */
struct row {
	const struct report_item *item; /* NULL: address lines */
	size_t n;                       /* of these */
	struct addrset *permits, *only;
	struct verdict v;
};

/* A record on the way from the entry to the one at hand. */
struct step {
	const struct step *up;
	const uint8_t *name;
	unsigned level;
};

/* Appends text that is printable ASCII already, within an element. */
static void
add_html(struct buf *out, const char *element, const char *text)
{
	buf_printf(out, "<%s>", element);
	for (; *text != '\0'; text++)
		if (strchr("<>&\"'", *text) != NULL)
			buf_printf(out, "&#%d;", *text);
		else
			buf_add(out, text, 1);
	buf_printf(out, "</%s> ", element);
}

/* Any bytes, as messages show them. */
static void
add_code(struct buf *out, const char *text, size_t len)
{
	struct buf shown;

	buf_init(&shown);
	buf_puts(&shown, "");
	buf_add_escaped(&shown, text, len, SHOWN_MAX);
	add_html(out, "code", shown.data);
	buf_clear(&shown);
}

/* 1,234,567 */
static void
add_number(struct buf *out, double n)
{
	char digits[32];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%.0f", n);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_puts(out, ",");
		buf_add(out, digits + i, 1);
	}
}

/* About the binary logarithm of n + 1: without libm, and enough for a bar. */
static double
magnitude(double n)
{
	int exponent;
	double fraction = frexp(n + 1, &exponent);

	return exponent - 2 + 2 * fraction;
}

/* A cell with a bar: for a number, or, if that is negative, for a share. */
static void
add_cell(struct buf *out, const char *label, double n, double part, double all)
{
	double percent = all > 0 ? 100 * part / all : 0;

	buf_printf(out, "<td class=\"n\" data-l=\"%s\">", label);
	if (n >= 0)
		add_number(out, n);
	else if (percent > 0 && percent < 10)
		buf_printf(out, "%.2g %%", percent);
	else
		buf_printf(out, "%.0f %%", percent);
	buf_puts(out, "<span class=\"bar\">");
	if (percent > 0)
		buf_printf(out, "<i style=\"width:%.1f%%\"></i>", percent);
	buf_puts(out, "</span></td>");
}

static void
add_networks(struct buf *out, struct addrset *set)
{
	char text[NET_STRLEN];
	struct net *nets;
	size_t n = addrset_nets(set, &nets);

	for (size_t i = 0; i < n && i < TERMS_SHOWN; i++)
		buf_printf(
		    out, "<code>%s</code> ", net_to_text(&nets[i], text));
	if (n > TERMS_SHOWN)
		buf_printf(out, "and %zu more", n - TERMS_SHOWN);
	free(nets);
}

static void add_record(struct page *p, const struct step *step);

/* The record that an include or redirect= names, unless that is not known. */
static void
add_inner(struct page *p, const struct step *step, const struct spf_term *term)
{
	uint8_t target[NAME_MAX_WIRE];
	const struct step inner = {step, target, step->level + 1};
	const struct step *first = step;
	bool uses_origin = false;

	while (first->up != NULL)
		first = first->up;
	if (macro_expand(term, step->name, first->name, target, &uses_origin) !=
	    MACRO_NAME)
		return;
	for (const struct step *s = step; s != NULL; s = s->up)
		if (name_equal(s->name, target))
			return;
	if (inner.level < LEVELS_SHOWN)
		add_record(p, &inner);
}

/* The terms of a record; included records are below their terms. */
static void
add_terms(struct page *p, const struct step *step, const struct buf *text)
{
	struct spf_record record;
	size_t shown = 0;

	spf_parse(&record, text->data, text->len);
	buf_puts(p->out, "<div class=\"terms\">");
	for (; shown < record.n && p->terms > 0; shown++, p->terms--)
		add_code(
		    p->out, record.terms[shown].text, record.terms[shown].len);
	if (shown < record.n)
		buf_printf(p->out, "and %zu more", record.n - shown);
	buf_puts(p->out, "</div>\n");
	for (size_t i = 0; i < shown; i++)
		if (record.terms[i].kind == SPF_INCLUDE ||
		    record.terms[i].kind == SPF_REDIRECT)
			add_inner(p, step, &record.terms[i]);
	spf_record_clear(&record);
}

static void
add_record(struct page *p, const struct step *step)
{
	const struct answer *txt = answers_resolve(
	    p->report->session->answers, step->name, RR_TXT, NULL);
	const uint8_t *at = NULL;
	struct buf text;

	buf_init(&text);
	name_to_text(&text, step->name);
	buf_puts(p->out, "<ul><li>");
	add_html(p->out, "b", text.data);
	while (txt->status == ANSWER_DATA && spf_next_record(txt, &at, &text))
		add_terms(p, step, &text);
	buf_puts(p->out, "</li></ul>\n");
	buf_clear(&text);
}

static void
add_notes(struct buf *out, const struct verdict *v)
{
	struct buf text;

	buf_init(&text);
	buf_puts(out, "<ul class=\"notes\">");
	for (size_t i = 0; i < v->nnotes; i++) {
		text.len = 0;
		note_to_text(&text, v->notes[i]);
		add_html(out, "li", text.data);
	}
	buf_puts(out, "</ul>\n");
	buf_clear(&text);
}

/* The notes of an entry, the entries with the same addresses, its records. */
static void
add_entry(struct page *p, const struct row *row)
{
	struct spf_term term = entry_term(row->item->entry);
	uint8_t name[NAME_MAX_WIRE];
	const struct step step = {.name = name};
	struct buf other;

	add_notes(p->out, &row->v);
	buf_init(&other);
	for (size_t i = 0; i < row->item->nshares && i < NOTES_MAX; i++) {
		other.len = 0;
		report_share_name(&other, p->report, &row->item->shares[i]);
		buf_puts(p->out, i == 0 ? "<p>Also in " : "");
		add_html(p->out, "code", other.data);
	}
	if (row->item->nshares > 0)
		buf_puts(p->out, "</p>\n");
	buf_clear(&other);
	p->terms = TERMS_SHOWN;
	if (term.kind == SPF_INCLUDE &&
	    name_from_text(term.spec, term.spec_len, name) == 0)
		add_record(p, &step);
}

/* What a row unfolds into. */
static void
add_details(struct page *p, struct row *row)
{
	size_t n = addrset_count_nets(row->permits, IPV4) +
		   addrset_count_nets(row->permits, IPV6);
	size_t notes = row->v.nnotes + row->v.more;

	buf_printf(p->out,
	    "<tr class=\"more c%u\"><td colspan=\"6\"><details><summary>"
	    "%zu %s",
	    p->colour, n, plural(n, "network", "networks"));
	if (notes > 0)
		buf_printf(
		    p->out, ", %zu %s", notes, plural(notes, "note", "notes"));
	buf_puts(p->out, "</summary>\n");
	if (row->item != NULL)
		add_entry(p, row);
	buf_puts(p->out, "<p class=\"dim\">Its networks:</p>"
			 "<div class=\"terms\">");
	add_networks(p->out, row->permits);
	buf_puts(p->out, "</div></details></td></tr>\n");
}

static void
add_badges(struct buf *out, const struct row *row)
{
	bool stale = false;

	for (size_t i = 0; i < row->v.nnotes; i++)
		stale = stale || row->v.notes[i]->kind == NOTE_STALE;
	if (row->item->entry->exclude)
		add_html(out, "mark", "excludes");
	if (row->item->list == REJECT)
		add_html(out, "mark", "rejects");
	if (row->item->held != NULL)
		add_html(out, "mark", "held");
	if (stale)
		add_html(out, "mark", "saved answers");
	if (!row->v.answered)
		add_html(out, "mark", "no answer");
	else if (row->v.failed)
		add_html(out, "mark", "lookups failed");
}

static void
add_row(struct page *p, struct row *row)
{
	double n = addrset_addresses(row->permits, IPV4);
	struct buf name, *out = p->out;

	buf_init(&name);
	buf_printf(
	    out, "<tr class=\"entry c%u\"><th scope=\"row\">", p->colour);
	if (row->item == NULL)
		buf_printf(&name, "%zu %s", row->n,
		    plural(row->n, "address line", "address lines"));
	else
		entry_name(&name, row->item->entry);
	add_html(out, row->item == NULL ? "span" : "code", name.data);
	if (row->item != NULL)
		add_badges(out, row);
	buf_puts(out, "</th>");
	add_cell(out, "IPv4 addresses", n, magnitude(n), magnitude(p->largest));
	add_cell(out, "Share of the table", -1, n, p->addresses);
	add_cell(out, "Only here", -1, addrset_addresses(row->only, IPV4), n);
	buf_printf(out,
	    "<td data-l=\"IPv6\">%zu</td><td data-l=\"Lookups\">%u</td></tr>\n",
	    addrset_count_nets(row->permits, IPV6), row->v.lookups);
	add_details(p, row);
	buf_clear(&name);
}

/* The addresses that the entries of a list permit. */
static void
unite(struct addrset *all, const struct report_item *v, size_t n)
{
	addrset_init(all);
	for (size_t i = 0; i < n; i++)
		if (!v[i].entry->exclude)
			addrset_union(all, &v[i].permits);
}

/* In the legend: a list's name, and what its entries bring in all. */
static void
add_list(struct page *p, struct report_item *v, size_t n)
{
	struct addrset all;

	unite(&all, v, n);
	buf_printf(p->out, "<li><i class=\"dot c%u\"></i>", p->colour);
	add_code(p->out, v->entry->file, strlen(v->entry->file));
	buf_printf(p->out, "<small>%zu %s, ", n, plural(n, "entry", "entries"));
	add_number(p->out, addrset_addresses(&all, IPV4));
	buf_printf(p->out, " IPv4 addresses, %zu IPv6 networks</small></li>\n",
	    addrset_count_nets(&all, IPV6));
	addrset_clear(&all);
}

static void
add_rows(struct page *p, struct report_item *v, size_t n)
{
	struct addrset lines, only;
	struct row last = {.permits = &lines, .only = &only};

	addrset_init(&lines);
	addrset_init(&only);
	buf_printf(p->out,
	    "<tbody><tr class=\"list c%u\"><th scope=\"rowgroup\" "
	    "colspan=\"6\">",
	    p->colour);
	add_code(p->out, v->entry->file, strlen(v->entry->file));
	buf_puts(p->out, "</th></tr>\n");
	for (size_t i = 0; i < n; i++) {
		struct row row = {.item = &v[i],
		    .permits = &v[i].permits,
		    .only = &v[i].only};

		if (!entry_is_domain(v[i].entry) && !v[i].entry->exclude) {
			addrset_union(&lines, &v[i].permits);
			addrset_union(&only, &v[i].only);
			last.n++;
			continue;
		}
		report_evaluate(p->report, &v[i], &row.v);
		add_row(p, &row);
		addrset_clear(&row.v.permits);
	}
	if (last.n > 0)
		add_row(p, &last);
	buf_puts(p->out, "</tbody>\n");
	addrset_clear(&lines);
	addrset_clear(&only);
}

/* Where a square is on a Hilbert curve with that many on each side. */
static void
hilbert(unsigned side, unsigned square, unsigned *x, unsigned *y)
{
	*x = *y = 0;
	for (unsigned s = 1; s < side; s *= 2, square /= 4) {
		unsigned right = square / 2 & 1, down = (square ^ right) & 1;
		unsigned old = *x;

		if (down == 0) {
			*x = right ? s - 1 - *y : *y;
			*y = right ? s - 1 - old : old;
		}
		*x += s * right;
		*y += s * down;
	}
}

/* Marks the parts of IPv4 in which a list permits addresses. */
static void
add_marks(struct page *p, struct report_item *v, size_t n)
{
	double *part = xcalloc(PARTS, sizeof(*part));
	struct addrset all;
	unsigned x, y;
	size_t ranges;

	unite(&all, v, n);
	ranges = addrset_ranges(&all, IPV4);
	for (size_t i = 0; i < ranges; i++) {
		struct range r = addrset_range(&all, IPV4, i);

		for (uint64_t a = r.first.lo, last; a <= r.last.lo;
		     a = last + 1) {
			last = a | (PARTS - 1);
			if (last > r.last.lo)
				last = r.last.lo;
			part[a / PARTS] += (double)(last - a + 1);
		}
	}
	addrset_clear(&all);
	buf_printf(p->out, "<g class=\"c%u\">", p->colour);
	for (unsigned i = 0; i < PARTS; i++) {
		if (part[i] == 0)
			continue;
		hilbert(256, i, &x, &y);
		buf_printf(p->out,
		    "<rect x=\"%u\" y=\"%u\" width=\"1\" height=\"1\" "
		    "opacity=\"%.2f\"><title>%u.%u.0.0/16</title></rect>\n",
		    x, y, 0.5 + 0.5 * part[i] / PARTS, i >> 8, i & 255);
	}
	buf_puts(p->out, "</g>\n");
	free(part);
}

/* The squares of the map: a network of 8 bits each. */
static void
add_squares(struct buf *out)
{
	unsigned x, y;

	for (unsigned i = 0; i < 256; i++) {
		hilbert(16, i, &x, &y);
		buf_printf(out,
		    "<rect class=\"grid%s\" x=\"%u\" y=\"%u\" width=\"16\" "
		    "height=\"16\"/><text x=\"%u.8\" y=\"%u.8\">%u</text>\n",
		    i == 0 || i == 10 || i == 127 || i >= 224 ? " away" : "",
		    x * 16, y * 16, x * 16, y * 16 + 3, i);
	}
}

/* Calls show for the items of each list, with a colour of its own. */
static void
for_each_list(struct page *p,
    void (*show)(struct page *p, struct report_item *v, size_t n))
{
	struct report_item *v = p->report->v, *end = v + p->report->n;
	unsigned lists = 0;

	for (size_t n; v < end; v += n) {
		for (n = 1; v + n < end && v[n].list == v->list; n++)
			if (strcmp(v[n].entry->file, v->entry->file) != 0)
				break;
		p->colour = lists++ % PAGE_COLOURS;
		show(p, v, n);
	}
}

void
report_html(struct buf *out, struct report *r)
{
	struct addrset *table = &r->session->expansions[PERMIT].permits;
	struct page p = {.report = r, .out = out};

	p.addresses = addrset_addresses(table, IPV4);
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].addresses[IPV4] > p.largest)
			p.largest = r->v[i].addresses[IPV4];
	buf_puts(out, page_head);
	buf_printf(out, "<p>%zu %s: ", r->n, plural(r->n, "entry", "entries"));
	add_number(out, p.addresses);
	buf_printf(out,
	    " IPv4 addresses in %zu networks, %.3g %% of IPv4, and %zu IPv6 "
	    "networks.</p>\n",
	    addrset_count_nets(table, IPV4), p.addresses / 0x1p32 * 100,
	    addrset_count_nets(table, IPV6));
	buf_puts(out, page_map);
	add_squares(out);
	for_each_list(&p, add_marks);
	buf_puts(out, page_legend);
	for_each_list(&p, add_list);
	buf_puts(out, page_table);
	for_each_list(&p, add_rows);
	buf_puts(out, page_end);
}
