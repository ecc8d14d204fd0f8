/*
 * pattern: regular expressions of the program's own, by PCRE2.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/memory.h"

/* Steps of one match; a text that needs more does not match. */
#define STEPS_MAX 1000000

struct pattern {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

struct pattern *
pattern_open(const char *text, bool caseless)
{
	uint32_t options = PCRE2_ANCHORED | PCRE2_EXTENDED;
	struct pattern *p = xcalloc(1, sizeof(*p));
	PCRE2_SIZE at;
	int error;

	if (caseless)
		options |= PCRE2_CASELESS;
	p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
	    options, &error, &at, NULL);
	if (p->code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
		out_of_memory();
	if (p->code == NULL)
		abort(); /* patterns are the program's own */
	/* Faster, unless the system forbids it (MemoryDenyWriteExecute). */
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	p->match = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (p->match == NULL || p->context == NULL)
		out_of_memory();
	pcre2_set_match_limit(p->context, STEPS_MAX);
	return p;
}

void
pattern_close(struct pattern *p)
{
	pcre2_code_free(p->code);
	pcre2_match_data_free(p->match);
	pcre2_match_context_free(p->context);
	free(p);
}

bool
pattern_match(struct pattern *p, const char *text, size_t len)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)text;
	int n =
	    pcre2_jit_match(p->code, subject, len, 0, 0, p->match, p->context);

	/*
	 * Compiled patterns have little stack: a long text needs more. And
	 * where nothing may be compiled, there are none.
	 */
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		n = pcre2_match(p->code, subject, len, 0, PCRE2_NO_JIT,
		    p->match, p->context);
	if (n == PCRE2_ERROR_NOMEMORY)
		out_of_memory();
	return n > 0;
}

const char *
pattern_group(
    const struct pattern *p, const char *text, size_t group, size_t *len)
{
	const PCRE2_SIZE *span =
	    pcre2_get_ovector_pointer(p->match) + 2 * group;

	*len = span[0] == PCRE2_UNSET ? 0 : span[1] - span[0];
	return span[0] == PCRE2_UNSET ? text : text + span[0];
}
