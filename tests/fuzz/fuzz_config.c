/* A configuration: values, or problems. */
#include <stdlib.h>

#include "base/problems.h"
#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems;
	struct conf config;
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r")
			    : NULL;
	int result;

	if (in == NULL)
		return 0;
	conf_init(&config);
	problems_init(&problems);
	result = conf_read(&config, in, "fuzz", &problems);
	if ((result != 0) != (problems.n > 0))
		abort();
	if (config.threads < 1 || config.min_prefix4 > 32 ||
	    *config.permit_table == '\0')
		abort();
	conf_clear(&config);
	problems_clear(&problems);
	fclose(in);
	return 0;
}
