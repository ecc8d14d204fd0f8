/*
 * Tests of json: layout, and strings of any bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static void
expect_json(const char *text, const char *json)
{
	struct json j;
	struct buf b;

	buf_init(&b);
	json_init(&j, &b);
	json_array(&j, NULL, JSON_ROW);
	json_string(&j, NULL, text);
	json_end(&j);
	assert_string_equal(b.data, json);
	buf_clear(&b);
}

static void
test_strings(void **state)
{
	(void)state;
	expect_json("", "[\"\"]\n");
	expect_json(NULL, "[null]\n");
	expect_json("a\"b\\c/d", "[\"a\\\"b\\\\c/d\"]\n");
	expect_json("a\nb\x01\x7f", "[\"a\\u000ab\\u0001\\u007f\"]\n");
	expect_json("m\xc3\xbcnchen", "[\"m\xc3\xbcnchen\"]\n");
	expect_json("\xf0\x9f\x98\x80", "[\"\xf0\x9f\x98\x80\"]\n");
	/* Latin-1, a cut character, one that is too long, a surrogate. */
	expect_json("m\xfcn", "[\"m\\ufffdn\"]\n");
	expect_json("\xc3", "[\"\\ufffd\"]\n");
	expect_json("\xc0\xaf", "[\"\\ufffd\\ufffd\"]\n");
	expect_json("\xed\xa0\x80", "[\"\\ufffd\\ufffd\\ufffd\"]\n");
	expect_json(
	    "\xf5\x80\x80\x80", "[\"\\ufffd\\ufffd\\ufffd\\ufffd\"]\n");
	expect_json("\xff\xfe", "[\"\\ufffd\\ufffd\"]\n");
}

static void
test_layout(void **state)
{
	struct json j;
	struct buf b;

	(void)state;
	buf_init(&b);
	json_init(&j, &b);
	json_object(&j, NULL, JSON_LINES);
	json_number(&j, "n", -5);
	json_array(&j, "rows", JSON_LINES);
	for (int i = 0; i < 2; i++) {
		json_object(&j, NULL, JSON_ROW);
		json_bool(&j, "a\"b", i == 0);
		json_real(&j, "x", 0.5);
		json_end(&j);
	}
	json_end(&j);
	json_array(&j, "none", JSON_LINES);
	json_end(&j);
	json_large(&j, "large", 1e20);
	json_end(&j);
	assert_string_equal(b.data, "{\n"
				    "  \"n\": -5,\n"
				    "  \"rows\": [\n"
				    "    {\"a\\\"b\": true, \"x\": 0.500},\n"
				    "    {\"a\\\"b\": false, \"x\": 0.500}\n"
				    "  ],\n"
				    "  \"none\": [],\n"
				    "  \"large\": 100000000000000000000\n"
				    "}\n");
	buf_clear(&b);
}

static void
test_utf8(void **state)
{
	uint32_t c = 0;

	(void)state;
	assert_int_equal(utf8_len("", 0, NULL), 0);
	assert_int_equal(utf8_len("a", 1, &c), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(utf8_len("\xc2\xa0", 2, &c), 2);
	assert_int_equal(c, 0xa0);
	assert_int_equal(utf8_len("\xe2\x80\x8b", 3, &c), 3);
	assert_int_equal(c, 0x200b);
	assert_int_equal(utf8_len("\xe2\x80\x8b", 2, &c), 0);
	assert_int_equal(utf8_len("\xf4\x8f\xbf\xbf", 4, &c), 4);
	assert_int_equal(c, 0x10ffff);
	assert_int_equal(utf8_len("\x80", 1, &c), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
