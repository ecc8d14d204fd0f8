/*
 * changesay: messages about entries that are held, accepted or released.
 */
#include <stdlib.h>

#include "base/text.h"
#include "changesay.h"

#define NETS_SHOWN 5     /* of an entry, in a message */
#define ENTRIES_SHOWN 20 /* that are held; -v shows all */
#define NAMES_SHOWN 5    /* of entries that are told in one line */

/* "N networks would come (A, B, ...)" */
static void
add_nets(struct buf *b, const struct net *nets, size_t n, const char *verb)
{
	char text[NET_STRLEN];

	buf_printf(
	    b, "%zu %s would %s (", n, plural(n, "network", "networks"), verb);
	for (size_t i = 0; i < n && i < NETS_SHOWN; i++)
		buf_printf(
		    b, "%s%s", i > 0 ? ", " : "", net_to_text(&nets[i], text));
	buf_puts(b, n > NETS_SHOWN ? ", ...)" : ")");
}

/* What would come if a change were accepted; the caller frees *nets. */
static size_t
find_coming(struct change *ch, struct net **nets)
{
	struct addrset come;
	size_t n;

	addrset_init(&come);
	addrset_union(&come, &ch->now);
	addrset_subtract(&come, &ch->held.before);
	n = addrset_nets(&come, nets);
	addrset_clear(&come);
	return n;
}

/* What would come and go if a change were accepted. */
static void
add_difference(struct buf *b, struct change *ch)
{
	struct loss loss = hold_loss(&ch->held.before, &ch->now);
	struct net *nets;
	size_t n = find_coming(ch, &nets);

	if (n > 0)
		add_nets(b, nets, n, "come");
	if (n > 0 && loss.n > 0)
		buf_puts(b, ", ");
	if (loss.n > 0) {
		add_nets(b, loss.gone, loss.n, "go");
		buf_printf(b, " of %zu", loss.of);
	}
	if (n == 0 && loss.n == 0)
		buf_puts(b, "nothing would change at once");
	free(nets);
	free(loss.gone);
}

/* How much the addresses of a family would grow. */
static void
add_growth(struct buf *b, struct change *ch)
{
	for (int f = 0; f < FAMILIES; f++) {
		double was =
		    addrset_addresses(&ch->held.before, (enum family)f);
		double is = addrset_addresses(&ch->now, (enum family)f);

		if (is <= was)
			continue;
		buf_puts(b, ", from ");
		buf_add_count(b, was);
		buf_puts(b, " to ");
		buf_add_count(b, is);
		buf_printf(b, " IPv%c addresses", f == IPV4 ? '4' : '6');
	}
}

static void
say_unanswered(struct change *ch)
{
	struct net *nets;
	size_t n = addrset_nets(&ch->new, &nets);
	struct buf since;

	buf_init(&since);
	buf_add_time(&since, ch->held.since);
	say(WARNING,
	    "%s: lookups failed; its last networks stay %s: %zu %s (since %s)",
	    held_name(&ch->held), ch->entry->exclude ? "excluded" : "rejected",
	    n, plural(n, "network", "networks"), since.data);
	free(nets);
	buf_clear(&since);
}

static void
say_held(struct changes *c, struct change *ch)
{
	static const char *const what[HOLD_REASONS] = {
	    [HOLD_LOSS] = "loses too much at once",
	    [HOLD_GROWTH] = "grows too much at once",
	    [HOLD_INCLUDED] =
		"a record that it includes grows too much at once",
	    [HOLD_GUARD] = "a guard now leaves it out"};
	const struct held *h = &ch->held;
	struct buf b;

	if (h->reason == HOLD_UNANSWERED) {
		say_unanswered(ch);
		return;
	}
	buf_init(&b);
	buf_printf(&b, "%s: held since ", held_name(h));
	buf_add_time(&b, h->since);
	buf_printf(&b, ", %s: ", what[h->reason]);
	add_difference(&b, ch);
	if (h->reason == HOLD_GROWTH || h->reason == HOLD_INCLUDED)
		add_growth(&b, ch);
	if (c->run->now < held_until(h, &c->limits)) {
		buf_puts(&b, "; accepted after ");
		buf_add_time(&b, held_until(h, &c->limits));
	} else {
		buf_puts(&b, "; the last run was ");
		buf_add_age(&b, c->run->now - c->last_run);
		buf_puts(&b, " ago: accepted by the next run");
	}
	buf_printf(&b, ", or by \"update --accept %s\"", held_name(h));
	say(WARNING, "%s", b.data);
	buf_clear(&b);
}

static void
say_accepted(const struct changes *c, struct change *ch)
{
	struct buf b;

	buf_init(&b);
	buf_printf(&b, "%s: accepted ", held_name(&ch->held));
	if (c->run->o->force)
		buf_puts(&b, "by --force");
	else if (changes_is_due(c, &ch->held)) {
		buf_puts(&b, "after ");
		buf_add_age(&b, c->run->now - ch->held.since);
	} else
		buf_puts(&b, "by --accept");
	buf_puts(&b, ": ");
	add_difference(&b, ch);
	add_growth(&b, ch);
	say(NOTE, "%s", b.data);
	buf_clear(&b);
}

/* Appends names, the first few. */
static void
add_name(struct buf *b, const struct change *ch, size_t *n)
{
	if (*n <= NAMES_SHOWN)
		buf_printf(b, "%s%s", *n > 0 ? ", " : "",
		    *n < NAMES_SHOWN ? held_name(&ch->held) : "...");
	++*n;
}

/* In one line: all of them come back together when DNS does. */
static void
say_released(struct changes *c)
{
	struct buf names;
	size_t n = 0;

	buf_init(&names);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].released)
			add_name(&names, &c->v[i], &n);
	if (n > 0)
		say(NOTE, "no longer held, DNS has the old networks again: %s",
		    names.data);
	buf_clear(&names);
}

/* So many lose networks at once that it is the resolver. */
static void
say_many(struct changes *c)
{
	struct buf names, servers;
	size_t n = 0;

	buf_init(&names);
	buf_init(&servers);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].held.reason == HOLD_LOSS && !c->v[i].accepted)
			add_name(&names, &c->v[i], &n);
	buf_puts(&servers, "");
	if (c->run->replay == NULL) {
		buf_puts(&servers, " (");
		servers_to_text(&servers, &c->run->servers);
		buf_puts(&servers, ")");
	}
	if (n > 0)
		say(WARNING,
		    "%zu of %zu entries would lose networks at once: check the "
		    "resolver%s; they keep their networks until it is over, "
		    "or \"update --force\" accepts it: %s",
		    n, c->permitting, servers.data, names.data);
	buf_clear(&names);
	buf_clear(&servers);
}

/* Entries that --accept names though nothing is held of them. */
static void
say_not_held(struct changes *c)
{
	const struct strings *accepted = &c->run->o->accepted;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].accepted;
	if (n < accepted->n && !c->run->o->force)
		say(NOTE, "--accept: %zu of %zu %s not held: nothing to accept",
		    accepted->n - n, accepted->n,
		    plural(accepted->n, "entry is", "entries are"));
}

void
changes_say(struct changes *c)
{
	size_t shown = 0, more = 0;

	say_released(c);
	if (c->many)
		say_many(c);
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];
		enum hold_reason reason = ch->held.reason;

		if (!held_is_held(&ch->held) ||
		    (c->many && reason == HOLD_LOSS && !ch->accepted &&
			!c->run->o->verbose))
			continue;
		if (++shown > ENTRIES_SHOWN && !c->run->o->verbose)
			more++;
		else if (ch->accepted)
			say_accepted(c, ch);
		else
			say_held(c, ch);
	}
	if (more > 0)
		say(WARNING, "%zu more %s held or accepted (see -v)", more,
		    plural(more, "entry is", "entries are"));
	say_not_held(c);
}

static void
add_json_nets(
    struct json *j, const char *name, const struct net *nets, size_t n)
{
	char text[NET_STRLEN];

	json_array(j, name, JSON_ROW);
	for (size_t i = 0; i < n; i++)
		json_string(j, NULL, net_to_text(&nets[i], text));
	json_end(j);
}

static void
add_json_time(struct json *j, const char *name, int64_t t)
{
	struct buf text;

	buf_init(&text);
	buf_add_time(&text, t);
	json_string(j, name, t != 0 ? text.data : NULL);
	buf_clear(&text);
}

static void
add_json_held(struct json *j, struct changes *c, struct change *ch)
{
	const struct held *h = &ch->held;
	struct loss loss = hold_loss(&ch->held.before, &ch->now);
	bool waits = !(c->many && h->reason == HOLD_LOSS);
	struct net *nets;
	size_t n = find_coming(ch, &nets);

	json_object(j, NULL, JSON_ROW);
	json_string(j, "entry", held_name(h));
	json_string(j, "list", h->reject ? "reject" : "permit");
	json_string(j, "reason", hold_reason_name(h->reason));
	add_json_time(j, "since", h->since);
	add_json_time(j, "until", waits ? held_until(h, &c->limits) : 0);
	add_json_nets(j, "come", nets, n);
	add_json_nets(j, "go", loss.gone, loss.n);
	json_end(j);
	free(nets);
	free(loss.gone);
}

void
changes_json(struct changes *c, struct json *j)
{
	json_array(j, "held", JSON_LINES);
	for (size_t i = 0; i < c->n; i++)
		if (held_is_held(&c->v[i].held) && !c->v[i].accepted)
			add_json_held(j, c, &c->v[i]);
	json_end(j);
}
