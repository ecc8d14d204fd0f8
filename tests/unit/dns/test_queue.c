/*
 * Tests of queue: order, the descriptor that tells whether there is
 * something, and many threads at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/memory.h"
#include "dns/queue.h"

#define PRODUCERS 4
#define BATCHES 5000 /* of each producer */

struct work {
	struct batch batch;
	unsigned producer, number;
};

static void
put(struct queue *q, unsigned producer, unsigned number)
{
	struct work *w = xcalloc(1, sizeof(*w));

	w->producer = producer;
	w->number = number;
	queue_put(q, &w->batch);
}

static bool
readable(const struct queue *q, int timeout)
{
	struct pollfd fd = {.fd = queue_fd(q), .events = POLLIN};

	return poll(&fd, 1, timeout) == 1 && (fd.revents & POLLIN) != 0;
}

/* The number of the batch, which is freed. */
static unsigned
number_of(struct batch *b)
{
	struct work *w = (struct work *)b;
	unsigned number;

	assert_non_null(b);
	number = w->number;
	free(w);
	return number;
}

static void
test_first_in_first_out(void **state)
{
	struct queue q;

	(void)state;
	assert_int_equal(queue_init(&q), 0);
	assert_null(queue_get(&q));
	for (unsigned i = 0; i < 3; i++)
		put(&q, 0, i);
	assert_int_equal(number_of(queue_get(&q)), 0);
	put(&q, 0, 3);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(number_of(queue_get(&q)), i);
	assert_null(queue_get(&q));
	queue_clear(&q);
}

static void
test_get_all(void **state)
{
	struct queue q;
	struct batch *b;

	(void)state;
	assert_int_equal(queue_init(&q), 0);
	assert_null(queue_get_all(&q));
	for (unsigned i = 0; i < 5; i++)
		put(&q, 0, i);
	b = queue_get_all(&q);
	assert_null(queue_get(&q));
	put(&q, 0, 5);
	for (unsigned i = 0; i < 5; i++) {
		struct batch *next = b->next;

		assert_int_equal(number_of(b), i);
		b = next;
	}
	assert_null(b);
	assert_int_equal(number_of(queue_get(&q)), 5);
	queue_clear(&q);
}

static void
test_readable_while_not_empty(void **state)
{
	struct queue q;

	(void)state;
	assert_int_equal(queue_init(&q), 0);
	for (int round = 0; round < 3; round++) {
		assert_false(readable(&q, 0));
		put(&q, 0, 0);
		put(&q, 0, 1);
		assert_true(readable(&q, 0));
		free(queue_get(&q));
		assert_true(readable(&q, 0));
		free(queue_get(&q));
		assert_false(readable(&q, 0));
		put(&q, 0, 2);
		assert_true(readable(&q, 0));
		free(queue_get_all(&q));
	}
	assert_false(readable(&q, 0));
	queue_clear(&q);
}

/* More batches than a pipe holds bytes: putting must not block. */
static void
test_long_queue(void **state)
{
	struct queue q;

	(void)state;
	assert_int_equal(queue_init(&q), 0);
	for (unsigned i = 0; i < 100000; i++)
		put(&q, 0, i);
	assert_true(readable(&q, 0));
	/* Frees what is left, as the sanitizers check. */
	queue_clear(&q);
}

/* Where no descriptor is left there is no queue, and nothing to clear. */
static void
test_no_descriptors(void **state)
{
	struct rlimit old, none;
	struct queue q;
	int result, error;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = queue_init(&q);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(result, -1);
	assert_int_equal(error, EMFILE);
}

struct producer {
	pthread_t thread;
	struct queue *q;
	unsigned id;
};

static void *
produce(void *arg)
{
	struct producer *p = arg;

	for (unsigned i = 0; i < BATCHES; i++)
		put(p->q, p->id, i);
	return NULL;
}

/* Takes what comes until all is there; each producer's in its order. */
static void
consume_all(struct queue *q, bool one_by_one)
{
	unsigned next[PRODUCERS] = {0}, total = 0;

	while (total < PRODUCERS * BATCHES) {
		struct batch *b;

		assert_true(readable(q, 10000));
		b = one_by_one ? queue_get(q) : queue_get_all(q);
		assert_non_null(b);
		if (one_by_one)
			b->next = NULL;
		while (b != NULL) {
			struct work *w = (struct work *)b;

			b = b->next;
			assert_int_equal(w->number, next[w->producer]);
			next[w->producer]++;
			total++;
			free(w);
		}
	}
	assert_false(readable(q, 0));
	assert_null(queue_get(q));
}

static void
run_producers(bool one_by_one)
{
	struct producer p[PRODUCERS];
	struct queue q;

	assert_int_equal(queue_init(&q), 0);
	for (unsigned i = 0; i < PRODUCERS; i++) {
		p[i] = (struct producer){.q = &q, .id = i};
		assert_int_equal(
		    pthread_create(&p[i].thread, NULL, produce, &p[i]), 0);
	}
	consume_all(&q, one_by_one);
	for (unsigned i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_join(p[i].thread, NULL), 0);
	queue_clear(&q);
}

static void
test_threads_and_one_reader(void **state)
{
	(void)state;
	run_producers(true);
	run_producers(false);
}

/* Echoes batches from one queue to another until number UINT_MAX comes. */
struct echo {
	struct queue in, out;
};

static void *
echo(void *arg)
{
	struct echo *e = arg;

	for (;;) {
		struct pollfd fd = {.fd = queue_fd(&e->in), .events = POLLIN};
		struct batch *b;

		poll(&fd, 1, -1);
		/* Another thread may have been faster. */
		if ((b = queue_get(&e->in)) == NULL)
			continue;
		if (((struct work *)b)->number == UINT32_MAX) {
			free(b);
			return NULL;
		}
		queue_put(&e->out, b);
	}
}

/* Two threads share the work of one queue, as resolver threads do. */
static void
test_threads_that_share_a_queue(void **state)
{
	pthread_t thread[2];
	unsigned seen = 0;
	struct echo e;

	(void)state;
	assert_int_equal(queue_init(&e.in), 0);
	assert_int_equal(queue_init(&e.out), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, echo, &e), 0);
	for (unsigned i = 0; i < BATCHES; i++)
		put(&e.in, 0, i);
	while (seen < BATCHES) {
		assert_true(readable(&e.out, 10000));
		for (struct batch *b = queue_get_all(&e.out), *next; b != NULL;
		     b = next, seen++) {
			next = b->next;
			free(b);
		}
	}
	for (int i = 0; i < 2; i++)
		put(&e.in, 0, UINT32_MAX);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_null(queue_get(&e.in));
	assert_null(queue_get(&e.out));
	queue_clear(&e.in);
	queue_clear(&e.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_in_first_out),
	    cmocka_unit_test(test_get_all),
	    cmocka_unit_test(test_readable_while_not_empty),
	    cmocka_unit_test(test_long_queue),
	    cmocka_unit_test(test_no_descriptors),
	    cmocka_unit_test(test_threads_and_one_reader),
	    cmocka_unit_test(test_threads_that_share_a_queue),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
