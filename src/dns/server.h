/*
 * server: the DNS servers that are asked.
 */
#ifndef SERVER_H
#define SERVER_H

#include <sys/socket.h>

#include "base/text.h"

struct server {
	struct sockaddr_storage addr;
	socklen_t len;
};

#define SERVERS_MAX 16

struct servers {
	struct server v[SERVERS_MAX];
	size_t n;
};

/*
 * Adds one: ADDRESS or ADDRESS@PORT, the port 53 by default. Returns 0, or
 * -1: neither, or one too many.
 */
int servers_add(struct servers *s, const char *text);

/* Adds those of a list separated by white space or commas; 0 or -1 likewise. */
int servers_add_list(struct servers *s, const char *text);

/* Appends them as servers_add_list() takes them, each with its port. */
void servers_to_text(struct buf *b, const struct servers *s);

/*
 * Those of resolv.conf(5); 127.0.0.1 if it names none or is missing.
 */
void servers_add_system(struct servers *s, const char *path);

#endif
