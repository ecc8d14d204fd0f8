/*
 * Tests of logtime: time stamps with and without a year.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "maillog/logtime.h"

#define NOW 1795341600 /* 2026-11-22 10:00:00 UTC */

/* The time of a line, after others. */
static int64_t
time_of(struct logtime *l, const char *line)
{
	int64_t t = -1;

	return logtime_read(l, line, strlen(line), &t) > 0 ? t : -1;
}

static void
test_time(void **state)
{
	static const struct {
		const char *line;
		int64_t t;
	} times[] = {
	    {"2026-11-22T10:00:00Z", NOW},
	    {"2026-11-22T10:00:00.123456+00:00 mx", NOW},
	    {"2026-11-22T11:30:00+01:30", NOW},
	    {"2026-11-22T05:00:00.5-0500", NOW},
	    {"1970-01-01T00:00:00Z", 0},
	    {"2000-02-29T12:00:00Z", 951825600},
	    {"2100-03-01T00:00:00Z", 4107542400},
	    {"2026-11-22T10:00:00", NOW},
	    {"2026-11-22 10:00:00", NOW},
	    {"2026-11-22 10:00:00,123 mx", NOW},
	    {"2026-11-22 11:00:00 +0100 mx", NOW},
	    {"2026-11-22 10:00:00 UTC mx", NOW},
	    {"2026/11/22 10:00:00 mx", NOW},
	    {"Sun 2026-11-22 10:00:00 CET mx", NOW},
	    {"Sun 2026-11-22 10:00:00 UTC mx", NOW},
	    {"Sun 2026-11-22 07:00:00 -03 mx", NOW},
	    {"Sun 2026-11-22 10:00:00.123456 CEST mx", NOW},
	    {"Sun Nov 22 10:00:00 mx", NOW},
	    {"1795341600.123456 mx", NOW},
	    {"1795341600 mx", NOW},
	    {"Nov 22 10:00:00.123456 mx", NOW},
	    {"Nov 22 2026 10:00:00 mx", NOW},
	    {"2026 Nov 22 10:00:00 mx", NOW},
	    {"nov. 22 10:00:00 mx", NOW},
	    {"\xd0\xbd\xd0\xbe\xd1\x8f 22 10:00:00 mx", NOW},
	    {"11\xe6\x9c\x88 22 10:00:00 mx", NOW},
	    {"d\xc3\xa9"
	     "c.  2 10:00:00 mx",
		NOW - 355 * 86400},
	    {"M\xc3\xa4r 22 10:00:00 mx", NOW - 245 * 86400},
	    {"2026-11-22T10:00:00+1", -1},
	    {"2026-11-22T10:00:00+24:00", -1},
	    {"2026-11-22T10:00:00+01:60", -1},
	    {"2026-11-22T10:00:00+0x00", -1},
	    {"20x6-11-22T10:00:00Z", -1},
	    {"2026-11-22 10:00:00Z", NOW},
	    {"2026-11-22 10:00:00Z+", -1},
	    {"2026-13-22T10:00:00Z", -1},
	    {"1969-11-22T10:00:00Z", -1},
	    {"Nov 22 10:00:00", NOW},
	    {"Nov  2 10:00:00", NOW - 20 * 86400},
	    {"Nov 2 10:00:00", NOW - 20 * 86400},
	    {"Nov 22 10:00:60", NOW + 60},
	    {"Nov 22 10:60:00", -1},
	    {"Nov 32 10:00:00", -1},
	    {"Nov  0 10:00:00", -1},
	    {"Nov -2 10:00:00", -1},
	    {"Nix 22 10:00:00", -1},
	    {"Nov 22 10:00:0", -1},
	    {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct logtime l;
		int64_t t;

		logtime_init(&l, NOW);
		t = time_of(&l, times[i].line);
		if (t != times[i].t)
			fail_msg("%s: %lld", times[i].line, (long long)t);
	}
}

/* Time stamps of syslog have no year. */
static void
test_year(void **state)
{
	struct logtime l;
	int64_t t;

	(void)state;
	logtime_init(&l, NOW);
	/* A log begins in the past; tomorrow is possible, clocks differ. */
	assert_int_equal(time_of(&l, "Dec 31 23:59:59"), INT64_C(1767225599));
	assert_int_equal(time_of(&l, "Jan  1 00:00:00"), 1767225600);
	/* And back, where a newer file came first. */
	assert_int_equal(time_of(&l, "Dec 31 23:59:59"), 1767225599);
	t = time_of(&l, "2024-02-28T00:00:00Z");
	assert_int_equal(time_of(&l, "Feb 29 00:00:00"), t + 86400);
	assert_int_equal(time_of(&l, "Mar  1 00:00:00"), t + 2 * 86400);
	logtime_init(&l, NOW);
	assert_int_equal(time_of(&l, "Nov 23 09:00:00"), NOW + 23 * 3600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
