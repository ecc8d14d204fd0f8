/*
 * needs: tests that cannot run everywhere.
 *
 * cmocka's skip() reports "not ok N # SKIP" before 1.1.7, which is a failure to
 * automake. A test that needs something is listed in main() as
 *
 *	NEEDS(geteuid() == 0, "root", test_owner, NULL, NULL),
 *
 * the last two being its set-up and tear-down. Without, it is reported as
 * "ok N - test_owner # SKIP needs root". Include this after cmocka.h.
 */
#ifndef NEEDS_H
#define NEEDS_H

static void
needs_nothing(void **state)
{
	(void)state;
}

#define NEEDS(there, what, test, setup, teardown)                      \
	{                                                              \
		.name = (there) ? #test : #test " # SKIP needs " what, \
		.test_func = (there) ? (test) : needs_nothing,         \
		.setup_func = (there) ? (setup) : NULL,                \
		.teardown_func = (there) ? (teardown) : NULL,          \
	}

#endif
