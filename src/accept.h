/*
 * accept: the entries that --accept names.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "session.h"

/*
 * Whether --accept names the entry of that hold_key(), with its sign or
 * without.
 */
bool accept_names(const struct options *o, const char *key);

/* Whether it names entries of the lists only: 0, or -1, which is said. */
int accept_check(const struct session *r);

#endif
