/*
 * value: the values of parameters, from the text that an administrator writes.
 * It does not know the parameters; conf.c has these.
 */
#ifndef VALUE_H
#define VALUE_H

#include "base/text.h"

enum table_layout { LAYOUT_AUTO, LAYOUT_FLAT, LAYOUT_INDEXED };

/* Types of values: what the text may be, and the number that stands for it. */
enum value_type {
	VALUE_TEXT,         /* anything, even nothing: no number */
	VALUE_PATH,         /* at least one byte: no number */
	VALUE_SERVERS,      /* see servers_add_list(): no number */
	VALUE_NAMES,        /* of hosts, with white space between: no number */
	VALUE_NUMBER,       /* digits */
	VALUE_MILLISECONDS, /* digits, and ms, s, m, h, d or w; s by default */
	VALUE_SECONDS,      /* likewise, whole seconds */
	VALUE_SHARE,        /* a percentage, four decimals: in millionths */
	VALUE_YES_NO,       /* no: 0, yes: 1; in any case */
	VALUE_LAYOUT        /* enum table_layout; in any case */
};

/* What a parameter takes. */
struct value_kind {
	enum value_type type;
	const char *min, *max; /* as an administrator writes them, or NULL */
};

/*
 * Reads a text without white space at its ends. *number: see enum value_type;
 * unchanged if the type has none. Returns 0, or -1: this kind has no such
 * value.
 */
int value_read(
    const struct value_kind *kind, const char *text, uint64_t *number);

/* Whether values of this type are kept as texts. */
bool value_is_text(enum value_type type);

/*
 * Appends what value_read() expects, for a message: "a number from 1 to 64".
 * Nothing for texts, which cannot be wrong.
 */
void value_expected(struct buf *b, const struct value_kind *kind);

/*
 * The words that a type takes, by their number, from 0; NULL: there are no
 * more, or it takes other values than words.
 */
const char *value_word(enum value_type type, size_t number);

#endif
