/*
 * pace: how many queries may be in flight. When the server loses answers
 * because there are many queries, the number is reduced. If fewer queries do
 * not reduce the loss, the network causes it, and the number stays.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>

struct pace {
	unsigned max;
	unsigned window;    /* how many may be in flight, at most max */
	unsigned good, bad; /* attempts since the window was looked at */
	double tolerated;   /* the share that is lost however few there are */
};

void pace_init(struct pace *p, unsigned max);

/* An attempt was answered, or lost. */
void pace_count(struct pace *p, bool lost);

#endif
