/*
 * temp: the temporary file that becomes a new file, one at a time. It is
 * removed in the end, even if the program is killed.
 */
#ifndef TEMP_H
#define TEMP_H

/*
 * Makes the temporary file for a file of that name in an open directory,
 * which stays open until temp_rename() or temp_remove(). First removes those
 * that killed runs left for the same name. Mode 0600. Returns a descriptor
 * for writing, which must stay open until temp_rename(); or -1 with errno.
 */
int temp_make(int dir, const char *name);

/* Removes those that killed runs left for a file of that name in in. */
void temp_clean(int in, const char *name);

/* Gives it the name. Returns 0, or -1 with errno; it is still there then. */
int temp_rename(void);

/* Removes it, unless it was renamed; safe in a signal handler. */
void temp_remove(void);

#endif
