/*
 * holdfile: the file of held entries, line by line:
 *
 *	; postpermit held 1
 *	permit include:example.com growth since TIME proposed TIME
 *	 before 192.0.2.0/24
 *	 after 198.51.96.0/20
 *	permit include:example.net watched since TIME proposed TIME
 *	 reference 203.0.113.0/24
 *	; end of held sets, checksum 0123456789abcdef
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "base/text.h"
#include "expand/hold.h"

#define FIRST_LINE "; postpermit held 1"
#define LAST_LINE "; end of held sets, checksum "

/* A name is the longest part of a line; a longer line is damaged. */
#define LINE_BYTES 1024

static const char *const reasons[HOLD_REASONS] = {
    [HOLD_NONE] = "watched",
    [HOLD_NEW] = "new",
    [HOLD_LOSS] = "loss",
    [HOLD_GROWTH] = "growth",
    [HOLD_INCLUDED] = "included",
    [HOLD_GUARD] = "guard",
    [HOLD_UNANSWERED] = "unanswered",
};

const char *
hold_reason_name(enum hold_reason reason)
{
	return reasons[reason];
}

static void
write_set(struct buf *out, const char *name, struct addrset *s)
{
	char text[NET_STRLEN];
	struct net *nets;
	size_t n = addrset_nets(s, &nets);

	for (size_t i = 0; i < n; i++)
		buf_printf(out, " %s %s\n", name, net_to_text(&nets[i], text));
	free(nets);
}

static void
write_held(struct buf *out, struct held *e)
{
	buf_printf(out, "%s %s %s since ", e->reject ? "reject" : "permit",
	    e->entry, reasons[e->reason]);
	buf_add_time(out, e->since);
	buf_puts(out, " proposed ");
	buf_add_time(out, e->proposed);
	buf_puts(out, "\n");
	write_set(out, "before", &e->before);
	write_set(out, "after", &e->after);
	write_set(out, "reference", &e->reference);
}

void
holds_write(struct buf *out, struct holds *h)
{
	size_t from = out->len;

	buf_puts(out, FIRST_LINE "\n");
	holds_sort(h);
	for (size_t i = 0; i < h->n; i++)
		write_held(out, &h->v[i]);
	buf_printf(out, LAST_LINE "%016" PRIx64 "\n",
	    checksum_bytes(CHECKSUM_START, out->data + from, out->len - from));
}

/* A file while it is read. */
struct reader {
	struct holds *holds;
	uint64_t sum; /* of the lines so far */
	const char *wrong;
	bool ended;
};

/* Moves *at after this text; false if the text is not there. */
static bool
skip(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* Reads "TEXT TIME"; false if that is not there. */
static bool
read_time(const char **at, const char *text, int64_t *t)
{
	if (!skip(at, text))
		return false;
	*at = text_to_time(*at, t);
	return *at != NULL;
}

static bool
read_reason(const char **at, enum hold_reason *reason)
{
	for (int i = 0; i < HOLD_REASONS; i++)
		if (skip(at, reasons[i])) {
			*reason = (enum hold_reason)i;
			return true;
		}
	return false;
}

/* "permit ENTRY REASON since TIME proposed TIME" */
static bool
read_entry(struct reader *r, const char *line)
{
	struct held e = {.reject = strncmp(line, "reject ", 7) == 0};
	const char *at = line, *name;
	size_t len;

	if (!skip(&at, e.reject ? "reject " : "permit "))
		return false;
	name = at;
	len = strcspn(at, " ");
	at += len;
	if (len == 0 || !skip(&at, " ") || !read_reason(&at, &e.reason) ||
	    !read_time(&at, " since ", &e.since) ||
	    !read_time(&at, " proposed ", &e.proposed) || *at != '\0')
		return false;
	e.entry = xstrndup(name, len);
	holds_add(r->holds, &e);
	return true;
}

/* " before NETWORK" and so on, of the last entry. */
static bool
read_net(struct reader *r, const char *at)
{
	struct addrset *set;
	struct held *e;
	enum family f;
	struct addr a;
	const char *slash;
	char *end;
	unsigned long prefix;

	if (r->holds->n == 0)
		return false;
	e = &r->holds->v[r->holds->n - 1];
	if (skip(&at, " before "))
		set = &e->before;
	else if (skip(&at, " after "))
		set = &e->after;
	else if (skip(&at, " reference "))
		set = &e->reference;
	else
		return false;
	slash = strchr(at, '/');
	if (slash == NULL || slash[1] < '0' || slash[1] > '9' ||
	    addr_from_part(at, (size_t)(slash - at), &f, &a) != 0)
		return false;
	prefix = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || prefix > family_bits(f))
		return false;
	addrset_add_net(set, f, &a, (unsigned)prefix);
	return true;
}

/* One line without its newline. */
static void
read_line(struct reader *r, unsigned number, const char *line)
{
	char last[sizeof(LAST_LINE) + 16];
	bool good;

	snprintf(last, sizeof(last), LAST_LINE "%016" PRIx64, r->sum);
	if (r->ended)
		good = false;
	else if (number == 1)
		good = strcmp(line, FIRST_LINE) == 0;
	else if (strncmp(line, LAST_LINE, strlen(LAST_LINE)) == 0) {
		r->ended = true;
		if (strcmp(line, last) != 0)
			r->wrong = "the checksum does not match";
		return;
	} else if (*line == ' ')
		good = read_net(r, line);
	else
		good = read_entry(r, line);
	if (!good)
		r->wrong = "not a line of this file";
}

int
holds_read(
    struct holds *h, FILE *in, const char *file, struct problems *problems)
{
	struct reader r = {.holds = h, .sum = CHECKSUM_START};
	char line[LINE_BYTES];
	unsigned number = 0;

	while (r.wrong == NULL && fgets(line, sizeof(line), in) != NULL) {
		size_t len = strlen(line);

		number++;
		if (len == 0 || line[len - 1] != '\n') {
			r.wrong = "not a whole line";
			break;
		}
		line[len - 1] = '\0';
		read_line(&r, number, line);
		r.sum = checksum_bytes(r.sum, line, len - 1);
		r.sum = checksum_byte(r.sum, '\n');
	}
	if (r.wrong == NULL && ferror(in))
		r.wrong = strerror(errno);
	else if (r.wrong == NULL && !r.ended)
		r.wrong = "the file is truncated";
	if (r.wrong == NULL) {
		holds_sort(h);
		return 0;
	}
	problems_add(problems, "%s:%u: %s", file, number, r.wrong);
	holds_clear(h);
	return -1;
}
