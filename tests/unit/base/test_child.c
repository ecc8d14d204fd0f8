/*
 * Tests of child: what is written and read through pipes. How programs are
 * found, judged and stopped, test_reload looks at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/memory.h"
#include "base/system.h"

#define LONG 60 /* seconds: it ends by itself before, on any machine */

static void
run_for(unsigned seconds, const char *script, const char *input,
    const char *out, const char *err, const char *reason)
{
	char *words[] = {(char[]){"sh"}, (char[]){"-c"}, xstrdup(script), NULL};
	struct buf o, e, why;
	struct child c = {
	    .seconds = seconds, .input = input, .out = &o, .err = &e};

	buf_init(&o);
	buf_init(&e);
	buf_init(&why);
	buf_puts(&o, "");
	buf_puts(&e, "");
	buf_puts(&why, "");
	assert_int_equal(child_run(&c, words, &why), *reason == '\0' ? 0 : -1);
	assert_string_equal(why.data, reason);
	if (out != NULL)
		assert_string_equal(o.data, out);
	assert_string_equal(e.data, err);
	assert_true(c.started);
	free(words[2]);
	buf_clear(&o);
	buf_clear(&e);
	buf_clear(&why);
}

static void
run(const char *script, const char *input, const char *out, const char *err,
    const char *reason)
{
	run_for(LONG, script, input, out, err, reason);
}

static void
test_pipes(void **state)
{
	size_t size = 300000;
	char *large = xmalloc(size + 1);

	(void)state;
	memset(large, 'x', size);
	large[size] = '\0';
	run("cat", NULL, "", "", "");
	run("cat", "a\nb", "a\nb", "", "");
	run("cat; echo oops >&2; exit 3", "in", "in", "oops\n",
	    "ended with exit status 3");
	run("cat", large, large, "", "");
	run("cat >&2", large, "", large, "");
	/* Nobody reads the input: a broken pipe is no failure of ours. */
	run("exec <&-; echo done", large, "done\n", "", "");
	free(large);
}

static void
test_limits(void **state)
{
	int64_t before = now_ms();

	(void)state;
	run_for(2, "echo a; exec sleep 60", NULL, "a\n", "",
	    "still running after 2 s, killed");
	run_for(2, "exec >&- 2>&-; exec sleep 60", NULL, "", "",
	    "still running after 2 s, killed");
	/* What it leaves behind has our pipe, and is not waited for. */
	run("sleep 60 & echo a", NULL, "a\n", "", "");
	assert_true(now_ms() - before < 30000);
	run("exec yes "
	    "0123456789012345678901234567890123456789012345678901234567",
	    NULL, NULL, "", "wrote more than 16 MB, killed");
}

static void
test_words(void **state)
{
	char **words = child_words(" postconf  -c\t/x ");

	(void)state;
	assert_string_equal(words[0], "postconf");
	assert_string_equal(words[1], "-c");
	assert_string_equal(words[2], "/x");
	assert_null(words[3]);
	free(words);
	words = child_words("");
	assert_null(words[0]);
	free(words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pipes),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
