/*
 * content: what is in a file. Include this after cmocka.h.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdio.h>

static void
expect_content(const char *path, const char *text)
{
	char have[1000];
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(have, 1, sizeof(have) - 1, in);
	have[n] = '\0';
	fclose(in);
	assert_string_equal(have, text);
}

#endif
