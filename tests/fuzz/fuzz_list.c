/* A domain list: whatever it holds, each line gives entries or a problem. */
#include <stdlib.h>

#include "base/problems.h"
#include "expand/list.h"
#include "expand/listfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems;
	struct list list;
	struct list *all[] = {&list};
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r")
			    : NULL;
	int result;

	if (in == NULL)
		return 0;
	list_init(&list);
	problems_init(&problems);
	result = listfile_read(&list, in, "fuzz", &problems);
	if ((result != 0) != (problems.n > 0))
		abort();
	list_ignore(all, 1, NULL);
	list_clear(&list);
	problems_clear(&problems);
	fclose(in);
	return 0;
}
