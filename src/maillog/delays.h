/*
 * delays: what a mail log says about clients that were made to come back.
 * Events go in, in the order of the log; out comes, for each sender domain,
 * which clients were delayed, how often and for how long. Memory is bounded
 * whatever the log: what did not fit is counted. Of addresses no more than a
 * hash is kept, but for the domain.
 */
#ifndef DELAYS_H
#define DELAYS_H

#include "maillog/delayed.h"
#include "maillog/maillog.h"
#include "maillog/reason.h"

#define DELAYS_RETRY_DAYS 5       /* later, nobody tries again */
#define DELAYS_RETURN_HOURS 4     /* of a client that left without a sender */
#define DELAYS_ATTEMPTS 131072    /* that are waited for at a time */
#define DELAYS_MESSAGES 65536     /* queue ids that are followed at a time */
#define DELAYS_SESSIONS 16384     /* of postscreen, at a time */
#define DELAYS_DOMAINS 65536      /* sender domains */
#define DELAYS_CLIENTS 131072     /* pairs of sender domain and client */
#define DELAYS_MILTER_SECONDS 300 /* after which a failed milter works again \
				   */

/* What was seen. */
struct delays_counts {
	uint64_t attempts;   /* that clients were told to repeat */
	uint64_t senders;    /* of these, different senders and recipients */
	uint64_t answered;   /* of these, those that a message followed */
	uint64_t delayed;    /* messages that came later */
	uint64_t no_sender;  /* attempts from <>: bounces */
	uint64_t odd_sender; /* attempts with a sender without a domain */
	uint64_t forgotten;  /* attempts that others had to make room for */
	uint64_t overflow;   /* delays that no room was left for */
	int64_t first, last; /* time stamps of events; 0: none */
};

/* How much is held at a time. */
struct delays_sizes {
	size_t attempts, sessions, messages, domains, clients;
};

extern const struct delays_sizes delays_default_sizes;

struct delays;

/*
 * key: secret bytes for the hashes, so that nobody can aim at a slot. texts:
 * see reasons_init().
 */
struct delays *delays_open(
    const struct delays_sizes *sizes, uint64_t key, const char *texts);
void delays_close(struct delays *d);

void delays_event(struct delays *d, const struct maillog_event *e);

/*
 * The end of the log. Frees what is needed while reading alone. Returns all
 * delayed clients, sorted by domain (as text), then address; *n: their number.
 * They last until delays_close().
 */
struct delayed_client *delays_finish(struct delays *d, size_t *n);

const struct delays_counts *delays_counts(const struct delays *d);

/* The texts of rejects for now, also of those that do not count. */
const struct reasons *delays_reasons(const struct delays *d);

#endif
