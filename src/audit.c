/*
 * audit: suggest --audit: which entries of the lists are used.
 *
 *	log lines -> events -> clients -> entries that permit them -> lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "maillog/audit.h"
#include "commands.h"
#include "logs.h"
#include "state.h"

#define DAY 86400
#define REASONS_SHOWN 3 /* of an entry */

/* An entry, and what its clients did. */
struct row {
	struct audit_entry sum;
	const struct entry *entry;
	int list;
	bool unknown; /* no answer was saved */
};

struct rows {
	struct row *v;
	size_t n, cap;
	struct audit *audit;
	int list;
	bool counting; /* first the entries of each client are counted */
	size_t next;
};

static void
take_event(void *arg, const struct maillog_event *e)
{
	audit_event(arg, e);
}

static void
visit_entry(void *arg, const struct entry *e, struct verdict *v)
{
	struct rows *rows = arg;

	if (e->exclude || e->ignore)
		return;
	if (rows->counting) {
		rows->v = grow(rows->v, rows->n, &rows->cap, sizeof(*rows->v));
		rows->v[rows->n++] = (struct row){.entry = e,
		    .list = rows->list,
		    .unknown = entry_is_domain(e) && !v->answered};
		audit_judge(rows->audit, &v->permits, NULL);
	} else {
		audit_judge(
		    rows->audit, &v->permits, &rows->v[rows->next++].sum);
	}
}

/* Evaluates the permit lists twice: see audit_judge(). */
static void
judge_entries(struct session *s, struct rows *rows)
{
	struct expansion again = {0};

	rows->counting = true;
	expand_list(s->ev, &s->lists[PERMIT], &s->expansions[PERMIT],
	    visit_entry, rows);
	rows->counting = false;
	addrset_init(&again.permits);
	addrset_init(&again.excluded);
	expand_list(s->ev, &s->lists[PERMIT], &again, visit_entry, rows);
	expansion_clear(&again);
}

/* What let more messages in comes first; then by name. */
static int
by_messages(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->sum.messages != y->sum.messages)
		return x->sum.messages > y->sum.messages ? -1 : 1;
	if (x->sum.clients != y->sum.clients)
		return x->sum.clients > y->sum.clients ? -1 : 1;
	return strcmp(x->entry->text, y->entry->text);
}

static void
add_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	buf_printf(out, "%llu %s", (unsigned long long)n, plural(n, one, many));
}

static void
add_date(struct buf *out, int64_t t)
{
	time_t when = (time_t)t;
	char text[32];
	struct tm tm;

	if (t > 0 && gmtime_r(&when, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d", &tm) > 0)
		buf_puts(out, text);
	else
		buf_puts(out, "never");
}

static void
add_name(struct buf *out, const struct entry *e)
{
	buf_add_escaped(out, e->text, strlen(e->text), SHOWN_MAX);
}

/* The texts of an entry's rejects, the most frequent first. */
static void
add_reasons(struct buf *out, const struct audit *a, struct audit_entry *sum)
{
	for (int shown = 0; shown < REASONS_SHOWN; shown++) {
		unsigned most = 0;

		for (unsigned i = 1; i <= REASONS_MAX; i++)
			if (sum->why[i] > sum->why[most])
				most = i;
		if (sum->why[most] == 0)
			return;
		buf_puts(out, "\t");
		add_count(out, sum->why[most], "time", "times");
		buf_printf(out, " %s\n", a->reasons.v[most].text);
		sum->why[most] = 0;
	}
}

static void
add_row(struct buf *out, const struct audit *a, struct row *row)
{
	struct audit_entry *sum = &row->sum;

	add_name(out, row->entry);
	buf_puts(out, ": ");
	add_count(out, sum->clients, "client", "clients");
	buf_printf(
	    out, " (%llu by no other entry), ", (unsigned long long)sum->alone);
	add_count(
	    out, sum->allowlisted + sum->passed, "connection", "connections");
	if (sum->passed > 0)
		buf_printf(
		    out, " (%llu PASS NEW)", (unsigned long long)sum->passed);
	buf_puts(out, ", ");
	add_count(out, sum->messages, "message", "messages");
	buf_printf(out, ", %llu rejected", (unsigned long long)sum->rejected);
	buf_puts(out, "; last seen ");
	add_date(out, sum->last);
	buf_puts(out, "\n");
	add_reasons(out, a, sum);
}

static long long
days_of(const struct audit *a)
{
	return (long long)((a->last - a->first + DAY - 1) / DAY);
}

static void
add_text(struct buf *out, struct audit *a, struct rows *rows, uint64_t lines)
{
	size_t never = 0;

	buf_puts(out, "# postpermit suggest --audit: ");
	add_count(out, lines, "line", "lines");
	if (a->first != 0) {
		buf_puts(out, " from ");
		add_date(out, a->first);
		buf_puts(out, " to ");
		add_date(out, a->last);
	}
	buf_puts(out, "\n");
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->v[i].sum.clients > 0)
			add_row(out, a, &rows->v[i]);
		never += rows->v[i].sum.clients == 0;
	}
	if (never == 0)
		return;
	buf_printf(out, "# never seen in %lld %s: ", days_of(a),
	    plural((size_t)days_of(a), "day", "days"));
	add_count(out, never, "entry", "entries");
	buf_puts(out, "\n");
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->v[i].sum.clients > 0)
			continue;
		add_name(out, rows->v[i].entry);
		buf_puts(out,
		    rows->v[i].unknown ? "\t# no answer was saved\n" : "\n");
	}
}

static void
add_json_row(struct json *j, const struct audit *a, const struct row *row)
{
	const struct audit_entry *sum = &row->sum;
	struct buf name;

	buf_init(&name);
	add_name(&name, row->entry);
	json_object(j, NULL, JSON_ROW);
	json_string(j, "entry", name.data);
	json_string(j, "file", row->entry->file);
	json_number(j, "line", row->entry->line);
	json_number(j, "clients", (int64_t)sum->clients);
	json_number(j, "alone", (int64_t)sum->alone);
	json_number(j, "allowlisted", (int64_t)sum->allowlisted);
	json_number(j, "passed", (int64_t)sum->passed);
	json_number(j, "messages", (int64_t)sum->messages);
	json_number(j, "rejected", (int64_t)sum->rejected);
	json_number(j, "last", sum->last);
	json_bool(j, "unknown", row->unknown);
	json_array(j, "reasons", JSON_ROW);
	for (unsigned i = 0; i <= REASONS_MAX; i++)
		if (sum->why[i] > 0) {
			json_object(j, NULL, JSON_ROW);
			json_string(j, "text", a->reasons.v[i].text);
			json_number(j, "times", (int64_t)sum->why[i]);
			json_end(j);
		}
	json_end(j);
	json_end(j);
	buf_clear(&name);
}

static void
add_json(struct buf *out, const struct audit *a, const struct rows *rows,
    uint64_t lines)
{
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL, JSON_LINES);
	json_string(&j, "generator", "postpermit " PACKAGE_VERSION);
	json_number(&j, "lines", (int64_t)lines);
	json_number(&j, "first", a->first);
	json_number(&j, "last", a->last);
	json_number(&j, "days", days_of(a));
	json_array(&j, "entries", JSON_LINES);
	for (size_t i = 0; i < rows->n; i++)
		add_json_row(&j, a, &rows->v[i]);
	json_end(&j);
	json_end(&j);
}

/* Prints the clients, connections and messages of each entry. */
static enum status
print_audit(struct session *s, struct audit *a, uint64_t lines)
{
	struct rows rows = {.audit = a, .list = PERMIT};
	struct buf out;

	judge_entries(s, &rows);
	if (rows.n > 0)
		qsort(rows.v, rows.n, sizeof(*rows.v), by_messages);
	buf_init(&out);
	if (strcmp(s->o->format_name, "json") == 0)
		add_json(&out, a, &rows, lines);
	else
		add_text(&out, a, &rows, lines);
	free(rows.v);
	return print_result(&out, STATUS_OK);
}

enum status
audit_command(const struct options *o)
{
	enum status status;
	struct session s;
	struct audit a;
	struct logs logs;
	uint64_t key;

	random_bytes(&key, sizeof(key));
	audit_init(&a, key);
	status = state_begin(&s, o, false);
	if (status == STATUS_OK)
		status = logs_read(&logs, &s, take_event, &a);
	if (status == STATUS_OK) {
		if (a.forgotten > 0 && !o->quiet)
			say(NOTE, "%llu %s dropped: table full",
			    (unsigned long long)a.forgotten,
			    plural(a.forgotten, "client was", "clients were"));
		status = print_audit(&s, &a, logs.lines);
	}
	session_clear(&s);
	audit_clear(&a);
	return status;
}
