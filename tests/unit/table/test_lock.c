/*
 * Tests of lock and marker: two files of the state directory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "base/system.h"
#include "table/lock.h"
#include "table/marker.h"
#include "../directory.h"

static int
lock_again(void)
{
	struct buf why;
	int fd;

	buf_init(&why);
	buf_puts(&why, "");
	fd = lock_take("dir/lock", 0, &why);
	return fd != -1 ? 0 : strstr(why.data, "another run") != NULL ? 1 : 2;
}

static void
test_lock(void **state)
{
	const char *dir = *state;
	int64_t start = now_ms();
	struct buf why;
	struct stat st;
	int64_t took;
	char *reason;
	int fd;

	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("dir", OTHER, OTHER), 0);
	buf_init(&why);
	fd = lock_take("dir/lock", 0, &why);
	assert_int_not_equal(fd, -1);
	assert_int_equal(stat("dir/lock", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	/* The service user can take a lock that root has made. */
	assert_int_equal(in_child(lock_again), 1);
	assert_int_equal(lock_take("dir/lock", 1, &why), -1);
	assert_string_equal(
	    why.data, "dir/lock: another run holds the lock; waited 1 s");
	took = now_ms() - start;
	assert_true(took >= 1000 && took <= 5000);
	close(fd);
	assert_int_equal(in_child(lock_again), 0);

	buf_clear(&why);
	assert_int_equal(lock_take("none/lock", 0, &why), -1);
	assert_string_equal(why.data,
	    "none/lock: cannot open its directory: No such file or directory");
	buf_clear(&why);
	assert_int_equal(symlink("dir/lock", "link"), 0);
	assert_int_equal(lock_take("link", 0, &why), -1);
	reason =
	    xasprintf("link: cannot open the lock file: %s", strerror(ELOOP));
	assert_string_equal(why.data, reason);
	free(reason);
	buf_clear(&why);
}

static void
test_marker(void **state)
{
	struct buf why;

	(void)state;
	buf_init(&why);
	assert_false(marker_exists("reload.pending"));
	assert_int_equal(marker_remove("reload.pending", &why), 0);
	assert_int_equal(marker_make("reload.pending", &why), 0);
	assert_true(marker_exists("reload.pending"));
	assert_int_equal(marker_make("reload.pending", &why), 0);
	assert_int_equal(marker_remove("reload.pending", &why), 0);
	assert_false(marker_exists("reload.pending"));
	assert_int_equal(why.len, 0);
	assert_int_equal(marker_make("none/reload.pending", &why), -1);
	assert_string_equal(why.data,
	    "none/reload.pending: cannot open its directory: No such file or "
	    "directory");
	buf_clear(&why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_DIR(test_lock),
	    IN_DIR(test_marker),
	};

	umask(022);
	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
