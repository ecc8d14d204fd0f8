/*
 * Tests of install: what stands after success and after every kind of
 * failure, in a new directory for each test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "signals.h"
#include "table/install.h"
#include "../directory.h"
#include "../needs.h"

static enum install_result
install(const char *path, const char *text, struct buf *why)
{
	return install_file(path, text, strlen(text), why);
}

static void
expect_failure(const char *path, const char *text, const char *reason)
{
	struct buf why;

	buf_init(&why);
	assert_int_equal(install(path, text, &why), INSTALL_FAILED);
	assert_string_equal(why.data, reason);
	buf_clear(&why);
}

static void
expect_success(const char *path, const char *text, enum install_result r)
{
	struct buf why;

	buf_init(&why);
	assert_int_equal(install(path, text, &why), r);
	assert_int_equal(why.len, 0);
	buf_clear(&why);
}

static void
put(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* How many files the directory has. */
static int
count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..");
	closedir(dir);
	return n;
}

/* 0, or what is wrong, for in_child(). */
static int
try_install(const char *path, const char *text, enum install_result result,
    const char *reason)
{
	struct buf why;
	int wrong;

	buf_init(&why);
	buf_puts(&why, "");
	wrong = install(path, text, &why) != result ? 1
		: strcmp(why.data, reason) != 0     ? 2
						    : 0;
	if (wrong)
		fprintf(stderr, "%s\n", why.data);
	buf_clear(&why);
	return wrong;
}

static void
test_new_file(void **state)
{
	mode_t mask = umask(0077);
	struct stat st, dir;

	(void)state;
	expect_success("table", "one\n", INSTALL_REPLACED);
	umask(mask);
	expect_content("table", "one\n");
	assert_int_equal(stat("table", &st), 0);
	assert_int_equal(stat(".", &dir), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(st.st_uid, dir.st_uid);
	assert_int_equal(count_files("."), 1);
}

static void
test_new_file_belongs_to_the_directorys_owner(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(chown("dir", OTHER, 4321), 0);
	expect_success("dir/table", "one\n", INSTALL_REPLACED);
	assert_int_equal(stat("dir/table", &st), 0);
	assert_int_equal(st.st_uid, OTHER);
	assert_int_equal(st.st_gid, 4321);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
}

static void
test_unchanged_is_not_touched(void **state)
{
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct stat before, after;

	(void)state;
	put("table", "one\n");
	assert_int_equal(utimensat(AT_FDCWD, "table", old, 0), 0);
	assert_int_equal(stat("table", &before), 0);
	expect_success("table", "one\n", INSTALL_UNCHANGED);
	assert_int_equal(stat("table", &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mtime, 1000);
	assert_int_equal(after.st_ctime, before.st_ctime);
}

static enum install_result
compared(const char *path, const char *data, size_t len)
{
	enum install_result result;
	struct buf why;

	buf_init(&why);
	result = install_compare(path, data, len, &why);
	assert_int_equal(why.len, 0);
	buf_clear(&why);
	return result;
}

static void
test_compare(void **state)
{
	const size_t large = 200000;
	char *data = xcalloc(large + 1, 1);
	struct buf why;

	(void)state;
	assert_int_equal(compared("table", "one\n", 4), INSTALL_REPLACED);
	put("table", "one\n");
	assert_int_equal(compared("table", "one\n", 4), INSTALL_UNCHANGED);
	assert_int_equal(compared("table", "two\n", 4), INSTALL_REPLACED);
	assert_int_equal(compared("table", "one", 3), INSTALL_REPLACED);
	assert_int_equal(compared("table", "one\n\n", 5), INSTALL_REPLACED);
	assert_int_equal(compared("table", NULL, 0), INSTALL_REPLACED);
	put("table", "");
	assert_int_equal(compared("table", NULL, 0), INSTALL_UNCHANGED);

	buf_init(&why);
	assert_int_equal(
	    install_file("table", data, large, &why), INSTALL_REPLACED);
	buf_clear(&why);
	assert_int_equal(compared("table", data, large), INSTALL_UNCHANGED);
	assert_int_equal(compared("table", data, large + 1), INSTALL_REPLACED);
	assert_int_equal(compared("table", data, large - 1), INSTALL_REPLACED);
	data[large - 1] = 'x';
	assert_int_equal(compared("table", data, large), INSTALL_REPLACED);
	free(data);
	assert_int_equal(count_files("."), 1);
}

static void
test_mode_and_owner_are_kept(void **state)
{
	bool root = geteuid() == 0;
	struct stat st;

	(void)state;
	put("table", "one\n");
	if (root)
		assert_int_equal(chown("table", OTHER, 4321), 0);
	assert_int_equal(chmod("table", 0460), 0);
	if (!root)
		assert_int_equal(chmod("table", 0660), 0);
	expect_success("table", "two\n", INSTALL_REPLACED);
	expect_content("table", "two\n");
	assert_int_equal(stat("table", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | (root ? 0460 : 0660));
	assert_int_equal(st.st_uid, root ? OTHER : geteuid());
	if (root)
		assert_int_equal(st.st_gid, 4321);
}

static int
replace_public(void)
{
	return try_install("dir/table", "two\n", INSTALL_REPLACED, "");
}

static int
replace_private(void)
{
	return try_install("dir/private", "two\n", INSTALL_FAILED,
	    "dir/private: cannot keep its owner and mode: Operation not "
	    "permitted");
}

/* An ordinary user replaces files of root in a directory of his own. */
static void
test_owner_that_cannot_be_kept(void **state)
{
	const char *dir = *state;
	struct stat st;

	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(chown("dir", OTHER, OTHER), 0);
	put("dir/table", "one\n");
	assert_int_equal(chmod("dir/table", 0664), 0);
	put("dir/private", "one\n");
	assert_int_equal(chown("dir/private", 0, OTHER), 0);
	assert_int_equal(chmod("dir/private", 0660), 0);

	assert_int_equal(in_child(replace_public), 0);
	expect_content("dir/table", "two\n");
	assert_int_equal(stat("dir/table", &st), 0);
	assert_int_equal(st.st_uid, OTHER);
	assert_int_equal(st.st_mode, S_IFREG | 0644);

	assert_int_equal(in_child(replace_private), 0);
	expect_content("dir/private", "one\n");
	assert_int_equal(count_files("dir"), 2);
}

static void
test_symbolic_links(void **state)
{
	char target[100], *reason;

	(void)state;
	assert_int_equal(mkdir("a", 0755), 0);
	assert_int_equal(mkdir("b", 0755), 0);
	assert_int_equal(symlink("../b/link", "a/table"), 0);
	assert_int_equal(symlink("real", "b/link"), 0);
	expect_success("a/table", "one\n", INSTALL_REPLACED);
	expect_content("b/real", "one\n");
	expect_success("a/table", "one\n", INSTALL_UNCHANGED);
	expect_success("a/table", "two\n", INSTALL_REPLACED);
	expect_content("b/real", "two\n");
	assert_int_equal(readlink("a/table", target, sizeof(target)), 9);
	assert_int_equal(readlink("b/link", target, sizeof(target)), 4);
	assert_int_equal(count_files("a"), 1);
	assert_int_equal(count_files("b"), 2);

	assert_int_equal(symlink("loop", "loop"), 0);
	/* The words for the errors differ between systems. */
	reason = xasprintf(
	    "loop: cannot follow the symbolic link: %s", strerror(ELOOP));
	expect_failure("loop", "one\n", reason);
	free(reason);
}

static void
test_symbolic_link_of_another_user(void **state)
{
	struct buf why;

	(void)state;
	put("real", "one\n");
	assert_int_equal(symlink("real", "table"), 0);
	assert_int_equal(lchown("table", OTHER, OTHER), 0);
	expect_failure("table", "two\n",
	    "table: not followed: a symbolic link that belongs neither to "
	    "root nor to the caller");
	expect_content("real", "one\n");
	buf_init(&why);
	assert_int_equal(
	    install_compare("table", "one\n", 4, &why), INSTALL_FAILED);
	buf_clear(&why);
}

static void
test_open(void **state)
{
	struct buf why;
	FILE *in;

	(void)state;
	buf_init(&why);
	assert_null(install_open("table", &why));
	assert_int_equal(why.len, 0);
	put("table", "one\n");
	in = install_open("table", &why);
	assert_non_null(in);
	assert_int_equal(getc(in), 'o');
	fclose(in);
	/* A hole costs nobody a byte, and would be read as one line. */
	assert_int_equal(truncate("table", (off_t)INSTALL_READ_MAX + 1), 0);
	assert_null(install_open("table", &why));
	assert_string_equal(why.data, "table: larger than 1024 MB");
	buf_clear(&why);
}

static void
test_other_kinds_of_files(void **state)
{
	(void)state;
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(mkfifo("fifo", 0644), 0);
	expect_failure("dir", "one\n", "dir: not a regular file");
	expect_failure("dir/", "one\n", "dir/: not a regular file");
	expect_failure("fifo", "one\n", "fifo: not a regular file");
	expect_failure("/dev/null", "one\n", "/dev/null: not a regular file");
	expect_failure("none/table", "one\n",
	    "none/table: cannot open its directory: No such file or "
	    "directory");
	put("file", "");
	expect_failure("file/table", "one\n",
	    "file/table: cannot examine: Not a directory");
	expect_failure("", "one\n", ": not a regular file");
}

static int
install_where_not_writable(void)
{
	return try_install("dir/table", "two\n", INSTALL_FAILED,
		   "dir/table: cannot create a temporary file in its "
		   "directory: Permission denied") +
	       try_install("dir/table", "one\n", INSTALL_UNCHANGED, "") +
	       try_install("dir/secret", "one\n", INSTALL_FAILED,
		   "dir/secret: cannot read: Permission denied");
}

static void
test_directory_not_writable(void **state)
{
	const char *dir = *state;

	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
	put("dir/table", "one\n");
	put("dir/secret", "one\n");
	assert_int_equal(chmod("dir/secret", 0), 0);
	assert_int_equal(chmod("dir", 0555), 0);
	assert_int_equal(in_child(install_where_not_writable), 0);
	expect_content("dir/table", "one\n");
	assert_int_equal(count_files("dir"), 2);
}

static int
install_more_than_fits(void)
{
	const struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
	char text[1000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	signals_catch();
	if (setrlimit(RLIMIT_FSIZE, &limit) == -1)
		return 9;
	return try_install("dir/table", text, INSTALL_FAILED,
	    "dir/table: cannot write: File too large");
}

/* A limit stands in for a full disk. */
static void
test_no_room(void **state)
{
	const char *dir = *state;

	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(chmod("dir", 0777), 0);
	put("dir/table", "one\n");
	assert_int_equal(in_child(install_more_than_fits), 0);
	expect_content("dir/table", "one\n");
	assert_int_equal(count_files("dir"), 1);
}

static void
test_stale_temporary_files(void **state)
{
	int fd;

	(void)state;
	put(".table.postpermit-00beef", "of a killed run");
	put(".table.postpermit-00cafe", "of a run that goes on");
	put(".table.postpermit-00beefs", "of somebody else");
	put(".table.postpermit-00bee", "of somebody else");
	put(".table.postpermit-tables", "of somebody else");
	put(".other.postpermit-00beef", "of another table");
	fd = open(".table.postpermit-00cafe", O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	expect_success("table", "one\n", INSTALL_REPLACED);
	assert_int_equal(access(".table.postpermit-00beef", F_OK), -1);
	assert_int_equal(count_files("."), 6);
	close(fd);
	expect_success("table", "two\n", INSTALL_REPLACED);
	assert_int_equal(count_files("."), 5);
}

static int ending;

static void
raise_ending(int sig)
{
	(void)sig;
	raise(ending);
}

/* Ends a child in the middle of a write: at its file size limit. */
static void
interrupt(int sig)
{
	const struct rlimit half = {1 << 20, 1 << 20};
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		char *data = xcalloc(2, 1 << 20);
		struct buf why;

		/* What a background job ignores would stay ignored. */
		signal(sig, SIG_DFL);
		signals_catch();
		ending = sig;
		signal(SIGXFSZ, raise_ending);
		setrlimit(RLIMIT_FSIZE, &half);
		buf_init(&why);
		install_file("table", data, 2 << 20, &why);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
}

static void
test_signals(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};

	(void)state;
	put("table", "one\n");
	for (size_t i = 0; i < COUNT(signals); i++) {
		interrupt(signals[i]);
		expect_content("table", "one\n");
		assert_int_equal(
		    count_files("."), signals[i] == SIGKILL ? 2 : 1);
	}
	expect_success("table", "two\n", INSTALL_REPLACED);
	assert_int_equal(count_files("."), 1);
}

#define AS_ROOT(f) NEEDS(geteuid() == 0, "root", f, enter_dir, leave_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_DIR(test_new_file),
	    AS_ROOT(test_new_file_belongs_to_the_directorys_owner),
	    IN_DIR(test_unchanged_is_not_touched),
	    IN_DIR(test_compare),
	    IN_DIR(test_mode_and_owner_are_kept),
	    AS_ROOT(test_owner_that_cannot_be_kept),
	    IN_DIR(test_symbolic_links),
	    AS_ROOT(test_symbolic_link_of_another_user),
	    IN_DIR(test_open),
	    IN_DIR(test_other_kinds_of_files),
	    IN_DIR(test_directory_not_writable),
	    IN_DIR(test_no_room),
	    IN_DIR(test_stale_temporary_files),
	    IN_DIR(test_signals),
	};

	umask(022);
	return cmocka_run_group_tests_name("install", tests, NULL, NULL);
}
