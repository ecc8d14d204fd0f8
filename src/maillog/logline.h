/*
 * logline: splits a line of a log into time, host, program and message, for all
 * known formats: syslog daemons, journalctl, docker, kubectl. Nothing in it is
 * trusted.
 */
#ifndef LOGLINE_H
#define LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maillog/logtime.h"

/* Part of a line. */
struct maillog_text {
	const char *text;
	size_t len;
};

struct logline {
	int64_t time; /* seconds since 1970 */
	struct maillog_text host;
	/* Of Postfix: what follows the last "/" of NAME/SERVICE; "*": it is
	 * not said. Empty: another program. */
	struct maillog_text service;
	struct maillog_text message;
};

enum logline_result {
	LOGLINE_READ,
	LOGLINE_EMPTY,  /* a remark of the log itself, or part of an entry */
	LOGLINE_UNKNOWN /* no time, or no program */
};

/* What LOGLINE_UNKNOWN missed, for a message. */
#define LOGLINE_EXPECTED                                                     \
	"a time, a host and \"postfix/SERVICE[PID]: \", or an entry of the " \
	"journal (export, json)"

/* Reads a line of text, without its newline; l points into it. */
enum logline_result logline_read(
    struct logtime *times, const char *line, size_t len, struct logline *l);

/* The service in a program's name, as in struct logline. */
struct maillog_text logline_service(struct maillog_text program);

#endif
