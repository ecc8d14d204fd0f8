/*
 * name: domain names in wire format (RFC 1035 section 3.1), in lower case,
 * uncompressed, with the root label at the end.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define NAME_MAX_WIRE 255 /* bytes of a name in wire format */
#define LABEL_MAX 63

/* ASCII to lower case: names are compared so (RFC 4343). */
uint8_t name_lower(uint8_t c);

/*
 * Text to wire format. Labels are taken as they are, without escapes, since
 * that is what SPF records and lists hold; one final dot is allowed.
 * wire: room for NAME_MAX_WIRE bytes. Returns 0, or -1: an empty label, a
 * label over 63 bytes, a name over 255, no label at all.
 */
int name_from_text(const char *text, size_t len, uint8_t *wire);

/*
 * Reads the name at *at of a message of len bytes, compressed or not (RFC 1035
 * section 4.1.4), into to: lower case, room for NAME_MAX_WIRE. Pointers must
 * point backwards. Returns its length and moves *at to the byte after it, or
 * returns 0 if there is no valid name.
 */
size_t name_read(const uint8_t *msg, size_t len, size_t *at, uint8_t *to);

/* Bytes in wire format, the root label included. */
size_t name_len(const uint8_t *wire);

/* Labels, the root label not counted. */
unsigned name_labels(const uint8_t *wire);

bool name_equal(const uint8_t *a, const uint8_t *b);

/* Order of a zone file: label by label from the right (RFC 4034, 6.1). */
int name_cmp(const uint8_t *a, const uint8_t *b);

/*
 * Appends the name as master-file text, with escapes, without the final dot
 * (but "." for the root).
 */
void name_to_text(struct buf *b, const uint8_t *wire);

#endif
