/*
 * signals: cleans up when a signal ends the program.
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/child.h"
#include "base/memory.h"
#include "table/temp.h"

static void
on_signal(int sig)
{
	int error = errno;

	temp_remove();
	child_signal(sig);
	/* SA_RESETHAND: this one ends the program when the handler returns. */
	kill(getpid(), sig);
	errno = error;
}

void
signals_catch(void)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act, old;

	for (size_t i = 0; i < COUNT(ending); i++) {
		act = (struct sigaction){.sa_handler = on_signal};
		act.sa_flags = (int)SA_RESETHAND;
		sigemptyset(&act.sa_mask);
		/* What nohup or the shell had ignored stays ignored. */
		if (sigaction(ending[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(ending[i], &act, NULL);
	}
	/* A file size limit is an error of write(), like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
}
