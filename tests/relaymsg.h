/*
 * relaymsg: DNS messages as bad servers, bad networks and forgers make them.
 * Messages are in buffers of RELAY_UDP_MAX bytes; random choices follow a seed.
 */
#ifndef RELAYMSG_H
#define RELAYMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UDP_MAX 4096
#define HEADER 12

enum { A = 1, SOA = 6, MX = 15, TXT = 16, AAAA = 28, OPT = 41 };
enum { FORMERR = 1, SERVFAIL = 2 };

void msg_seed(uint64_t seed);
uint64_t msg_random(void);
double msg_uniform(double max); /* in [0, max) */
bool msg_chance(double percent);

unsigned msg_get16(const uint8_t *p);
void msg_put16(uint8_t *p, unsigned value);

/* The offset after the question; 0 if there is not exactly one. */
size_t msg_skip_question(const uint8_t *msg, size_t len);

/* Whether the query is for a name with this prefix, which may be NULL. */
bool msg_asks_for(const uint8_t *msg, size_t len, const char *prefix);

/* Turns a query into an answer without records; returns its length. */
size_t msg_error(uint8_t *msg, size_t len, unsigned rcode, bool with_question);

/* Writes a forger's record; type: that of the question. Returns its length. */
size_t msg_add_poison(
    uint8_t *out, const uint8_t *owner, size_t owner_len, unsigned type);

/*
 * Adds a record of another owner to a true answer: of the name above, or of
 * one below. Returns the new length.
 */
size_t msg_add_foreign(uint8_t *msg, size_t len);

/* Sets TC and cuts the answer; returns false if it cannot. */
bool msg_truncate(uint8_t *msg, size_t *len);

/* Makes the answer malformed; returns false if it cannot. */
bool msg_damage(uint8_t *msg, size_t *len);

#endif
