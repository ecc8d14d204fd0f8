/*
 * server: the DNS servers that are asked.
 */
#include "dns/server.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DNS_PORT 53
#define WHITE " \t\r\n"

/* The number of an interface, by itself or of a name; 0: there is none. */
static uint32_t
scope_id(const char *text)
{
	if (*text != '\0' && strlen(text) < 10 &&
	    text[strspn(text, "0123456789")] == '\0')
		return (uint32_t)strtoul(text, NULL, 10);
	return if_nametoindex(text);
}

int
servers_add(struct servers *s, const char *text)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE], *scope;
	size_t len = strcspn(text, "@");
	unsigned port = DNS_PORT;
	struct server server = {0};
	struct sockaddr_in *in = (struct sockaddr_in *)&server.addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&server.addr;

	if (len >= sizeof(copy) || s->n == SERVERS_MAX)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (text[len] == '@') {
		const char *digits = text + len + 1;

		if (*digits == '\0' || strlen(digits) > 5 ||
		    digits[strspn(digits, "0123456789")] != '\0')
			return -1;
		port = (unsigned)strtoul(digits, NULL, 10);
	}
	if (port == 0 || port > UINT16_MAX)
		return -1;
	scope = strchr(copy, '%');
	if (scope != NULL)
		*scope++ = '\0';
	if (scope == NULL && inet_pton(AF_INET, copy, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		server.len = sizeof(*in);
	} else if (inet_pton(AF_INET6, copy, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		if (scope != NULL &&
		    (in6->sin6_scope_id = scope_id(scope)) == 0)
			return -1;
		server.len = sizeof(*in6);
	} else
		return -1;
	s->v[s->n++] = server;
	return 0;
}

int
servers_add_list(struct servers *s, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	int result = 0;

	while (result == 0 && (word = strsep(&rest, ", \t\r\n")) != NULL)
		if (*word != '\0')
			result = servers_add(s, word);
	free(copy);
	return result;
}

void
servers_to_text(struct buf *b, const struct servers *s)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE], port[8];

	for (size_t i = 0; i < s->n; i++)
		if (getnameinfo((const struct sockaddr *)&s->v[i].addr,
			s->v[i].len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) == 0)
			buf_printf(b, "%s%s@%s", i > 0 ? ", " : "", host, port);
}

/* ldns could read it, but loses the %eth0 of fe80::1%eth0. */
void
servers_add_system(struct servers *s, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, *rest;
	size_t cap = 0;

	if (in == NULL)
		exit_if_exhausted(path);
	while (in != NULL && xgetline(&line, &cap, in) != -1) {
		const char *word = strtok_r(line, WHITE, &rest);

		if (word == NULL || strcmp(word, "nameserver") != 0)
			continue;
		word = strtok_r(NULL, WHITE, &rest);
		/* Text that is not an address is skipped. */
		if (word != NULL)
			servers_add(s, word);
	}
	free(line);
	if (in != NULL)
		fclose(in);
	if (s->n == 0)
		servers_add(s, "127.0.0.1");
}
