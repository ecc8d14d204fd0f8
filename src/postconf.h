/*
 * postconf: reads the output of Postfix's postconf(1). Runs nothing; postcmd
 * does.
 */
#ifndef POSTCONF_H
#define POSTCONF_H

#include <stdbool.h>
#include <stddef.h>

/* A service of master.cf. */
struct postfix_service {
	char *name;    /* as postconf writes it: "smtp/inet" */
	char *command; /* the program, without arguments: "postscreen" */
	bool chroot;
	char **overrides; /* -o of it: "name=value" */
	size_t n, cap;
};

struct postfix_services {
	struct postfix_service *v;
	size_t n, cap;
};

/*
 * The services of master.cf. fields: what postconf -F prints; overrides: what
 * postconf -P prints. Lines that are neither are ignored.
 */
void postfix_services_read(
    struct postfix_services *s, const char *fields, const char *overrides);
void postfix_services_clear(struct postfix_services *s);

/* Whether clients reach the service from outside, at port 25. */
bool postfix_service_is_smtp(const struct postfix_service *s);

/*
 * The value of a parameter in what postconf prints; the caller frees it. NULL:
 * this Postfix does not know it.
 */
char *postconf_value(const char *text, const char *name);

/*
 * The next element of a list of tables and words, which are separated by white
 * space and commas, except in braces. Moves *list after it; the caller frees
 * it. NULL at the end.
 */
char *postconf_element(const char **list);

/*
 * The tables of an element: "cidr:/x" itself, those in unionmap:{...}, and
 * without proxy: in front. visit is called with the type and the name of each,
 * until it returns true, which is then the result.
 */
typedef bool postconf_visit(
    const void *arg, const char *type, const char *name);
bool postconf_tables(
    const char *element, postconf_visit *visit, const void *arg);

#endif
