/*
 * sender: envelope senders. Servers on the way rewrite them (SRS, BATV), and
 * lists put the recipient into them (VERP): the same message may have another
 * sender in each line of the log.
 */
#ifndef SENDER_H
#define SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "maillog/logline.h"

#define SENDER_DOMAIN_MAX 253 /* characters of a domain name */
#define SENDER_MAX 512        /* of an address that is unwrapped */

/*
 * Takes off one layer: makes *a the address from which it was rewritten, in
 * room. Returns false if it shows no sign of that.
 */
bool sender_unwrap(struct maillog_text *a, char room[SENDER_MAX]);

/* A keyed hash of the original sender; case does not matter. */
uint64_t sender_hash(uint64_t h, struct maillog_text a);

/*
 * The domain of an address in lower case, NUL-terminated; false if there is
 * none that a mail domain could have: two labels or more.
 */
bool sender_domain(
    const struct maillog_text *a, char out[SENDER_DOMAIN_MAX + 1]);

#endif
