/*
 * query: the lookups that a resolver thread has in flight: attempts, time-outs,
 * the choice of servers, and the meaning of answers. udp and tcp carry the
 * messages. The result of each lookup goes into a batch of replies.
 *
 * Each attempt has a deadline and is in the list of its time-out. All attempts
 * in a list wait equally long, so the list is in the order of the deadlines. An
 * attempt waits in its list twice, half of its time-out each.
 */
#ifndef QUERY_H
#define QUERY_H

#include "base/name.h"
#include "dns/lookup.h"
#include "dns/pace.h"
#include "dns/server.h"
#include "dns/tcp.h"
#include "dns/udp.h"
#include "dns/wire.h"

#define TIMEOUT_STEPS 3 /* time-outs of 1, 2 and 4 times the first */

struct query {
	struct query *next, *prev; /* in its list, or among the idle ones */
	struct lookup lookup;
	const uint8_t *name; /* asked for now: the lookup's, or target */
	uint8_t target[NAME_MAX_WIRE]; /* of a CNAME */
	struct wire_answer answer;
	int64_t sent, deadline;  /* of this attempt, milliseconds */
	struct channel *channel; /* where its answer will come, or NULL */
	size_t server;
	unsigned attempts;
	unsigned attempts_before;    /* that it had when it came here */
	unsigned turn;               /* see pace_begin() */
	enum answer_failure failure; /* of the last attempt */
	int list;                    /* -1: none */
	uint16_t id;
	bool edns;
	bool late;               /* half of its time-out is over */
	bool repeated;           /* and it was sent once more then */
	bool asked[SERVERS_MAX]; /* in this round over the servers */
};

struct query_config {
	struct servers servers;
	unsigned max_inflight; /* of this thread */
	unsigned timeout;      /* of a first attempt, milliseconds */
	unsigned attempts;     /* over all servers */
};

struct queries {
	const struct query_config *config;
	struct udp udp;
	struct tcp tcp;
	struct pace pace;
	struct query *all;  /* max_inflight of them */
	size_t used;        /* how many of them have been in use */
	struct query *idle; /* those of them that are not in use now */
	unsigned out;       /* in use now */
	struct query *head[TIMEOUT_STEPS], *tail[TIMEOUT_STEPS];
	int64_t expired_at; /* the last millisecond in which attempts ended */
	unsigned expired;   /* how many did */
	uint16_t *by_id;    /* see place(); a power of two of them */
	size_t nids;
	struct {
		unsigned fails; /* attempts that failed, in a row */
		uint32_t entry; /* whose was the last of them */
		unsigned quick; /* see QUICK_MAX in query.c */
	} server[SERVERS_MAX];
	struct reply_batch *replies;
	uint16_t randoms[128]; /* as many as random_bytes() gives at once */
	size_t nrandoms;       /* of these, still unused */
};

/* The config must outlive the queries. */
void queries_init(struct queries *qs, const struct query_config *config);
void queries_clear(struct queries *qs);

/* How many lookups may still be started. */
unsigned queries_room(const struct queries *qs);

/* Makes the first attempt. There has to be room. */
void queries_start(struct queries *qs, const struct lookup *l);

/* Gives up attempts that have timed out; repeats queries after half of that. */
void queries_expire(struct queries *qs);

/* Milliseconds until the next deadline; -1 if there is none. */
int queries_next_deadline(const struct queries *qs);

/* What came back since the last call, or NULL. */
struct reply_batch *queries_replies(struct queries *qs);

#endif
