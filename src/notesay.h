/*
 * notesay: messages about the notes of entries: what to print of them.
 */
#ifndef NOTESAY_H
#define NOTESAY_H

#include "expand/expand.h"
#include "options.h"

#define FAILURES_SHOWN 10 /* of failed lookups, and of saved answers in use */
#define NOTES_SHOWN 20    /* of one provider's records */
#define SAID_KEPT 1024    /* to recognise what was said before */

/* What was said. Only o and few are set before the first message. */
struct notesay {
	const struct options *o; /* -q and -v */
	bool few; /* without -v, failures of the first entries only */
	/* Entries that have such a note; those that exclude by themselves. */
	size_t told[NOTE_KINDS][2];
	/* What was said, by keyed hashes: of texts, and of names. */
	struct said {
		uint64_t hash;
		unsigned times; /* 0: a free place */
	} texts[SAID_KEPT], providers[SAID_KEPT];
	uint64_t key;
	size_t repeats; /* notes that were not said, since others were */
};

/*
 * Says the notes of a verdict, but for those that old, a verdict over other
 * answers, has too (NULL: all). Failed lookups and saved answers in use are
 * said whether or not they are new; with few, those of the first FAILURES_SHOWN
 * entries, and what included records bring to many entries is said once.
 */
void notes_say(struct notesay *s, const struct entry *e,
    const struct verdict *v, const struct verdict *old);

/* In the end: how much of this was not said. */
void notes_say_rest(const struct notesay *s);

#endif
