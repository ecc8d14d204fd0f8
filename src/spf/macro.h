/*
 * macro: the name that a term asks about: macro-strings expanded (RFC 7208
 * sections 4.8 and 7). Pure.
 */
#ifndef MACRO_H
#define MACRO_H

#include "spf/spf.h"

enum macro_result {
	MACRO_NAME,   /* the name is in out */
	MACRO_CLIENT, /* depends on the client, cannot be known */
	MACRO_INVALID /* expands to an invalid domain name */
};

/*
 * A term's domain-spec with macros expanded, or the domain itself if it has
 * none. domain, origin: the record's owner name (<domain>, %{d}) and the listed
 * domain (%{o}), in wire format. out: room for NAME_MAX_WIRE bytes.
 * *uses_origin is set to true if %{o} was used, and otherwise not changed.
 */
enum macro_result macro_expand(const struct spf_term *t, const uint8_t *domain,
    const uint8_t *origin, uint8_t *out, bool *uses_origin);

/* Whether the term's domain-spec has a macro that only a client can fill. */
bool macro_needs_client(const struct spf_term *t);

#endif
