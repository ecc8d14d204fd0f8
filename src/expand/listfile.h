/*
 * listfile: domain lists from files: those of a configuration, with patterns,
 * or those of the command line.
 */
#ifndef LISTFILE_H
#define LISTFILE_H

#include <stdio.h>

#include "base/problems.h"
#include "expand/list.h"

/*
 * Adds all lines of an open file to a list; file: its name in messages. The
 * problems contain the first PROBLEMS_SHOWN of the file, and how many more it
 * has. Returns 0, or -1 if it has any.
 */
int listfile_read(
    struct list *l, FILE *in, const char *file, struct problems *problems);

/*
 * Adds the lists that a configuration names: paths and glob patterns,
 * separated by white space or commas. A pattern without a match is ignored, a
 * missing file is a problem. Returns as above.
 */
int listfile_read_paths(
    struct list *l, const char *paths, struct problems *problems);

/* Adds one file, "-" for standard input. Returns as above. */
int listfile_read_path(
    struct list *l, const char *path, struct problems *problems);

#endif
