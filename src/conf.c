/*
 * conf: the configuration, from postpermit.conf and from -o NAME=VALUE.
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/server.h"

#define WHITE " \t\r\n\v\f"

/* Real lines are shorter; longer input is not a configuration file. */
#define LINE_BYTES ((size_t)65536)

enum type {
	STRING,
	SERVERS,
	NAMES, /* of hosts, with blanks between them */
	PATH,  /* a string that must not be empty */
	NUMBER,
	MILLISECONDS,
	SECONDS,
	SHARE,
	YES_NO,
	LAYOUT
};

struct parameter {
	const char *name;
	enum type type;
	size_t offset;
	/* All as an administrator writes them. */
	const char *value; /* the default */
	const char *min, *max;
};

#define LISTS DATADIR "/postpermit/"
#define PARAMETER(name, type) #name, type, offsetof(struct conf, name)

static const struct parameter parameters[] = {
    {PARAMETER(permit_lists, STRING),
	LISTS "mailbox.list " LISTS "gateway.list " LISTS "services.list " LISTS
	      "bulk.list " LISTS "static.list " SYSCONFDIR
	      "/postpermit/permit.list",
	NULL, NULL},
    {PARAMETER(permit_table, PATH), STATEDIR "/permit.cidr", NULL, NULL},
    {PARAMETER(reject_lists, STRING), "", NULL, NULL},
    {PARAMETER(reject_table, STRING), "", NULL, NULL},
    {PARAMETER(reload_command, STRING), "", NULL, NULL},
    {PARAMETER(state_directory, PATH), STATEDIR, NULL, NULL},
    {PARAMETER(metrics_file, STRING), "", NULL, NULL},
    {PARAMETER(greylist_texts, STRING), "", NULL, NULL},
    {PARAMETER(postconf_command, STRING), "postconf", NULL, NULL},
    {PARAMETER(servers, SERVERS), "", NULL, NULL},
    {PARAMETER(threads, NUMBER), "2", "1", "64"},
    {PARAMETER(max_inflight, NUMBER), "256", "1", "10000"},
    {PARAMETER(query_timeout, MILLISECONDS), "2s", "10ms", "60s"},
    {PARAMETER(query_attempts, NUMBER), "4", "1", "100"},
    {PARAMETER(run_timeout, MILLISECONDS), "10m", "1s", "1d"},
    {PARAMETER(patience, MILLISECONDS), "20s", "100ms", "1d"},
    {PARAMETER(stale_limit, SECONDS), "14d", "0s", "3650d"},
    {PARAMETER(max_shrink, SHARE), "30%", "0%", "100%"},
    {PARAMETER(max_growth, SHARE), "100%", "0%", "100000%"},
    {PARAMETER(hold_time, SECONDS), "3d", "0s", "365d"},
    {PARAMETER(min_prefix4, NUMBER), "12", "0", "32"},
    {PARAMETER(min_prefix6, NUMBER), "24", "0", "128"},
    {PARAMETER(max_coverage4, SHARE), "0.2%", "0%", "100%"},
    {PARAMETER(max_coverage6, SHARE), "0.0002%", "0%", "100%"},
    {PARAMETER(max_networks, NUMBER), "1000", "0", "1000000"},
    {PARAMETER(permit_reserved, YES_NO), "no", NULL, NULL},
    {PARAMETER(strict, YES_NO), "no", NULL, NULL},
    {PARAMETER(table_layout, LAYOUT), "auto", NULL, NULL},
    {PARAMETER(zone_ttl, SECONDS), "60s", "1s", "1d"},
    {PARAMETER(zone_servers, NAMES), "", NULL, NULL},
};

/*
 * Reads the number at *text and moves *text after it. Returns 0, or -1 if there
 * is none or it is too large.
 */
static int
parse_digits(const char **text, uint64_t *v)
{
	const char *p = *text;

	for (*v = 0; *p >= '0' && *p <= '9'; p++) {
		if (*v > UINT64_MAX / 10 - 1)
			return -1;
		*v = *v * 10 + (uint64_t)(*p - '0');
	}
	if (p == *text)
		return -1;
	*text = p;
	return 0;
}

/* A time in milliseconds; without a unit, the text is in seconds. */
static int
parse_time(const char *text, uint64_t *v)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000},
	    {"h", 3600000}, {"d", 86400000}, {"w", 604800000}};

	if (parse_digits(&text, v) == -1)
		return -1;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (*v > UINT64_MAX / units[i].ms)
			return -1;
		*v *= units[i].ms;
		return 0;
	}
	return -1;
}

/* A percentage in millionths. */
static int
parse_share(const char *text, uint64_t *v)
{
	uint64_t decimal = 1000;

	if (parse_digits(&text, v) == -1 || *v > UINT64_MAX / 10000 - 1)
		return -1;
	*v *= 10000;
	if (*text == '.') {
		do {
			text++;
			if (*text < '0' || *text > '9' || decimal == 0)
				return -1;
			*v += (uint64_t)(*text - '0') * decimal;
			decimal /= 10;
		} while (text[1] != '%' && text[1] != '\0');
		text++;
	}
	return strcmp(text, "%") == 0 ? 0 : -1;
}

/* The place of the word in the list. */
static int
parse_word(const char *text, const char *const *words, size_t n, uint64_t *v)
{
	for (*v = 0; *v < n; ++*v)
		if (strcasecmp(text, words[*v]) == 0)
			return 0;
	return -1;
}

/* Names of hosts: letters, digits, hyphens and dots. */
static int
parse_names(const char *text)
{
	static const char of_hosts[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-.";
	uint8_t wire[NAME_MAX_WIRE];
	size_t n;

	while (*(text += strspn(text, WHITE)) != '\0') {
		n = strcspn(text, WHITE);
		if (strspn(text, of_hosts) != n ||
		    name_from_text(text, n, wire) != 0)
			return -1;
		text += n;
	}
	return 0;
}

static const char *const yes_no[] = {[false] = "no", [true] = "yes"};
static const char *const layouts[] = {[LAYOUT_AUTO] = "auto",
    [LAYOUT_FLAT] = "flat",
    [LAYOUT_INDEXED] = "indexed"};

/* The value of a text as struct conf has it; strings need no parsing. */
static int
parse_value(enum type type, const char *text, uint64_t *v)
{
	switch (type) {
	case STRING:
		return 0;
	case SERVERS:
		return servers_add_list(&(struct servers){0}, text);
	case NAMES:
		return parse_names(text);
	case PATH:
		return *text != '\0' ? 0 : -1;
	case NUMBER:
		if (parse_digits(&text, v) == -1)
			return -1;
		return *text == '\0' ? 0 : -1;
	case MILLISECONDS:
		return parse_time(text, v);
	case SECONDS:
		if (parse_time(text, v) == -1 || *v % 1000 != 0)
			return -1;
		*v /= 1000;
		return 0;
	case SHARE:
		return parse_share(text, v);
	case YES_NO:
		return parse_word(text, yes_no, COUNT(yes_no), v);
	case LAYOUT:
		return parse_word(text, layouts, COUNT(layouts), v);
	}
	return -1;
}

static bool
is_between(const struct parameter *p, uint64_t v)
{
	uint64_t min = 0, max = 0;

	if (p->min == NULL)
		return true;
	parse_value(p->type, p->min, &min);
	parse_value(p->type, p->max, &max);
	return v >= min && v <= max;
}

/* Gives a parameter the value of that text; 0, or -1: it has no such value. */
static int
set_value(struct conf *c, const struct parameter *p, const char *text)
{
	void *member = (char *)c + p->offset;
	uint64_t v = 0;

	if (parse_value(p->type, text, &v) == -1 || !is_between(p, v))
		return -1;
	switch (p->type) {
	case STRING:
	case SERVERS:
	case NAMES:
	case PATH:
		free(*(char **)member);
		*(char **)member = xstrdup(text);
		break;
	case NUMBER:
	case MILLISECONDS:
	case SECONDS:
	case SHARE:
		*(unsigned *)member = (unsigned)v;
		break;
	case YES_NO:
		*(bool *)member = v != 0;
		break;
	case LAYOUT:
		*(enum table_layout *)member = (enum table_layout)v;
		break;
	}
	return 0;
}

static void
add_expected(struct buf *b, const struct parameter *p)
{
	switch (p->type) {
	case STRING:
		break;
	case SERVERS:
		buf_printf(b, "ADDRESS or ADDRESS@PORT, at most %d of them",
		    SERVERS_MAX);
		break;
	case NAMES:
		buf_puts(b, "names of hosts");
		break;
	case PATH:
		buf_puts(b, "a path");
		break;
	case NUMBER:
		buf_printf(b, "a number from %s to %s", p->min, p->max);
		break;
	case MILLISECONDS:
		buf_printf(b,
		    "a time from %s to %s, such as 500ms, 2s, 10m or 1h",
		    p->min, p->max);
		break;
	case SECONDS:
		buf_printf(b,
		    "a time from %s to %s, such as 90s, 10m, 12h, 14d or 2w",
		    p->min, p->max);
		break;
	case SHARE:
		buf_printf(b,
		    "a share from %s to %s with its %% sign and at most four "
		    "decimals",
		    p->min, p->max);
		break;
	case YES_NO:
		buf_puts(b, "yes or no");
		break;
	case LAYOUT:
		buf_puts(b, "auto, flat or indexed");
		break;
	}
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

	while (n > 0 && strchr(WHITE, s[n - 1]) != NULL)
		n--;
	return n;
}

/* Cuts white space off both ends, in place. */
static char *
trim(char *s)
{
	s += strspn(s, WHITE);
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

	if (equals == NULL || equals == line + strspn(line, WHITE)) {
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
	add_expected(&expected, p);
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
		switch (parameters[i].type) {
		case STRING:
		case SERVERS:
		case NAMES:
		case PATH:
			free(*(
			    char **)(void *)((char *)c + parameters[i].offset));
			break;
		default:
			break;
		}
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
	switch (parameters[i].type) {
	case YES_NO:
		return k < COUNT(yes_no) ? yes_no[k] : NULL;
	case LAYOUT:
		return k < COUNT(layouts) ? layouts[k] : NULL;
	default:
		return NULL;
	}
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
		    text[len + strspn(text + len, WHITE)] == '=')
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
	const char *line = b->data + mark, *text = line + strspn(line, WHITE);

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
