/*
 * journal: entries of systemd's journal, in its export format or as JSON, to
 * log lines; JSON of docker and of syslog daemons, too.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "maillog/logline.h"

#define JOURNAL_FIELD_MAX 4096 /* bytes of a field that are kept */

enum journal_field {
	JOURNAL_TIME,  /* microseconds since 1970 */
	JOURNAL_STAMP, /* a time stamp */
	JOURNAL_HOST,
	JOURNAL_PROGRAM,
	JOURNAL_MESSAGE,
	JOURNAL_LINE, /* a line of a log */
	JOURNAL_FIELDS
};

/* The entry at hand. */
struct journal {
	struct {
		char text[JOURNAL_FIELD_MAX];
		size_t len;
	} fields[JOURNAL_FIELDS];
	bool inside; /* an entry of the export format has begun */
	/* A field in binary: its size comes first, in 8 bytes. */
	unsigned size_bytes; /* of these are still to come */
	uint64_t size;       /* of the field, still to come */
};

void journal_init(struct journal *j);

/* Whether the line belongs to an entry of the journal. */
bool journal_wants(const struct journal *j, const char *line, size_t len);

/*
 * Reads such a line. LOGLINE_READ: it ends an entry; l points into j, and
 * lasts until the next call. line: NULL if it was too long to keep.
 */
enum logline_result journal_read(struct journal *j, struct logtime *times,
    const char *line, size_t len, struct logline *l);

#endif
