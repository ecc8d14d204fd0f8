/*
 * Tests of name: text to wire format and back, the bounds of RFC 1035, names
 * off the wire, and the order of a zone file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"

static void
read_name(const char *text, uint8_t *wire)
{
	assert_int_equal(name_from_text(text, strlen(text), wire), 0);
}

static void
expect_wire(const char *text, const char *expected, size_t len)
{
	uint8_t wire[NAME_MAX_WIRE];

	read_name(text, wire);
	assert_int_equal(name_len(wire), len);
	assert_memory_equal(wire, expected, len);
}

static void
expect_refused(const char *text)
{
	uint8_t wire[NAME_MAX_WIRE];

	assert_int_equal(name_from_text(text, strlen(text), wire), -1);
}

/* A name of that many bytes: labels of 63 and what is left. */
static void
long_name(char *text, size_t len)
{
	memset(text, 'a', len);
	text[len] = '\0';
	for (size_t i = 63; i + 1 < len; i += 64)
		text[i] = '.';
}

static void
test_text_to_wire(void **state)
{
	(void)state;
	expect_wire("a", "\1a", 3);
	expect_wire("Mail.EXAMPLE.org", "\4mail\7example\3org", 18);
	expect_wire("mail.example.org.", "\4mail\7example\3org", 18);
	expect_wire("_spf.a-b.x", "\4_spf\3a-b\1x", 12);
	/* No escapes: a backslash is a byte like others. */
	expect_wire("a\\b", "\3a\\b", 5);
	expect_wire("\xc3\xa4.x", "\2\xc3\xa4\1x", 6);
}

static void
test_what_is_no_name(void **state)
{
	(void)state;
	expect_refused("");
	expect_refused(".");
	expect_refused("..");
	expect_refused(".a");
	expect_refused("a..b");
	expect_refused("a..");
}

static void
test_bounds_of_text(void **state)
{
	uint8_t wire[NAME_MAX_WIRE];
	char text[300];

	(void)state;
	memset(text, 'a', 64);
	assert_int_equal(name_from_text(text, 63, wire), 0);
	assert_int_equal(name_len(wire), 65);
	assert_int_equal(name_from_text(text, 64, wire), -1);
	for (size_t len = 240; len < 290; len++) {
		long_name(text, len);
		if (len == 256) /* would end in a dot */
			continue;
		assert_int_equal(
		    name_from_text(text, len, wire), len <= 253 ? 0 : -1);
		if (len <= 253)
			assert_int_equal(name_len(wire), len + 2);
	}
	long_name(text, 253);
	strcat(text, ".");
	assert_int_equal(name_from_text(text, 254, wire), 0);
}

static void
test_text_ends_where_it_says(void **state)
{
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	assert_int_equal(name_from_text("a.b.c", 3, wire), 0);
	assert_memory_equal(wire, "\1a\1b", 5);
}

/* Reads the name at `at` of a message; it has to end before `end`. */
static void
expect_read(
    const char *msg, size_t len, size_t at, const char *name, size_t end)
{
	uint8_t to[NAME_MAX_WIRE];
	size_t n = name_read((const uint8_t *)msg, len, &at, to);

	if (name == NULL) {
		assert_int_equal(n, 0);
		return;
	}
	assert_int_equal(n, strlen(name) + 1);
	assert_memory_equal(to, name, n);
	assert_int_equal(at, end);
}

static void
test_read(void **state)
{
	(void)state;
	expect_read("\3WwW\1X\0rest", 11, 0, "\3www\1x", 7);
	expect_read("", 1, 0, "", 1);
	expect_read("", 0, 0, NULL, 0);
	expect_read("\3www", 4, 0, NULL, 0);  /* no root label */
	expect_read("\3ww", 3, 0, NULL, 0);   /* the label ends outside */
	expect_read("\100", 66, 0, NULL, 0);  /* 64, a type not in use */
	expect_read("\200\0", 3, 0, NULL, 0); /* likewise */
}

static void
test_read_compressed(void **state)
{
	(void)state;
	expect_read("\1a\0\1B\300\0rest", 11, 3, "\1b\1a", 7);
	/* A pointer to a pointer. */
	expect_read("\1a\0\300\0\300\3", 7, 5, "\1a", 7);
	expect_read("\300\0", 2, 0, NULL, 0); /* to itself */
	expect_read("\1a\300\0", 4, 0, NULL, 0);
	expect_read("\300\2\0", 3, 0, NULL, 0); /* forward */
	expect_read("\0\300", 2, 1, NULL, 0);   /* half a pointer */
	/* Back, and then forward to where it was. */
	expect_read("\1a\300\6\0\0\300\0", 8, 6, NULL, 0);
}

static void
test_read_bounds(void **state)
{
	uint8_t from[300], to[NAME_MAX_WIRE], pointers[1000];
	size_t at = 0;

	(void)state;
	/* 127 labels of one byte: 255 bytes with the root label. */
	for (size_t i = 0; i < sizeof(from); i += 2) {
		from[i] = 1;
		from[i + 1] = 'x';
	}
	from[254] = 0;
	assert_int_equal(name_read(from, sizeof(from), &at, to), 255);
	assert_int_equal(at, 255);
	assert_int_equal(name_labels(to), 127);
	assert_int_equal(name_cmp(to, to), 0);
	from[254] = 1;
	from[256] = 0;
	at = 0;
	assert_int_equal(name_read(from, sizeof(from), &at, to), 0);

	/* No honest name has hundreds of pointers. */
	pointers[0] = 0;
	pointers[1] = 0;
	for (size_t i = 2; i < sizeof(pointers); i += 2) {
		pointers[i] = (uint8_t)(0xc0 | (i - 2) >> 8);
		pointers[i + 1] = (uint8_t)(i - 2);
	}
	at = 2;
	assert_int_equal(name_read(pointers, sizeof(pointers), &at, to), 1);
	assert_int_equal(at, 4);
	at = sizeof(pointers) - 2;
	assert_int_equal(name_read(pointers, sizeof(pointers), &at, to), 0);
}

static void
test_labels(void **state)
{
	uint8_t wire[NAME_MAX_WIRE];

	(void)state;
	assert_int_equal(name_labels((const uint8_t *)""), 0);
	read_name("com", wire);
	assert_int_equal(name_labels(wire), 1);
	read_name("a.b.example.com.", wire);
	assert_int_equal(name_labels(wire), 4);
}

static void
test_equal(void **state)
{
	uint8_t a[NAME_MAX_WIRE], b[NAME_MAX_WIRE];

	(void)state;
	read_name("A.example", a);
	read_name("a.EXAMPLE.", b);
	assert_true(name_equal(a, b));
	read_name("b.example", b);
	assert_false(name_equal(a, b));
	read_name("x.a.example", b);
	assert_false(name_equal(a, b));
	read_name("aexample", b);
	assert_false(name_equal(a, b));
}

/* The example of RFC 4034 section 6.1. */
static void
test_order(void **state)
{
	static const char *const names[] = {"example", "a.example",
	    "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
	    "\001.z.example", "*.z.example", "\200.z.example"};
	uint8_t wire[COUNT(names)][NAME_MAX_WIRE];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		read_name(names[i], wire[i]);
	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t k = 0; k < COUNT(names); k++) {
			int c = name_cmp(wire[i], wire[k]);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
	assert_true(name_cmp((const uint8_t *)"", wire[0]) < 0);
}

static void
expect_text(const char *wire, const char *expected)
{
	struct buf b;

	buf_init(&b);
	name_to_text(&b, (const uint8_t *)wire);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void
test_wire_to_text(void **state)
{
	(void)state;
	expect_text("", ".");
	expect_text("\1a\7example", "a.example");
	expect_text("\3a.b\1c", "a\\.b.c");
	expect_text("\3a b\1c", "a\\032b.c");
	expect_text("\5\t\x7f\xff\n\r\1c", "\\009\\127\\255\\010\\013.c");
	expect_text("\7\\\"();@$\1c", "\\\\\\\"\\(\\)\\;\\@\\$.c");
	expect_text("\4_*-!", "_*-!");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_to_wire),
	    cmocka_unit_test(test_what_is_no_name),
	    cmocka_unit_test(test_bounds_of_text),
	    cmocka_unit_test(test_text_ends_where_it_says),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_compressed),
	    cmocka_unit_test(test_read_bounds),
	    cmocka_unit_test(test_labels),
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_wire_to_text),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
