/*
 * pace: how many queries may be in flight. When the server loses answers
 * because there are many queries, the number is reduced. If fewer queries do
 * not reduce the loss, the network causes it, and the number stays.
 *
 * A loss is seen a time-out later, or half of one, an answer after a round
 * trip, and both tell about the number at the time of the query. So each number
 * has a turn: it is judged by the queries that were sent after it was set, by
 * all of them.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>

struct pace {
	unsigned max;
	unsigned window;    /* how many may be in flight, at most max */
	unsigned turn;      /* counts the windows, from 1 on */
	unsigned begun;     /* attempts of this turn */
	unsigned good, bad; /* of these: answered, lost */
	double tolerated;   /* the share that is lost however few there are */
};

/* max: the most attempts that may be in flight. */
void pace_init(struct pace *p, unsigned max);

/* An attempt begins. Returns its turn; 0: it does not count. */
unsigned pace_begin(struct pace *p);

/* An attempt of that turn was answered, or lost. */
void pace_count(struct pace *p, unsigned turn, bool lost);

#endif
