/*
 * session: what a command works with: configuration, lists and answers.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdint.h>

#include "base/say.h"
#include "expand/expand.h"
#include "expand/hold.h"
#include "conf.h"
#include "notesay.h"
#include "options.h"

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* nothing was replaced, or the hook failed */
	STATUS_USAGE = 2,  /* usage, configuration or a list is wrong */
	STATUS_INCOMPLETE = 3
};

enum { PERMIT, REJECT, LISTS };

/* What a command works with. */
struct session {
	const struct options *o;
	struct conf config;
	struct list lists[LISTS];
	struct servers servers;
	int64_t now;            /* seconds since 1970 */
	int64_t began;          /* likewise, by now_ms() */
	struct answers *replay; /* answers from there, not from DNS */
	struct answers *saved;  /* answers for failed lookups; NULL: none */
	struct answers *answers;
	struct evaluator *ev; /* over the answers */
	struct holds held;    /* for commands that ask no DNS */
	struct crawl_stats stats;
	struct expansion expansions[LISTS];
	bool configured; /* the configuration could be read */
	bool progress_shown;
	struct notesay notes;
	int64_t ignored;      /* what ignored_say() found; 0: not asked */
	bool keep_repeats;    /* entries that say what an earlier one says */
	unsigned max_queries; /* for one entry of the lists */
};

/* A usage error; arg: the argument that is wrong, or NULL. */
enum status usage(const char *wrong, const char *arg);

/* Flushes standard output: what was printed may not be lost unnoticed. */
enum status finish_output(enum status status);

/* Prints a command's result to standard output, likewise, and clears it. */
enum status print_result(struct buf *result, enum status status);

/*
 * Begins a run with its configuration and reports every mistake. with_file:
 * there is a configuration file. Call session_clear() in any case.
 */
enum status session_begin(
    struct session *r, const struct options *o, bool with_file);

/*
 * Then the lists. terms: the arguments are terms of a list. unused: what
 * list_ignore() and list_drop_repeats() add.
 */
enum status session_read_lists(
    struct session *r, bool terms, struct problems *unused);

/* Reads a zone file and closes it; what is wrong is said. */
struct answers *session_read_zone(const struct session *r, FILE *in,
    const char *path, enum severity severity);

/* Frees the answers and all that refers to them; the expansions stay. */
void session_forget_answers(struct session *r);

/* Frees all of it, even after session_begin() failed. */
void session_clear(struct session *r);

/* The path of a file in the state directory; the caller frees it. */
char *session_state_path(const struct session *r, const char *name);

#define DEFAULT_CONFIG SYSCONFDIR "/postpermit/postpermit.conf"

/* The list that an entry of these lists is in. */
int session_list_of(const struct session *r, const struct entry *e);

/*
 * The answers that the lists need, complete, from replay or DNS, and an
 * evaluator over them.
 */
enum status session_get_answers(struct session *r);

/* An evaluator over answers, by the run's configuration. */
struct evaluator *session_evaluator(
    const struct session *r, const struct answers *answers);

/*
 * Lists to expansions; visit is called with each verdict. Returns the exit
 * status as far as it is known before the tables are written. After
 * STATUS_FAILED nothing may be replaced.
 */
enum status session_expand(struct session *r, expand_visit *visit, void *arg);

/*
 * The networks of a list as a table; only what -4 and -6 leave, unless
 * everything is wanted.
 */
void session_make_table(
    struct table *t, struct session *r, int list, bool everything);

/* Whether -4 and -6 leave the family. */
bool session_shows(const struct options *o, enum family f);

#endif
