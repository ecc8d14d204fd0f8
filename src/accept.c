/*
 * accept: the entries that --accept names.
 */
#include "accept.h"

#include <string.h>

#include "base/text.h"

bool
accept_names(const struct options *o, const char *key)
{
	struct problems problems;
	bool named = false;
	struct list l;
	struct buf text;

	for (size_t i = 0; i < o->accepted.n && !named; i++) {
		const char *arg = o->accepted.v[i];

		list_init(&l);
		problems_init(&problems);
		buf_init(&text);
		if (list_add_term(&l, NULL, 0, arg, strlen(arg), &problems) ==
		    0) {
			hold_key(&text, &l.v[0]);
			named =
			    strcmp(text.data, key) == 0 ||
			    (key[0] == '-' && strcmp(text.data, key + 1) == 0);
		}
		buf_clear(&text);
		problems_clear(&problems);
		list_clear(&l);
	}
	return named;
}

/* Whether an entry of the lists has the name that --accept gives. */
static bool
is_listed(const struct session *r, const char *arg)
{
	const struct options one = {
	    .accepted = {.v = (const char *[]){arg}, .n = 1}};
	struct buf key;
	bool listed = false;

	buf_init(&key);
	for (int i = 0; i < LISTS; i++)
		for (size_t k = 0; k < r->lists[i].n && !listed; k++) {
			key.len = 0;
			hold_key(&key, &r->lists[i].v[k]);
			listed = accept_names(&one, key.data);
		}
	buf_clear(&key);
	return listed;
}

int
accept_check(const struct session *r)
{
	const struct strings *accepted = &r->o->accepted;
	struct buf shown;
	int result = 0;

	buf_init(&shown);
	for (size_t i = 0; i < accepted->n; i++) {
		if (is_listed(r, accepted->v[i]))
			continue;
		shown.len = 0;
		buf_puts(&shown, "");
		buf_add_escaped(
		    &shown, accepted->v[i], strlen(accepted->v[i]), SHOWN_MAX);
		say(ERROR, "--accept %s: not an entry of the lists",
		    shown.data);
		result = -1;
	}
	buf_clear(&shown);
	return result;
}
