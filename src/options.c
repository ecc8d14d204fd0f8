/*
 * options: the command line.
 */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

const char options_usage[] =
    "usage: postpermit update  [-46nqv] [-c FILE] [-o NAME=VALUE] [-r FILE]\n"
    "                          [-s ADDR[@PORT]] [--save FILE] [-f json]\n"
    "                          [--force] [--accept ENTRY]\n"
    "       postpermit expand  [-46qv] [-c FILE] [-f FORMAT] [-l FILE]\n"
    "                          [-O FILE] [-o NAME=VALUE] [-r FILE]\n"
    "                          [-s ADDR[@PORT]] [--save FILE] [TERM ...]\n"
    "       postpermit explain [-qv] [-c FILE | -l FILE -r FILE] [-f json]\n"
    "                          [-o NAME=VALUE] ADDRESS ...\n"
    "       postpermit report  [-c FILE | -l FILE -r FILE] [-f json | html]\n"
    "                          [-o NAME=VALUE] [-qv]\n"
    "       postpermit suggest [-qv] [-c FILE] [-f json] [-l FILE]\n"
    "                          [-o NAME=VALUE] [-r FILE] [-s ADDR[@PORT]]\n"
    "                          [--audit] [--journal] [LOGFILE ...]\n"
    "       postpermit check   [-qv] [-c FILE] [-f json] [-l FILE]\n"
    "                          [-o NAME=VALUE]\n"
    "       postpermit status  [-qv] [-c FILE] [-f json] [-o NAME=VALUE]\n"
    "       postpermit --help | --version\n";

const char options_help[] =
    "\n"
    "update   regenerate the configured tables; install those that changed\n"
    "expand   print the table for these domains or SPF terms\n"
    "explain  say which list line, record and term permit an address\n"
    "report   one line an entry: what it permits, and what it alone permits\n"
    "suggest  say which list lines would have spared senders in a mail log\n"
    "         the delay\n"
    "check    read the configuration and the lists, look at Postfix, and say\n"
    "         what is wrong\n"
    "status   tables, last run, pending reload, in force or not: exit 0, 1, 2\n"
    "\n"
    "  -4, -6                 print only IPv4, only IPv6 networks\n"
    "  -c, --config FILE      configuration\n"
    "  -f, --format FORMAT    postfix (default), plain, json, nft, rbldnsd;\n"
    "                         of report, json or html\n"
    "  -l, --list FILE        domain list, - for standard input; repeatable\n"
    "      --audit            say which entries of the lists earned their place\n"
    "      --journal          read the journal; an argument says since when\n"
    "      --accept ENTRY     accept what is held of this entry; repeatable\n"
    "      --force            accept all that is held, and replace tables "
    "even\n"
    "                         if they become empty\n"
    "  -n, --dry-run          print what would change, write nothing\n"
    "  -O, --output FILE      install the table there instead of printing it\n"
    "  -o NAME=VALUE          set a configuration parameter\n"
    "  -q                     no notes but failed lookups, no summary\n"
    "  -r, --replay FILE      answers from a zone file instead of DNS\n"
    "  -s, --server ADDR[@PORT]\n"
    "                         DNS server; repeatable\n"
    "      --save FILE        write the answers as a zone file\n"
    "  -v                     more about what is done\n"
    "\n"
    "Exit status: 0 the tables are right; 1 nothing was replaced, or the\n"
    "reload command failed; 2 usage, configuration or a list is wrong;\n"
    "3 written, but incomplete. See postpermit(8).\n";

enum {
	OPT_ACCEPT = 'P',
	OPT_AUDIT = 'A',
	OPT_JOURNAL = 'J',
	OPT_SAVE = 'S',
	OPT_FORCE = 'F',
	OPT_HELP = 'h',
	OPT_VERSION = 'V'
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"list", required_argument, NULL, 'l'},
    {"server", required_argument, NULL, 's'},
    {"replay", required_argument, NULL, 'r'},
    {"save", required_argument, NULL, OPT_SAVE},
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'O'},
    {"force", no_argument, NULL, OPT_FORCE},
    {"audit", no_argument, NULL, OPT_AUDIT},
    {"journal", no_argument, NULL, OPT_JOURNAL},
    {"accept", required_argument, NULL, OPT_ACCEPT},
    {"dry-run", no_argument, NULL, 'n'},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

/* Where an option goes in struct options, by its letter. */
static const struct place {
	int letter;
	enum { FLAG, TEXT, TEXTS } kind;
	size_t offset;
} places[] = {
    {'4', FLAG, offsetof(struct options, only4)},
    {'6', FLAG, offsetof(struct options, only6)},
    {OPT_FORCE, FLAG, offsetof(struct options, force)},
    {OPT_AUDIT, FLAG, offsetof(struct options, audit)},
    {OPT_JOURNAL, FLAG, offsetof(struct options, journal)},
    {'n', FLAG, offsetof(struct options, dry_run)},
    {'q', FLAG, offsetof(struct options, quiet)},
    {'v', FLAG, offsetof(struct options, verbose)},
    {'c', TEXT, offsetof(struct options, config_file)},
    {'f', TEXT, offsetof(struct options, format_name)},
    {'O', TEXT, offsetof(struct options, output)},
    {'r', TEXT, offsetof(struct options, replay)},
    {OPT_SAVE, TEXT, offsetof(struct options, save)},
    {OPT_ACCEPT, TEXTS, offsetof(struct options, accepted)},
    {'l', TEXTS, offsetof(struct options, lists)},
    {'o', TEXTS, offsetof(struct options, overrides)},
    {'s', TEXTS, offsetof(struct options, servers)},
};

static void
add(struct strings *s, const char *text)
{
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = text;
}

/* Takes one option that the command knows. */
static void
take(struct options *o, int letter, const char *arg)
{
	const struct place *p = places;
	void *to;

	while (p->letter != letter)
		p++;
	to = (char *)o + p->offset;
	switch (p->kind) {
	case FLAG:
		*(bool *)to = true;
		break;
	case TEXT:
		*(const char **)to = arg;
		break;
	case TEXTS:
		add(to, arg);
		break;
	}
}

/*
 * getopt_long(), which says in why what it cannot take. *which: the number of a
 * long option.
 */
static int
next_option(int argc, char **argv, int *which, struct buf *why)
{
	int before = optind;
	int c = getopt_long(
	    argc, argv, ":46c:f:hl:nO:o:qr:s:vV", long_options, which);
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *wrong = letter, *what = "no such option";

	if (c != ':' && c != '?')
		return c;
	/* Of letters in a row, optind passes the last; musl's also passes an
	 * argument that is missing. */
	if (optind > before && optind <= argc &&
	    strncmp(argv[optind - 1], "--", 2) == 0) {
		wrong = argv[optind - 1];
		if (optopt != 0)
			what = "takes no argument";
	} else if (optopt <= ' ' || optopt >= 0x7f)
		wrong = argv[optind > before ? optind - 1 : optind];
	buf_printf(why, "%s: %s", wrong, c == ':' ? "needs an argument" : what);
	return c;
}

/*
 * Whether a long option has only one dash: "-force" would be -f with the
 * argument "orce".
 */
static bool
has_one_dash(int argc, char **argv, struct buf *why)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (const struct option *l = long_options; l->name != NULL;
		     l++) {
			size_t len = strlen(l->name);

			if (argv[i][0] != '-' ||
			    strncmp(argv[i] + 1, l->name, len) != 0 ||
			    strchr("=", argv[i][1 + len]) == NULL)
				continue;
			buf_printf(why, "%s: a long option has two dashes: -%s",
			    argv[i], argv[i]);
			return true;
		}
	return false;
}

int
options_parse(struct options *o, const char *allowed, int argc, char **argv,
    struct buf *why)
{
	int c, which = -1;

	*o = (struct options){.format_name = "postfix"};
	opterr = 0;
	if (has_one_dash(argc, argv, why))
		return -1;
	for (; (c = next_option(argc, argv, &which, why)) != -1; which = -1) {
		if (c == OPT_HELP || c == OPT_VERSION) {
			o->help = c == OPT_HELP;
			o->version = c == OPT_VERSION;
			return 0;
		}
		if (why->len == 0 && strchr(allowed, c) == NULL) {
			if (which >= 0)
				buf_printf(
				    why, "--%s", long_options[which].name);
			else
				buf_printf(why, "-%c", c);
			buf_puts(why, ": not an option of this command");
		}
		if (why->len > 0)
			return -1;
		take(o, c, optarg);
	}
	for (; optind < argc; optind++)
		add(&o->terms, argv[optind]);
	return 0;
}

void
options_clear(struct options *o)
{
	free(o->lists.v);
	free(o->servers.v);
	free(o->overrides.v);
	free(o->terms.v);
	free(o->accepted.v);
}
