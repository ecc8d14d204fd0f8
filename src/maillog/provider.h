/*
 * provider: the names that senders' records include, and which of the senders'
 * clients these permit. The inside of advice.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "base/memory.h"
#include "maillog/advice.h"

/* An open client that a provider's record permits. */
struct cover {
	uint32_t sender;
	struct delayed_client *client;
};

/* A name that brings clients in: a sender's own, or one that it includes. */
struct provider {
	const uint8_t *name;
	struct cover *covers;
	size_t n, cap;
	int64_t seconds; /* that these waited */
};

struct providers {
	struct provider *v; /* largest first */
	size_t n, cap;
	struct arena names;
};

/*
 * Finds the providers of the senders that are not settled. answers: those that
 * the evaluator works with. The caller clears them.
 */
void providers_find(struct providers *p, const struct advice *a,
    struct evaluator *ev, const struct answers *answers);
void providers_clear(struct providers *p);

#endif
