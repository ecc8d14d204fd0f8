/*
 * state: what an update leaves in the state directory for the next one: saved
 * answers, and what is held.
 */
#ifndef STATE_H
#define STATE_H

#include "session.h"

#define SAVED_ANSWERS "answers.zone"
#define HELD_SETS "held.sets"

/*
 * The answers of the last update; NULL if there are none, or if they are
 * damaged, which is reported.
 */
struct answers *state_read_saved(const struct session *r);

/*
 * For update: if the clock is certainly wrong, as on a machine without a
 * battery, the time of the last saved answer is used, so that answers and held
 * entries keep their ages. Prints a warning.
 */
void state_mend_clock(struct session *r);

/*
 * The entries that the last update held; none if there is no such file, or if
 * it is damaged, which is said: -1 then.
 */
int state_read_holds(const struct session *r, struct holds *h);

/*
 * Writes what is held, then the answers: if only the first were written, the
 * next run would hold the same again; if only the second were, it would not
 * know of it. What is held no longer goes last, since the old answers are not
 * what it had before. first: what is held, with what is no longer; then: what
 * is held, unless NULL: the same. Returns 0, or -1 with why.
 */
int state_write(const struct session *r, struct holds *first,
    struct holds *then, struct buf *why);

/*
 * The entry as r->held has it, or NULL if it is not held. Its set becomes what
 * the table has of it.
 */
struct held *state_apply_hold(
    struct session *r, const struct entry *e, struct addrset *permits);

/* Says that an entry is held, why and since when. */
void state_say_held(const struct held *h);

/*
 * For commands that ask no DNS: begins a run with lists, from -l or a
 * configuration, and answers, from -r or saved ones. keep_repeats: see struct
 * session. Call session_clear() in any case.
 */
enum status state_begin(
    struct session *r, const struct options *o, bool keep_repeats);

#endif
