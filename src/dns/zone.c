/*
 * zone: answers from a zone file (RFC 1035 section 5). Owner names and
 * directives are read here; ldns reads the data of the RRs.
 */
#include "dns/zone.h"

#include <ctype.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/problems.h"
#include "base/text.h"
#include "dns/message.h"
#include "dns/zonetext.h"

#define LDNS_NEEDS ((size_t)256 * 1024) /* for an RR, beyond its text */
#define LDNS_TEXT 32768 /* of an RR's data in one go; ldns reads 65535 */

static const enum rr_type types[] = {RR_A, RR_CNAME, RR_MX, RR_TXT, RR_AAAA};

/* An RR that was read; those of one RRset may stand anywhere in the file. */
struct record {
	struct answer *answer;
	const uint8_t *alias;
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
	ldns_rdf *origin;
	uint8_t owner[NAME_MAX_WIRE]; /* of the last RR */
	bool has_owner;
	struct buf data; /* of all RRs, one behind the other */
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

/* A name of the file to wire format, relative ones below the origin. */
static int
read_name(const struct reader *r, const char *text, uint8_t *wire)
{
	ldns_rdf *name = NULL;
	int result = -1;
	size_t at = 0;

	if (strcmp(text, "@") == 0)
		name = ldns_rdf_clone(r->origin);
	else if (ldns_str2rdf_dname(&name, text) != LDNS_STATUS_OK)
		name = NULL;
	else if (!ldns_dname_str_absolute(text) &&
		 ldns_dname_cat(name, r->origin) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(name);
		name = NULL;
	}
	if (name != NULL &&
	    name_read(ldns_rdf_data(name), ldns_rdf_size(name), &at, wire) > 0)
		result = 0;
	ldns_rdf_deep_free(name);
	return result;
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
	ldns_rr_type type = ldns_get_rr_type_by_name(text);

	for (size_t i = 0; i < COUNT(types); i++)
		if (type == (ldns_rr_type)types[i])
			return types[i];
	return 0;
}

/*
 * Whether it may be the mnemonic of a type. There are ever more of them: one
 * that nobody here knows is skipped, like all that SPF does not need, if it is
 * in upper case, as they are written. Prose is not a zone file.
 */
static bool
is_type(const char *text)
{
	return ldns_get_rr_type_by_name(text) != 0 ||
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
	const uint8_t *alias = NULL;
	int64_t confirmed = 0;

	if (r->nrecords > 0)
		qsort(r->records, r->nrecords, sizeof(*r->records), by_answer);
	for (size_t i = 0; i < r->nrecords; i++) {
		const struct record *rec = &r->records[i];

		if (set.n == 0 || rec->confirmed < confirmed)
			confirmed = rec->confirmed;
		alias = rec->alias != NULL ? rec->alias : alias;
		rrset_add(&set, r->data.data + rec->at, rec->len);
		if (i + 1 < r->nrecords && rec[1].answer == rec->answer)
			continue;
		rrset_sort(&set);
		answer_set(r->answers, rec->answer, ANSWER_DATA, set.bytes.data,
		    set.bytes.len, confirmed);
		rec->answer->alias = alias;
		alias = NULL;
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
read_alias(struct reader *r, const char *comment)
{
	const char *text = strstr(comment, ZONE_ALIAS);
	const uint8_t *alias = NULL;
	uint8_t wire[NAME_MAX_WIRE];
	char *copy, *at;

	if (!r->saved || text == NULL)
		return NULL;
	at = copy = xstrdup(text + strlen(ZONE_ALIAS));
	at = zonetext_word(&at);
	if (at != NULL && read_name(r, at, wire) == 0)
		alias = answers_make_name(r->answers, wire);
	else
		complain(r, "expected alias NAME");
	free(copy);
	return alias;
}

/* Whether data are written as for an unknown type (RFC 3597 section 5). */
static bool
is_generic(const char *data)
{
	return strncmp(data + strspn(data, " \t"), "\\#", 2) == 0;
}

/*
 * The rest of data that is too long for ldns, which ends before it then: a TXT
 * record's other strings. NULL: there is none.
 */
static char *
cut(char *data)
{
	bool quoted = false;

	if (is_generic(data))
		return NULL;
	for (char *p = data; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && p - data >= LDNS_TEXT &&
			 (*p == ' ' || *p == '\t')) {
			*p++ = '\0';
			return p[strspn(p, " \t")] != '\0' ? p : NULL;
		}
	}
	return NULL;
}

/* Adds data as ldns reads it; names in it are not compressed. */
static ldns_status
read_piece(
    const struct reader *r, enum rr_type type, const char *data, struct buf *to)
{
	char *text = xasprintf(". 0 IN %s %s", rr_type_name(type), data);
	ldns_rr *rr = NULL;
	ldns_status status = ldns_rr_new_frm_str(&rr, text, 0, r->origin, NULL);

	if (status == LDNS_STATUS_MEM_ERR)
		out_of_memory();
	for (size_t i = 0; status == LDNS_STATUS_OK && i < ldns_rr_rd_count(rr);
	     i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);

		buf_add(to, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	}
	ldns_rr_free(rr);
	free(text);
	return status;
}

/*
 * Reads the name at the end of data once more, in place of what ldns read: it
 * takes a first label "@" for the origin, also when that is escaped. before:
 * the bytes in front of it.
 */
static ldns_status
read_last_name(
    const struct reader *r, char *data, struct buf *to, size_t before)
{
	uint8_t wire[NAME_MAX_WIRE];
	char *name = NULL, *word;

	while ((word = zonetext_word(&data)) != NULL)
		name = word;
	if (name == NULL || read_name(r, name, wire) != 0)
		return LDNS_STATUS_SYNTAX_DNAME_ERR;
	to->len = before;
	buf_add(to, wire, name_len(wire));
	return LDNS_STATUS_OK;
}

/* Reads the data of an RR, which is changed. */
static ldns_status
read_data(
    const struct reader *r, enum rr_type type, char *data, struct rrset *set)
{
	bool named = (type == RR_MX || type == RR_CNAME) && !is_generic(data);
	ldns_status status = LDNS_STATUS_OK;
	struct buf bytes;
	char *rest = data;

	buf_init(&bytes);
	while (status == LDNS_STATUS_OK && rest != NULL) {
		char *piece = rest;

		rest = type == RR_TXT ? cut(piece) : NULL;
		status = read_piece(r, type, piece, &bytes);
	}
	if (status == LDNS_STATUS_OK && named)
		status = read_last_name(r, data, &bytes, type == RR_MX ? 2 : 0);
	if (status == LDNS_STATUS_OK &&
	    message_add_data(
		set, (const uint8_t *)bytes.data, bytes.len, 0, type) != 0)
		status = LDNS_STATUS_SYNTAX_RDATA_ERR;
	buf_clear(&bytes);
	return status;
}

/* An RR of our types: its data, the rest of the entry, through ldns. */
static void
read_rr(struct reader *r, enum rr_type type, char *data)
{
	struct record rec = {
	    .answer = answers_make(r->answers, r->owner, type),
	    .confirmed = read_time(r, r->in.comment.data),
	    .alias = read_alias(r, r->in.comment.data),
	};
	struct rrset one = {0};
	ldns_status status = read_data(r, type, data, &one);

	if (status == LDNS_STATUS_OK) {
		/* Without the length in front. */
		rec.at = r->data.len;
		rec.len = one.bytes.len - 2;
		buf_add(&r->data, one.bytes.data + 2, rec.len);
		r->records = grow(r->records, r->nrecords, &r->records_cap,
		    sizeof(*r->records));
		r->records[r->nrecords++] = rec;
	} else {
		char *what = xasprintf("not the data of %s: %s",
		    rr_type_name(type), ldns_get_errorstr_by_id(status));

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
	    read_name(r, value, wire) == 0) {
		ldns_rdf_deep_free(r->origin);
		r->origin = ldns_rdf_new_frm_data(
		    LDNS_RDF_TYPE_DNAME, name_len(wire), wire);
		if (r->origin == NULL)
			out_of_memory();
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
		r->has_owner = read_name(r, type, r->owner) == 0;
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
	if (type == NULL || !is_type(type))
		complain(r, "expected OWNER [TTL] [IN] TYPE DATA");
	else if (our_type(type) != 0 && !other_class)
		read_rr(r, our_type(type), at);
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
	    read_name(r, name, wire) != 0) {
		complain(r, "expected NAME TYPE STATUS confirmed TIME");
		return;
	}
	a = answers_make(r->answers, wire, our_type(type));
	answer_set(r->answers, a, status, NULL, 0, read_time(r, at));
	a->failure = (uint8_t)failure;
	a->alias = read_alias(r, at);
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
	ensure_memory(LDNS_NEEDS + 2 * r->in.text.len);
	if (r->saved && r->in.text.len == 0 && r->in.comment.len > 0)
		read_comment(r);
	else
		read_record(r);
}

static void
begin(struct reader *r, FILE *in)
{
	zonetext_init(&r->in, in);
	ensure_memory(LDNS_NEEDS);
	r->origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, 1, "");
	if (r->origin == NULL)
		out_of_memory();
}

/* The end of the file, or of our patience with it. */
static struct answers *
end(struct reader *r)
{
	store_records(r);
	zonetext_clear(&r->in);
	ldns_rdf_deep_free(r->origin);
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

	begin(&r, in);
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
