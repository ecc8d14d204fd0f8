/*
 * table: networks as the text of a table, in one of several formats; and a
 * Postfix cidr table back to networks.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/text.h"

struct table {
	const char *action; /* "permit" or "reject" */
	size_t domains;     /* that the networks come from */
	struct net *nets;   /* in the order of net_cmp() */
	size_t n;
	bool hidden[FAMILIES]; /* left out, by -4 or -6 */
	bool indexed; /* postfix: nest the rules in blocks, see table.c */
	unsigned ttl; /* rbldnsd: seconds that a resolver keeps an answer */
	const char *zone_servers; /* rbldnsd: name servers, may be empty */
};

/*
 * Among so many flat rules a lookup takes 2 us, a twentieth of what postscreen
 * spends on a connection that it permits (make bench BENCH=tables).
 */
#define TABLE_RULES_FLAT 1024

/* Whether the automatic layout nests a table of that many networks. */
bool table_is_large(size_t n);

/* Appends the table's text. */
typedef void table_printer(struct buf *out, const struct table *t);

/* The printer of a format, NULL if there is none of that name. */
table_printer *table_format(const char *name);

/* The name of a format by its place, from 0, or NULL: there are no more. */
const char *table_format_name(size_t i);

/*
 * Reads the networks of a Postfix cidr table that have that action, sorted;
 * *others: how many have another one. Lines that are no rules are passed over.
 * The caller frees *nets. Returns their number; if in has an error then, errno
 * is its reason, and they are not all.
 */
size_t table_read(
    FILE *in, const char *action, struct net **nets, size_t *others);

#endif
