/*
 * retries: matches the attempts in a mail log that a client had to repeat with
 * the messages that came later. The input is the events of the log in order;
 * the result is, for each sender domain, which clients were delayed, how often
 * and for how long. Memory is bounded for any log: what did not fit is counted.
 * Of mail addresses only a hash and the domain are kept.
 */
#ifndef RETRIES_H
#define RETRIES_H

#include "maillog/delayed.h"
#include "maillog/maillog.h"
#include "maillog/reason.h"

#define RETRIES_DAYS 5             /* later, clients have given up */
#define RETRIES_RETURN_HOURS 4     /* of a client that left without a sender */
#define RETRIES_ATTEMPTS 131072    /* that are waited for at a time */
#define RETRIES_MESSAGES 65536     /* queue ids that are followed at a time */
#define RETRIES_SESSIONS 16384     /* of postscreen, at a time */
#define RETRIES_DOMAINS 65536      /* sender domains */
#define RETRIES_CLIENTS 131072     /* pairs of sender domain and client */
#define RETRIES_CLIENTS_EACH 4     /* of an attempt's repetitions that count */
#define RETRIES_MILTER_SECONDS 300 /* until a failed milter works again */

/* What was seen. */
struct retries_counts {
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
struct retries_sizes {
	size_t attempts, sessions, messages, domains, clients;
};

extern const struct retries_sizes retries_default_sizes;

struct retries;

/* key: secret bytes for the hashes, see hash.h. texts: see reasons_init(). */
struct retries *retries_open(
    const struct retries_sizes *sizes, uint64_t key, const char *texts);
void retries_close(struct retries *d);

/* One event of the log, in order. */
void retries_event(struct retries *d, const struct maillog_event *e);

/*
 * The end of the log. Frees the memory that is needed only while reading.
 * Returns all delayed clients, sorted by domain (as text), then address; *n:
 * their number. They last until retries_close().
 */
struct delayed_client *retries_finish(struct retries *d, size_t *n);

/* What was seen so far; it changes with each event. */
const struct retries_counts *retries_counts(const struct retries *d);

/* The texts of temporary rejects, including those that do not count. */
const struct reasons *retries_reasons(const struct retries *d);

#endif
