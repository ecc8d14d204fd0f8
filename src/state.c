/*
 * state: what an update leaves in the state directory for the next one: saved
 * answers, and what is held.
 */
#include "state.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/problems.h"
#include "base/text.h"
#include "dns/zone.h"
#include "table/install.h"

#define CLOCK_MIN 1735689600L /* 2025: no clock that is right says less */

struct answers *
state_read_saved(const struct session *r)
{
	char *path = session_state_path(r, SAVED_ANSWERS);
	struct answers *as = NULL;
	struct buf why;
	FILE *in;

	buf_init(&why);
	in = install_open(path, &why);
	if (in != NULL)
		as = session_read_zone(r, in, path, WARNING);
	if (as != NULL && answers_are_complete(as)) {
		say(WARNING, "%s: not a file of saved answers", path);
		answers_close(as);
		as = NULL;
	}
	if (why.len > 0)
		say(WARNING, "%s", why.data);
	if (as == NULL && (in != NULL || why.len > 0))
		say(WARNING, "%s: ignored", path);
	buf_clear(&why);
	free(path);
	return as;
}

/* When the latest of the saved answers was confirmed, by the file itself. */
static int64_t
find_latest(const struct session *r)
{
	struct session then = *r;
	const struct answer **v;
	struct answers *as;
	int64_t latest = 0;
	size_t n;

	/* Times in the future would count as now. */
	then.now = INT64_MAX;
	as = state_read_saved(&then);
	if (as == NULL)
		return 0;
	v = answers_sorted(as, &n);
	for (size_t i = 0; i < n; i++)
		if (v[i]->confirmed > latest)
			latest = v[i]->confirmed;
	free(v);
	answers_close(as);
	return latest;
}

void
state_mend_clock(struct session *r)
{
	int64_t latest;
	struct buf b;

	if (r->now >= CLOCK_MIN || (latest = find_latest(r)) <= r->now)
		return;
	buf_init(&b);
	buf_add_time(&b, r->now);
	buf_puts(&b, ", taken as ");
	buf_add_time(&b, latest);
	say(WARNING, "the clock is wrong: it says %s", b.data);
	buf_clear(&b);
	r->now = latest;
}

int
state_read_holds(const struct session *r, struct holds *h)
{
	char *path = session_state_path(r, HELD_SETS);
	struct problems problems;
	struct buf why;
	int result = 0;
	FILE *in;

	holds_init(h);
	problems_init(&problems);
	buf_init(&why);
	in = install_open(path, &why);
	if (in != NULL) {
		result = holds_read(h, in, path, &problems);
		fclose(in);
	} else if (why.len > 0 &&
		   access(r->config.state_directory, F_OK) == 0) {
		/* Without the directory nothing was ever held. */
		problems_add(&problems, "%s", why.data);
		result = -1;
	}
	say_problems(WARNING, &problems);
	if (result != 0)
		say(WARNING, "%s: ignored", path);
	problems_clear(&problems);
	buf_clear(&why);
	free(path);
	return result;
}

static int
write_file(const struct session *r, const char *name, const struct buf *text,
    struct buf *why)
{
	char *path = session_state_path(r, name);
	enum install_result result =
	    install_file(path, text->data, text->len, why);

	free(path);
	return result == INSTALL_FAILED ? -1 : 0;
}

static int
write_holds(const struct session *r, struct holds *h, struct buf *why)
{
	char *path = session_state_path(r, HELD_SETS);
	struct buf text;
	int result = 0;

	buf_init(&text);
	/* It is made when there is something to hold for the first time. */
	if (h->n > 0 || access(path, F_OK) == 0) {
		holds_write(&text, h);
		result = write_file(r, HELD_SETS, &text, why);
	}
	buf_clear(&text);
	free(path);
	return result;
}

int
state_write(const struct session *r, struct holds *first, struct holds *then,
    struct buf *why)
{
	struct buf text;
	int result = write_holds(r, first, why);

	buf_init(&text);
	zone_write(&text, r->answers);
	if (result == 0)
		result = write_file(r, SAVED_ANSWERS, &text, why);
	if (result == 0 && then != NULL)
		result = write_holds(r, then, why);
	buf_clear(&text);
	return result;
}

struct held *
state_apply_hold(
    struct session *r, const struct entry *e, struct addrset *permits)
{
	struct held *h =
	    holds_find(&r->held, e, session_list_of(r, e) == REJECT);

	if (h == NULL || !held_is_held(h))
		return NULL;
	held_apply(h, permits);
	return h;
}

void
state_say_held(const struct held *h)
{
	struct buf since;

	buf_init(&since);
	buf_add_time(&since, h->since);
	say(NOTE, "%s: held since %s (%s): the table has its old networks%s",
	    held_name(h), since.data, hold_reason_name(h->reason),
	    h->reason == HOLD_LOSS || h->reason == HOLD_UNANSWERED
		? " and the new ones"
		: ", not the new ones");
	buf_clear(&since);
}

enum status
state_begin(struct session *r, const struct options *o, bool keep_repeats)
{
	bool with_file = o->lists.n == 0 || o->replay == NULL;
	enum status status = session_begin(r, o, with_file);

	r->keep_repeats = keep_repeats;
	if (status == STATUS_OK)
		status = session_read_lists(r, false, NULL);
	if (status != STATUS_OK)
		return status;
	if (o->replay == NULL && (r->replay = state_read_saved(r)) == NULL) {
		say(ERROR,
		    "%s: no saved answers: run \"postpermit update\" first, or "
		    "give -r FILE",
		    r->config.state_directory);
		return STATUS_FAILED;
	}
	if (o->replay == NULL)
		state_read_holds(r, &r->held);
	return session_get_answers(r);
}
