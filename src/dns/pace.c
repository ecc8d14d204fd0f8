/*
 * pace: how many queries may be in flight.
 */
#include "dns/pace.h"

#define ATTEMPTS_MIN 20 /* that a judgement needs */
#define LOST_MANY 0.2   /* the share from which a server is spared */
#define LOST_FEW 0.14   /* the share up to which it gets more again */
#define MORE_LOST 1.3   /* times the usual loss; more is congestion */

void
pace_init(struct pace *p, unsigned max)
{
	*p = (struct pace){.max = max, .window = max};
}

void
pace_count(struct pace *p, bool lost)
{
	unsigned all, floor = p->max / 4 + 1;
	double share, many;

	p->good += !lost;
	p->bad += lost;
	all = p->good + p->bad;
	if (all < p->window || all < ATTEMPTS_MIN)
		return;
	share = (double)p->bad / all;
	/* It did not help to ask for so few: the loss has another reason. */
	if (p->window <= floor)
		p->tolerated = share;
	many = p->tolerated * MORE_LOST;
	if (many < LOST_MANY)
		many = LOST_MANY;
	if (share > many)
		p->window -= p->window / 4;
	else if (share < many * (LOST_FEW / LOST_MANY) || p->tolerated > 0)
		p->window += p->window / 8 + 1;
	if (p->window < floor)
		p->window = floor;
	if (p->window > p->max)
		p->window = p->max;
	p->good = p->bad = 0;
}
