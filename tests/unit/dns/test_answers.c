/*
 * Tests of answers: the table of names and types, the order of an RRset, and
 * how CNAMEs are followed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/answers.h"

static uint8_t *
name(const char *text, uint8_t *wire)
{
	assert_int_equal(name_from_text(text, strlen(text), wire), 0);
	return wire;
}

static struct answer *
make(struct answers *as, const char *owner, enum rr_type type)
{
	uint8_t wire[NAME_MAX_WIRE];

	return answers_make(as, name(owner, wire), type);
}

static void
set_cname(struct answers *as, const char *owner, const char *target)
{
	uint8_t wire[NAME_MAX_WIRE];
	struct rrset set = {0};

	name(target, wire);
	rrset_add(&set, wire, name_len(wire));
	answer_set(as, make(as, owner, RR_CNAME), ANSWER_DATA, set.bytes.data,
	    set.bytes.len, NULL, 1);
	buf_clear(&set.bytes);
}

static void
set_a(struct answers *as, const char *owner, const char *address)
{
	struct rrset set = {0};

	rrset_add(&set, address, 4);
	answer_set(as, make(as, owner, RR_A), ANSWER_DATA, set.bytes.data,
	    set.bytes.len, NULL, 1);
	buf_clear(&set.bytes);
}

static void
set_status(struct answers *as, const char *owner, enum rr_type type,
    enum answer_status status)
{
	answer_set(as, make(as, owner, type), status, NULL, 0, NULL, 1);
}

static const struct answer *
resolve(const struct answers *as, const char *owner, enum rr_type type)
{
	uint8_t wire[NAME_MAX_WIRE];

	return answers_resolve(as, name(owner, wire), type, NULL);
}

static void
expect_status(const struct answers *as, const char *owner, enum rr_type type,
    enum answer_status status)
{
	assert_int_equal(resolve(as, owner, type)->status, status);
}

static void
test_find_and_make(void **state)
{
	struct answers *as = answers_open(false);
	uint8_t wire[NAME_MAX_WIRE];
	struct answer *a;

	(void)state;
	name("b.example", wire);
	assert_null(answers_find(as, wire, RR_A));
	a = answers_make(as, wire, RR_A);
	assert_int_equal(a->status, ANSWER_UNKNOWN);
	assert_true(name_equal(a->name, wire));
	assert_ptr_equal(answers_make(as, wire, RR_A), a);
	assert_ptr_equal(answers_find(as, wire, RR_A), a);
	assert_null(answers_find(as, wire, RR_TXT));
	assert_true(answers_make(as, wire, RR_TXT) != a);
	name("example", wire);
	assert_null(answers_find(as, wire, RR_A));
	answers_close(as);
	answers_close(NULL);
}

static void
test_many_names(void **state)
{
	struct answers *as = answers_open(false);
	char text[32];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "n%d.example", i);
		make(as, text, RR_A)->confirmed = i;
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "n%d.example", i);
		assert_int_equal(make(as, text, RR_A)->confirmed, i);
	}
	answers_close(as);
}

static void
test_order_of_an_rrset(void **state)
{
	static const uint8_t expected[] = {
	    0, 1, 1, 0, 2, 1, 0, 0, 1, 9, 0, 2, 200, 0};
	struct rrset set = {0};

	(void)state;
	rrset_sort(&set);
	assert_int_equal(set.n, 0);
	rrset_add(&set, "\x09", 1);
	rrset_add(&set, "\xc8\0", 2);
	rrset_add(&set, "\x01\0", 2);
	rrset_add(&set, "\x09", 1);
	rrset_add(&set, "\x01", 1);
	rrset_sort(&set);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.bytes.len, sizeof(expected));
	assert_memory_equal(set.bytes.data, expected, sizeof(expected));
	buf_clear(&set.bytes);
}

static void
test_walking_an_rrset(void **state)
{
	struct answers *as = answers_open(false);
	struct answer *a = make(as, "b.example", RR_TXT);
	const uint8_t *at = NULL;
	struct rrset set = {0};
	char big[300] = {0};
	struct rr rr;

	(void)state;
	assert_false(answer_next(a, &at, &rr));
	rrset_add(&set, "", 0);
	rrset_add(&set, big, sizeof(big));
	answer_set(as, a, ANSWER_DATA, set.bytes.data, set.bytes.len, NULL,
	    1234567890);
	buf_clear(&set.bytes);
	assert_true(answer_next(a, &at, &rr));
	assert_int_equal(rr.len, 0);
	assert_true(answer_next(a, &at, &rr));
	assert_int_equal(rr.len, sizeof(big));
	assert_false(answer_next(a, &at, &rr));
	assert_int_equal(a->confirmed, 1234567890);
	/* Times that 32 bits do not hold. */
	answer_set(as, a, ANSWER_NODATA, NULL, 0, NULL, -1);
	assert_int_equal(a->confirmed, 0);
	answer_set(as, a, ANSWER_NODATA, NULL, 0, NULL, 1234567890123);
	assert_int_equal(a->confirmed, UINT32_MAX);
	answers_close(as);
}

static void
test_absent_names(void **state)
{
	struct answers *saved = answers_open(false);
	struct answers *zone = answers_open(true);
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	set_a(saved, "b.example", "abcd");
	set_a(zone, "b.example", "abcd");
	answers_make_name(zone, name("example", wire));
	expect_status(saved, "b.example", RR_A, ANSWER_DATA);
	expect_status(saved, "b.example", RR_TXT, ANSWER_UNKNOWN);
	expect_status(saved, "c.example", RR_TXT, ANSWER_UNKNOWN);
	expect_status(zone, "b.example", RR_A, ANSWER_DATA);
	expect_status(zone, "b.example", RR_TXT, ANSWER_NODATA);
	expect_status(zone, "example", RR_A, ANSWER_NODATA);
	expect_status(zone, "c.example", RR_A, ANSWER_NXDOMAIN);
	answers_close(saved);
	answers_close(zone);
}

static void
test_statuses_are_passed_on(void **state)
{
	static const enum answer_status statuses[] = {
	    ANSWER_PENDING, ANSWER_NODATA, ANSWER_NXDOMAIN, ANSWER_FAILED};
	struct answers *as = answers_open(false);

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		set_status(as, "b.example", RR_TXT, statuses[i]);
		expect_status(as, "b.example", RR_TXT, statuses[i]);
		/* Also where a CNAME leads. */
		set_cname(as, "c.example", "b.example");
		expect_status(as, "c.example", RR_TXT, statuses[i]);
	}
	answers_close(as);
}

static void
test_cname_is_followed(void **state)
{
	struct answers *as = answers_open(false);
	const struct answer *a;
	const uint8_t *target;
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	set_cname(as, "a.example", "b.example");
	set_cname(as, "b.example", "c.example");
	set_a(as, "c.example", "abcd");
	set_status(as, "a.example", RR_A, ANSWER_UNKNOWN);
	name("a.example", wire);
	a = answers_resolve(as, wire, RR_A, &target);
	assert_int_equal(a->status, ANSWER_DATA);
	assert_true(name_equal(a->name, name("c.example", wire)));
	assert_true(name_equal(target, name("b.example", wire)));
	name("c.example", wire);
	answers_resolve(as, wire, RR_A, &target);
	assert_null(target);
	expect_status(as, "a.example", RR_TXT, ANSWER_UNKNOWN);
	answers_close(as);
}

/* What was asked for counts more than a CNAME beside it. */
static void
test_data_beside_a_cname(void **state)
{
	struct answers *as = answers_open(false);

	(void)state;
	set_cname(as, "a.example", "b.example");
	set_a(as, "a.example", "abcd");
	set_a(as, "b.example", "efgh");
	assert_true(resolve(as, "a.example", RR_A)->rrs[2] == 'a');
	answers_close(as);
}

static void
test_unknown_without_a_cname(void **state)
{
	struct answers *as = answers_open(false);

	(void)state;
	set_status(as, "a.example", RR_A, ANSWER_UNKNOWN);
	expect_status(as, "a.example", RR_A, ANSWER_UNKNOWN);
	set_status(as, "a.example", RR_CNAME, ANSWER_NODATA);
	expect_status(as, "a.example", RR_A, ANSWER_UNKNOWN);
	answers_close(as);
}

static void
test_cname_loops(void **state)
{
	struct answers *as = answers_open(true);
	const struct answer *a;
	const uint8_t *target;
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	set_cname(as, "self.example", "self.example");
	set_cname(as, "a.example", "b.example");
	set_cname(as, "b.example", "a.example");
	name("self.example", wire);
	a = answers_resolve(as, wire, RR_A, &target);
	assert_int_equal(a->status, ANSWER_FAILED);
	assert_int_equal(a->failure, FAILURE_CNAME);
	expect_status(as, "b.example", RR_MX, ANSWER_FAILED);
	answers_close(as);
}

static void
test_long_cname_chains(void **state)
{
	struct answers *as = answers_open(true);
	char owner[32], target[32];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(owner, sizeof(owner), "n%d.example", i);
		snprintf(target, sizeof(target), "n%d.example", i + 1);
		set_cname(as, owner, target);
	}
	set_a(as, "n30.example", "abcd");
	snprintf(owner, sizeof(owner), "n%d.example", 30 - CNAME_MAX);
	expect_status(as, owner, RR_A, ANSWER_DATA);
	snprintf(owner, sizeof(owner), "n%d.example", 30 - CNAME_MAX - 1);
	expect_status(as, owner, RR_A, ANSWER_FAILED);
	answers_close(as);
}

static void
test_setting_again(void **state)
{
	struct answers *as = answers_open(false);
	struct answer *a = make(as, "a.example", RR_A);

	(void)state;
	set_status(as, "a.example", RR_A, ANSWER_FAILED);
	a->failure = FAILURE_TIMEOUT;
	set_a(as, "a.example", "abcd");
	assert_int_equal(a->status, ANSWER_DATA);
	assert_int_equal(a->failure, FAILURE_NONE);
	assert_int_equal(a->len, 6);
	set_status(as, "a.example", RR_A, ANSWER_NXDOMAIN);
	assert_int_equal(a->len, 0);
	assert_null(a->rrs);
	answers_close(as);
}

static void
test_sorted(void **state)
{
	static const struct {
		const char *owner;
		enum rr_type type;
	} order[] = {{"example", RR_TXT}, {"a.example", RR_A},
	    {"a.example", RR_CNAME}, {"a.example", RR_MX},
	    {"a.example", RR_TXT}, {"a.example", RR_AAAA},
	    {"x.a.example", RR_A}, {"b.example", RR_A}, {"a.org", RR_A}};
	struct answers *as = answers_open(false);
	const struct answer **v;
	uint8_t wire[NAME_MAX_WIRE];
	size_t n;

	(void)state;
	v = answers_sorted(as, &n);
	assert_int_equal(n, 0);
	free(v);
	for (size_t i = COUNT(order); i-- > 0;)
		make(as, order[i].owner, order[i].type);
	v = answers_sorted(as, &n);
	assert_int_equal(n, COUNT(order));
	for (size_t i = 0; i < n; i++) {
		assert_true(name_equal(v[i]->name, name(order[i].owner, wire)));
		assert_int_equal(v[i]->type, order[i].type);
	}
	free(v);
	answers_close(as);
}

static void
test_words(void **state)
{
	(void)state;
	assert_string_equal(rr_type_name(RR_A), "A");
	assert_string_equal(rr_type_name(RR_AAAA), "AAAA");
	assert_string_equal(rr_type_name(RR_MX), "MX");
	assert_string_equal(rr_type_name(RR_TXT), "TXT");
	assert_string_equal(rr_type_name(RR_CNAME), "CNAME");
	for (int f = FAILURE_NONE; f <= FAILURE_NOT_SAVED; f++)
		assert_non_null(answer_failure_text((enum answer_failure)f));
	/* A number that a damaged file may hold. */
	assert_non_null(answer_failure_text((enum answer_failure)200));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find_and_make),
	    cmocka_unit_test(test_many_names),
	    cmocka_unit_test(test_order_of_an_rrset),
	    cmocka_unit_test(test_walking_an_rrset),
	    cmocka_unit_test(test_absent_names),
	    cmocka_unit_test(test_statuses_are_passed_on),
	    cmocka_unit_test(test_cname_is_followed),
	    cmocka_unit_test(test_data_beside_a_cname),
	    cmocka_unit_test(test_unknown_without_a_cname),
	    cmocka_unit_test(test_cname_loops),
	    cmocka_unit_test(test_long_cname_chains),
	    cmocka_unit_test(test_setting_again),
	    cmocka_unit_test(test_sorted),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
