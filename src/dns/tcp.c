/*
 * tcp: messages to and from the servers over TCP.
 */
#include "dns/tcp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"

#define IDLE_MAX 250      /* milliseconds that an unused one stays open */
#define STALLED_AFTER 200 /* milliseconds without an answer */

void
tcp_init(struct tcp *t, const struct servers *servers,
    const struct channel_user *user)
{
	*t = (struct tcp){.servers = servers, .user = *user};
	for (size_t i = 0; i < SERVERS_MAX; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++)
			t->v[i][k].channel = (struct channel){
			    .fd = -1, .stream = true, .server = i};
}

static void
close_connection(struct tcp_connection *c)
{
	if (c->channel.fd >= 0)
		close(c->channel.fd);
	c->channel.fd = -1;
	c->in.len = c->unsent.len = 0;
	c->answered = c->shared = c->alone = false;
}

void
tcp_clear(struct tcp *t)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++) {
			close_connection(&t->v[i][k]);
			buf_clear(&t->v[i][k].in);
			buf_clear(&t->v[i][k].unsent);
		}
}

static void
lose(struct tcp *t, struct tcp_connection *c)
{
	bool answered = c->answered;

	close_connection(c);
	t->user.lost(t->user.arg, &c->channel, answered);
}

static bool
is_idle(const struct tcp_connection *c)
{
	return c->channel.fd >= 0 && c->channel.out == 0 && !c->reading;
}

/* Of two connections that others use, the one that is likely to be faster. */
static bool
is_better(const struct tcp_connection *a, const struct tcp_connection *b)
{
	int64_t stalled = now_ms() - STALLED_AFTER;

	if (b == NULL || a->alone != b->alone)
		return b == NULL || b->alone;
	if ((a->moved < stalled) != (b->moved < stalled))
		return b->moved < stalled;
	return a->channel.out < b->channel.out;
}

/*
 * The connection for an entry's query: the one it has; else an idle one; else
 * a new one; else that of others.
 */
static struct tcp_connection *
choose(struct tcp *t, size_t server, uint32_t entry, bool again)
{
	struct tcp_connection *idle = NULL, *closed = NULL, *best = NULL;
	size_t open = 0;

	for (size_t i = 0; i < TCP_CONNECTIONS; i++) {
		struct tcp_connection *c = &t->v[server][i];

		/*
		 * Half an answer that no query waits for: the rest would
		 * follow.
		 */
		if (is_idle(c) && c->in.len > 0)
			close_connection(c);
		if (c->channel.fd < 0) {
			closed = c;
			continue;
		}
		open++;
		if (is_idle(c))
			idle = c;
		else if (c->entry == entry && !c->shared)
			return c;
		else if (is_better(c, best))
			best = c;
	}
	if (idle != NULL)
		return idle;
	if (closed != NULL &&
	    open < (again ? TCP_CONNECTIONS : TCP_CONNECTIONS_FIRST)) {
		closed->channel.fd =
		    channel_connect(&t->servers->v[server], SOCK_STREAM);
		if (closed->channel.fd >= 0)
			return closed;
	}
	return best;
}

struct channel *
tcp_ask(struct tcp *t, size_t server, uint32_t entry, bool again,
    const uint8_t *query, size_t len)
{
	struct tcp_connection *c = choose(t, server, entry, again);
	uint8_t prefix[2] = {(uint8_t)(len >> 8), (uint8_t)len};

	if (c == NULL)
		return NULL;
	if (c->channel.out == 0) {
		c->entry = entry;
		c->shared = false;
		c->alone = again;
		c->moved = now_ms();
	} else if (c->entry != entry)
		c->shared = true;
	buf_add(&c->unsent, prefix, sizeof(prefix));
	buf_add(&c->unsent, query, len);
	return &c->channel;
}

static void
write_some(struct tcp_connection *c)
{
	size_t at = 0;

	while (at < c->unsent.len) {
		ssize_t n = send(c->channel.fd, c->unsent.data + at,
		    c->unsent.len - at, MSG_NOSIGNAL);

		if (n >= 0) {
			at += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == ENOTCONN || errno == EINPROGRESS)
			break;
		/*
		 * Read what the server sent before it closed; read_some() finds
		 * the end after it.
		 */
		shutdown(c->channel.fd, SHUT_WR);
		c->unsent.len = 0;
		return;
	}
	memmove(c->unsent.data, c->unsent.data + at, c->unsent.len - at);
	c->unsent.len -= at;
}

void
tcp_flush(struct tcp *t)
{
	for (size_t i = 0; i < t->servers->n; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++)
			if (t->v[i][k].channel.fd >= 0 &&
			    t->v[i][k].unsent.len > 0)
				write_some(&t->v[i][k]);
}

/* Takes out the whole messages (RFC 1035 section 4.2.2). */
static void
take_messages(struct tcp *t, struct tcp_connection *c)
{
	size_t at = 0;

	c->reading = true;
	while (c->channel.fd >= 0 && c->in.len - at >= 2) {
		const uint8_t *p = (const uint8_t *)c->in.data + at;
		size_t len = (size_t)p[0] << 8 | p[1];
		unsigned before = c->channel.out;

		if (c->in.len - at < len + 2)
			break;
		t->user.message(t->user.arg, &c->channel, p + 2, len);
		at += len + 2;
		if (c->channel.out == before)
			continue;
		c->answered = true;
		c->moved = now_ms();
	}
	if (c->channel.fd >= 0 && at > 0) {
		memmove(c->in.data, c->in.data + at, c->in.len - at);
		c->in.len -= at;
	}
	c->reading = false;
}

static void
read_some(struct tcp *t, struct tcp_connection *c)
{
	char data[16384];
	ssize_t n = recv(c->channel.fd, data, sizeof(data), 0);

	if (n > 0) {
		c->heard = now_ms();
		buf_add(&c->in, data, (size_t)n);
		take_messages(t, c);
	} else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK &&
				 errno != EINTR && errno != ENOTCONN))
		/* A server may close at any time (RFC 7766 section 6.2.4). */
		lose(t, c);
}

int
tcp_close_idle(struct tcp *t)
{
	int64_t now = now_ms(), first = INT64_MAX;

	for (size_t i = 0; i < t->servers->n; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++) {
			struct tcp_connection *c = &t->v[i][k];

			if (!is_idle(c))
				continue;
			if (c->moved + IDLE_MAX <= now)
				close_connection(c);
			else if (c->moved + IDLE_MAX < first)
				first = c->moved + IDLE_MAX;
		}
	return first == INT64_MAX ? -1 : (int)(first - now);
}

size_t
tcp_poll(struct tcp *t, struct pollfd *p, size_t n)
{
	for (size_t i = 0; i < t->servers->n; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++) {
			struct tcp_connection *c = &t->v[i][k];

			c->channel.polled = 0;
			if (c->channel.fd < 0)
				continue;
			c->channel.polled = n;
			p[n++] = (struct pollfd){.fd = c->channel.fd,
			    .events =
				(short)(POLLIN |
					(c->unsent.len > 0 ? POLLOUT : 0))};
		}
	return n;
}

void
tcp_receive(struct tcp *t, const struct pollfd *p, bool all)
{
	for (size_t i = 0; i < t->servers->n; i++)
		for (size_t k = 0; k < TCP_CONNECTIONS; k++) {
			struct tcp_connection *c = &t->v[i][k];
			size_t at = c->channel.polled;

			/* What another brought may have closed it. */
			if (at != 0 && c->channel.fd >= 0 &&
			    (all ||
				(p[at].revents & (POLLIN | POLLERR | POLLHUP))))
				read_some(t, c);
		}
}

void
tcp_overdue(struct tcp *t, struct channel *channel, int64_t asked)
{
	/* The channel is a connection's first member. */
	struct tcp_connection *c = (struct tcp_connection *)channel;

	if (c->channel.fd >= 0 && c->heard < asked)
		lose(t, c);
}
