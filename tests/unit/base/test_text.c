/*
 * Tests of util: growing buffers and arrays, escapes, collected messages,
 * the arena, and what happens when a size is impossible.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/problems.h"
#include "base/system.h"
#include "base/text.h"

static void
test_allocation(void **state)
{
	unsigned char *zeros = xcalloc(3, 5), *none = xmalloc(0);
	char *copy = xstrdup("abc"), *part = xstrndup("abcdef", 2);
	char *text = xasprintf("%s-%d", "x", 42);

	(void)state;
	for (int i = 0; i < 15; i++)
		assert_int_equal(zeros[i], 0);
	assert_non_null(none);
	assert_string_equal(copy, "abc");
	assert_string_equal(part, "ab");
	assert_string_equal(text, "x-42");
	none = xreallocarray(none, 0, 8);
	assert_non_null(none);
	free(zeros);
	free(none);
	free(copy);
	free(part);
	free(text);
}

static void
allocate_too_much(void)
{
	free(xreallocarray(NULL, SIZE_MAX / 2, 3));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void
ensure_too_much(void)
{
	ensure_memory(SIZE_MAX / 2);
}
#endif

static void
ensure_some(void)
{
	ensure_memory(1 << 20);
}

/* Whether f exits with status 1. */
static bool
exits(void (*f)(void))
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static void
test_impossible_sizes_exit(void **state)
{
	(void)state;
	assert_true(exits(allocate_too_much));
	/* The malloc() of a sanitizer ends the program by itself. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_true(exits(ensure_too_much));
#endif
	assert_false(exits(ensure_some));
}

static void
test_grow(void **state)
{
	size_t cap = 0;
	int *v = NULL;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		v = grow(v, i, &cap, sizeof(*v));
		assert_true(cap > i);
		v[i] = (int)i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(v[i], i);
	assert_true(cap < 2000);
	free(v);
}

static void
test_buf(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "");
	assert_string_equal(b.data, "");
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_printf(&b, "%c%05d", 'c', 7);
	assert_int_equal(b.len, 9);
	assert_string_equal(b.data + 2, "bc00007");
	buf_clear(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
}

static void
test_buf_printf_grows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b);
	for (int i = 0; i < 500; i++)
		buf_printf(&b, "%0*d", i % 50 + 1, i % 10);
	for (size_t i = 0, at = 0; i < 500; i++) {
		at += i % 50 + 1;
		assert_int_equal(b.data[at - 1], '0' + (int)(i % 10));
	}
	assert_int_equal(strlen(b.data), b.len);
	buf_clear(&b);
}

static void
expect_escaped(const char *text, size_t len, size_t max, const char *expected)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "<");
	buf_add_escaped(&b, text, len, max);
	assert_string_equal(b.data + 1, expected);
	buf_clear(&b);
}

static void
test_escapes(void **state)
{
	(void)state;
	expect_escaped("plain ~!", 8, 200, "plain ~!");
	expect_escaped("a\\b", 3, 200, "a\\\\b");
	expect_escaped(
	    "\0\1\n\x1b[m\x7f\xff", 8, 200, "\\000\\001\\010\\027[m\\127\\255");
	expect_escaped("", 0, 200, "");
}

static void
test_long_text_is_cut(void **state)
{
	(void)state;
	expect_escaped("abcdef", 6, 6, "abcdef");
	expect_escaped("abcdef", 6, 5, "abcde...");
	/* Bytes of the text count, not of what is shown. */
	expect_escaped("\1\2\3", 3, 2, "\\001\\002...");
}

static void
test_problems(void **state)
{
	struct problems p;

	(void)state;
	problems_init(&p);
	for (int i = 0; i < 20; i++)
		problems_add(&p, "F:%d: %s", i, "wrong");
	assert_int_equal(p.n, 20);
	assert_string_equal(p.v[0], "F:0: wrong");
	assert_string_equal(p.v[19], "F:19: wrong");
	problems_clear(&p);
	assert_int_equal(p.n, 0);
}

static void
test_arena(void **state)
{
	static const size_t sizes[] = {1, 7, 8, 9, 1000, 300000, 3, 262144, 1};
	unsigned char *pieces[COUNT(sizes) * 40];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t size = sizes[i % COUNT(sizes)];

		pieces[i] = arena_alloc(&a, size);
		memset(pieces[i], (int)i & 0xff, size);
	}
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t size = sizes[i % COUNT(sizes)];

		assert_int_equal(pieces[i][0], i & 0xff);
		assert_int_equal(pieces[i][size - 1], i & 0xff);
	}
	arena_clear(&a);
	assert_null(a.blocks);
}

static void
test_clock(void **state)
{
	int64_t before = now_ms();

	(void)state;
	usleep(20000);
	assert_true(now_ms() - before >= 19);
	assert_true(now_ms() - before < 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_allocation),
	    cmocka_unit_test(test_impossible_sizes_exit),
	    cmocka_unit_test(test_grow),
	    cmocka_unit_test(test_buf),
	    cmocka_unit_test(test_buf_printf_grows),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_long_text_is_cut),
	    cmocka_unit_test(test_problems),
	    cmocka_unit_test(test_arena),
	    cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests_name("util", tests, NULL, NULL);
}
