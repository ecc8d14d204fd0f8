/*
 * queue: batches of work between threads.
 */
#include "dns/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int
queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	if (pipe(q->pipe) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(q->pipe[i], F_SETFD, FD_CLOEXEC) != 0)
			return -1;
	errno = pthread_mutex_init(&q->mutex, NULL);
	return errno == 0 ? 0 : -1;
}

void
queue_clear(struct queue *q)
{
	struct batch *b = q->first;

	while (b != NULL) {
		struct batch *next = b->next;

		free(b);
		b = next;
	}
	close(q->pipe[0]);
	close(q->pipe[1]);
	pthread_mutex_destroy(&q->mutex);
}

/*
 * The pipe holds one byte while the queue holds batches. Both sides hold the
 * mutex, so neither a read nor a write of the pipe ever blocks.
 */
static void
signal_not_empty(struct queue *q)
{
	ssize_t n;

	do
		n = write(q->pipe[1], "", 1);
	while (n < 0 && errno == EINTR);
}

static void
signal_empty(struct queue *q)
{
	ssize_t n;
	char c;

	do
		n = read(q->pipe[0], &c, 1);
	while (n < 0 && errno == EINTR);
}

void
queue_put(struct queue *q, struct batch *b)
{
	b->next = NULL;
	pthread_mutex_lock(&q->mutex);
	if (q->first == NULL)
		signal_not_empty(q);
	*q->last = b;
	q->last = &b->next;
	pthread_mutex_unlock(&q->mutex);
}

struct batch *
queue_get(struct queue *q)
{
	struct batch *b;

	pthread_mutex_lock(&q->mutex);
	b = q->first;
	if (b != NULL) {
		q->first = b->next;
		if (q->first == NULL) {
			q->last = &q->first;
			signal_empty(q);
		}
	}
	pthread_mutex_unlock(&q->mutex);
	return b;
}

struct batch *
queue_get_all(struct queue *q)
{
	struct batch *b;

	pthread_mutex_lock(&q->mutex);
	b = q->first;
	if (b != NULL) {
		q->first = NULL;
		q->last = &q->first;
		signal_empty(q);
	}
	pthread_mutex_unlock(&q->mutex);
	return b;
}

int
queue_fd(const struct queue *q)
{
	return q->pipe[0];
}
