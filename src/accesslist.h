/*
 * accesslist: whether postscreen_access_list has our tables, and whether what
 * comes before them decides for their addresses. It asks postmap(1) about
 * tables of others.
 */
#ifndef ACCESSLIST_H
#define ACCESSLIST_H

#include <sys/stat.h>

#include "base/addr.h"
#include "base/problems.h"
#include "postconf.h"

/* A table of ours, and what postscreen makes of it. */
struct our_table {
	const char *parameter; /* "permit_table" */
	const char *path;
	const char *action; /* "permit" */
	const char *other;  /* the action that would be wrong */
	struct net *nets;
	size_t n;
	bool exists;
	struct stat st;
};

enum { OUR_PERMIT, OUR_REJECT, OUR_TABLES };

/* The list of one service. */
struct accesslist {
	const struct postfix_service *service;
	const char *list;              /* the value of postscreen_access_list */
	const char *set_in;            /* "main.cf", for messages */
	const char *command_directory; /* of postmap, or NULL */
	const char *config_directory;
	const struct our_table *tables;
	size_t n;               /* of them */
	struct problems *wrong; /* gets what is wrong, each with its fix */
};

/*
 * Looks. places: of each table in the list, counted from 1; 0: it is not there.
 */
void accesslist_look(const struct accesslist *a, size_t places[OUR_TABLES]);

#endif
