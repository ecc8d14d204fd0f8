/*
 * zone: answers from a zone file (RFC 1035 section 5). Entries and directives
 * are read here, names and the data of RRs by rdata.
 */
#include "dns/zone.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "dns/zonetext.h"

static const enum rr_type types[] = {RR_A, RR_CNAME, RR_MX, RR_TXT, RR_AAAA};

/* An RR that was read; those of one RRset may be anywhere in the file. */
struct record {
	struct answer *answer;
	const uint8_t *cname_target;
	size_t at, len; /* its data */
	int64_t confirmed;
};

struct reader {
	struct zonetext in;
	const char *file;
	struct problems *problems;
	struct answers *answers;
	int64_t now;
	bool saved; /* the file is a saved one */
	bool ended; /* and its last line was seen */
	bool failed;
	bool bad; /* the entry at hand was complained about */
	struct rdata rdata;
	uint8_t owner[NAME_MAX_WIRE]; /* of the last RR */
	bool has_owner;
	struct buf data; /* of all RRs, one after the other */
	struct record *records;
	size_t nrecords, records_cap;
};

static void
complain(struct reader *r, const char *what)
{
	/* One message an entry is enough. */
	if (r->bad)
		return;
	problems_add(r->problems, "%s:%u: %s", r->file, r->in.first, what);
	r->failed = r->bad = true;
}

static bool
is_ttl(const char *text)
{
	return isdigit((unsigned char)*text) &&
	       text[strspn(text, "0123456789smhdwSMHDW")] == '\0';
}

/* The type of ours with that mnemonic or as TYPEn (RFC 3597), or 0. */
static enum rr_type
our_type(const char *text)
{
	unsigned type;

	for (size_t i = 0; i < COUNT(types); i++)
		if (strcasecmp(text, rr_type_name(types[i])) == 0)
			return types[i];
	type = rdata_type(text);
	for (size_t i = 0; i < COUNT(types); i++)
		if (type == (unsigned)types[i])
			return types[i];
	return 0;
}

/*
 * Whether it may be the mnemonic of a type. New types are added all the time,
 * so an unknown one is skipped, like all types that SPF does not need, if it is
 * in upper case. Prose is not a zone file.
 */
static bool
is_type(const char *text)
{
	return rdata_type(text) != 0 ||
	       (isupper((unsigned char)*text) &&
		   text[strspn(
		       text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] == '\0');
}

static int
by_answer(const void *a, const void *b)
{
	const struct record *ra = a, *rb = b;
	uintptr_t aa = (uintptr_t)ra->answer, ab = (uintptr_t)rb->answer;

	return aa < ab ? -1 : aa > ab;
}

/* Puts the RRs together into RRsets; of the times, the oldest counts. */
static void
store_records(struct reader *r)
{
	struct rrset set = {0};
	const uint8_t *target = NULL;
	int64_t confirmed = 0;

	if (r->nrecords > 0)
		qsort(r->records, r->nrecords, sizeof(*r->records), by_answer);
	for (size_t i = 0; i < r->nrecords; i++) {
		const struct record *rec = &r->records[i];

		if (set.n == 0 || rec->confirmed < confirmed)
			confirmed = rec->confirmed;
		target = rec->cname_target != NULL ? rec->cname_target : target;
		rrset_add(&set, r->data.data + rec->at, rec->len);
		if (i + 1 < r->nrecords && rec[1].answer == rec->answer)
			continue;
		rrset_sort(&set);
		answer_set(r->answers, rec->answer, ANSWER_DATA, set.bytes.data,
		    set.bytes.len, target, confirmed);
		target = NULL;
		set.bytes.len = set.n = 0;
	}
	buf_clear(&set.bytes);
}

/* The time that a comment names; any file but a saved one has none. */
static int64_t
read_time(struct reader *r, const char *comment)
{
	const char *text = strstr(comment, ZONE_CONFIRMED);
	int64_t t;

	if (!r->saved)
		return r->now;
	if (text == NULL ||
	    text_to_time(text + strlen(ZONE_CONFIRMED), &t) == NULL) {
		complain(r, "expected confirmed YYYY-MM-DDTHH:MM:SSZ");
		return r->now;
	}
	return t > r->now ? r->now : t;
}

/* The CNAME target that a comment of a saved file names, or NULL. */
static const uint8_t *
read_cname_target(struct reader *r, const char *comment)
{
	const char *text = strstr(comment, ZONE_ALIAS);
	const uint8_t *target = NULL;
	uint8_t wire[NAME_MAX_WIRE];
	char *copy, *at;

	if (!r->saved || text == NULL)
		return NULL;
	at = copy = xstrdup(text + strlen(ZONE_ALIAS));
	at = zonetext_word(&at);
	if (at != NULL && rdata_name(&r->rdata, at, wire) == 0)
		target = answers_make_name(r->answers, wire);
	else
		complain(r, "expected alias NAME");
	free(copy);
	return target;
}

/* An RR of our types: its data, the rest of the entry, through ldns. */
static void
read_rr(struct reader *r, enum rr_type type, char *data)
{
	struct record rec = {
	    .answer = answers_make(r->answers, r->owner, type),
	    .confirmed = read_time(r, r->in.comment.data),
	    .cname_target = read_cname_target(r, r->in.comment.data),
	};
	struct rrset one = {0};
	const char *wrong = rdata_read(&r->rdata, type, data, &one);

	if (wrong == NULL) {
		/* Without the length in front. */
		rec.at = r->data.len;
		rec.len = one.bytes.len - 2;
		buf_add(&r->data, one.bytes.data + 2, rec.len);
		r->records = grow(r->records, r->nrecords, &r->records_cap,
		    sizeof(*r->records));
		r->records[r->nrecords++] = rec;
	} else {
		char *what = xasprintf(
		    "not the data of %s: %s", rr_type_name(type), wrong);

		complain(r, what);
		free(what);
	}
	buf_clear(&one.bytes);
}

static void
read_directive(struct reader *r, const char *name, char *at)
{
	uint8_t wire[NAME_MAX_WIRE];
	char *value = zonetext_word(&at);

	if (strcasecmp(name, "$TTL") == 0 && value != NULL && is_ttl(value))
		return;
	if (strcasecmp(name, "$ORIGIN") == 0 && value != NULL &&
	    rdata_name(&r->rdata, value, wire) == 0) {
		rdata_set_origin(&r->rdata, wire);
	} else if (strcasecmp(name, "$INCLUDE") == 0)
		complain(r, "$INCLUDE is not allowed");
	else
		complain(r, "expected $TTL TTL, $ORIGIN NAME or an RR");
}

/* One entry: [owner] [TTL] [class] type data. */
static void
read_record(struct reader *r)
{
	char *at = r->in.text.data, *type;
	bool blank = *at == ' ' || *at == '\t';
	bool other_class = false;
	enum rr_type ours;

	type = zonetext_word(&at);
	if (type == NULL)
		return;
	if (!blank && *type == '$') {
		read_directive(r, type, at);
		return;
	}
	if (blank && !r->has_owner) {
		complain(r, "expected an owner name");
		return;
	}
	if (!blank) {
		r->has_owner = rdata_name(&r->rdata, type, r->owner) == 0;
		if (!r->has_owner) {
			complain(r, "not an owner name");
			return;
		}
		type = zonetext_word(&at);
	}
	/* It exists now, and so do the names between it and the root. */
	for (const uint8_t *n = r->owner; !r->saved && *n != 0; n += *n + 1)
		answers_make_name(r->answers, n);
	for (; type != NULL; type = zonetext_word(&at)) {
		if (strcasecmp(type, "CH") == 0 || strcasecmp(type, "HS") == 0)
			other_class = true;
		else if (!is_ttl(type) && strcasecmp(type, "IN") != 0)
			break;
	}
	ours = type != NULL ? our_type(type) : 0;
	if (type == NULL || (ours == 0 && !is_type(type)))
		complain(r, "expected OWNER [TTL] [IN] TYPE DATA");
	else if (ours != 0 && !other_class)
		read_rr(r, ours, at);
}

static enum answer_status
status_of(const char *text, unsigned *failure)
{
	*failure = FAILURE_NONE;
	if (strcmp(text, "NODATA") == 0)
		return ANSWER_NODATA;
	if (strcmp(text, "NXDOMAIN") == 0)
		return ANSWER_NXDOMAIN;
	if (strncmp(text, "FAILED/", 7) != 0 || text[7] < '0' || text[7] > '9')
		return ANSWER_UNKNOWN;
	*failure = (unsigned)strtoul(text + 7, NULL, 10);
	return ANSWER_FAILED;
}

/* Whether it is the last line of a saved file; a wrong checksum is a mistake.
 */
static bool
is_last_line(struct reader *r)
{
	const char *line = r->in.comment.data, *rest;
	size_t len = strlen(ZONE_LAST_LINE);
	char expected[sizeof(ZONE_CHECKSUM) + 16];

	if (strncmp(line, ZONE_LAST_LINE, len) != 0)
		return false;
	rest = line + len;
	snprintf(expected, sizeof(expected), ZONE_CHECKSUM, r->in.before);
	if (strcmp(rest, expected) != 0 && (*rest != '\0' || !r->in.whole))
		complain(r, "the checksum does not match");
	return true;
}

/* A comment line of a saved file: "NAME TYPE STATUS confirmed TIME". */
static void
read_comment(struct reader *r)
{
	enum answer_status status = ANSWER_UNKNOWN;
	uint8_t wire[NAME_MAX_WIRE];
	char *at, *name, *type, *what;
	struct answer *a;
	unsigned failure;

	r->ended = is_last_line(r);
	if (r->ended || (r->in.first == 1 &&
			    strcmp(r->in.comment.data, ZONE_FIRST_LINE) == 0))
		return;
	at = r->in.comment.data + 1;
	name = zonetext_word(&at);
	type = name != NULL ? zonetext_word(&at) : NULL;
	what = type != NULL ? zonetext_word(&at) : NULL;
	if (what != NULL)
		status = status_of(what, &failure);
	if (status == ANSWER_UNKNOWN || our_type(type) == 0 ||
	    rdata_name(&r->rdata, name, wire) != 0) {
		complain(r, "expected NAME TYPE STATUS confirmed TIME");
		return;
	}
	a = answers_make(r->answers, wire, our_type(type));
	answer_set(r->answers, a, status, NULL, 0, read_cname_target(r, at),
	    read_time(r, at));
	a->failure = (uint8_t)failure;
}

/* Reads the entry at hand. */
static void
read_entry(struct reader *r)
{
	r->bad = false;
	if (r->in.wrong != NULL) {
		complain(r, r->in.wrong);
		return;
	}
	if (r->ended) {
		complain(r, "text after the last line");
		return;
	}
	if (r->saved && r->in.text.len == 0 && r->in.comment.len > 0)
		read_comment(r);
	else
		read_record(r);
}

/* The end of the file, or too many mistakes in it. */
static struct answers *
end(struct reader *r)
{
	store_records(r);
	zonetext_clear(&r->in);
	rdata_clear(&r->rdata);
	buf_clear(&r->data);
	free(r->records);
	if (!r->failed)
		return r->answers;
	answers_close(r->answers);
	return NULL;
}

struct answers *
zone_read(FILE *in, const char *file, int64_t now, struct problems *problems)
{
	struct reader r = {.file = file, .problems = problems, .now = now};
	bool more;

	zonetext_init(&r.in, in);
	rdata_init(&r.rdata);
	more = zonetext_next(&r.in);
	r.saved = more && r.in.text.len == 0 &&
		  strcmp(r.in.comment.data, ZONE_FIRST_LINE) == 0;
	r.answers = answers_open(!r.saved);
	for (; more; more = zonetext_next(&r.in)) {
		if (problems->n >= PROBLEMS_SHOWN) {
			problems_add(problems, "%s: too many mistakes", file);
			break;
		}
		read_entry(&r);
	}
	if (ferror(in)) {
		problems_add(
		    problems, "%s: cannot read: %s", file, strerror(errno));
		r.failed = true;
	} else if (r.saved && !r.ended && !r.failed) {
		r.bad = false;
		r.in.first = r.in.line;
		complain(&r, "the file is truncated");
	}
	return end(&r);
}
