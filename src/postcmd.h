/*
 * postcmd: runs the programs of Postfix that answer questions, postconf(1) and
 * postmap(1), and returns what they print. They change nothing.
 */
#ifndef POSTCMD_H
#define POSTCMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/text.h"
#include "postconf.h"

/*
 * Runs postconf_command with an option, such as "-x". service: its overrides
 * apply, unless NULL; names: the parameters to print, NULL-terminated, or NULL.
 * Returns the output, which the caller frees, or NULL with why: the last line
 * of its complaint.
 */
char *postcmd_postconf(const char *command, const char *option,
    const struct postfix_service *service, const char *const *names,
    struct buf *why);

/* A question to a lookup table of Postfix, as "cidr:/etc/postfix/x". */
struct postcmd_question {
	const char *command_directory; /* of postmap; NULL: /usr/sbin */
	const char *config_directory;
	const char *table;
	const struct net *nets; /* their first and last addresses are asked */
	size_t n;
	const char *action; /* that is looked for in the answers */
};

struct postcmd_answers {
	size_t n;      /* that begin with the action */
	char *example; /* the first address of these, or NULL; to be freed */
};

/*
 * Asks the table, about at most some thousand addresses. Returns false with
 * why if the table cannot be used.
 */
bool postcmd_postmap(const struct postcmd_question *q,
    struct postcmd_answers *answers, struct buf *why);

#endif
