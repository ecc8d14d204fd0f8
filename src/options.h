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

extern const char options_usage[], options_help[];

/*
 * Reads the options and arguments behind a command. allowed: the letters of
 * the options that the command takes. Returns 0, or -1 with why.
 */
int options_parse(struct options *o, const char *allowed, int argc, char **argv,
    struct buf *why);
void options_clear(struct options *o);

#endif
