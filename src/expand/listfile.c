/*
 * listfile: domain lists from files.
 */
#include "expand/listfile.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define SEPARATORS BLANKS "," /* between paths */
/*
 * What glob() takes for some hundred lists. That of glibc frees the names that
 * it found twice if it gets no memory for them (prefix_array() in glob.c).
 */
#define GLOB_NEEDS ((size_t)256 * 1024)

int
listfile_read(
    struct list *l, FILE *in, const char *file, struct problems *problems)
{
	size_t cap = 0, size = strlen(file) + 1, more = 0;
	size_t shown = problems->n + PROBLEMS_SHOWN;
	char *text = NULL, *name = arena_alloc(&l->texts, size);
	unsigned line = 0;
	int result = 0;
	ssize_t len;

	memcpy(name, file, size);
	errno = 0;
	while ((len = xgetline(&text, &cap, in)) != -1) {
		size_t mark =
		    line == 0 ? byte_order_mark(text, (size_t)len) : 0;

		line++;
		if (has_lone_cr(text, (size_t)len)) {
			problems_add(problems, "%s:%u: " LONE_CR, file, line);
			result = -1;
		} else if (list_add_line(l, name, line, text + mark,
			       (size_t)len - mark, problems) != 0)
			result = -1;
		more += problems_cut(problems, shown);
	}
	problems_add_more(problems, file, more, "a domain list");
	if (!feof(in)) {
		problems_add(problems, "%s: %s", file, strerror(errno));
		result = -1;
	}
	free(text);
	return result;
}

/*
 * Packaged lists that no longer exist, and the lists that have their senders
 * now, for configurations that still name them.
 */
static const char *const successors[][2] = {
    {"webmail.list", "mailbox.list, gateway.list and static.list"},
    {"social.list", "services.list and static.list"},
    {"commerce.list", "services.list"},
    {"misc.list", "services.list and static.list"},
};

/* Whether the packaged list of today is in the directory of that path. */
static bool
is_packaged(const char *path, size_t dir_len)
{
	struct buf sibling;
	bool is;

	buf_init(&sibling);
	buf_printf(&sibling, "%.*smailbox.list", (int)dir_len, path);
	is = access(sibling.data, F_OK) == 0;
	buf_clear(&sibling);
	return is;
}

/* A file could not be opened, for the reason in errno. */
static void
add_unopened(const char *path, struct problems *problems)
{
	const char *slash = strrchr(path, '/'), *reason = strerror(errno);
	const char *name = slash == NULL ? path : slash + 1;
	bool missing = errno == ENOENT;

	for (size_t i = 0; missing && i < COUNT(successors); i++) {
		if (strcmp(name, successors[i][0]) != 0 ||
		    !is_packaged(path, (size_t)(name - path)))
			continue;
		problems_add(problems,
		    "%s: %s: the senders of this packaged list are now in %s",
		    path, reason, successors[i][1]);
		return;
	}
	problems_add(problems, "%s: %s", path, reason);
}

/* Remembers which file was read. */
static void
remember_file(struct list *l, FILE *in)
{
	struct stat st;

	if (fstat(fileno(in), &st) != 0)
		return;
	l->files = grow(l->files, l->nfiles, &l->files_cap, sizeof(*l->files));
	l->files[l->nfiles].dev = st.st_dev;
	l->files[l->nfiles++].ino = st.st_ino;
}

static int
read_path(struct list *l, const char *path, struct problems *problems)
{
	FILE *in = fopen(path, "re");
	int result;

	if (in == NULL) {
		exit_if_exhausted(path);
		add_unopened(path, problems);
		return -1;
	}
	remember_file(l, in);
	result = listfile_read(l, in, path, problems);
	fclose(in);
	return result;
}

int
listfile_read_path(struct list *l, const char *path, struct problems *problems)
{
	return strcmp(path, "-") == 0
		   ? listfile_read(l, stdin, "(standard input)", problems)
		   : read_path(l, path, problems);
}

/*
 * Why glob() could not read a directory, or 0. That of musl does not even say
 * that it could not.
 */
static int unreadable;

/* A directory that glob() cannot look into may hold lists. */
static int
is_unreadable(const char *directory, int error)
{
	errno = error;
	exit_if_exhausted(directory);
	if (error == ENOENT || error == ENOTDIR)
		return 0;
	unreadable = error;
	return -1;
}

/*
 * A pattern may match nothing, but its directory must exist: a missing one may
 * have had exclusions in it.
 */
static int
check_directory(const char *pattern, struct problems *problems)
{
	size_t len = strcspn(pattern, "*?[");
	struct stat st;
	char *dir;
	int result = 0;

	while (len > 0 && pattern[len - 1] != '/')
		len--;
	if (len == 0)
		return 0;
	dir = xstrndup(pattern, len);
	if (stat(dir, &st) != 0) {
		exit_if_exhausted(pattern);
		problems_add(
		    problems, "%s: %s: %s", pattern, dir, strerror(errno));
		result = -1;
	}
	free(dir);
	return result;
}

/* Adds the files that a pattern names, in the order of their names. */
static int
read_pattern(struct list *l, const char *pattern, struct problems *problems)
{
	glob_t found;
	int result = 0;

	unreadable = 0;
	ensure_memory(GLOB_NEEDS);
	switch (glob(pattern, 0, is_unreadable, &found)) {
	case 0:
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (read_path(l, found.gl_pathv[i], problems) != 0)
				result = -1;
		globfree(&found);
		return result;
	case GLOB_NOMATCH:
		if (unreadable == 0)
			return check_directory(pattern, problems);
		break;
	case GLOB_NOSPACE:
		out_of_memory();
	default:
		break;
	}
	problems_add(problems,
	    "%s: cannot read a directory of this pattern: %s", pattern,
	    strerror(unreadable));
	return -1;
}

int
listfile_read_paths(
    struct list *l, const char *paths, struct problems *problems)
{
	int result = 0;

	while (*(paths += strspn(paths, SEPARATORS)) != '\0') {
		size_t len = strcspn(paths, SEPARATORS);
		char *path = xstrndup(paths, len);
		int r = strpbrk(path, "*?[") != NULL
			    ? read_pattern(l, path, problems)
			    : read_path(l, path, problems);

		if (r != 0)
			result = -1;
		free(path);
		paths += len;
	}
	return result;
}
