/*
 * spf: the text of an SPF record to terms (RFC 7208 sections 4.5, 4.6 and 12).
 * Pure: no DNS, no messages. Only for the thread that evaluates: all calls
 * share the compiled grammar.
 */
#ifndef SPF_H
#define SPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dns/answers.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER_MODIFIER,
	SPF_BROKEN /* not a term of the grammar: see why */
};

/* One directive or modifier. What points to text points into the record. */
struct spf_term {
	enum spf_kind kind;
	char qualifier; /* of a directive: + - ~ ? */
	const char *text;
	size_t len;
	const char *spec; /* the domain-spec, NULL without one */
	size_t spec_len;
	struct addr addr; /* ip4, ip6: as written, host bits included */
	unsigned prefix[FAMILIES]; /* a, mx, ip4, ip6; 32 and 128 by default */
	const char *why;           /* SPF_BROKEN: the reason */
};

/* No honest record comes near these: 2,623 bytes is the longest one seen. */
#define SPF_RECORD_MAX 16384 /* bytes of a record that are looked at */
#define SPF_TERMS_MAX 1000   /* terms of a record that are looked at */

/*
 * The text of a TXT record's data: its character-strings in a row (RFC 7208
 * section 3.3). text is overwritten and used again.
 */
void spf_join_strings(struct buf *text, const uint8_t *rdata, size_t len);

struct spf_record {
	struct spf_term *terms;
	size_t n;
	const struct spf_term *all;      /* the first all, or NULL */
	const struct spf_term *redirect; /* or NULL */
	bool broken;   /* a term is SPF_BROKEN: permerror to the letter */
	bool too_long; /* over one of the bounds above; the rest is missing */
};

/*
 * Whether a TXT record begins with the version section "v=spf1", in any case,
 * followed by a space or the end (RFC 7208 section 4.5).
 */
bool spf_is_record(const char *text, size_t len);

/*
 * Whether it seems meant as one: "v=spf1" with something else after it, or
 * after a space or a quotation mark.
 */
bool spf_is_almost_record(const char *text, size_t len);

/*
 * Steps to the next SPF record among the TXT records of an answer (RFC 7208
 * section 4.5), and sets text to it. *at is NULL at first. Returns false after
 * the last.
 */
bool spf_next_record(
    const struct answer *txt, const uint8_t **at, struct buf *text);

/* Parses the text of a record, which must outlive it. */
void spf_parse(struct spf_record *r, const char *text, size_t len);
void spf_record_clear(struct spf_record *r);

/* Parses one term, as spf_parse() does; true if it is a term. */
bool spf_parse_term(struct spf_term *t, const char *text, size_t len);

#endif
