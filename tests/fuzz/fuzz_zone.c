/* A zone file or saved answers: what was read once reads the same again. */
#include <stdlib.h>
#include <string.h>

#include "base/problems.h"
#include "base/text.h"
#include "dns/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct answers *
read_text(const void *data, size_t size)
{
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
	struct problems problems;
	struct answers *as;

	if (in == NULL)
		return NULL;
	problems_init(&problems);
	as = zone_read(in, "fuzz", 1767225600, &problems);
	if ((as == NULL) != (problems.n > 0))
		abort();
	problems_clear(&problems);
	fclose(in);
	return as;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answers *as = size > 0 ? read_text(data, size) : NULL;
	struct answers *again;
	struct buf first, second;

	if (as == NULL)
		return 0;
	buf_init(&first);
	buf_init(&second);
	zone_write(&first, as);
	again = read_text(first.data, first.len);
	if (again == NULL)
		abort();
	zone_write(&second, again);
	if (first.len != second.len ||
	    memcmp(first.data, second.data, first.len) != 0)
		abort();
	buf_clear(&first);
	buf_clear(&second);
	answers_close(again);
	answers_close(as);
	return 0;
}
