/*
 * check: the configuration and the lists, and what an administrator should look
 * at again, though no parser objects to it.
 */
#ifndef CHECK_H
#define CHECK_H

#include "session.h"

/*
 * Says which ip4: and ip6: entries of a list are wider than the guards let
 * records be: 0.0.0.0/0 may be a slip of the pen. installed, unless NULL, has
 * the addresses of the table that is there: what it shows already was said
 * when it came.
 */
void check_wide(const struct session *r, int list, struct addrset *installed);

/*
 * Says which files and programs of the configuration update would fail with,
 * or might if it ran as this user. Returns false if the configuration is to
 * blame: it names what does not exist.
 */
bool check_places(const struct session *r);

/*
 * Says which tables would overwrite a file that is something else, or somebody
 * else's. Returns whether there is none.
 */
bool check_tables(const struct session *r);

/*
 * Says that the permit lists have no entry, if any are configured: who sets
 * permit_lists to nothing means it.
 */
void check_entries(const struct session *r);

/*
 * Says why Postfix does not use the tables, if it does not; with -v, what is in
 * force. running: see postfix_look().
 */
void check_postfix(const struct session *r, bool running);

#endif
