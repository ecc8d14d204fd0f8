/*
 * rdata: names and the data of RRs from the text of a zone file, by ldns. All
 * that has to be worked around in ldns is in rdata.c.
 */
#ifndef RDATA_H
#define RDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/message.h"

/* A zone file's origin, below which its relative names are. */
struct rdata {
	struct ldns_struct_rdf *origin;
};

/* The root as the origin. */
void rdata_init(struct rdata *d);
void rdata_clear(struct rdata *d);

void rdata_set_origin(struct rdata *d, const uint8_t *name);

/* A name of the file to wire format. Returns 0, or -1. */
int rdata_name(const struct rdata *d, const char *text, uint8_t *wire);

/* The type with that mnemonic, or as TYPEn (RFC 3597); 0: ldns has none. */
unsigned rdata_type(const char *text);

/*
 * Adds the data of an RR, whose text (data) is changed. Returns NULL, or what
 * is wrong with it.
 */
const char *rdata_read(
    const struct rdata *d, enum rr_type type, char *data, struct rrset *set);

#endif
