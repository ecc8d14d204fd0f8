/*
 * conf: the configuration, from postpermit.conf and from -o NAME=VALUE.
 * The table of parameters in conf.c is the one place that knows their
 * names, types and defaults; the manual, the sample configuration and README
 * are tested against it.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stdio.h>

#include "base/problems.h"
#include "value.h"

/* Shares are in millionths: 30% is 300,000. */
struct conf {
	char *permit_lists;
	char *permit_table;
	char *reject_lists;
	char *reject_table;
	char *reload_command;
	char *state_directory;
	char *metrics_file;
	char *postconf_command;
	char *greylist_texts;
	char *servers;
	char *zone_servers;
	unsigned threads;
	unsigned max_inflight;
	unsigned query_timeout; /* milliseconds */
	unsigned query_attempts;
	unsigned run_timeout; /* milliseconds */
	unsigned patience;    /* milliseconds */
	unsigned stale_limit; /* seconds */
	unsigned max_shrink;  /* share */
	unsigned max_growth;  /* share */
	unsigned hold_time;   /* seconds */
	unsigned min_prefix4;
	unsigned min_prefix6;
	unsigned max_coverage4; /* share */
	unsigned max_coverage6; /* share */
	unsigned max_networks;
	bool permit_reserved;
	bool strict;
	enum table_layout table_layout;
	unsigned zone_ttl;      /* seconds */
	struct problems doubts; /* lines that may not say what was meant */
	char **set_at;          /* where each was set, see conf_set_at() */
};

/* Every parameter at its default. */
void conf_init(struct conf *c);
void conf_clear(struct conf *c);

/*
 * Reads a configuration in main.cf syntax: name = value, comment lines,
 * continuation lines; the last setting of a name holds. Everything wrong is
 * added to problems, as "FILE:LINE: ...", the first PROBLEMS_SHOWN, and how
 * many more there are. file: the name for messages.
 * Returns 0, or -1 if there was any problem.
 */
int conf_read(
    struct conf *c, FILE *in, const char *file, struct problems *problems);

/*
 * One NAME=VALUE from the command line. Returns 0, or -1 with a problem
 * "-o NAME=VALUE: ...".
 */
int conf_set(struct conf *c, const char *assignment, struct problems *problems);

/*
 * Where a parameter was set: "FILE:LINE" or "-o NAME=VALUE"; NULL: nowhere, it
 * has its default.
 */
const char *conf_set_at(const struct conf *c, const char *name);

/*
 * A parameter by its place in the table, from 0: its name and its default as an
 * administrator writes it. Returns false after the last.
 */
bool conf_parameter(size_t i, const char **name, const char **value);

/*
 * The words that this parameter takes, by their place, from 0; NULL: there are
 * no more, or it takes other values than words.
 */
const char *conf_word(size_t i, size_t k);

#endif
