/*
 * Tests of recent: against a plain array of what was added last.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maillog/ring.h"

#define MAX 7

struct record {
	struct ring_item item;
	uint64_t value;
};

/* The model: keys in the order of adding, 0 for a removed one. */
struct model {
	uint64_t keys[MAX];
	size_t head;
};

static void
compare(const struct ring *r, const struct model *m, uint64_t keys)
{
	for (uint64_t key = 1; key <= keys; key++) {
		const struct record *found = ring_find(r, key);
		bool expected = false;

		for (size_t i = 0; i < MAX; i++)
			expected = expected || m->keys[i] == key;
		assert_int_equal(found != NULL, expected);
		if (found != NULL)
			assert_int_equal(found->value, key * 3);
	}
	for (size_t i = 0; i < MAX; i++)
		assert_int_equal(ring_at(r, i) != NULL, m->keys[i] != 0);
	assert_int_equal(ring_oldest(r) != NULL, m->keys[m->head] != 0);
}

static void
test_random(void **state)
{
	/* Few slots are used by few keys, so that chains get long. */
	const uint64_t keys = 24;
	struct model m = {0};
	struct ring r;

	(void)state;
	srandom(1);
	ring_init(&r, MAX, sizeof(struct record));
	for (int step = 0; step < 20000; step++) {
		uint64_t key = 1 + (uint64_t)random() % keys;
		struct record *record = ring_find(&r, key);

		if (record == NULL) {
			record = ring_add(&r, key);
			assert_int_equal(record->value, 0);
			record->value = key * 3;
			assert_int_equal(ring_position(&r, record), m.head);
			m.keys[m.head] = key;
			m.head = (m.head + 1) % MAX;
		} else if (random() % 2 == 0) {
			m.keys[ring_position(&r, record)] = 0;
			ring_remove(&r, record);
		}
		compare(&r, &m, keys);
	}
	ring_clear(&r);
}

/* All keys in one slot. */
static void
test_chain(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, MAX, sizeof(struct record));
	for (uint64_t i = 1; i <= MAX; i++)
		ring_add(&r, i << 32);
	ring_remove(&r, ring_find(&r, UINT64_C(4) << 32));
	assert_null(ring_find(&r, UINT64_C(4) << 32));
	ring_add(&r, UINT64_C(8) << 32);
	assert_null(ring_find(&r, UINT64_C(1) << 32));
	for (uint64_t i = 2; i <= 8; i++)
		assert_int_equal(ring_find(&r, i << 32) != NULL, i != 4);
	ring_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
