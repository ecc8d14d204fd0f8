/*
 * rdata: names and the data of RRs from the text of a zone file, by ldns.
 */
#include "dns/rdata.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/zonetext.h"

#define SPACES " \t" /* between words */

#define LDNS_NEEDS ((size_t)256 * 1024) /* for an RR, beyond its text */
#define LDNS_TEXT 32768 /* of an RR's data in one go; ldns reads 65535 */

static ldns_rdf *
make_origin(const uint8_t *name)
{
	ldns_rdf *origin =
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_len(name), name);

	if (origin == NULL)
		out_of_memory();
	return origin;
}

/*
 * Exits unless there is memory to read so many bytes: ldns crashes without, or
 * blames the text.
 */
static void
need_memory(size_t len)
{
	ensure_memory(LDNS_NEEDS + 2 * len);
}

void
rdata_init(struct rdata *d)
{
	static const uint8_t root[] = {0};

	need_memory(0);
	d->origin = make_origin(root);
}

void
rdata_clear(struct rdata *d)
{
	ldns_rdf_deep_free(d->origin);
}

void
rdata_set_origin(struct rdata *d, const uint8_t *name)
{
	ldns_rdf_deep_free(d->origin);
	d->origin = make_origin(name);
}

unsigned
rdata_type(const char *text)
{
	return ldns_get_rr_type_by_name(text);
}

/*
 * What nearly every line of a saved file consists of is read without ldns,
 * which takes longer for it than all the rest of a run: absolute names of
 * letters, digits, "-" and "_", addresses, MX, and strings in quotes without
 * escapes. tests/unit/dns/test_rdata.c compares the two.
 */
static bool
is_plain_name(const char *text, size_t len, uint8_t *wire)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";

	return len > 1 && text[len - 1] == '.' && strspn(text, plain) >= len &&
	       name_from_text(text, len, wire) == 0;
}

static bool
read_plain_address(int family, const char *data, struct rrset *set)
{
	size_t len = strcspn(data, SPACES);
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (len >= sizeof(text) || data[len + strspn(data + len, SPACES)] != 0)
		return false;
	memcpy(text, data, len);
	text[len] = '\0';
	if (inet_pton(family, text, bytes) != 1)
		return false;
	rrset_add(set, bytes, family == AF_INET ? 4 : 16);
	return true;
}

static bool
read_plain_mx(const char *data, struct rrset *set)
{
	size_t digits = strspn(data, "0123456789"), len;
	unsigned long preference = strtoul(data, NULL, 10);
	uint8_t bytes[2 + NAME_MAX_WIRE];

	data += digits;
	if (digits == 0 || digits > 5 || preference > UINT16_MAX ||
	    strspn(data, SPACES) == 0)
		return false;
	data += strspn(data, SPACES);
	len = strcspn(data, SPACES);
	if (data[len + strspn(data + len, SPACES)] != '\0' ||
	    !is_plain_name(data, len, bytes + 2))
		return false;
	bytes[0] = (uint8_t)(preference >> 8);
	bytes[1] = (uint8_t)preference;
	rrset_add(set, bytes, 2 + name_len(bytes + 2));
	return true;
}

/* One string is enough: those with more are few. */
static bool
read_plain_string(const char *data, struct rrset *set)
{
	uint8_t bytes[1 + UINT8_MAX];
	size_t len = 0;

	if (*data++ != '"')
		return false;
	for (; data[len] != '"'; len++) {
		if (len == UINT8_MAX || data[len] < ' ' || data[len] > '~' ||
		    data[len] == '\\')
			return false;
		bytes[1 + len] = (uint8_t)data[len];
	}
	if (data[len + 1 + strspn(data + len + 1, SPACES)] != '\0')
		return false;
	bytes[0] = (uint8_t)len;
	rrset_add(set, bytes, 1 + len);
	return true;
}

/* Adds the data of an RR if they are plain. */
static bool
read_plain(enum rr_type type, const char *data, struct rrset *set)
{
	data += strspn(data, SPACES);
	switch (type) {
	case RR_A:
		return read_plain_address(AF_INET, data, set);
	case RR_AAAA:
		return read_plain_address(AF_INET6, data, set);
	case RR_MX:
		return read_plain_mx(data, set);
	case RR_TXT:
		return read_plain_string(data, set);
	default:
		return false;
	}
}

int
rdata_name(const struct rdata *d, const char *text, uint8_t *wire)
{
	ldns_rdf *name = NULL;
	int result = -1;
	size_t at = 0;

	if (is_plain_name(text, strlen(text), wire))
		return 0;
	need_memory(strlen(text));
	if (strcmp(text, "@") == 0)
		name = ldns_rdf_clone(d->origin);
	else if (ldns_str2rdf_dname(&name, text) != LDNS_STATUS_OK)
		name = NULL;
	else if (!ldns_dname_str_absolute(text) &&
		 ldns_dname_cat(name, d->origin) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(name);
		name = NULL;
	}
	if (name != NULL &&
	    name_read(ldns_rdf_data(name), ldns_rdf_size(name), &at, wire) > 0)
		result = 0;
	ldns_rdf_deep_free(name);
	return result;
}

/* Whether data are written as for an unknown type (RFC 3597 section 5). */
static bool
is_generic(const char *data)
{
	return strncmp(data + strspn(data, " \t"), "\\#", 2) == 0;
}

/*
 * ldns cannot read more than 64 KB of text at once. Cuts a longer TXT record
 * between two of its strings. Returns the rest, or NULL if there is none.
 */
static char *
cut_strings(char *data)
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
    const struct rdata *d, enum rr_type type, const char *data, struct buf *to)
{
	char *text = xasprintf(". 0 IN %s %s", rr_type_name(type), data);
	ldns_rr *rr = NULL;
	ldns_status status = ldns_rr_new_frm_str(&rr, text, 0, d->origin, NULL);

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
 * Replaces the name at the end of data: ldns takes a first label "@" for the
 * origin, even if it is escaped. before: the bytes in front of the name.
 */
static ldns_status
read_last_name(const struct rdata *d, char *data, struct buf *to, size_t before)
{
	uint8_t wire[NAME_MAX_WIRE];
	char *name = NULL, *word;

	while ((word = zonetext_word(&data)) != NULL)
		name = word;
	if (name == NULL || rdata_name(d, name, wire) != 0)
		return LDNS_STATUS_SYNTAX_DNAME_ERR;
	to->len = before;
	buf_add(to, wire, name_len(wire));
	return LDNS_STATUS_OK;
}

const char *
rdata_read(
    const struct rdata *d, enum rr_type type, char *data, struct rrset *set)
{
	bool named = (type == RR_MX || type == RR_CNAME) && !is_generic(data);
	ldns_status status = LDNS_STATUS_OK;
	struct buf bytes;
	char *rest = data;

	if (read_plain(type, data, set))
		return NULL;
	need_memory(strlen(data));
	buf_init(&bytes);
	while (status == LDNS_STATUS_OK && rest != NULL) {
		char *piece = rest;

		rest = type == RR_TXT ? cut_strings(piece) : NULL;
		status = read_piece(d, type, piece, &bytes);
	}
	if (status == LDNS_STATUS_OK && named)
		status = read_last_name(d, data, &bytes, type == RR_MX ? 2 : 0);
	if (status == LDNS_STATUS_OK &&
	    message_add_data(
		set, (const uint8_t *)bytes.data, bytes.len, 0, type) != 0)
		status = LDNS_STATUS_SYNTAX_RDATA_ERR;
	buf_clear(&bytes);
	return status == LDNS_STATUS_OK ? NULL
					: ldns_get_errorstr_by_id(status);
}
