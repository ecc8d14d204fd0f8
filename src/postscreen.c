/*
 * postscreen: the processes of it that run, by Linux' /proc. Elsewhere there
 * are none to be seen.
 */
#include "postscreen.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* What /proc/PID/stat says of a process, proc(5). */
struct process {
	char name[64];
	char state;
	long parent;
	unsigned long long start; /* clock ticks since the system started */
};

static bool
read_process(const char *pid, struct process *p)
{
	char *path = xasprintf("/proc/%s/stat", pid), text[1024], *open, *close;
	FILE *in = fopen(path, "re");
	size_t n = 0;

	free(path);
	if (in != NULL) {
		n = fread(text, 1, sizeof(text) - 1, in);
		fclose(in);
	}
	text[n] = '\0';
	/* The name is in parentheses, and may have some itself. */
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open == NULL || close == NULL || close < open)
		return false;
	*close = '\0';
	snprintf(p->name, sizeof(p->name), "%s", open + 1);
	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers */
	return sscanf(close + 1,
		   " %c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
		   "%*d %*d %*d %*d %*d %llu",
		   &p->state, &p->parent, &p->start) == 3;
}

/*
 * The process of master(8), by its lock file; 0: this user may not read that;
 * -1: there is none, so that this Postfix never ran.
 */
static long
master_of(const char *queue_directory)
{
	char *path = xasprintf("%s/pid/master.pid", queue_directory);
	FILE *in = fopen(path, "re");
	long pid = in == NULL && errno == ENOENT ? -1 : 0;

	free(path);
	if (in != NULL) {
		/* NOLINTNEXTLINE(cert-err34-c): it only has to be a process */
		if (fscanf(in, "%ld", &pid) != 1)
			pid = 0;
		fclose(in);
	}
	return pid;
}

/* Clock ticks since the system started, as milliseconds since 1970. */
static int64_t
wall_time(unsigned long long ticks)
{
#ifdef CLOCK_BOOTTIME
	struct timespec now, up;
	long hertz = sysconf(_SC_CLK_TCK);

	if (hertz > 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    clock_gettime(CLOCK_BOOTTIME, &up) == 0)
		return (int64_t)(now.tv_sec - up.tv_sec) * 1000 +
		       (now.tv_nsec - up.tv_nsec) / 1000000 +
		       (int64_t)(ticks * 1000 / (unsigned long long)hertz);
#else
	(void)ticks;
#endif
	return -1;
}

/*
 * Whether it is one that takes connections: after a reload the old one is no
 * child of master any more.
 */
static bool
is_postscreen(const struct process *p, long master)
{
	struct process parent;
	char pid[32];

	if (strcmp(p->name, "postscreen") != 0 || p->state == 'Z')
		return false;
	if (master > 0)
		return p->parent == master;
	snprintf(pid, sizeof(pid), "%ld", p->parent);
	return read_process(pid, &parent) && strcmp(parent.name, "master") == 0;
}

int64_t
postscreen_started(const char *queue_directory)
{
	long master = master_of(queue_directory);
	DIR *dir = master != -1 ? opendir("/proc") : NULL;
	int64_t oldest = -1;
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct process p;
		int64_t started;

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    !read_process(e->d_name, &p) || !is_postscreen(&p, master))
			continue;
		started = wall_time(p.start);
		if (oldest == -1 || started < oldest)
			oldest = started;
	}
	if (dir != NULL)
		closedir(dir);
	return oldest;
}
