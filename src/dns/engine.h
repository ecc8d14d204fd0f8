/*
 * engine: the inside of dns: what its files share.
 *
 * A lookup that is out is a struct flight. Each of its attempts has a deadline
 * and hangs in the list of that time-out; since all in a list wait equally
 * long, a list is in the order of its deadlines.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <poll.h>

#include "base/name.h"
#include "base/text.h"
#include "dns/dns.h"
#include "dns/wire.h"

#define FLIGHTS_A_SOCKET 128  /* answers that a socket's buffer surely holds */
#define QUERIES_A_SOCKET 2000 /* then another source port takes its place */
#define SOCKETS_MIN 2         /* a server, so that ports are not constant */
#define RECEIVE_BUFFER (1 << 20)
#define BATCH 32          /* messages a system call */
#define LOST_TO_BE_DOWN 3 /* lookups, see look_for_down() */
#define PAUSE_SHARE 8     /* of a time-out: the pause after a failure */

/* Lists of flights: time-outs of 1, 2 and 4 times, then pauses likewise. */
enum { STEPS = 3, WAIT_LISTS = 2 * STEPS };

struct flight {
	struct flight *next, *prev; /* in its list, or among the idle ones */
	struct lookup lookup;
	const uint8_t *name; /* asked for now: the lookup's, or target */
	uint8_t target[NAME_MAX_WIRE]; /* where a CNAME led */
	struct wire_answer answer;
	int64_t deadline;
	int64_t started; /* its first attempt, milliseconds */
	struct udp *udp; /* the query went out there, */
	struct tcp *tcp; /* or there; NULL while it pauses */
	size_t server;
	unsigned attempts;
	enum answer_failure failure; /* of the last attempt */
	int list;                    /* where it hangs, -1: nowhere */
	uint16_t id;
	bool edns;
	bool asked[SERVERS_MAX]; /* in this round over the servers */
};

struct udp {
	int fd; /* -1: not open */
	size_t server;
	bool refused;  /* the server cannot be reached: see udp_send_all() */
	unsigned out;  /* flights that wait here */
	unsigned sent; /* queries since it was opened */
	/* Queries that the next send() writes. */
	size_t n;
	size_t len[BATCH];
	uint8_t query[BATCH][WIRE_QUERY_MAX];
};

struct tcp {
	int fd; /* -1: not open */
	size_t server;
	unsigned out;
	int64_t heard; /* when it last brought anything, milliseconds */
	bool answered; /* it brought an answer, since it was opened */
	struct buf in, unsent;
};

/* What a thread knows of a server. */
struct state {
	bool down;      /* for the rest of the round */
	unsigned lost;  /* lookups that ended since it last sent anything */
	int64_t heard;  /* when it last sent anything, milliseconds */
	unsigned fails; /* attempts that failed, in a row */
};

struct engine {
	const struct dns_config *config;
	struct state state[SERVERS_MAX];
	struct udp *udps; /* sockets_each for each server */
	size_t sockets_each;
	struct tcp tcps[SERVERS_MAX];
	struct flight *flights, *idle;
	struct flight *head[WAIT_LISTS], *tail[WAIT_LISTS];
	struct flight *by_id[UINT16_MAX + 1];
	unsigned out;       /* flights in use */
	unsigned window;    /* how many may be */
	uint8_t round;      /* of the last lookup */
	unsigned good, bad; /* attempts since the window was looked at */
	struct lookup_batch *batch; /* taken from the queue, */
	size_t taken;               /* so far */
	struct reply_batch *done;
	struct pollfd *polls;
	uint16_t randoms[128]; /* as many as random_bytes() gives at once */
	size_t nrandoms;       /* of these, still unused */
	uint8_t *received;     /* BATCH buffers of WIRE_UDP_MAX */
};

/* flight.c: attempts, time-outs, servers. */

/* Sixteen bits that nobody can guess. */
uint16_t random16(struct engine *e);

/* A lookup of another round: no server is down any more. */
void flight_new_round(struct engine *e, uint8_t round);

/* The first attempt, or the next: at another server, if there is one. */
void flight_attempt(struct engine *e, struct flight *f);

/* The attempt failed: another one, or the end of the lookup. */
void flight_failed(
    struct engine *e, struct flight *f, enum answer_failure failure);

/* Registers a query that was put into a socket's buffer. */
void flight_sent(struct engine *e, struct flight *f, uint16_t id,
    struct udp *udp, struct tcp *tcp);

/* An ID that no other flight has. */
uint16_t flight_id(struct engine *e);

/*
 * A message came in at a socket: the one that is not NULL. If a flight waits
 * there for it, it is what its server says.
 */
void flight_message(struct engine *e, const uint8_t *msg, size_t len,
    const struct udp *udp, struct tcp *tcp);

/* Asks again over TCP, which is no new attempt. */
void flight_again(struct engine *e, struct flight *f);

/* Gives up attempts whose time is over, and ends pauses. */
void flight_expire(struct engine *e);

/* Milliseconds until the next deadline; -1 if there is none. */
int flight_next_deadline(const struct engine *e);

/* Opens a socket to a server, not blocking; -1 with errno if that fails. */
int server_socket(const struct server *server, int type);

/* udp.c */
void udp_ask(struct engine *e, struct flight *f);
/* Sends what was put together; also what that makes necessary. */
void udp_send_all(struct engine *e);
/* Whether something waits to be sent. */
bool udp_is_unsent(const struct engine *e);
void udp_receive(struct engine *e, struct udp *u);

/* tcp.c: one connection a server, used for all its truncated answers. */
void tcp_ask(struct engine *e, struct flight *f);
void tcp_write(struct tcp *t);
void tcp_receive(struct engine *e, struct tcp *t);
void tcp_close(struct tcp *t);

/*
 * The connection ended: what waits there tries again, which costs an attempt
 * unless it had brought an answer.
 */
void tcp_lost(struct engine *e, struct tcp *t, enum answer_failure failure);

#endif
