/*
 * wire: queries that we send (RFC 1035 section 4.1), and what a message that
 * came back says to one of them.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>

#include "dns/answers.h"

#define WIRE_QUERY_MAX 300  /* bytes of a query */
#define WIRE_UDP_MAX 4096   /* bytes of an answer over UDP that are read */
#define RRSET_MAX 65536     /* bytes of an RRset, decompressed */
#define WIRE_EDNS_SIZE 1232 /* that we say we can take (RFC 6891) */

/* Writes a query, recursion desired; returns its length. */
size_t wire_query(uint8_t *out, uint16_t id, const uint8_t *name,
    enum rr_type type, bool edns);

/* The ID of a message of at least two bytes. */
uint16_t wire_id(const uint8_t *msg);

/*
 * Whether a message is a response to that question: QR, opcode, one question
 * with this name, type and class. An error may come without a question; an
 * answer or a denial (NXDOMAIN) may not.
 */
bool wire_answers(
    const uint8_t *msg, size_t len, const uint8_t *name, enum rr_type type);

enum wire_result {
	WIRE_DATA, /* rrs has the RRset */
	WIRE_NODATA,
	WIRE_NXDOMAIN,
	WIRE_TOO_LARGE, /* an RRset beyond RRSET_MAX */
	WIRE_LOOP,      /* more than CNAME_MAX links */
	WIRE_CONTINUE,  /* the chain of CNAMEs ends outside the answer */
	/* From here on the server did not answer the question. */
	WIRE_TRUNCATED, /* ask again over TCP */
	WIRE_NO_EDNS,   /* ask again without EDNS */
	WIRE_SERVFAIL,
	WIRE_REFUSED,
	WIRE_RCODE,
	WIRE_REFERRAL, /* neither an answer nor a denial */
	WIRE_MALFORMED
};

/* What an answer says; cleared by its user. */
struct wire_answer {
	struct rrset rrs;   /* WIRE_DATA: the RRset, sorted */
	struct rrset chain; /* the targets of the CNAMEs followed, in order */
};

void wire_answer_clear(struct wire_answer *a);

/*
 * Reads a message that wire_answers() accepted. Only RRs that the question or a
 * CNAME of the answer leads to are used. edns: the query had an OPT record. a:
 * cleared or zero; its chain is added to.
 */
enum wire_result wire_read(const uint8_t *msg, size_t len, const uint8_t *name,
    enum rr_type type, bool edns, struct wire_answer *a);

#endif
