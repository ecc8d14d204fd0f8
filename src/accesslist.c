/*
 * accesslist: whether postscreen_access_list has our tables, and whether what
 * comes before them decides for their addresses.
 */
#include "accesslist.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "postcmd.h"

/* Whether a table's name is the path, or another path of the same file. */
static bool
is_same_file(const struct our_table *t, const char *name)
{
	struct stat st;

	return strcmp(name, t->path) == 0 ||
	       (t->exists && stat(name, &st) == 0 &&
		   st.st_dev == t->st.st_dev && st.st_ino == t->st.st_ino);
}

static bool
is_ours(const void *arg, const char *type, const char *name)
{
	return strcmp(type, "cidr") == 0 && is_same_file(arg, name);
}

/* Likewise, but with a type that cannot read it. */
static bool
is_ours_as_other(const void *arg, const char *type, const char *name)
{
	(void)type;
	return is_same_file(arg, name);
}

/* Types whose answers cost nothing and do not change. */
static bool
is_local(const void *arg, const char *type, const char *name)
{
	static const char *const types[] = {"cidr", "texthash", "hash", "btree",
	    "lmdb", "cdb", "dbm", "sdbm", "pcre", "regexp", "static", "inline"};

	(void)arg;
	(void)name;
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/*
 * Asks an element that comes before our table about the table's addresses.
 * Returns false if the element cannot be used.
 */
static bool
ask_before(
    const struct accesslist *a, const char *element, const struct our_table *t)
{
	const struct postcmd_question q = {
	    .command_directory = a->command_directory,
	    .config_directory = a->config_directory,
	    .table = element,
	    .nets = t->nets,
	    .n = t->n,
	    .action = t->other};
	struct postcmd_answers answers;
	struct buf why, shown;
	bool usable;

	buf_init(&why);
	buf_init(&shown);
	buf_add_escaped(&shown, element, strlen(element), SHOWN_MAX);
	usable = postcmd_postmap(&q, &answers, &why);
	if (answers.n > 0)
		problems_add(a->wrong,
		    "%s: %s comes before %s in postscreen_access_list and "
		    "returns %s for some of its addresses, such as %s: remove "
		    "that rule, or put cidr:%s first",
		    a->service->name, shown.data, t->parameter, t->other,
		    answers.example, t->path);
	if (!usable)
		problems_add(a->wrong,
		    "%s: postscreen_access_list: %s cannot be used (%s), and "
		    "postscreen ignores what follows it, including %s: create "
		    "that table or remove it from the list",
		    a->service->name, shown.data, why.data, t->parameter);
	free(answers.example);
	buf_clear(&why);
	buf_clear(&shown);
	return usable;
}

/* Says that a table is in no access list, and why if that can be seen. */
static void
say_missing(const struct accesslist *a, const struct our_table *t)
{
	const char *p = a->list;
	char *element;
	struct buf shown;

	buf_init(&shown);
	while ((element = postconf_element(&p)) != NULL) {
		bool other = strcmp(element, t->path) == 0 ||
			     postconf_tables(element, is_ours_as_other, t);

		if (other && shown.len == 0)
			buf_add_escaped(
			    &shown, element, strlen(element), SHOWN_MAX);
		free(element);
	}
	if (shown.len > 0)
		problems_add(a->wrong,
		    "%s: postscreen_access_list in %s has %s, but %s is a cidr "
		    "table: write cidr:%s",
		    a->service->name, a->set_in, shown.data, t->parameter,
		    t->path);
	else
		problems_add(a->wrong,
		    "%s: postscreen_access_list in %s does not have %s, so "
		    "nothing reads it: add cidr:%s there, then postfix reload",
		    a->service->name, a->set_in, t->parameter, t->path);
	buf_clear(&shown);
}

/* The place of our table in the list, from 1; 0: it is not there. */
static size_t
find_table(const struct accesslist *a, const struct our_table *t)
{
	const char *p = a->list;
	size_t at = 0;
	bool found = false;
	char *element;

	while (!found && (element = postconf_element(&p)) != NULL) {
		at++;
		found = postconf_tables(element, is_ours, t);
		free(element);
	}
	return found ? at : 0;
}

/* Whether it is one of ours: update sees to what these say of each other. */
static bool
is_any_of_ours(const struct accesslist *a, const char *element)
{
	for (size_t i = 0; i < a->n; i++)
		if (postconf_tables(element, is_ours, &a->tables[i]))
			return true;
	return false;
}

/*
 * Checks one element of the list: whether it hides our tables that come after
 * it.
 */
static void
look_at_element(const struct accesslist *a, const char *element, size_t place,
    const size_t places[OUR_TABLES])
{
	static const char *const ends[] = {"permit", "reject", "dunno"};
	bool local = !is_any_of_ours(a, element) &&
		     postconf_tables(element, is_local, NULL);

	for (size_t i = 0; i < a->n; i++) {
		const struct our_table *t = &a->tables[i];

		if (places[i] <= place)
			continue;
		for (size_t n = 0; n < COUNT(ends); n++)
			if (strcasecmp(element, ends[n]) == 0) {
				problems_add(a->wrong,
				    "%s: in postscreen_access_list the word "
				    "\"%s\" ends the list before %s: remove "
				    "it or put it last",
				    a->service->name, element, t->parameter);
				return;
			}
		if (local && !ask_before(a, element, t))
			return;
	}
}

void
accesslist_look(const struct accesslist *a, size_t places[OUR_TABLES])
{
	const char *p = a->list;
	size_t place = 0;
	char *element;

	for (size_t i = 0; i < OUR_TABLES; i++)
		places[i] = 0;
	for (size_t i = 0; i < a->n; i++) {
		places[i] = find_table(a, &a->tables[i]);
		if (places[i] == 0)
			say_missing(a, &a->tables[i]);
	}
	while ((element = postconf_element(&p)) != NULL) {
		look_at_element(a, element, ++place, places);
		free(element);
	}
	if (places[OUR_PERMIT] > 0 && places[OUR_REJECT] > places[OUR_PERMIT])
		problems_add(a->wrong,
		    "%s: in postscreen_access_list permit_table comes before "
		    "reject_table, so that an address in both is permitted: "
		    "put cidr:%s first",
		    a->service->name, a->tables[OUR_REJECT].path);
}
