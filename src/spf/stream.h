/*
 * stream: the addresses that are still on their way through a record.
 *
 * check_host() (RFC 7208 section 4) is a function of one client address; we
 * want it for all of them at once. So a record is walked with the set of all
 * addresses: each directive takes those that it matches out of it. Without
 * limits one set is enough. To the letter, an address also carries how many
 * lookups and void lookups it has cost (section 4.6.4), which depends on what
 * it met before; addresses with equal costs travel together as one stream.
 * There are at most a few dozen.
 */
#ifndef STREAM_H
#define STREAM_H

#include "base/addrset.h"

#define LOOKUPS_MAX 10 /* RFC 7208 section 4.6.4 */
#define VOIDS_MAX 2

/* Addresses that have cost the same so far. */
struct stream {
	struct addrset set;
	unsigned lookups, voids;
	bool permit; /* of those that have left: with pass, or without */
};

struct streams {
	struct stream *v;
	size_t n, cap;
};

void streams_init(struct streams *s);
void streams_clear(struct streams *s);

/* Frees the room to grow of streams that are kept. */
void streams_trim(struct streams *s);

/* Adds addresses to the stream of that cost and result; takes set over. */
void streams_add(struct streams *s, struct addrset *set, unsigned lookups,
    unsigned voids, bool permit);

/*
 * Every address costs that many lookups more. Those over the limit are
 * dropped; returns whether there were any.
 */
bool streams_count_lookups(struct streams *s, unsigned lookups);

/* The same with void lookups, for the addresses of one family. */
bool streams_count_voids(struct streams *s, enum family f, unsigned voids);

/* Drops the addresses of one family. */
void streams_drop(struct streams *s, enum family f);

/* The ranges of all streams. */
size_t streams_ranges(const struct streams *s);

/* Moves what matches to out, with that result. */
void streams_match(
    struct streams *s, struct addrset *match, bool permit, struct streams *out);

/*
 * What an include does (RFC 7208 section 5.2): inner is where each address
 * leaves the included record. Those with pass move to out with that result;
 * those without go on, at their cost; those in neither met an error there and
 * are dropped, as are those whose cost exceeds a limit. Returns whether there
 * were any of the latter.
 */
bool streams_include(struct streams *s, const struct streams *inner,
    bool permit, struct streams *out);

/* What a redirect does (section 6.1): all leave as they leave inner. */
bool streams_redirect(
    struct streams *s, const struct streams *inner, struct streams *out);

#endif
