/*
 * postfix: whether Postfix uses the tables. It asks postconf(1), reads the
 * tables that postscreen asks before ours by postmap(1), and looks when the
 * running postscreen was started. It changes nothing.
 */
#ifndef POSTFIX_H
#define POSTFIX_H

#include "base/json.h"
#include "base/problems.h"
#include "conf.h"

enum in_force {
	IN_FORCE_UNKNOWN, /* it did not look, or could not */
	IN_FORCE_NO,
	IN_FORCE_YES
};

struct postfix {
	enum in_force in_force;
	bool broken;           /* Postfix's configuration cannot be read */
	struct problems wrong; /* why it is not, each with its fix */
	struct problems notes; /* worth knowing, each with its fix */
	struct problems
	    facts; /* facts: the tables in force, or why it is unknown */
};

/*
 * Looks. running: whether also at the postscreen that runs: a reload that was
 * just asked for takes a moment.
 */
void postfix_look(struct postfix *p, const struct conf *c, bool running);
void postfix_clear(struct postfix *p);

/* The result as a member of that name. */
void postfix_json(struct json *j, const char *name, const struct postfix *p);

#endif
