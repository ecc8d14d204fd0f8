/*
 * table: networks as the text of a table, and back.
 */
#include "table/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

#define RULES_A_LEAF 8 /* more are split */
#define RULES_BARE 2   /* fewer are not worth a block */

#define ZONE_EXPIRE 604800u /* a week */

static void
print_title(struct buf *out, const struct table *t)
{
	/* No time stamp: unchanged tables have unchanged bytes. */
	buf_printf(out,
	    "# postpermit %s: %zu %s from %zu %s. "
	    "Generated; edit the domain list instead.\n",
	    PACKAGE_VERSION, t->n, plural(t->n, "network", "networks"),
	    t->domains, plural(t->domains, "domain", "domains"));
}

/* cidr_table(5): no white space before a rule, no comment after it. */
static void
print_rules(struct buf *out, const struct table *t, size_t from, size_t to)
{
	char text[NET_STRLEN];

	for (size_t i = from; i < to; i++) {
		buf_puts(out, net_to_text(&t->nets[i], text));
		buf_puts(out, "\t");
		buf_puts(out, t->action);
		buf_puts(out, "\n");
	}
}

/* How many leading bits two addresses share. */
static unsigned
common_bits(enum family f, const struct addr *a, const struct addr *b)
{
	struct addr diff = {a->hi ^ b->hi, a->lo ^ b->lo};
	unsigned n = 0;

	while (n < family_bits(f) && !addr_bit(f, &diff, n))
		n++;
	return n;
}

/*
 * Postfix walks the rules one by one, but jumps over a block whose condition
 * does not match (cidr_table(5), since Postfix 3.2). So the rules become the
 * leaves of a binary tree: each block holds the networks below the longest
 * prefix that they share, those with the next bit 0 before those with 1.
 * A lookup then visits two lines a level and the rules of one leaf.
 */
static void
print_block(struct buf *out, const struct table *t, size_t from, size_t to)
{
	const struct net *first = &t->nets[from];
	struct range last = net_range(&t->nets[to - 1]);
	struct net block = {first->family, 0, first->addr};
	size_t middle = from;
	char text[NET_STRLEN];

	if (to - from <= RULES_BARE) {
		print_rules(out, t, from, to);
		return;
	}
	block.prefix = common_bits(first->family, &first->addr, &last.last);
	block.addr = net_range(&block).first;
	buf_printf(out, "if %s\n", net_to_text(&block, text));
	if (to - from <= RULES_A_LEAF)
		print_rules(out, t, from, to);
	else {
		while (!addr_bit(
		    block.family, &t->nets[middle].addr, block.prefix))
			middle++;
		print_block(out, t, from, middle);
		print_block(out, t, middle, to);
	}
	buf_puts(out, "endif\n");
}

static void
print_postfix(struct buf *out, const struct table *t)
{
	size_t n4 = 0;

	print_title(out, t);
	if (!t->indexed) {
		print_rules(out, t, 0, t->n);
		return;
	}
	while (n4 < t->n && t->nets[n4].family == IPV4)
		n4++;
	if (n4 > 0)
		print_block(out, t, 0, n4);
	if (n4 < t->n)
		print_block(out, t, n4, t->n);
}

bool
table_is_large(size_t n)
{
	return n > TABLE_RULES_FLAT;
}

static void
print_plain(struct buf *out, const struct table *t)
{
	char text[NET_STRLEN];

	for (size_t i = 0; i < t->n; i++)
		buf_printf(out, "%s\n", net_to_text(&t->nets[i], text));
}

static void
print_json(struct buf *out, const struct table *t)
{
	char text[NET_STRLEN];
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL, JSON_LINES);
	json_string(&j, "generator", "postpermit " PACKAGE_VERSION);
	json_number(&j, "domains", (int64_t)t->domains);
	json_string(&j, "action", t->action);
	json_array(&j, "networks", JSON_LINES);
	for (size_t i = 0; i < t->n; i++)
		json_string(&j, NULL, net_to_text(&t->nets[i], text));
	json_end(&j);
	json_end(&j);
}

/* One set a family; loading it again replaces the elements in one step. */
static void
print_nft(struct buf *out, const struct table *t)
{
	static const char *const type[FAMILIES] = {"ipv4_addr", "ipv6_addr"};
	char text[NET_STRLEN];

	print_title(out, t);
	buf_puts(out, "add table inet postpermit\n");
	for (int f = 0; f < FAMILIES; f++) {
		char set[32];
		size_t n = 0;

		if (t->hidden[f])
			continue;
		snprintf(set, sizeof(set), "inet postpermit %s%c", t->action,
		    f == IPV4 ? '4' : '6');
		buf_printf(out, "add set %s { type %s; flags interval; }\n",
		    set, type[f]);
		buf_printf(out, "flush set %s\n", set);
		for (size_t i = 0; i < t->n; i++) {
			if (t->nets[i].family != (enum family)f)
				continue;
			if (n++ == 0)
				buf_printf(out, "add element %s {\n", set);
			buf_printf(
			    out, "\t%s,\n", net_to_text(&t->nets[i], text));
		}
		if (n > 0)
			buf_puts(out, "}\n");
	}
}

/* The head of a zone for rbldnsd. The serial 0 means the time of the file. */
static void
print_zone_head(struct buf *out, const struct table *t)
{
	const char *server = t->zone_servers + strspn(t->zone_servers, BLANKS);
	int n = (int)strcspn(server, BLANKS);

	if (n == 0)
		buf_printf(out, "$SOA %u localhost root.localhost", t->ttl);
	else
		buf_printf(out, "$SOA %u %.*s hostmaster.%.*s", t->ttl, n,
		    server, n, server);
	buf_printf(
	    out, " 0 %u %u %u %u\n", t->ttl, t->ttl, ZONE_EXPIRE, t->ttl);
	if (n > 0)
		buf_printf(out, "$NS %u", t->ttl);
	for (; n > 0; n = (int)strcspn(server, BLANKS)) {
		buf_printf(out, " %.*s", n, server);
		server += n;
		server += strspn(server, BLANKS);
	}
	if (*t->zone_servers != '\0')
		buf_puts(out, "\n");
	buf_printf(out, "$TTL %u\n", t->ttl);
}

/*
 * A file for rbldnsd's dataset "combined". RFC 5782 section 5 wants a test
 * entry of each family listed.
 */
static void
print_rbldnsd(struct buf *out, const struct table *t)
{
	static const char *const type[FAMILIES] = {"ip4trie", "ip6trie"};
	static const char *const test[FAMILIES] = {
	    "127.0.0.2", "::ffff:7f00:2"};
	char text[NET_STRLEN];

	print_title(out, t);
	print_zone_head(out, t);
	for (int f = 0; f < FAMILIES; f++) {
		if (t->hidden[f])
			continue;
		buf_printf(out, "$DATASET %s:%s%c @\n:127.0.0.2:\n%s\n",
		    type[f], t->action, f == IPV4 ? '4' : '6', test[f]);
		for (size_t i = 0; i < t->n; i++)
			if (t->nets[i].family == (enum family)f)
				buf_printf(out, "%s\n",
				    net_to_text(&t->nets[i], text));
	}
}

static const struct {
	const char *name;
	table_printer *print;
} formats[] = {
    {"postfix", print_postfix},
    {"plain", print_plain},
    {"json", print_json},
    {"nft", print_nft},
    {"rbldnsd", print_rbldnsd},
};

table_printer *
table_format(const char *name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].print;
	return NULL;
}

const char *
table_format_name(size_t i)
{
	return i < COUNT(formats) ? formats[i].name : NULL;
}

/* "ADDRESS[/PREFIX]", as Postfix takes it, NUL-terminated. */
static bool
read_net(char *text, struct net *n)
{
	char *slash = strchr(text, '/');

	if (slash != NULL)
		*slash++ = '\0';
	if (addr_from_text(text, &n->family, &n->addr) != 0)
		return false;
	n->prefix = family_bits(n->family);
	if (slash == NULL)
		return true;
	if (*slash == '\0' || strlen(slash) > 3 ||
	    slash[strspn(slash, "0123456789")] != '\0')
		return false;
	n->prefix = (unsigned)strtoul(slash, NULL, 10);
	return n->prefix <= family_bits(n->family);
}

static int
compare(const void *a, const void *b)
{
	return net_cmp(a, b);
}

size_t
table_read(FILE *in, const char *action, struct net **nets, size_t *others)
{
	char *line = NULL;
	size_t n = 0, cap = 0, line_cap = 0;
	int error;

	*nets = NULL;
	*others = 0;
	while (xgetline(&line, &line_cap, in) != -1) {
		/* Without its end, the last line is what a cut left of it. */
		bool whole = strchr(line, '\n') != NULL;
		char *rest = line, *net = strsep(&rest, " \t\r\n");
		struct net parsed;

		if (rest == NULL)
			continue;
		rest += strspn(rest, " \t");
		rest[strcspn(rest, " \t\r\n")] = '\0';
		if (!read_net(net, &parsed))
			continue;
		if (strcmp(rest, action) != 0) {
			*others += whole;
			continue;
		}
		*nets = grow(*nets, n, &cap, sizeof(**nets));
		(*nets)[n++] = parsed;
	}
	error = errno;
	free(line);
	if (n > 0)
		qsort(*nets, n, sizeof(**nets), compare);
	errno = error;
	return n;
}
