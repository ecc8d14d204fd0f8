/*
 * conf: the configuration, from postpermit.conf and from -o NAME=VALUE.
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Real lines are shorter; longer input is not a configuration file. */
#define LINE_BYTES ((size_t)65536)

struct parameter {
	const char *name;
	size_t offset;
	const char *value; /* the default, as an administrator writes it */
	struct value_kind kind;
};

#define LISTS DATADIR "/postpermit/"
#define PARAMETER(name) #name, offsetof(struct conf, name)

static const struct parameter parameters[] = {
    {PARAMETER(permit_lists),
	LISTS "mailbox.list " LISTS "gateway.list " LISTS "services.list " LISTS
	      "bulk.list " LISTS "static.list " SYSCONFDIR
	      "/postpermit/permit.list",
	{VALUE_TEXT, NULL, NULL}},
    {PARAMETER(permit_table), STATEDIR "/permit.cidr",
	{VALUE_PATH, NULL, NULL}},
    {PARAMETER(reject_lists), "", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(reject_table), "", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(reload_command), "", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(state_directory), STATEDIR, {VALUE_PATH, NULL, NULL}},
    {PARAMETER(metrics_file), "", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(greylist_texts), "", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(postconf_command), "postconf", {VALUE_TEXT, NULL, NULL}},
    {PARAMETER(servers), "", {VALUE_SERVERS, NULL, NULL}},
    {PARAMETER(threads), "2", {VALUE_NUMBER, "1", "64"}},
    {PARAMETER(max_inflight), "256", {VALUE_NUMBER, "1", "10000"}},
    {PARAMETER(query_timeout), "2s", {VALUE_MILLISECONDS, "10ms", "60s"}},
    {PARAMETER(query_attempts), "4", {VALUE_NUMBER, "1", "100"}},
    {PARAMETER(run_timeout), "10m", {VALUE_MILLISECONDS, "1s", "1d"}},
    {PARAMETER(patience), "20s", {VALUE_MILLISECONDS, "100ms", "1d"}},
    {PARAMETER(stale_limit), "14d", {VALUE_SECONDS, "0s", "3650d"}},
    {PARAMETER(max_shrink), "30%", {VALUE_SHARE, "0%", "100%"}},
    {PARAMETER(max_growth), "100%", {VALUE_SHARE, "0%", "100000%"}},
    {PARAMETER(hold_time), "3d", {VALUE_SECONDS, "0s", "365d"}},
    {PARAMETER(min_prefix4), "12", {VALUE_NUMBER, "0", "32"}},
    {PARAMETER(min_prefix6), "24", {VALUE_NUMBER, "0", "128"}},
    {PARAMETER(max_coverage4), "0.2%", {VALUE_SHARE, "0%", "100%"}},
    {PARAMETER(max_coverage6), "0.0002%", {VALUE_SHARE, "0%", "100%"}},
    {PARAMETER(max_networks), "1000", {VALUE_NUMBER, "0", "1000000"}},
    {PARAMETER(permit_reserved), "no", {VALUE_YES_NO, NULL, NULL}},
    {PARAMETER(strict), "no", {VALUE_YES_NO, NULL, NULL}},
    {PARAMETER(table_layout), "auto", {VALUE_LAYOUT, NULL, NULL}},
    {PARAMETER(zone_ttl), "60s", {VALUE_SECONDS, "1s", "1d"}},
    {PARAMETER(zone_servers), "", {VALUE_NAMES, NULL, NULL}},
};

/* The text of a parameter whose values are kept as texts. */
static char **
text_of(struct conf *c, const struct parameter *p)
{
	return (char **)(void *)((char *)c + p->offset);
}

/* Gives a parameter the value of that text; 0, or -1: it has no such value. */
static int
set_value(struct conf *c, const struct parameter *p, const char *text)
{
	void *member = (char *)c + p->offset;
	uint64_t number = 0;

	if (value_read(&p->kind, text, &number) == -1)
		return -1;
	if (value_is_text(p->kind.type)) {
		free(*text_of(c, p));
		*text_of(c, p) = xstrdup(text);
	} else if (p->kind.type == VALUE_YES_NO)
		*(bool *)member = number != 0;
	else if (p->kind.type == VALUE_LAYOUT)
		*(enum table_layout *)member = (enum table_layout)number;
	else
		*(unsigned *)member = (unsigned)number;
	return 0;
}

/* Adds the problem "WHERE: TEXT", then the foreign text in quotes. */
static void
add_problem(struct problems *problems, const char *where, const char *text,
    const char *foreign)
{
	struct buf b;

	buf_init(&b);
	buf_add_escaped(&b, foreign, strlen(foreign), SHOWN_MAX);
	problems_add(problems, "%s: %s \"%s\"", where, text,
	    b.data != NULL ? b.data : "");
	buf_clear(&b);
}

/* The length of s without the white space at its end. */
static size_t
trimmed_len(const char *s)
{
	size_t n = strlen(s);

	while (n > 0 && strchr(BLANKS, s[n - 1]) != NULL)
		n--;
	return n;
}

/* Cuts white space off both ends, in place. */
static char *
trim(char *s)
{
	s += strspn(s, BLANKS);
	s[trimmed_len(s)] = '\0';
	return s;
}

/* Whether a value is written as main.cf would have it: cidr:/PATH. */
static bool
has_map_type(const char *value)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz");

	return n > 1 && value[n] == ':' && strchr("/{", value[n + 1]) != NULL;
}

static bool
is_table(const struct parameter *p)
{
	return p->offset == offsetof(struct conf, permit_table) ||
	       p->offset == offsetof(struct conf, reject_table);
}

/* One "name = value"; line is changed. where: what problems begin with. */
static void
assign(struct conf *c, char *line, const char *where, struct problems *problems)
{
	const struct parameter *p = parameters;
	const struct parameter *end = parameters + COUNT(parameters);
	char *equals = strchr(line, '='), *name, *value;
	struct buf expected;

	if (equals == NULL || equals == line + strspn(line, BLANKS)) {
		add_problem(
		    problems, where, "expected name = value, not", trim(line));
		return;
	}
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	while (p < end && strcmp(p->name, name) != 0)
		p++;
	if (p == end) {
		add_problem(problems, where, "unknown parameter", name);
		return;
	}
	if (is_table(p) && has_map_type(value)) {
		add_problem(problems, where,
		    "expected only the path, without the table type that "
		    "main.cf needs, not",
		    value);
		return;
	}
	if (set_value(c, p, value) == 0) {
		free(c->set_at[p - parameters]);
		c->set_at[p - parameters] = xstrdup(where);
		return;
	}
	buf_init(&expected);
	buf_printf(&expected, "%s: expected ", name);
	value_expected(&expected, &p->kind);
	buf_puts(&expected, ", not");
	add_problem(problems, where, expected.data, value);
	buf_clear(&expected);
}

void
conf_init(struct conf *c)
{
	*c = (struct conf){
	    .set_at = xcalloc(COUNT(parameters), sizeof(*c->set_at))};
	for (size_t i = 0; i < COUNT(parameters); i++)
		set_value(c, &parameters[i], parameters[i].value);
}

void
conf_clear(struct conf *c)
{
	for (size_t i = 0; i < COUNT(parameters); i++)
		if (value_is_text(parameters[i].kind.type))
			free(*text_of(c, &parameters[i]));
	problems_clear(&c->doubts);
	for (size_t i = 0; c->set_at != NULL && i < COUNT(parameters); i++)
		free(c->set_at[i]);
	free(c->set_at);
	*c = (struct conf){0};
}

const char *
conf_set_at(const struct conf *c, const char *name)
{
	size_t i = 0;

	while (i < COUNT(parameters) && strcmp(parameters[i].name, name) != 0)
		i++;
	return i < COUNT(parameters) ? c->set_at[i] : NULL;
}

bool
conf_parameter(size_t i, const char **name, const char **value)
{
	if (i >= COUNT(parameters))
		return false;
	*name = parameters[i].name;
	*value = parameters[i].value;
	return true;
}

const char *
conf_word(size_t i, size_t k)
{
	return value_word(parameters[i].kind.type, k);
}

int
conf_set(struct conf *c, const char *assignment, struct problems *problems)
{
	size_t before = problems->n;
	char *line = xstrdup(assignment), *where;
	struct buf b;

	buf_init(&b);
	buf_add_escaped(&b, assignment, strlen(assignment), SHOWN_MAX);
	where = xasprintf("-o %s", b.data != NULL ? b.data : "\"\"");
	buf_clear(&b);
	assign(c, line, where, problems);
	free(where);
	free(line);
	return problems->n == before ? 0 : -1;
}

/* A file while it is read. */
struct reader {
	struct conf *config;
	const char *file;
	struct problems *problems;
	struct buf logical; /* empty: there is none to continue */
	unsigned start;     /* the line where it begins */
	unsigned line;
};

static void
end_logical_line(struct reader *r)
{
	char *where;

	if (r->logical.len == 0)
		return;
	where = xasprintf("%s:%u", r->file, r->start);
	assign(r->config, r->logical.data, where, r->problems);
	free(where);
	r->logical.len = 0;
}

/*
 * Reads one line without its newline into b. Returns 1; 0 at the end of the
 * file; -1 if the line is too long (the rest stays unread).
 */
static int
read_line(FILE *in, struct buf *b)
{
	int ch;
	char byte;

	b->len = 0;
	while ((ch = getc(in)) != EOF && ch != '\n') {
		if (b->len == LINE_BYTES)
			return -1;
		byte = (char)ch;
		buf_add(b, &byte, 1);
	}
	if (ch == EOF && (ferror(in) || b->len == 0))
		return 0;
	buf_add(b, "", 0);
	return 1;
}

/*
 * A line that continues the previous one, but looks like a parameter: its white
 * space may be a mistake.
 */
static void
doubt_continuation(struct reader *r, const char *text)
{
	for (size_t i = 0; i < COUNT(parameters); i++) {
		size_t len = strlen(parameters[i].name);

		if (strncmp(text, parameters[i].name, len) == 0 &&
		    text[len + strspn(text + len, BLANKS)] == '=')
			problems_add(&r->config->doubts,
			    "%s:%u: %s: begins with white space, so it "
			    "continues the previous line",
			    r->file, r->line, parameters[i].name);
	}
}

/* As in main.cf, a comment or empty line does not end a logical line. */
static void
take_line(struct reader *r, const struct buf *b)
{
	size_t mark = r->line == 1 ? byte_order_mark(b->data, b->len) : 0;
	const char *line = b->data + mark, *text = line + strspn(line, BLANKS);

	if (memchr(b->data, '\0', b->len) != NULL) {
		problems_add(r->problems, "%s:%u: a NUL byte in the line",
		    r->file, r->line);
		return;
	}
	if (has_lone_cr(b->data, b->len)) {
		problems_add(r->problems, "%s:%u: " LONE_CR, r->file, r->line);
		return;
	}
	if (*text == '\0' || *text == '#')
		return;
	if (text == line) {
		end_logical_line(r);
		r->start = r->line;
	} else if (r->logical.len == 0) {
		problems_add(r->problems,
		    "%s:%u: begins with white space, but there is no previous "
		    "line to continue",
		    r->file, r->line);
		return;
	} else
		doubt_continuation(r, text);
	/* The CR of a CRLF goes with the white space. */
	buf_add(&r->logical, line, trimmed_len(line));
}

int
conf_read(struct conf *c, FILE *in, const char *file, struct problems *problems)
{
	struct reader r = {.config = c, .file = file, .problems = problems};
	size_t before = problems->n, more = 0;
	int result, error;
	struct buf b;

	buf_init(&b);
	while ((result = read_line(in, &b)) == 1) {
		r.line++;
		take_line(&r, &b);
		more += problems_cut(problems, before + PROBLEMS_SHOWN);
	}
	error = errno;
	end_logical_line(&r);
	more += problems_cut(problems, before + PROBLEMS_SHOWN);
	problems_add_more(problems, file, more, "a configuration");
	if (result == -1)
		problems_add(problems,
		    "%s:%u: the line is longer than %zu bytes; the rest of the "
		    "file was not read",
		    file, r.line + 1, LINE_BYTES);
	else if (ferror(in))
		problems_add(
		    problems, "%s: cannot read: %s", file, strerror(error));
	buf_clear(&r.logical);
	buf_clear(&b);
	return problems->n == before ? 0 : -1;
}
