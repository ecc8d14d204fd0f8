/*
 * pace: how many queries may be in flight.
 */
#include "dns/pace.h"

#define ATTEMPTS_MIN 20 /* that a judgement needs */
#define LOST_MANY 0.2   /* the share from which a server is spared */
#define LOST_FEW 0.14   /* the share up to which it gets more again */
#define USUAL 0.9       /* of the usual share of answers; less is congestion */

void
pace_init(struct pace *p, unsigned max)
{
	*p = (struct pace){.max = max, .window = max, .turn = 1};
}

/* How many attempts a turn has. */
static unsigned
turn_size(const struct pace *p)
{
	return p->window < ATTEMPTS_MIN ? ATTEMPTS_MIN : p->window;
}

unsigned
pace_begin(struct pace *p)
{
	if (p->begun == turn_size(p))
		return 0;
	p->begun++;
	return p->turn;
}

/* The share of losses from which the server is spared. */
static double
many(const struct pace *p)
{
	double share = 1 - (1 - p->tolerated) * USUAL;

	return share < LOST_MANY ? LOST_MANY : share;
}

static void
end_turn(struct pace *p, unsigned window, unsigned floor)
{
	p->window = window < floor ? floor : window;
	if (p->window > p->max)
		p->window = p->max;
	p->begun = p->good = p->bad = 0;
	p->turn++;
}

void
pace_count(struct pace *p, unsigned turn, bool lost)
{
	unsigned floor = p->max / 4 + 1, size = turn_size(p);
	bool all;

	if (turn != p->turn)
		return;
	p->good += !lost;
	p->bad += lost;
	all = p->good + p->bad == size;
	if (p->window <= floor) {
		if (!all)
			return;
		/* Asking for so few did not help: it has another reason. */
		p->tolerated = (double)p->bad / size;
	}
	/* Mostly the judgement is certain before the last time-out. */
	if (p->bad > many(p) * size)
		end_turn(p, p->window / 2, floor);
	else if (size - p->good <=
		 (p->tolerated > 0 ? many(p) : LOST_FEW) * size)
		end_turn(p, p->window + p->window / 8 + 1, floor);
	else if (all)
		end_turn(p, p->window, floor);
}
