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
    "report   one line an entry: what it permits, and what only it permits\n"
    "suggest  say which list lines would have prevented delays of senders in\n"
    "         a mail log\n"
    "check    read the configuration and the lists, look at Postfix, and say\n"
    "         what is wrong\n"
    "status   tables, last run, pending reload, in force or not: exit 0, 1, 2\n"
    "\n"
    "  -4, -6                 print only IPv4, only IPv6 networks\n"
    "  -c, --config FILE      configuration\n"
    "  -f, --format FORMAT    postfix (default), plain, json, nft, rbldnsd;\n"
    "                         of report, json or html\n"
    "  -l, --list FILE        domain list, - for standard input; repeatable\n"
    "      --audit            say which entries of the lists are used\n"
    "      --journal          read the journal; the argument is the start "
    "time\n"
    "      --accept ENTRY     accept what this held entry has now; repeatable\n"
    "      --force            accept all held entries, and replace tables "
    "even\n"
    "                         if they become empty\n"
    "  -n, --dry-run          print what would change, write nothing\n"
    "  -O, --output FILE      install the table there instead of printing it\n"
    "  -o NAME=VALUE          set a configuration parameter\n"
    "  -q                     only notes about failed lookups, no summary\n"
    "  -r, --replay FILE      answers from a zone file instead of DNS\n"
    "  -s, --server ADDR[@PORT]\n"
    "                         DNS server; repeatable\n"
    "      --save FILE        write the answers as a zone file\n"
    "  -v                     print more\n"
    "\n"
    "Exit status: 0 the tables are right; 1 nothing was replaced, or the\n"
    "reload command failed; 2 usage, configuration or a list is wrong;\n"
    "3 written, but incomplete. See postpermit(8).\n";

/* Letters of the options that have only a long name. */
enum {
	OPT_ACCEPT = 'P',
	OPT_AUDIT = 'A',
	OPT_JOURNAL = 'J',
	OPT_SAVE = 'S',
	OPT_FORCE = 'F'
};

enum kind {
	FLAG,
	TEXT,
	TEXTS,  /* may be given more than once */
	INSTEAD /* a flag: asked for in place of the command */
};

/* Every option, and where it goes in struct options. */
static const struct option_place {
	int letter;
	enum kind kind;
	const char *name; /* long, or NULL */
	size_t offset;
} places[] = {
    {'4', FLAG, NULL, offsetof(struct options, only4)},
    {'6', FLAG, NULL, offsetof(struct options, only6)},
    {'c', TEXT, "config", offsetof(struct options, config_file)},
    {'f', TEXT, "format", offsetof(struct options, format_name)},
    {'h', INSTEAD, "help", offsetof(struct options, help)},
    {'l', TEXTS, "list", offsetof(struct options, lists)},
    {'n', FLAG, "dry-run", offsetof(struct options, dry_run)},
    {'O', TEXT, "output", offsetof(struct options, output)},
    {'o', TEXTS, NULL, offsetof(struct options, overrides)},
    {'q', FLAG, NULL, offsetof(struct options, quiet)},
    {'r', TEXT, "replay", offsetof(struct options, replay)},
    {'s', TEXTS, "server", offsetof(struct options, servers)},
    {'v', FLAG, NULL, offsetof(struct options, verbose)},
    {'V', INSTEAD, "version", offsetof(struct options, version)},
    {OPT_ACCEPT, TEXTS, "accept", offsetof(struct options, accepted)},
    {OPT_AUDIT, FLAG, "audit", offsetof(struct options, audit)},
    {OPT_FORCE, FLAG, "force", offsetof(struct options, force)},
    {OPT_JOURNAL, FLAG, "journal", offsetof(struct options, journal)},
    {OPT_SAVE, TEXT, "save", offsetof(struct options, save)},
};

static bool
has_argument(const struct option_place *p)
{
	return p->kind == TEXT || p->kind == TEXTS;
}

static bool
has_letter(const struct option_place *p)
{
	return strchr("PAJSF", p->letter) == NULL;
}

bool
options_known(size_t i, struct option_known *known)
{
	if (i >= COUNT(places))
		return false;
	*known = (struct option_known){
	    .letter = (char)places[i].letter,
	    .is_short = has_letter(&places[i]),
	    .name = places[i].name,
	    .has_argument = has_argument(&places[i]),
	    .is_everywhere = places[i].kind == INSTEAD,
	};
	return true;
}

static void
add(struct strings *s, const char *text)
{
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = text;
}

/* Takes one option. */
static void
take(struct options *o, const struct option_place *p, const char *arg)
{
	void *to = (char *)o + p->offset;

	switch (p->kind) {
	case FLAG:
	case INSTEAD:
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

/* The options, as getopt_long() takes them; the rest is zero. */
struct getopt_tables {
	char letters[1 + 2 * COUNT(places) + 1];
	struct option names[COUNT(places) + 1];
};

static void
make_tables(struct getopt_tables *t)
{
	char *letter = t->letters;
	struct option *name = t->names;

	*letter++ = ':'; /* an argument that is missing is told apart */
	for (const struct option_place *p = places; p < places + COUNT(places);
	     p++) {
		if (has_letter(p))
			*letter++ = (char)p->letter;
		if (has_letter(p) && has_argument(p))
			*letter++ = ':';
		if (p->name != NULL)
			*name++ = (struct option){p->name,
			    has_argument(p) ? required_argument : no_argument,
			    NULL, p->letter};
	}
}

/*
 * getopt_long(), but with the mistake in why. *which: the number of a long
 * option.
 */
static int
next_option(int argc, char **argv, const struct getopt_tables *t, int *which,
    struct buf *why)
{
	int before = optind;
	int c = getopt_long(argc, argv, t->letters, t->names, which);
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
has_one_dash(
    int argc, char **argv, const struct getopt_tables *t, struct buf *why)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (const struct option *l = t->names; l->name != NULL; l++) {
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
	struct getopt_tables t = {0};
	int c, which = -1;

	*o = (struct options){.format_name = DEFAULT_FORMAT};
	opterr = 0;
	make_tables(&t);
	if (has_one_dash(argc, argv, &t, why))
		return -1;
	for (; (c = next_option(argc, argv, &t, &which, why)) != -1;
	     which = -1) {
		const struct option_place *p = places;

		if (why->len > 0)
			return -1;
		while (p->letter != c)
			p++;
		if (p->kind != INSTEAD && strchr(allowed, c) == NULL) {
			if (which >= 0)
				buf_printf(why, "--%s", p->name);
			else
				buf_printf(why, "-%c", c);
			buf_puts(why, ": not an option of this command");
			return -1;
		}
		take(o, p, optarg);
		if (p->kind == INSTEAD)
			return 0;
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
