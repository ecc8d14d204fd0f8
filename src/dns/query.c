/*
 * query: the lookups in flight: attempts, time-outs, choice of servers.
 */
#include "dns/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/system.h"

/*
 * Attempts that the pace is judged by. Names that nobody answers for have many
 * more, which tell nothing about the server asked.
 */
#define PACED 2
#define SPREAD 32 /* milliseconds over which a full window times out */
/*
 * How many of a server's last answers came within half a time-out, roughly: an
 * answer that was late takes away what many others give.
 */
#define QUICK_MAX 32
#define QUICK 16   /* from here on a query without an answer is sent twice */
#define LATE 16    /* an answer in the second half */
#define REPEATED 2 /* one after the second query: the first may be lost */

#define IDS_A_QUERY 4 /* places in by_id: most random IDs find a free one */

/* Sixteen unpredictable bits. */
static uint16_t
random16(struct queries *qs)
{
	if (qs->nrandoms == 0) {
		qs->nrandoms = COUNT(qs->randoms);
		random_bytes(qs->randoms, sizeof(qs->randoms));
	}
	return qs->randoms[--qs->nrandoms];
}

/* Where the query with that ID is in all, from 1 on; 0: nowhere. */
static uint16_t *
place(struct queries *qs, uint16_t id)
{
	return &qs->by_id[id & (qs->nids - 1)];
}

static void
unlist(struct queries *qs, struct query *q)
{
	if (q->list < 0)
		return;
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		qs->head[q->list] = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	else
		qs->tail[q->list] = q->prev;
	q->list = -1;
}

/* Half a time-out, rounded up. */
static int64_t
half_time_out(const struct queries *qs, int list)
{
	return (((int64_t)qs->config->timeout << list) + 1) / 2;
}

/* The first or the second half of a time-out begins. */
static void
enlist(struct queries *qs, struct query *q)
{
	int list = q->attempts < TIMEOUT_STEPS ? (int)q->attempts - 1
					       : TIMEOUT_STEPS - 1;

	q->deadline = now_ms() + half_time_out(qs, list);
	q->list = list;
	q->next = NULL;
	q->prev = qs->tail[list];
	if (q->prev != NULL)
		q->prev->next = q;
	else
		qs->head[list] = q;
	qs->tail[list] = q;
}

/* The query no longer waits at a channel, under an ID, for a deadline. */
static void
detach(struct queries *qs, struct query *q)
{
	unlist(qs, q);
	if (q->channel == NULL)
		return;
	*place(qs, q->id) = 0;
	q->channel->out--;
	q->channel = NULL;
}

void
reply_free(struct reply *r)
{
	buf_clear(&r->rrs.bytes);
	buf_clear(&r->chain.bytes);
	free(r);
}

/*
 * The lookup is done here: its reply goes into the batch. again: it failed, but
 * has attempts left.
 */
static void
finish(
    struct queries *qs, struct query *q, enum answer_status status, bool again)
{
	struct reply *r = xcalloc(1, sizeof(*r));

	detach(qs, q);
	r->lookup = q->lookup;
	r->lookup.attempts = (uint8_t)q->attempts;
	r->status = status;
	r->again = again;
	if (status == ANSWER_FAILED)
		r->failure = q->failure;
	else {
		r->rrs = q->answer.rrs;
		r->chain = q->answer.chain;
		q->answer = (struct wire_answer){0};
	}
	wire_answer_clear(&q->answer);
	r->next = qs->replies->first;
	qs->replies->first = r;
	q->next = qs->idle;
	qs->idle = q;
	qs->out--;
}

/*
 * The server for the next attempt: of those not asked in this round the one
 * that failed least in a row; the first of them, when all are as good.
 */
static size_t
choose_server(const struct queries *qs, struct query *q)
{
	size_t n = qs->config->servers.n, best = n;

	for (int round = 0; round < 2 && best == n; round++) {
		for (size_t i = 0; i < n; i++)
			if (!q->asked[i] &&
			    (best == n ||
				qs->server[i].fails < qs->server[best].fails))
				best = i;
		if (best == n)
			memset(q->asked, 0, sizeof(q->asked));
	}
	q->asked[best] = true;
	return best;
}

/* Whether every server was asked in this round. */
static bool
has_asked_all(const struct queries *qs, const struct query *q)
{
	for (size_t i = 0; i < qs->config->servers.n; i++)
		if (!q->asked[i])
			return false;
	return true;
}

static void
count_attempt(struct queries *qs, struct query *q, bool lost)
{
	pace_count(&qs->pace, q->turn, lost);
	q->turn = 0;
}

/*
 * Whether its query may be repeated: not for an entry that asks for much, or a
 * name that nobody answered for before. These tell nothing about the server.
 */
static bool
may_repeat(const struct query *q)
{
	return !q->lookup.heavy && q->attempts <= PACED && !q->channel->stream;
}

/* How soon the server answered, see QUICK. */
static void
count_speed(struct queries *qs, const struct query *q)
{
	unsigned *quick = &qs->server[q->server].quick;
	unsigned less = q->repeated ? REPEATED : LATE;

	if (!may_repeat(q))
		return;
	if (q->late)
		*quick -= *quick < less ? *quick : less;
	else
		*quick += *quick < QUICK_MAX;
}

/*
 * A server did not answer. Failures for the names of a single entry say little
 * about the server, however many there are.
 */
static void
count_failure(struct queries *qs, struct query *q)
{
	count_attempt(qs, q, true);
	if (qs->server[q->server].fails > 0 &&
	    qs->server[q->server].entry == q->lookup.entry)
		return;
	qs->server[q->server].fails++;
	qs->server[q->server].entry = q->lookup.entry;
}

static void attempt(struct queries *qs, struct query *q);

static void
attempt_failed(struct queries *qs, struct query *q, enum answer_failure failure)
{
	if (failure == FAILURE_TIMEOUT)
		count_speed(qs, q);
	detach(qs, q);
	q->failure = failure;
	count_failure(qs, q);
	if (q->attempts >= qs->config->attempts)
		finish(qs, q, ANSWER_FAILED, false);
	/* An immediate retry would likely fail the same way. */
	else if (failure != FAILURE_TIMEOUT && has_asked_all(qs, q))
		finish(qs, q, ANSWER_FAILED, true);
	else
		attempt(qs, q);
}

/* Makes the query's message; returns its length. */
static size_t
put_query(const struct query *q, uint8_t message[WIRE_QUERY_MAX])
{
	return wire_query(
	    message, q->id, q->name, (enum rr_type)q->lookup.type, q->edns);
}

/* Sends the question to the server at hand. */
static void
ask(struct queries *qs, struct query *q, bool edns, bool tcp)
{
	uint8_t message[WIRE_QUERY_MAX];
	size_t len;

	do
		q->id = random16(qs);
	while (*place(qs, q->id) != 0);
	q->edns = edns;
	q->late = q->repeated = false;
	q->sent = now_ms();
	len = put_query(q, message);
	if (tcp)
		q->channel = tcp_ask(&qs->tcp, q->server, q->lookup.entry,
		    q->attempts > 1, message, len);
	else
		q->channel =
		    udp_ask(&qs->udp, q->server, random16(qs), message, len);
	if (q->channel == NULL) {
		/* Without descriptors all lookups would fail, at any server. */
		exit_if_exhausted("cannot open a socket");
		attempt_failed(qs, q, FAILURE_UNREACHABLE);
		return;
	}
	q->channel->out++;
	*place(qs, q->id) = (uint16_t)(q - qs->all + 1);
	qs->replies->queries++;
	enlist(qs, q);
}

/* The first attempt, or the next: at another server, if there is one. */
static void
attempt(struct queries *qs, struct query *q)
{
	q->server = choose_server(qs, q);
	if (q->attempts++ > 0)
		qs->replies->retries++;
	if (q->attempts <= PACED && !q->lookup.heavy)
		q->turn = pace_begin(&qs->pace);
	ask(qs, q, true, false);
}

void
queries_start(struct queries *qs, const struct lookup *l)
{
	struct query *q = qs->idle;

	if (q != NULL)
		qs->idle = q->next;
	else
		q = &qs->all[qs->used++];
	qs->out++;
	q->lookup = *l;
	if (l->started == 0)
		q->lookup.started = now_ms();
	q->name = l->name;
	q->attempts = q->attempts_before = l->attempts;
	q->failure = FAILURE_TIMEOUT;
	q->turn = 0;
	q->list = -1;
	memset(q->asked, 0, sizeof(q->asked));
	attempt(qs, q);
}

/* Asks the server again in another way, which is no new attempt. */
static void
ask_again(struct queries *qs, struct query *q, bool edns, bool tcp)
{
	detach(qs, q);
	ask(qs, q, edns, tcp);
}

/*
 * The CNAMEs so far end at a name that the answer does not speak of.
 * wire_read() bounds their number, however many answers they take.
 */
static void
ask_for_target(struct queries *qs, struct query *q)
{
	const uint8_t *at = NULL;
	struct answer chain = {
	    .rrs = (const uint8_t *)q->answer.chain.bytes.data,
	    .len = (uint32_t)q->answer.chain.bytes.len,
	};
	struct rr rr = {0};

	while (answer_next(&chain, &at, &rr))
		;
	memcpy(q->target, rr.data, rr.len);
	q->name = q->target;
	q->attempts = q->attempts_before;
	detach(qs, q);
	attempt(qs, q);
}

/*
 * Half of its time-out is over. A server that mostly answers sooner has lost
 * the query, or the network has: it is sent once more, under the same ID, so
 * that either answer will do.
 */
static void
repeat(struct queries *qs, struct query *q)
{
	uint8_t message[WIRE_QUERY_MAX];
	size_t len;

	unlist(qs, q);
	q->late = true;
	if (qs->server[q->server].quick >= QUICK && may_repeat(q)) {
		q->repeated = true;
		count_attempt(qs, q, true);
		len = put_query(q, message);
		udp_repeat(q->channel, message, len);
		qs->replies->queries++;
		qs->replies->retries++;
		qs->expired++;
	}
	enlist(qs, q);
}

/* The server answered the question. */
static void
count_answer(struct queries *qs, struct query *q)
{
	count_speed(qs, q);
	qs->server[q->server].fails = 0;
	count_attempt(qs, q, false);
}

/* The answer is of no use. */
static void
refused(struct queries *qs, struct query *q, enum wire_result r)
{
	static const enum answer_failure failures[] = {
	    [WIRE_SERVFAIL] = FAILURE_SERVFAIL,
	    [WIRE_REFUSED] = FAILURE_REFUSED,
	    [WIRE_RCODE] = FAILURE_RCODE,
	    [WIRE_REFERRAL] = FAILURE_RCODE,
	    [WIRE_MALFORMED] = FAILURE_MALFORMED,
	};

	/* The CNAMEs that led to a name asked for later are kept. */
	if (q->name == q->lookup.name)
		wire_answer_clear(&q->answer);
	q->answer.rrs.bytes.len = q->answer.rrs.n = 0;
	attempt_failed(qs, q, failures[r]);
}

/* A message came for a query, from the server and channel it was sent to. */
static void
take_answer(struct queries *qs, struct query *q, const uint8_t *msg, size_t len)
{
	bool tcp = q->channel->stream;
	enum wire_result r = wire_read(msg, len, q->name,
	    (enum rr_type)q->lookup.type, q->edns, &q->answer);

	if (r == WIRE_TRUNCATED && tcp)
		r = WIRE_MALFORMED;
	if (r < WIRE_TRUNCATED)
		count_answer(qs, q);
	switch (r) {
	case WIRE_DATA:
		finish(qs, q, ANSWER_DATA, false);
		break;
	case WIRE_NODATA:
		finish(qs, q, ANSWER_NODATA, false);
		break;
	case WIRE_NXDOMAIN:
		finish(qs, q, ANSWER_NXDOMAIN, false);
		break;
	case WIRE_LOOP:
		q->failure = FAILURE_CNAME;
		finish(qs, q, ANSWER_FAILED, false);
		break;
	case WIRE_TOO_LARGE:
		q->failure = FAILURE_TOO_LARGE;
		finish(qs, q, ANSWER_FAILED, false);
		break;
	case WIRE_CONTINUE:
		ask_for_target(qs, q);
		break;
	case WIRE_TRUNCATED:
		ask_again(qs, q, q->edns, true);
		break;
	case WIRE_NO_EDNS:
		ask_again(qs, q, false, tcp);
		break;
	default:
		refused(qs, q, r);
	}
}

/* A message came over a channel: does a query wait there for it? */
static void
/* cppcheck-suppress constParameter ; struct report has the type */
message_came(void *arg, struct channel *channel, const uint8_t *msg, size_t len)
{
	struct queries *qs = arg;
	unsigned n = len < 2 ? 0 : *place(qs, wire_id(msg));
	struct query *q = n > 0 ? &qs->all[n - 1] : NULL;

	if (q != NULL && q->id == wire_id(msg) && q->channel == channel &&
	    wire_answers(msg, len, q->name, (enum rr_type)q->lookup.type))
		take_answer(qs, q, msg, len);
}

/*
 * Those that wait at the channel try again. That costs an attempt, unless the
 * channel had brought an answer.
 */
static void
/* cppcheck-suppress constParameter ; struct report has the type */
channel_lost(void *arg, struct channel *channel, bool answered)
{
	struct queries *qs = arg;

	for (size_t i = 0; i < qs->used; i++) {
		struct query *q = &qs->all[i];

		if (q->channel == channel && answered)
			ask_again(qs, q, q->edns, true);
		else if (q->channel == channel)
			attempt_failed(qs, q, FAILURE_UNREACHABLE);
	}
}

/*
 * What a full buffer dropped at once would overflow it again if it were asked
 * again at once.
 */
static bool
may_expire(struct queries *qs, int64_t now)
{
	if (now != qs->expired_at)
		qs->expired = 0;
	qs->expired_at = now;
	return qs->expired <= qs->config->max_inflight / SPREAD;
}

void
queries_expire(struct queries *qs)
{
	int64_t now = now_ms();
	struct query *q;

	for (int list = 0; list < TIMEOUT_STEPS; list++)
		while ((q = qs->head[list]) != NULL && q->deadline <= now &&
		       may_expire(qs, now)) {
			struct channel *channel = q->channel;
			int64_t sent = q->sent;

			if (!q->late) {
				repeat(qs, q);
				continue;
			}
			qs->expired++;
			attempt_failed(qs, q, FAILURE_TIMEOUT);
			if (channel->stream)
				tcp_overdue(&qs->tcp, channel, sent);
		}
}

int
queries_next_deadline(const struct queries *qs)
{
	int64_t first = INT64_MAX, now;

	for (int list = 0; list < TIMEOUT_STEPS; list++)
		if (qs->head[list] != NULL && qs->head[list]->deadline < first)
			first = qs->head[list]->deadline;
	if (first == INT64_MAX)
		return -1;
	now = now_ms();
	return first <= now ? 1 : (int)(first - now);
}

struct reply_batch *
queries_replies(struct queries *qs)
{
	struct reply_batch *replies = qs->replies;

	if (replies->first == NULL)
		return NULL;
	qs->replies = xcalloc(1, sizeof(*qs->replies));
	return replies;
}

unsigned
queries_room(const struct queries *qs)
{
	return qs->out < qs->pace.window ? qs->pace.window - qs->out : 0;
}

void
queries_init(struct queries *qs, const struct query_config *config)
{
	struct channel_user user = {
	    .arg = qs, .message = message_came, .lost = channel_lost};

	*qs = (struct queries){.config = config};
	udp_init(&qs->udp, &config->servers, config->max_inflight, &user);
	tcp_init(&qs->tcp, &config->servers, &user);
	pace_init(&qs->pace, config->max_inflight);
	qs->all = xcalloc(config->max_inflight, sizeof(*qs->all));
	qs->nids = 1;
	while (qs->nids < (size_t)IDS_A_QUERY * config->max_inflight &&
	       qs->nids <= UINT16_MAX)
		qs->nids *= 2;
	qs->by_id = xcalloc(qs->nids, sizeof(*qs->by_id));
	qs->replies = xcalloc(1, sizeof(*qs->replies));
}

void
queries_clear(struct queries *qs)
{
	udp_clear(&qs->udp);
	tcp_clear(&qs->tcp);
	for (size_t i = 0; i < qs->used; i++)
		wire_answer_clear(&qs->all[i].answer);
	free(qs->all);
	free(qs->by_id);
	free(qs->replies); /* empty: the thread hands them over first */
}
