#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "expand/hold.h"

static const struct hold_limits limits = {
    .max_shrink = 300000, .max_growth = 1000000, .hold_time = 259200};

/* "192.0.2.0/24 2001:db8::/32 ..." to a set. */
static void
make_set(struct addrset *s, const char *text)
{
	char *copy = xstrdup(text), *at = copy, *word;

	addrset_init(s);
	while ((word = strsep(&at, " ")) != NULL) {
		char *slash = strchr(word, '/');
		enum family f;
		struct addr a;

		if (slash == NULL)
			continue;
		*slash = '\0';
		assert_int_equal(addr_from_text(word, &f, &a), 0);
		addrset_add_net(
		    s, f, &a, (unsigned)strtoul(slash + 1, NULL, 10));
	}
	free(copy);
}

static void
expect(const char *before, const char *after, bool guarded,
    enum hold_reason reason)
{
	struct addrset a, b;

	make_set(&a, before);
	make_set(&b, after);
	assert_int_equal(hold_judge(&limits, &a, &b, guarded), reason);
	addrset_clear(&a);
	addrset_clear(&b);
}

static void
test_judge(void **state)
{
	(void)state;
	expect("", "", false, HOLD_NONE);
	expect("11.1.0.0/24", "11.1.0.0/24", true, HOLD_NONE);
	expect("11.1.0.0/24", "", false, HOLD_LOSS);
	expect("11.1.0.0/24", "", true, HOLD_GUARD);
	expect("", "", true, HOLD_NONE);
	/* An address that is left is enough; 1 of 4 is not too much. */
	expect("11.1.0.0/24", "11.1.0.9/32", false, HOLD_NONE);
	expect("11.1.0.0/24 11.1.2.0/24 11.1.4.0/24 11.1.6.0/24",
	    "11.1.0.0/24 11.1.2.0/24 11.1.4.0/24", false, HOLD_NONE);
	expect("11.1.0.0/24 11.1.2.0/24 11.1.4.0/24", "11.1.0.0/24 11.1.2.0/24",
	    false, HOLD_LOSS);
	/* Growth: each family by itself; little is taken. */
	expect("", "11.0.0.0/20", false, HOLD_NONE);
	expect("", "11.0.0.0/20 12.0.0.0/32", false, HOLD_GROWTH);
	expect("11.0.0.0/16", "11.0.0.0/15", false, HOLD_NONE);
	expect("11.0.0.0/16", "11.0.0.0/15 12.0.0.0/32", false, HOLD_GROWTH);
	expect("11.0.0.0/16", "11.0.0.0/16 2a00::/40", false, HOLD_NONE);
	expect("11.0.0.0/16", "11.0.0.0/16 2a00::/39", false, HOLD_GROWTH);
	/* Growth comes before loss and guard. */
	expect("11.0.0.0/24", "12.0.0.0/12", true, HOLD_GROWTH);
}

/* Holds as an update would keep them. */
static void
make_holds(struct holds *h)
{
	static const char *const names[] = {
	    "include:b.example", "-include:c.example", "a:a.example/28"};

	holds_init(h);
	for (int i = 0; i < 3; i++) {
		struct held e = {.entry = xstrdup(names[i]),
		    .reject = i == 0,
		    .reason = i == 2 ? HOLD_NONE : HOLD_LOSS,
		    .since = 1795000000 + i,
		    .proposed = 1795000100};

		make_set(&e.before, "11.0.0.0/24 2a00::/32");
		make_set(&e.after, "11.0.1.0/24");
		make_set(&e.reference, "11.0.0.0/23");
		holds_add(h, &e);
	}
}

static int
read_bytes(struct holds *h, const char *text, size_t len)
{
	struct problems problems;
	FILE *in = tmpfile();
	int result;

	holds_init(h);
	problems_init(&problems);
	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, len, in), len);
	rewind(in);
	result = holds_read(h, in, "F", &problems);
	assert_int_equal(problems.n, result == 0 ? 0 : 1);
	assert_true(result == 0 || h->n == 0);
	problems_clear(&problems);
	fclose(in);
	return result;
}

static void
test_round_trip(void **state)
{
	struct buf text, again;
	struct holds h;

	(void)state;
	buf_init(&text);
	buf_init(&again);
	make_holds(&h);
	holds_write(&text, &h);
	holds_clear(&h);
	assert_int_equal(read_bytes(&h, text.data, text.len), 0);
	assert_int_equal(h.n, 3);
	holds_write(&again, &h);
	assert_string_equal(again.data, text.data);
	holds_clear(&h);
	buf_clear(&text);
	buf_clear(&again);
}

/* Every bit that changes is noticed, and every length that is cut. */
static void
test_damage(void **state)
{
	struct holds h;
	struct buf b;

	(void)state;
	buf_init(&b);
	make_holds(&h);
	holds_write(&b, &h);
	holds_clear(&h);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(read_bytes(&h, b.data, b.len), -1);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(read_bytes(&h, b.data, len), -1);
	buf_puts(&b, "\n");
	assert_int_equal(read_bytes(&h, b.data, b.len), -1);
	buf_clear(&b);
}

static void
test_find(void **state)
{
	struct list l;
	struct problems problems;
	struct addrset set;
	struct holds h;

	(void)state;
	list_init(&l);
	problems_init(&problems);
	list_add_line(&l, "F", 1, "B.Example. -include:c.EXAMPLE d.example", 39,
	    &problems);
	assert_int_equal(l.n, 3);
	make_holds(&h);
	holds_sort(&h);
	assert_null(holds_find(&h, &l.v[0], false));
	assert_non_null(holds_find(&h, &l.v[0], true));
	assert_non_null(holds_find(&h, &l.v[1], false));
	assert_null(holds_find(&h, &l.v[2], false));
	assert_string_equal(
	    held_name(holds_find(&h, &l.v[0], true)), "b.example");
	make_set(&set, "11.0.9.0/24");
	held_apply(holds_find(&h, &l.v[1], false), &set);
	assert_int_equal(addrset_count_nets(&set, IPV4), 2);
	addrset_clear(&set);
	holds_clear(&h);
	problems_clear(&problems);
	list_clear(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
