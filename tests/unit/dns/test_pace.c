/*
 * Tests of pace: random loss does not reduce the number of queries in flight,
 * a server whose buffer overflows does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/pace.h"

#define MAX 1000    /* queries in flight */
#define TRIP 20     /* milliseconds to the server and back; */
#define JITTER 5    /* up to so many more */
#define TIMEOUT 100 /* milliseconds, of a first attempt; */
#define SPREAD 32   /* up to so many more, as in query.c */

/* A query in flight, and its attempt. */
struct flight {
	unsigned arrival; /* at the server */
	unsigned end;     /* when it is answered, or found lost */
	unsigned turn, attempts;
	bool lost;
};

/* A network and a server, in steps of a millisecond. */
struct network {
	unsigned percent; /* that are lost at random */
	unsigned rate;    /* queries that the server answers in a step */
	unsigned queue;   /* queries that wait for it at most */
	unsigned waiting, now, out;
	struct flight flights[MAX];
	uint32_t random;
	unsigned long overflowed, answered;
};

static unsigned
random_below(struct network *n, unsigned end)
{
	n->random = n->random * 1664525 + 1013904223;
	return (n->random >> 8) % end;
}

/* Without a pace, MAX are in flight. */
static void
depart(struct network *n, struct pace *p, struct flight *f, unsigned attempts)
{
	f->attempts = attempts;
	f->turn = p != NULL && attempts <= 2 ? pace_begin(p) : 0;
	f->lost = true;
	f->end = n->now + (TIMEOUT << (attempts < 3 ? attempts - 1 : 2)) +
		 random_below(n, SPREAD);
	f->arrival = n->now + TRIP + random_below(n, JITTER + 1);
}

static void
arrive(struct network *n, struct flight *f)
{
	if (random_below(n, 100) < n->percent)
		return;
	if (n->waiting == n->queue) {
		n->overflowed++;
		return;
	}
	f->lost = false;
	f->end = n->now + n->waiting++ / n->rate;
}

static void
end(struct network *n, struct pace *p, struct flight *f)
{
	if (p != NULL)
		pace_count(p, f->turn, f->lost);
	if (f->lost) {
		depart(n, p, f, f->attempts + 1);
		return;
	}
	n->answered++;
	*f = n->flights[--n->out];
}

static void
step(struct network *n, struct pace *p)
{
	n->now++;
	n->waiting -= n->waiting < n->rate ? n->waiting : n->rate;
	for (unsigned i = n->out; i-- > 0;) {
		struct flight *f = &n->flights[i];

		if (f->arrival == n->now)
			arrive(n, f);
		if (f->end <= n->now)
			end(n, p, f);
	}
	while (n->out < (p != NULL ? p->window : MAX))
		depart(n, p, &n->flights[n->out++], 1);
}

/* Returns the mean of the windows. */
static double
run(struct network *n, struct pace *p, unsigned steps)
{
	double sum = 0;

	n->overflowed = n->answered = 0;
	for (unsigned i = 0; i < steps; i++) {
		step(n, p);
		sum += p != NULL ? p->window : MAX;
	}
	return sum / steps;
}

/* Fewer queries do not help: soon there are as many again. */
static void
test_random_loss(void **state)
{
	static const unsigned percent[] = {0, 10, 20, 30, 50};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		for (uint32_t seed = 1; seed <= 5; seed++) {
			struct network n = {.percent = percent[i],
			    .rate = MAX,
			    .queue = MAX,
			    .random = seed};
			struct pace p;

			pace_init(&p, MAX);
			if (percent[i] > 10)
				run(&n, &p, 2000);
			assert_true(run(&n, &p, 3000) > 0.9 * MAX);
		}
}

/*
 * 5 a millisecond make 100 a round trip, and 50 wait: more are lost. The server
 * stays as busy as with MAX queries in flight, and drops less than half as
 * many.
 */
static void
test_small_queue(void **state)
{
	struct network n = {.rate = 5, .queue = 50}, other = n;
	struct pace p;

	(void)state;
	pace_init(&p, MAX);
	run(&n, &p, 2000);
	assert_true(run(&n, &p, 5000) < 0.5 * MAX);
	run(&other, NULL, 2000);
	run(&other, NULL, 5000);
	assert_true(n.answered > 0.98 * (double)other.answered);
	assert_true(2 * n.overflowed < other.overflowed);
}

/* Once the server keeps up again, it gets as many as before. */
static void
test_recovery(void **state)
{
	struct network n = {.rate = 5, .queue = 50};
	struct pace p;

	(void)state;
	pace_init(&p, MAX);
	run(&n, &p, 5000);
	n.rate = n.queue = MAX;
	run(&n, &p, 1000);
	assert_true(run(&n, &p, 1000) > 0.99 * MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_loss),
	    cmocka_unit_test(test_small_queue),
	    cmocka_unit_test(test_recovery),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
