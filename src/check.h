/*
 * check: the configuration and the lists, and what an administrator should look
 * at again, though no parser objects to it.
 */
#ifndef CHECK_H
#define CHECK_H

#include "session.h"

/*
 * Warns about ip4: and ip6: entries that are wider than the guards allow for
 * records: 0.0.0.0/0 may be a typing error. installed, unless NULL, has the
 * addresses of the installed table: an entry that is in it already was reported
 * when it was added.
 */
void check_wide(const struct session *r, int list, struct addrset *installed);

/*
 * Says which files and programs of the configuration update would fail with,
 * or might if it ran as this user. Returns false if the configuration is to
 * blame: it names what does not exist.
 */
bool check_places(const struct session *r);

/*
 * Reports tables that would overwrite another file of ours or of somebody else.
 * Returns whether there are none.
 */
bool check_tables(const struct session *r);

/*
 * Warns that the permit lists have no entries, if any are configured: an empty
 * permit_lists is intended.
 */
void check_entries(const struct session *r);

/*
 * Says why Postfix does not use the tables, if it does not; with -v, what is in
 * force. running: see postfix_look().
 */
void check_postfix(const struct session *r, bool running);

#endif
