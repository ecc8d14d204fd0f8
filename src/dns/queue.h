/*
 * queue: batches of work between threads. Its read end can be polled: it is
 * readable as long as there is a batch.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <pthread.h>

/* What a queue holds begins with this. */
struct batch {
	struct batch *next;
};

struct queue {
	pthread_mutex_t mutex;
	struct batch *first, **last;
	int pipe[2];
};

/* Returns 0, or -1 with errno. */
int queue_init(struct queue *q);

/* Frees the batches that are still in it, not what they refer to. */
void queue_clear(struct queue *q);

void queue_put(struct queue *q, struct batch *b);

/* Takes the first batch; NULL if there is none. */
struct batch *queue_get(struct queue *q);

/* Takes all of them, linked by next. */
struct batch *queue_get_all(struct queue *q);

/* A descriptor that is readable while the queue is not empty. */
int queue_fd(const struct queue *q);

#endif
