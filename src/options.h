/*
 * options: the command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "table/table.h"

/* Strings of the command line, in their order. */
struct strings {
	const char **v;
	size_t n, cap;
};

struct options {
	const char *config_file;
	const char *replay, *save, *output;
	const char *format_name;
	struct strings lists, servers, overrides, terms, accepted;
	bool only4, only6;
	bool dry_run, force;
	bool audit, journal;
	bool quiet, verbose;
	bool help, version; /* asked for instead of the command */
};

/* What format_name is if -f was not given. */
#define DEFAULT_FORMAT "postfix"

extern const char options_usage[], options_help[];

/* An option, for what is compared with the command line. */
struct option_known {
	char letter;      /* as in what a command allows */
	bool is_short;    /* -LETTER is a spelling of it */
	const char *name; /* --NAME, or NULL */
	bool has_argument;
	bool is_everywhere; /* taken by every command, and without one */
};

/* An option by its place in the table, from 0; false: there are no more. */
bool options_known(size_t i, struct option_known *known);

/*
 * Reads the options and arguments after a command. allowed: the letters of the
 * options that the command has. Returns 0, or -1 with why.
 */
int options_parse(struct options *o, const char *allowed, int argc, char **argv,
    struct buf *why);
void options_clear(struct options *o);

#endif
