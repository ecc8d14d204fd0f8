/*
 * schedule: which lookup is asked next, so that no list entry delays another.
 *
 * A pending lookup that several entries need belongs to the one with the fewest
 * lookups of its own. The first lookups of every entry are asked in the order
 * in which they were requested. An entry with many has a queue of its own and a
 * limited number of lookups in flight; of these entries, the one with the
 * fewest lookups of its own is next. When only a few entries have lookups left,
 * each of them gets patience milliseconds more. Names that macros make, and
 * what was given up for another entry, are asked last, and then this holds for
 * any number of entries, once all they want is asked: they may include a
 * provider that has slow names for each of them.
 *
 * The crawl's marks in struct answer (entry, level, depth, turn, asked, sent)
 * are kept here.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "dns/answers.h"
#include "dns/lookup.h"

#define SCHEDULE_LIGHT 20 /* lookups of an entry that is no crowd yet */
/*
 * How many entries are few, by the number of all: so many have all their
 * lookups in flight at once.
 */
#define SCHEDULE_FEW_MIN 8
#define SCHEDULE_FEW_MAX 64

/* What an entry asked for. */
struct account {
	uint32_t charge;     /* lookups that it made us ask */
	uint32_t read;       /* bytes of their answers */
	uint32_t bytes;      /* of its answers */
	uint32_t waited;     /* while few were left, milliseconds */
	uint32_t crowd : 31; /* 1 more than where its queue is; 0: none */
	bool spent : 1;      /* an answer was too much, see its bytes */
	uint16_t pending; /* its lookups without an answer, see QUERIES_MAX */
	uint16_t out;     /* of these, in the threads' hands */
};

/* A lookup that has to be asked; outdated if its answer is not waited for. */
struct item {
	struct answer *answer;
	int64_t time; /* that it was first asked; of a pause: when it ends */
	uint8_t attempts, turn;
};

struct items {
	struct item *v;
	size_t n, cap, next;
};

/* The queue of an entry that wants many lookups. */
struct crowd {
	uint32_t entry;
	struct items items;
};

#define PAUSES 3 /* kinds of pauses, by their length */

struct schedule {
	unsigned max_inflight, patience, pause;
	struct account *accounts;
	size_t naccounts, accounts_cap;
	struct items light, again; /* again: light ones after a pause */
	struct crowd *crowds;
	size_t ncrowds, crowds_cap, next_crowd;
	struct items paused[PAUSES]; /* each in the order of its ends */
	unsigned long pending, out;  /* lookups, over all entries */
	unsigned long crowds_out;    /* of these, of crowds */
	size_t busy;                 /* entries with pending lookups */
	size_t few;                  /* as many entries are few */
	unsigned ends;               /* how often some entry's patience ended */
	bool late; /* only what the crawl did not predict is left */
};

/* pause: the first after a failure, milliseconds; then twice and four times. */
void schedule_init(struct schedule *s, unsigned max_inflight, unsigned patience,
    unsigned pause);
void schedule_clear(struct schedule *s);

/* Counts a lookup that an entry makes us ask; returns how many it has now. */
uint32_t schedule_charge(struct schedule *s, uint32_t entry);

/* Counts bytes of an answer to one; returns how many there are now. */
uint32_t schedule_read(struct schedule *s, uint32_t entry, size_t len);

/*
 * Counts bytes of an answer to an entry; false if it had too many then: they
 * are not counted.
 */
bool schedule_charge_bytes(struct schedule *s, uint32_t entry, size_t bytes);

/* Whether an entry was refused bytes. */
bool schedule_is_spent(struct schedule *s, uint32_t entry);

/* How much an entry asks for: 0 at first, then the logarithm of that. */
uint8_t schedule_level(struct schedule *s, uint32_t entry);

/*
 * Who is to ask first for what several entries lack: 0 for one that asked for
 * little so far and may use most of what it may, 1 for others, 2 for one that
 * has used up its patience or was refused bytes.
 */
int schedule_rank(struct schedule *s, uint32_t entry);

/* Whether the entry's patience is over. */
bool schedule_has_given_up(struct schedule *s, uint32_t entry);

/* A lookup is wanted, by the answer's entry. */
void schedule_add(struct schedule *s, struct answer *a);

/* A pending lookup gets another entry, which wants it as well. */
void schedule_move(struct schedule *s, struct answer *a, uint32_t entry);

/*
 * Another entry wants a lookup that is pending, or failed: it may take the
 * place of the first, if that has used up what it may.
 */
void schedule_join(struct schedule *s, struct answer *a, uint32_t entry);

/*
 * A pending lookup is over, answered or not. One that never went out does not
 * count as asked.
 */
void schedule_done(struct schedule *s, struct answer *a);

/* Whether there are fewer light lookups than the threads may be given. */
bool schedule_is_low(const struct schedule *s);

/* Fills in the lookup that goes out now; false if none may. */
bool schedule_next(struct schedule *s, struct lookup *l);

/* A lookup came back from the threads. */
void schedule_returned(struct schedule *s, const struct lookup *l);

/* It failed for now: it pauses before the next attempt. */
void schedule_pause(
    struct schedule *s, struct answer *a, const struct lookup *l);

/* Takes out a lookup that pauses, to be given up; NULL: there is none. */
struct answer *schedule_paused(struct schedule *s);

/* Milliseconds until the first pause ends, at most max. */
int schedule_wait(const struct schedule *s, int max);

/* So much time passed. Returns whether some entry's patience ended. */
bool schedule_pass(struct schedule *s, unsigned milliseconds);

/* Forgets all that was to be asked. */
void schedule_drop(struct schedule *s);

#endif
