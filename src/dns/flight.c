/*
 * flight: the lookups that are out: attempts, time-outs, choice of servers.
 */
#include "base/memory.h"
#include "base/system.h"
#include "dns/engine.h"

#include <stdlib.h>
#include <string.h>

uint16_t
random16(struct engine *e)
{
	if (e->nrandoms == 0) {
		e->nrandoms = COUNT(e->randoms);
		random_bytes(e->randoms, sizeof(e->randoms));
	}
	return e->randoms[--e->nrandoms];
}

static void
unlist(struct engine *e, struct flight *f)
{
	if (f->list < 0)
		return;
	if (f->prev != NULL)
		f->prev->next = f->next;
	else
		e->head[f->list] = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
	else
		e->tail[f->list] = f->prev;
	f->list = -1;
}

static int64_t
list_delay(const struct engine *e, int list)
{
	int64_t t = (int64_t)e->config->timeout << (list % STEPS);

	return list < STEPS ? t : t / PAUSE_SHARE;
}

static void
enlist(struct engine *e, struct flight *f, int list)
{
	f->deadline = now_ms() + list_delay(e, list);
	f->list = list;
	f->next = NULL;
	f->prev = e->tail[list];
	if (f->prev != NULL)
		f->prev->next = f;
	else
		e->head[list] = f;
	e->tail[list] = f;
}

/* The flight no longer waits at a socket, under an ID, for a deadline. */
static void
detach(struct engine *e, struct flight *f)
{
	unlist(e, f);
	if (f->udp != NULL || f->tcp != NULL)
		e->by_id[f->id] = NULL;
	if (f->udp != NULL)
		f->udp->out--;
	if (f->tcp != NULL)
		f->tcp->out--;
	f->udp = NULL;
	f->tcp = NULL;
}

/* The lookup is done: its reply goes into the batch for the main thread. */
static void
finish(struct engine *e, struct flight *f, enum answer_status status)
{
	struct reply *r = xcalloc(1, sizeof(*r));

	detach(e, f);
	r->lookup = f->lookup;
	r->status = status;
	if (status == ANSWER_FAILED)
		r->failure = f->failure;
	else {
		r->rrs = f->answer.rrs;
		r->chain = f->answer.chain;
		f->answer = (struct wire_answer){0};
	}
	wire_answer_clear(&f->answer);
	r->next = e->done->first;
	e->done->first = r;
	f->next = e->idle;
	e->idle = f;
	e->out--;
}

/*
 * Fewer in flight when answers are lost: the server, or the way to it, is
 * not ours alone. More again when they come.
 */
static void
look_at_window(struct engine *e)
{
	unsigned all = e->good + e->bad, max = e->config->max_inflight;

	if (all < e->window || all < 20)
		return;
	if (e->bad * 5 > all)
		e->window -= e->window / 4;
	else if (e->bad * 7 < all)
		e->window += e->window / 8 + 1;
	if (e->window < max / 4 + 1)
		e->window = max / 4 + 1;
	if (e->window > max)
		e->window = max;
	e->good = e->bad = 0;
}

/* Whether no server is left that might answer. */
static bool
all_down(const struct engine *e)
{
	for (size_t i = 0; i < e->config->servers.n; i++)
		if (!e->state[i].down)
			return false;
	return true;
}

/*
 * The server for the next attempt: of those not asked in this round the one
 * that failed least in a row; the first of them, when all are as good.
 */
static size_t
choose_server(struct engine *e, struct flight *f)
{
	size_t n = e->config->servers.n, best = n;

	for (int round = 0; round < 2 && best == n; round++) {
		for (size_t i = 0; i < n; i++)
			if (!f->asked[i] && !e->state[i].down &&
			    (best == n ||
				e->state[i].fails < e->state[best].fails))
				best = i;
		if (best == n)
			memset(f->asked, 0, sizeof(f->asked));
	}
	f->asked[best] = true;
	return best;
}

/* Whether every server that might answer was asked in this round. */
static bool
has_asked_all(const struct engine *e, const struct flight *f)
{
	for (size_t i = 0; i < e->config->servers.n; i++)
		if (!f->asked[i] && !e->state[i].down)
			return false;
	return true;
}

uint16_t
flight_id(struct engine *e)
{
	uint16_t id;

	do
		id = random16(e);
	while (e->by_id[id] != NULL);
	return id;
}

void
flight_sent(struct engine *e, struct flight *f, uint16_t id, struct udp *udp,
    struct tcp *tcp)
{
	f->id = id;
	f->udp = udp;
	f->tcp = tcp;
	if (udp != NULL)
		udp->out++;
	if (tcp != NULL)
		tcp->out++;
	e->by_id[id] = f;
	e->done->queries++;
	enlist(e, f, f->attempts < STEPS ? (int)f->attempts - 1 : STEPS - 1);
}

void
flight_attempt(struct engine *e, struct flight *f)
{
	if (all_down(e)) {
		finish(e, f, ANSWER_FAILED);
		return;
	}
	f->server = choose_server(e, f);
	if (f->attempts++ > 0)
		e->done->retries++;
	f->edns = true;
	udp_ask(e, f);
}

void
flight_new_round(struct engine *e, uint8_t round)
{
	e->round = round;
	for (size_t i = 0; i < e->config->servers.n; i++) {
		e->state[i].down = false;
		e->state[i].lost = 0;
	}
}

/*
 * A server that sent nothing at all while three lookups used up all their
 * attempts is down for the round: the others need not find that out again.
 */
static void
look_for_down(struct engine *e, const struct flight *f)
{
	for (size_t i = 0; i < e->config->servers.n; i++)
		if ((f->asked[i] || f->server == i) &&
		    e->state[i].heard < f->started &&
		    ++e->state[i].lost >= LOST_TO_BE_DOWN)
			e->state[i].down = true;
}

void
flight_failed(struct engine *e, struct flight *f, enum answer_failure failure)
{
	bool silent =
	    failure == FAILURE_TIMEOUT || failure == FAILURE_UNREACHABLE;

	detach(e, f);
	f->failure = failure;
	e->state[f->server].fails++;
	e->bad++;
	look_at_window(e);
	if (f->attempts >= e->config->attempts) {
		if (silent)
			look_for_down(e, f);
		finish(e, f, ANSWER_FAILED);
		return;
	}
	/* At once, they would hardly say anything else. */
	if (failure != FAILURE_TIMEOUT && has_asked_all(e, f))
		enlist(e, f,
		    STEPS + (f->attempts < STEPS ? (int)f->attempts : STEPS) -
			1);
	else
		flight_attempt(e, f);
}

/*
 * The CNAMEs so far end at a name that the answer does not speak of.
 * wire_read() bounds their number, however many answers they take.
 */
static void
ask_for_target(struct engine *e, struct flight *f)
{
	const uint8_t *at = NULL;
	struct answer chain = {
	    .rrs = (const uint8_t *)f->answer.chain.bytes.data,
	    .len = (uint32_t)f->answer.chain.bytes.len,
	};
	struct rr rr = {0};

	while (answer_next(&chain, &at, &rr))
		;
	memcpy(f->target, rr.data, rr.len);
	f->name = f->target;
	f->attempts = 0;
	flight_attempt(e, f);
}

/* The server answered, whatever it said. */
static void
heard(struct engine *e, const struct flight *f, bool good)
{
	struct state *s = &e->state[f->server];

	s->lost = 0;
	s->heard = now_ms();
	if (!good)
		return;
	s->fails = 0;
	e->good++;
	look_at_window(e);
}

/* The server is to be asked again in another way, which is no new attempt. */
static void
ask_again(struct engine *e, struct flight *f, bool edns, bool tcp)
{
	detach(e, f);
	f->edns = edns;
	if (tcp)
		tcp_ask(e, f);
	else
		udp_ask(e, f);
}

void
flight_again(struct engine *e, struct flight *f)
{
	ask_again(e, f, f->edns, true);
}

/* The answer is of no use. */
static void
refused(struct engine *e, struct flight *f, enum wire_result r)
{
	static const enum answer_failure failures[] = {
	    [WIRE_SERVFAIL] = FAILURE_SERVFAIL,
	    [WIRE_REFUSED] = FAILURE_REFUSED,
	    [WIRE_RCODE] = FAILURE_RCODE,
	    [WIRE_REFERRAL] = FAILURE_RCODE,
	    [WIRE_MALFORMED] = FAILURE_MALFORMED,
	};

	/* The CNAMEs that led to a name asked for later are kept. */
	if (f->name == f->lookup.name)
		wire_answer_clear(&f->answer);
	f->answer.rrs.bytes.len = f->answer.rrs.n = 0;
	flight_failed(e, f, failures[r]);
}

/* A message came for a flight, from the server and socket it was sent to. */
static void
take_answer(struct engine *e, struct flight *f, const uint8_t *msg, size_t len)
{
	bool tcp = f->tcp != NULL;
	enum wire_result r = wire_read(msg, len, f->name,
	    (enum rr_type)f->lookup.type, f->edns, &f->answer);

	if (r == WIRE_TRUNCATED && tcp)
		r = WIRE_MALFORMED;
	heard(e, f, r < WIRE_TRUNCATED);
	switch (r) {
	case WIRE_DATA:
		finish(e, f, ANSWER_DATA);
		break;
	case WIRE_NODATA:
		finish(e, f, ANSWER_NODATA);
		break;
	case WIRE_NXDOMAIN:
		finish(e, f, ANSWER_NXDOMAIN);
		break;
	case WIRE_LOOP:
		f->failure = FAILURE_CNAME;
		finish(e, f, ANSWER_FAILED);
		break;
	case WIRE_TOO_LARGE:
		f->failure = FAILURE_TOO_LARGE;
		finish(e, f, ANSWER_FAILED);
		break;
	case WIRE_CONTINUE:
		detach(e, f);
		ask_for_target(e, f);
		break;
	case WIRE_TRUNCATED:
		ask_again(e, f, f->edns, true);
		break;
	case WIRE_NO_EDNS:
		ask_again(e, f, false, tcp);
		break;
	default:
		refused(e, f, r);
	}
}

void
flight_message(struct engine *e, const uint8_t *msg, size_t len,
    const struct udp *udp, struct tcp *tcp)
{
	struct flight *f = len < 2 ? NULL : e->by_id[wire_id(msg)];

	/* Nobody may have asked for it. */
	if (f == NULL || f->udp != udp || f->tcp != tcp ||
	    !wire_answers(msg, len, f->name, (enum rr_type)f->lookup.type))
		return;
	if (tcp != NULL)
		tcp->answered = true;
	take_answer(e, f, msg, len);
}

/* A pause is over, or an attempt. */
static void
expire(struct engine *e, struct flight *f)
{
	int64_t sent = f->deadline - list_delay(e, f->list);
	struct tcp *tcp = f->tcp;

	if (f->list >= STEPS) {
		unlist(e, f);
		flight_attempt(e, f);
		return;
	}
	flight_failed(e, f, FAILURE_TIMEOUT);
	/* Nothing came over it since: it may hang for good. */
	if (tcp != NULL && tcp->heard < sent)
		tcp_lost(e, tcp, FAILURE_TIMEOUT);
}

void
flight_expire(struct engine *e)
{
	int64_t now = now_ms();
	struct flight *f;

	for (int list = 0; list < WAIT_LISTS; list++)
		while ((f = e->head[list]) != NULL && f->deadline <= now)
			expire(e, f);
}

int
flight_next_deadline(const struct engine *e)
{
	int64_t first = INT64_MAX, now;

	for (int list = 0; list < WAIT_LISTS; list++)
		if (e->head[list] != NULL && e->head[list]->deadline < first)
			first = e->head[list]->deadline;
	if (first == INT64_MAX)
		return -1;
	now = now_ms();
	return first <= now ? 0 : (int)(first - now);
}
