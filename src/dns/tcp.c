/*
 * tcp: queries and answers over TCP, pipelined (RFC 7766 section 6.2.1.1).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system.h"
#include "base/text.h"
#include "dns/engine.h"

void
tcp_close(struct tcp *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->in.len = t->unsent.len = 0;
	t->answered = false;
}

void
tcp_lost(struct engine *e, struct tcp *t, enum answer_failure failure)
{
	bool again = t->answered;

	tcp_close(t);
	for (size_t i = 0; t->out > 0 && i < e->config->max_inflight; i++) {
		struct flight *f = &e->flights[i];

		if (f->tcp == t && again)
			flight_again(e, f);
		else if (f->tcp == t)
			flight_failed(e, f, failure);
	}
}

void
tcp_write(struct tcp *t)
{
	size_t at = 0;

	while (at < t->unsent.len) {
		ssize_t n = send(t->fd, t->unsent.data + at, t->unsent.len - at,
		    MSG_NOSIGNAL);

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
		 * What the server said before it closed is still to be read;
		 * tcp_receive() finds the end behind it.
		 */
		shutdown(t->fd, SHUT_WR);
		t->unsent.len = 0;
		return;
	}
	memmove(t->unsent.data, t->unsent.data + at, t->unsent.len - at);
	t->unsent.len -= at;
}

void
tcp_ask(struct engine *e, struct flight *f)
{
	struct tcp *t = &e->tcps[f->server];
	uint8_t query[2 + WIRE_QUERY_MAX];
	uint16_t id;
	size_t len;

	if (t->fd < 0)
		t->fd = server_socket(
		    &e->config->servers.v[f->server], SOCK_STREAM);
	if (t->fd < 0) {
		exit_if_exhausted("cannot open a socket");
		flight_failed(e, f, FAILURE_UNREACHABLE);
		return;
	}
	id = flight_id(e);
	len = wire_query(
	    query + 2, id, f->name, (enum rr_type)f->lookup.type, f->edns);
	query[0] = (uint8_t)(len >> 8);
	query[1] = (uint8_t)len;
	buf_add(&t->unsent, query, len + 2);
	flight_sent(e, f, id, NULL, t);
}

/* Takes the whole messages out of what came over TCP (RFC 1035, 4.2.2). */
static void
tcp_messages(struct engine *e, struct tcp *t)
{
	size_t at = 0;

	while (t->fd >= 0 && t->in.len - at >= 2) {
		const uint8_t *p = (const uint8_t *)t->in.data + at;
		size_t len = (size_t)p[0] << 8 | p[1];
		if (t->in.len - at < len + 2)
			break;
		flight_message(e, p + 2, len, NULL, t);
		at += len + 2;
	}
	if (t->fd >= 0 && at > 0) {
		memmove(t->in.data, t->in.data + at, t->in.len - at);
		t->in.len -= at;
	}
}

void
tcp_receive(struct engine *e, struct tcp *t)
{
	char data[16384];
	ssize_t n = recv(t->fd, data, sizeof(data), 0);

	if (n > 0) {
		t->heard = now_ms();
		buf_add(&t->in, data, (size_t)n);
		tcp_messages(e, t);
	} else if (n == 0 ||
		   (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		/* A server may close at any time (RFC 7766 section 6.2.4). */
		tcp_lost(e, t, FAILURE_UNREACHABLE);
}
