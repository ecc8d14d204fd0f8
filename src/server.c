/*
 * server: the DNS servers that are asked.
 */
#include "server.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define DNS_PORT 53

int
servers_add(struct servers *s, const char *text)
{
	char copy[INET6_ADDRSTRLEN];
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
	if (inet_pton(AF_INET, copy, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		server.len = sizeof(*in);
	} else if (inet_pton(AF_INET6, copy, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
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
servers_add_system(struct servers *s, const char *path)
{
	ldns_status status = LDNS_STATUS_FILE_ERR;
	FILE *in = fopen(path, "re");
	ldns_resolver *r = NULL;

	if (in == NULL)
		exit_if_exhausted(path);
	else {
		status = ldns_resolver_new_frm_fp(&r, in);
		fclose(in);
	}
	if (status == LDNS_STATUS_MEM_ERR)
		out_of_memory();
	if (status == LDNS_STATUS_OK) {
		ldns_rdf **servers = ldns_resolver_nameservers(r);
		size_t n = ldns_resolver_nameserver_count(r);

		for (size_t i = 0; i < n; i++) {
			char *text = ldns_rdf2str(servers[i]);

			if (text != NULL)
				servers_add(s, text);
			free(text);
		}
		ldns_resolver_deep_free(r);
	}
	if (s->n == 0)
		servers_add(s, "127.0.0.1");
}
