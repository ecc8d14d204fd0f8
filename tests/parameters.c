/*
 * parameters: prints what tests/documents compares the documents with, a line
 * each, its parts separated by tabs:
 *
 *	directory	NAME	PATH, as configured
 *	parameter	NAME	DEFAULT
 *	note	KEYWORD
 */
#include <stdio.h>

#include "conf.h"
#include "spf/note.h"

int
main(void)
{
	const char *name, *value;

	printf("directory\tsysconfdir\t%s\n", SYSCONFDIR);
	printf("directory\tdatadir\t%s\n", DATADIR);
	printf("directory\tstatedir\t%s\n", STATEDIR);
	for (size_t i = 0; conf_parameter(i, &name, &value); i++)
		printf("parameter\t%s\t%s\n", name, value);
	for (int kind = 0; kind < NOTE_KINDS; kind++)
		printf("note\t%s\n", note_keyword((enum note_kind)kind));
	return 0;
}
