/*
 * retries: matches attempts with the messages that came later.
 *
 * The sender and recipient identify an attempt. It waits until a message with
 * this sender is delivered to this recipient, from any client: large senders
 * come back from another address. A log without delivery agents has no
 * recipients; then only the sender is compared.
 */
#include "maillog/retries.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "maillog/reason.h"
#include "maillog/ring.h"
#include "maillog/sender.h"

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

/* An attempt, or all of one sender, that was told to come back. */
struct attempt {
	struct ring_item item;
	int64_t first;
	uint64_t domain; /* a hash of its sender's, as it was written */
	struct addr clients[RETRIES_CLIENTS_EACH];
	uint8_t families[RETRIES_CLIENTS_EACH];
	uint8_t n;
	uint8_t cause;
	uint8_t reason; /* its place among the reasons, with a text */
	bool of_sender; /* for any recipient */
};

/* A client at postscreen. */
struct visit {
	struct ring_item item;
	bool refused, passed;
};

/* One that passed the tests and left before it named a sender. */
struct leaver {
	struct ring_item item;
	int64_t when;
};

/* A message in the queue. */
struct queued {
	struct ring_item item;
	int64_t when; /* it was accepted */
	uint64_t sender;
	const char *domain; /* of a sender that is waited for, or NULL */
	struct addr client;
	int64_t left; /* when the client left before, 0: it did not */
	uint8_t family;
	bool has_sender, counted;
};

struct retries {
	uint64_t key;
	struct ring attempts, sessions, leavers, messages;
	struct delayed clients;
	struct reasons reasons;
	bool deliveries;       /* the log has lines of delivery agents */
	int64_t milter_failed; /* when one did last */
	struct retries_counts counts;
};

const struct retries_sizes retries_default_sizes = {
    .attempts = RETRIES_ATTEMPTS,
    .sessions = RETRIES_SESSIONS,
    .messages = RETRIES_MESSAGES,
    .domains = RETRIES_DOMAINS,
    .clients = RETRIES_CLIENTS,
};

/* ---- hashes ---- */

static uint64_t
hash_client(uint64_t h, const struct maillog_event *e)
{
	return hash_word(
	    hash_word(hash_word(h, e->family), e->client.hi), e->client.lo);
}

/* The kind of a hash's input, so that different kinds do not collide. */
enum subject { SENDER = 1, DOMAIN, SESSION, QUEUE_ID, LEAVER, CLIENT };

static uint64_t
begin_hash(const struct retries *d, enum subject s)
{
	return hash_word(d->key, s);
}

static uint64_t
visit_key(const struct retries *d, const struct maillog_event *e)
{
	uint64_t h =
	    hash_text(begin_hash(d, SESSION), e->host.text, e->host.len);

	return hash_word(hash_client(h, e), e->port);
}

static uint64_t
message_key(const struct retries *d, const struct maillog_event *e)
{
	uint64_t h =
	    hash_text(begin_hash(d, QUEUE_ID), e->host.text, e->host.len);

	/* Long queue ids differ by case, unlike addresses; two that do not
	 * differ otherwise at the same time are as good as none. */
	return hash_text(h, e->queue_id.text, e->queue_id.len);
}

/* ---- attempts ---- */

/* A message of that domain came seconds after its first attempt. */
static void
count_delay(struct retries *d, const char *domain, const struct attempt *a,
    int64_t seconds)
{
	d->counts.delayed++;
	if (a->cause != HISTOGRAM_POSTSCREEN)
		d->reasons.v[a->reason].followed++;
	for (unsigned i = 0; i < a->n; i++) {
		struct delayed_client *c = delayed_client(&d->clients, domain,
		    (enum family)a->families[i], &a->clients[i]);

		d->counts.overflow += c == NULL;
		if (i == 0 && c != NULL)
			histogram_count(&c->histogram,
			    (enum histogram_cause)a->cause, seconds);
	}
}

static bool
within(int64_t from, int64_t to, int64_t most)
{
	return to >= from && to - from <= most;
}

static bool
is_waited_for(const struct attempt *a, int64_t now)
{
	return a != NULL && within(a->first, now, RETRIES_DAYS * DAY);
}

static void
add_client(struct attempt *a, const struct maillog_event *e)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->families[i] == e->family &&
		    addr_cmp(&a->clients[i], &e->client) == 0)
			return;
	if (a->n == RETRIES_CLIENTS_EACH)
		return;
	a->clients[a->n] = e->client;
	a->families[a->n++] = (uint8_t)e->family;
}

/* An attempt by its key; a new one has the values of like. */
static void
wait_for(struct retries *d, uint64_t key, const struct attempt *like,
    const struct maillog_event *e)
{
	struct attempt *a = ring_find(&d->attempts, key);
	const struct attempt *old;

	if (a != NULL && !is_waited_for(a, e->time)) {
		ring_remove(&d->attempts, a);
		a = NULL;
	}
	if (a == NULL) {
		old = ring_oldest(&d->attempts);
		d->counts.forgotten +=
		    is_waited_for(old, e->time) && !old->of_sender;
		d->counts.senders += !like->of_sender;
		a = ring_add(&d->attempts, key);
		a->first = e->time;
		a->domain = like->domain;
		a->cause = like->cause;
		a->reason = like->reason;
		a->of_sender = like->of_sender;
	}
	add_client(a, e);
}

static uint64_t
sender_key(const struct retries *d, const struct maillog_text *from)
{
	return sender_hash(begin_hash(d, SENDER), *from);
}

static uint64_t
domain_key(const struct retries *d, const char *domain)
{
	return hash_text(begin_hash(d, DOMAIN), domain, strlen(domain));
}

static void
take_attempt(
    struct retries *d, const struct maillog_event *e, struct attempt *like)
{
	uint64_t sender = sender_key(d, &e->from);
	char domain[SENDER_DOMAIN_MAX + 1];

	d->counts.attempts++;
	if (e->from.len == 0) {
		d->counts.no_sender++;
		return;
	}
	if (!sender_domain(&e->from, domain)) {
		d->counts.odd_sender++;
		return;
	}
	like->domain = domain_key(d, domain);
	like->of_sender = true;
	wait_for(d, sender, like, e);
	like->of_sender = false;
	if (e->to.len > 0)
		wait_for(d, hash_text(sender, e->to.text, e->to.len), like, e);
}

/* A temporary reject: counts unless the text names another cause. */
static void
take_deferral(struct retries *d, const struct maillog_event *e)
{
	struct attempt like = {.cause = HISTOGRAM_GREYLISTING};
	enum reason_kind kind;

	like.reason =
	    (uint8_t)reason_find(&d->reasons, &e->code, &e->reason, &kind);
	if (kind == REASON_OTHER ||
	    (kind == REASON_MILTER && d->milter_failed != 0 &&
		within(d->milter_failed, e->time, RETRIES_MILTER_SECONDS))) {
		d->reasons.v[like.reason].passed++;
		return;
	}
	if (kind == REASON_UNKNOWN)
		like.cause = HISTOGRAM_DEFERRED;
	take_attempt(d, e, &like);
}

/* ---- sessions of postscreen ---- */

static struct visit *
visit_of(struct retries *d, const struct maillog_event *e, bool create)
{
	uint64_t key = visit_key(d, e);
	struct visit *s = ring_find(&d->sessions, key);

	return s == NULL && create ? ring_add(&d->sessions, key) : s;
}

static uint64_t
leaver_key(const struct retries *d, const struct maillog_event *e)
{
	return hash_client(begin_hash(d, LEAVER), e);
}

/* The client is gone: did it pass the tests, and was it told nothing? */
static void
take_disconnect(struct retries *d, const struct maillog_event *e)
{
	struct visit *s = visit_of(d, e, false);
	struct leaver *leaver;
	uint64_t key;

	if (s == NULL)
		return;
	if (s->passed && !s->refused) {
		key = leaver_key(d, e);
		leaver = ring_find(&d->leavers, key);
		if (leaver == NULL)
			leaver = ring_add(&d->leavers, key);
		if (!within(leaver->when, e->time, RETRIES_RETURN_HOURS * HOUR))
			leaver->when = e->time;
	}
	ring_remove(&d->sessions, s);
}

/* ---- messages ---- */

static void
take_client(struct retries *d, const struct maillog_event *e)
{
	uint64_t key = message_key(d, e);
	struct queued *m = ring_find(&d->messages, key);
	struct leaver *leaver = ring_find(&d->leavers, leaver_key(d, e));

	/* Short queue ids are used again. */
	if (m != NULL)
		ring_remove(&d->messages, m);
	m = ring_add(&d->messages, key);
	m->when = e->time;
	m->client = e->client;
	m->family = (uint8_t)e->family;
	if (leaver == NULL)
		return;
	if (within(leaver->when, e->time, RETRIES_RETURN_HOURS * HOUR))
		m->left = leaver->when;
	ring_remove(&d->leavers, leaver);
}

/*
 * The domain of a message's sender: where it was rewritten since the attempt,
 * or NULL, the one that it had then.
 */
static bool
domain_of(const struct retries *d, const struct attempt *a,
    struct maillog_text from, char domain[SENDER_DOMAIN_MAX + 1])
{
	char room[SENDER_MAX];
	bool found;

	do
		found = sender_domain(&from, domain);
	while (a != NULL && (!found || domain_key(d, domain) != a->domain) &&
	       sender_unwrap(&from, room));
	return found;
}

static void
take_sender(struct retries *d, const struct maillog_event *e)
{
	uint64_t key = message_key(d, e);
	struct queued *m = ring_find(&d->messages, key);
	char domain[SENDER_DOMAIN_MAX + 1];
	const struct attempt *a;
	bool waited;

	if (m != NULL && m->has_sender) /* it is tried again */
		return;
	if (m == NULL) {
		m = ring_add(&d->messages, key);
		m->when = e->time;
	}
	m->has_sender = true;
	m->sender = sender_key(d, &e->from);
	a = ring_find(&d->attempts, m->sender);
	waited = is_waited_for(a, m->when);
	if ((!waited && m->left == 0) ||
	    !domain_of(d, waited ? a : NULL, e->from, domain))
		return;
	m->domain = delayed_domain(&d->clients, domain);
	d->counts.overflow += m->domain == NULL;
	if (waited || m->domain == NULL)
		return;
	/* It had named no sender when it left. */
	count_delay(d, m->domain,
	    &(struct attempt){.n = 1,
		.clients = {m->client},
		.families = {m->family},
		.cause = HISTOGRAM_POSTSCREEN},
	    m->when - m->left);
	m->counted = true;
}

/* An attempt that the message may be the answer to. */
static void
resolve(struct retries *d, struct queued *m, uint64_t key)
{
	struct attempt *a = ring_find(&d->attempts, key);

	if (!is_waited_for(a, m->when))
		return;
	/* However many recipients, it is one message. */
	if (!m->counted)
		count_delay(d, m->domain, a, m->when - a->first);
	m->counted = true;
	d->counts.answered++;
	ring_remove(&d->attempts, a);
}

static void
take_recipient(struct retries *d, const struct maillog_event *e)
{
	struct queued *m = ring_find(&d->messages, message_key(d, e));

	d->deliveries = true;
	if (m == NULL || m->domain == NULL)
		return;
	if (e->orig_to.len > 0)
		resolve(d, m,
		    hash_text(m->sender, e->orig_to.text, e->orig_to.len));
	resolve(d, m, hash_text(m->sender, e->to.text, e->to.len));
}

static void
end_message(struct retries *d, struct queued *m)
{
	struct attempt *a;

	if (!d->deliveries && m->domain != NULL) {
		/* A text of unknown meaning needs the recipient as well. */
		a = ring_find(&d->attempts, m->sender);
		if (a != NULL && a->cause != HISTOGRAM_DEFERRED)
			resolve(d, m, m->sender);
	}
	ring_remove(&d->messages, m);
}

void
retries_event(struct retries *d, const struct maillog_event *e)
{
	struct retries_counts *c = &d->counts;
	struct queued *m;

	if (c->first == 0 || e->time < c->first)
		c->first = e->time;
	if (e->time > c->last)
		c->last = e->time;
	switch (e->kind) {
	case MAILLOG_SCREENED:
		visit_of(d, e, true)->refused = true;
		take_attempt(d, e, &(struct attempt){0});
		break;
	case MAILLOG_DEFERRED:
		take_deferral(d, e);
		break;
	case MAILLOG_MILTER:
		d->milter_failed = e->time;
		break;
	case MAILLOG_BLOCKED:
	case MAILLOG_PERMITTED:
	case MAILLOG_REJECTED:
		break;
	case MAILLOG_PASS:
		visit_of(d, e, true)->passed = true;
		break;
	case MAILLOG_DISCONNECT:
		take_disconnect(d, e);
		break;
	case MAILLOG_CLIENT:
		take_client(d, e);
		break;
	case MAILLOG_SENDER:
		take_sender(d, e);
		break;
	case MAILLOG_RECIPIENT:
		take_recipient(d, e);
		break;
	case MAILLOG_REMOVED:
		m = ring_find(&d->messages, message_key(d, e));
		if (m != NULL)
			end_message(d, m);
		break;
	}
}

struct retries *
retries_open(const struct retries_sizes *sizes, uint64_t key, const char *texts)
{
	struct retries *d = xcalloc(1, sizeof(*d));

	d->key = key;
	reasons_init(&d->reasons, texts);
	/* Each attempt is there twice, see take_attempt(). */
	ring_init(&d->attempts, 2 * sizes->attempts, sizeof(struct attempt));
	ring_init(&d->sessions, sizes->sessions, sizeof(struct visit));
	ring_init(&d->leavers, sizes->sessions, sizeof(struct leaver));
	ring_init(&d->messages, sizes->messages, sizeof(struct queued));
	delayed_init(
	    &d->clients, sizes->domains, sizes->clients, begin_hash(d, CLIENT));
	return d;
}

/* The memory that is needed only while reading. */
static void
forget(struct retries *d)
{
	ring_clear(&d->attempts);
	ring_clear(&d->sessions);
	ring_clear(&d->leavers);
	ring_clear(&d->messages);
}

void
retries_close(struct retries *d)
{
	forget(d);
	delayed_clear(&d->clients);
	reasons_clear(&d->reasons);
	free(d);
}

const struct reasons *
retries_reasons(const struct retries *d)
{
	return &d->reasons;
}

const struct retries_counts *
retries_counts(const struct retries *d)
{
	return &d->counts;
}

struct delayed_client *
retries_finish(struct retries *d, size_t *n)
{
	for (size_t i = 0; i < d->messages.max; i++) {
		struct queued *m = ring_at(&d->messages, i);

		if (m != NULL)
			end_message(d, m);
	}
	forget(d);
	return delayed_finish(&d->clients, n);
}
