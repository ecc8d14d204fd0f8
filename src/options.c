/*
 * options: the command line.
 */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
    "usage: postpermit update  [-46nqv] [-c FILE] [-o NAME=VALUE] [-r FILE]\n"
    "                          [-s ADDR[@PORT]] [--save FILE] [--force]\n"
    "       postpermit expand  [-46qv] [-f FORMAT] [-l FILE] [-O FILE]\n"
    "                          [-o NAME=VALUE] [-r FILE] [-s ADDR[@PORT]]\n"
    "                          [--save FILE] [TERM ...]\n"
    "       postpermit explain [-qv] [-c FILE | -l FILE -r FILE]\n"
    "                          [-o NAME=VALUE] ADDRESS ...\n"
    "       postpermit report  [-c FILE | -l FILE -r FILE] [-f json]\n"
    "                          [-o NAME=VALUE] [-qv]\n"
    "       postpermit suggest [-qv] [-c FILE] [-f json] [-l FILE]\n"
    "                          [-o NAME=VALUE] [-r FILE] [-s ADDR[@PORT]]\n"
    "                          [LOGFILE ...]\n"
    "       postpermit check   [-qv] [-c FILE] [-l FILE] [-o NAME=VALUE]\n"
    "       postpermit --help | --version\n";

const char options_help[] =
    "\n"
    "update   regenerate the configured tables; install those that changed\n"
    "expand   print the table for these domains or SPF terms\n"
    "explain  say which list line, record and term permit an address\n"
    "report   one line a domain: what it takes and what it permits\n"
    "suggest  say which list lines would have spared senders in a mail log\n"
    "         the delay\n"
    "check    read the configuration and the lists, and say what is wrong\n"
    "\n"
    "  -4, -6                 print only IPv4, only IPv6 networks\n"
    "  -c, --config FILE      configuration\n"
    "  -f, --format FORMAT    postfix (default), plain, json, nft\n"
    "  -l, --list FILE        domain list, - for standard input; repeatable\n"
    "      --force            install although much would go\n"
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

enum { OPT_SAVE = 'S', OPT_FORCE = 'F', OPT_HELP = 'h', OPT_VERSION = 'V' };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"list", required_argument, NULL, 'l'},
    {"server", required_argument, NULL, 's'},
    {"replay", required_argument, NULL, 'r'},
    {"save", required_argument, NULL, OPT_SAVE},
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'O'},
    {"force", no_argument, NULL, OPT_FORCE},
    {"dry-run", no_argument, NULL, 'n'},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void
add(struct strings *s, const char *text)
{
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = text;
}

/* Takes one option that the command knows. */
static int
take(struct options *o, int c, const char *arg, struct buf *why)
{
	switch (c) {
	case '4':
		o->only4 = true;
		break;
	case '6':
		o->only6 = true;
		break;
	case 'c':
		o->config_file = arg;
		break;
	case 'f':
		o->format_name = arg;
		o->format = table_format(arg);
		if (o->format != NULL)
			break;
		buf_printf(
		    why, "-f %s: expected one of %s", arg, table_formats());
		return -1;
	case 'l':
		add(&o->lists, arg);
		break;
	case OPT_FORCE:
		o->force = true;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'O':
		o->output = arg;
		break;
	case 'o':
		add(&o->overrides, arg);
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'r':
		o->replay = arg;
		break;
	case 's':
		add(&o->servers, arg);
		break;
	case OPT_SAVE:
		o->save = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	}
	return 0;
}

/* An option by its letter, as it can be written. */
static const char *
name_of(int c)
{
	static char name[32];

	snprintf(name, sizeof(name), "-%c", c);
	for (const struct option *o = long_options; o->name != NULL; o++)
		if (o->val == c)
			snprintf(name, sizeof(name), "--%s", o->name);
	return name;
}

/* getopt_long(), which says in why what it cannot take. */
static int
next_option(int argc, char **argv, struct buf *why)
{
	int before = optind;
	int c = getopt_long(
	    argc, argv, ":46c:f:hl:nO:o:qr:s:vV", long_options, NULL);
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

int
options_parse(struct options *o, const char *allowed, int argc, char **argv,
    struct buf *why)
{
	int c;

	*o = (struct options){
	    .format_name = "postfix", .format = table_format("postfix")};
	opterr = 0;
	while ((c = next_option(argc, argv, why)) != -1) {
		if (c == OPT_HELP || c == OPT_VERSION) {
			o->help = c == OPT_HELP;
			o->version = c == OPT_VERSION;
			return 0;
		}
		if (why->len == 0 && strchr(allowed, c) == NULL)
			buf_printf(why, "%s: not an option of this command",
			    name_of(c));
		if (why->len > 0 || take(o, c, optarg, why) != 0)
			return -1;
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
}
