/*
 * postconf: reads the output of Postfix's postconf(1).
 */
#include "postconf.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define WHITE " \t\r\n"
#define SMTP_PORT 25

/* One "name = value" of the output. */
struct line {
	char *name, *value; /* in the buffer */
	struct buf text;
};

/*
 * Takes the next logical line: one that begins with white space continues the
 * last. Returns false at the end. Its buffer is the caller's to clear.
 */
static bool
next_line(const char **text, struct line *l)
{
	const char *p = *text;
	char *equals;

	l->text.len = 0;
	do {
		size_t len = strcspn(p, "\n");

		buf_add(&l->text, p, len);
		p += len + (p[len] != '\0');
	} while (*p == ' ' || *p == '\t');
	if (p == *text)
		return false;
	*text = p;
	l->name = l->text.data;
	l->value = l->text.data + l->text.len;
	equals = strstr(l->text.data, " =");
	if (equals != NULL) {
		*equals = '\0';
		l->value = equals + 2 + strspn(equals + 2, WHITE);
	}
	return true;
}

/* The service of that name; it is added if it is new. */
static struct postfix_service *
find_service(struct postfix_services *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	s->v = grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n] = (struct postfix_service){
	    .name = xstrdup(name), .command = xstrdup("")};
	return &s->v[s->n++];
}

/* "smtp/inet/chroot = y": one field of a service. */
static void
take_field(struct postfix_services *s, const char *name, const char *field,
    const char *value)
{
	struct postfix_service *service = find_service(s, name);

	if (strcmp(field, "chroot") == 0)
		service->chroot = *value == 'y';
	if (strcmp(field, "command") == 0) {
		free(service->command);
		service->command = xstrndup(value, strcspn(value, WHITE));
	}
}

void
postfix_services_read(
    struct postfix_services *s, const char *fields, const char *overrides)
{
	const char *const texts[] = {fields, overrides};
	struct line l;

	*s = (struct postfix_services){0};
	buf_init(&l.text);
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *text = texts[i];

		while (next_line(&text, &l)) {
			char *slash = strrchr(l.name, '/');
			struct postfix_service *service;

			if (slash == NULL || slash == l.name)
				continue;
			*slash = '\0';
			if (texts[i] == fields) {
				take_field(s, l.name, slash + 1, l.value);
				continue;
			}
			service = find_service(s, l.name);
			service->overrides =
			    grow(service->overrides, service->n, &service->cap,
				sizeof(*service->overrides));
			service->overrides[service->n++] =
			    xasprintf("%s=%s", slash + 1, l.value);
		}
	}
	buf_clear(&l.text);
}

void
postfix_services_clear(struct postfix_services *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->v[i].n; k++)
			free(s->v[i].overrides[k]);
		free(s->v[i].overrides);
		free(s->v[i].name);
		free(s->v[i].command);
	}
	free(s->v);
	*s = (struct postfix_services){0};
}

/* master(5): [HOST:]PORT, in which PORT is a number or a name. */
bool
postfix_service_is_smtp(const struct postfix_service *s)
{
	char *name = xstrdup(s->name), *type = strrchr(name, '/'), *port;
	bool result = false;

	if (type != NULL && strcmp(type, "/inet") == 0) {
		struct servent *known;

		*type = '\0';
		port = strrchr(name, ':');
		if (port != NULL)
			*port++ = '\0';
		else
			port = name;
		known = getservbyname(port, "tcp");
		result = strcmp(port, "smtp") == 0 ||
			 strtol(port, NULL, 10) == SMTP_PORT ||
			 (known != NULL && known->s_port == htons(SMTP_PORT));
		if (port != name &&
		    (strncmp(name, "127.", 4) == 0 ||
			strcmp(name, "localhost") == 0 ||
			strcmp(name, "[::1]") == 0 || strcmp(name, "::1") == 0))
			result = false;
	}
	free(name);
	return result;
}

char *
postconf_value(const char *text, const char *name)
{
	char *value = NULL;
	struct line l;

	buf_init(&l.text);
	while (value == NULL && next_line(&text, &l))
		if (l.value > l.name + strlen(l.name) &&
		    strcmp(l.name, name) == 0)
			value = xstrdup(l.value);
	buf_clear(&l.text);
	return value;
}

char *
postconf_element(const char **list)
{
	const char *p = *list + strspn(*list, WHITE ","), *end = p;
	unsigned depth = 0;

	for (; *end != '\0'; end++) {
		if (*end == '{')
			depth++;
		else if (*end == '}' && depth > 0)
			depth--;
		else if (depth == 0 && strchr(WHITE ",", *end) != NULL)
			break;
	}
	*list = end;
	return end == p ? NULL : xstrndup(p, (size_t)(end - p));
}

/* The tables in "{a:b, c:d}". */
static bool
visit_inside(const char *braces, postconf_visit *visit, const void *arg)
{
	size_t len = strlen(braces);
	char *inside, *element;
	const char *list;
	bool result = false;

	if (len < 2 || braces[0] != '{' || braces[len - 1] != '}')
		return false;
	list = inside = xstrndup(braces + 1, len - 2);
	while (!result && (element = postconf_element(&list)) != NULL) {
		result = postconf_tables(element, visit, arg);
		free(element);
	}
	free(inside);
	return result;
}

bool
postconf_tables(const char *element, postconf_visit *visit, const void *arg)
{
	static const char *const groups[] = {"unionmap", "pipemap", "randmap"};
	static const char proxy[] = "proxy:";
	const char *colon;
	char *type;
	bool result = false;

	if (strncmp(element, proxy, strlen(proxy)) == 0)
		element += strlen(proxy);
	colon = strchr(element, ':');
	if (colon == NULL)
		return false;
	type = xstrndup(element, (size_t)(colon - element));
	for (size_t i = 0; i < COUNT(groups); i++)
		if (strcmp(type, groups[i]) == 0)
			result = visit_inside(colon + 1, visit, arg);
	if (!result)
		result = visit(arg, type, colon + 1);
	free(type);
	return result;
}
