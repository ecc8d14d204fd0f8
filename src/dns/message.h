/*
 * message: reads the RRs of a DNS message (RFC 1035 section 4.1) in place.
 * Nothing is trusted: every length, name and pointer is checked against the end
 * of the message. Only the data of the types that SPF needs are read.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "dns/answers.h"

#define HEADER_LEN 12

static inline unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

struct message {
	const uint8_t *bytes;
	size_t len;
	size_t answers; /* where the answer section begins */
	unsigned nanswers, nauthority;
	size_t steps; /* that comparing owner names took so far */
};

/* An RR; its data is in the message from data to end. */
struct message_rr {
	size_t owner; /* where its owner name begins */
	unsigned type, class;
	size_t data, end;
};

/* Steps over the question. Returns 0, or -1 if it is malformed. */
int message_open(struct message *m, const uint8_t *bytes, size_t len);

/* Reads the RR at *at and moves *at after it. Returns 0, or -1. */
int message_next(const struct message *m, size_t *at, struct message_rr *r);

/*
 * Whether the RR's owner is that name, in lower case: 1 or 0; -1 if it is
 * malformed, or comparing took too long for one message.
 */
int message_owner_is(
    struct message *m, const struct message_rr *r, const uint8_t *name);

/*
 * Adds the data at [at, end) of a message to an RRset, its names expanded and
 * in lower case. Returns 0, or -1 if it is none of that type.
 */
int message_add_data(struct rrset *set, const uint8_t *bytes, size_t end,
    size_t at, enum rr_type type);

#endif
