/*
 * clients: the client addresses that a record is evaluated for.
 *
 * check_host() (RFC 7208 section 4) is a function of one client address; we
 * need it for all of them at once. So a record is evaluated for the set of all
 * addresses: each directive removes those that it matches. Without limits one
 * set is enough. In strict mode an address also has a number of lookups and
 * void lookups (section 4.6.4), which depends on the terms before; addresses
 * with equal numbers form one group. There are at most a few dozen groups.
 */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "base/addrset.h"

#define LOOKUPS_MAX 10 /* RFC 7208 section 4.6.4 */
#define VOIDS_MAX 2

/* Addresses that have cost the same so far. */
struct group {
	struct addrset set;
	unsigned lookups, voids;
	bool permit; /* of those that have left: with pass, or without */
};

struct clients {
	struct group *v;
	size_t n, cap;
};

void clients_init(struct clients *s);
void clients_clear(struct clients *s);

/* Frees the room to grow of clients that are kept. */
void clients_trim(struct clients *s);

/* Adds addresses to the group of that cost and result; takes set over. */
void clients_add(struct clients *s, struct addrset *set, unsigned lookups,
    unsigned voids, bool permit);

/*
 * Every address costs that many lookups more. Those over the limit are
 * dropped; returns whether there were any.
 */
bool clients_count_lookups(struct clients *s, unsigned lookups);

/* The same with void lookups, for the addresses of one family. */
bool clients_count_voids(struct clients *s, enum family f, unsigned voids);

/* Drops the addresses of one family. */
void clients_drop(struct clients *s, enum family f);

/* The number of ranges of all groups. */
size_t clients_ranges(const struct clients *s);

/* None of them is permitted. */
void clients_refuse(struct clients *s);

/*
 * Moves what matches to out, with that result; takes match over. last: nothing
 * that is left will be matched, so it is dropped.
 */
void clients_match(struct clients *s, struct addrset *match, bool permit,
    bool last, struct clients *out);

/*
 * Applies an include (RFC 7208 section 5.2). inner: how each address leaves the
 * included record. Addresses with pass move to out with that result; those
 * without go on, with their cost. Addresses in neither met an error there and
 * are dropped, and so are those whose cost exceeds a limit. Returns whether any
 * exceeded one.
 */
bool clients_include(struct clients *s, const struct clients *inner,
    bool permit, struct clients *out);

/* What a redirect does (section 6.1): all leave as they leave inner. */
bool clients_redirect(
    struct clients *s, const struct clients *inner, struct clients *out);

#endif
