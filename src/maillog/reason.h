/*
 * reason: what servers tell the clients that they refuse: whether it means
 * greylisting, and how often each text came.
 */
#ifndef REASON_H
#define REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "maillog/logline.h"

#define REASONS_MAX 60      /* different texts; others count together */
#define REASON_TEXT_MAX 120 /* characters of a text that are kept */

enum reason_kind {
	REASON_UNKNOWN,
	REASON_GREYLISTING,
	REASON_MILTER, /* greylisting, or a milter that fails */
	REASON_OTHER   /* another cause, which no permit list helps */
};

struct reason {
	char text[REASON_TEXT_MAX + 1]; /* printable ASCII */
	enum reason_kind kind;
	uint64_t times;    /* that it was given */
	uint64_t passed;   /* of these, those that count for nothing */
	uint64_t followed; /* messages that came after it */
};

struct pattern;

struct reasons {
	struct pattern *greylisting, *other, *milter;
	const char *added;                /* the administrator's texts */
	struct reason v[REASONS_MAX + 1]; /* the last one: all others */
	unsigned n;
};

/*
 * added: more texts of greylisting, separated by commas; a reject that has one
 * of them in it counts. It must last as long.
 */
void reasons_init(struct reasons *r, const char *added);
void reasons_clear(struct reasons *r);

/*
 * The place of a reject's code and text in v, where it is counted once more;
 * *kind: what this text means, also where it counts with others.
 */
unsigned reason_find(struct reasons *r, const struct maillog_text *code,
    const struct maillog_text *text, enum reason_kind *kind);

#endif
