/*
 * wire: DNS messages (RFC 1035 section 4.1).
 */
#include "wire.h"

#include <ldns/ldns.h>
#include <string.h>

#include "name.h"

#define HEADER_LEN 12
#define OPT_LEN 11

static size_t
put16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return 2;
}

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

size_t
wire_query(uint8_t *out, uint16_t id, const uint8_t *name, enum rr_type type,
    bool edns)
{
	size_t len = name_len(name);
	uint8_t *p = out;

	p += put16(p, id);
	p += put16(p, 0x0100); /* RD */
	p += put16(p, 1);      /* QDCOUNT */
	p += put16(p, 0);
	p += put16(p, 0);
	p += put16(p, edns ? 1 : 0); /* ARCOUNT */
	memcpy(p, name, len);
	p += len;
	p += put16(p, type);
	p += put16(p, LDNS_RR_CLASS_IN);
	if (edns) {
		/* An OPT record: root, type, size, no flags, no options. */
		memset(p, 0, OPT_LEN);
		put16(p + 1, LDNS_RR_TYPE_OPT);
		put16(p + 3, WIRE_EDNS_SIZE);
		p += OPT_LEN;
	}
	return (size_t)(p - out);
}

uint16_t
wire_id(const uint8_t *msg)
{
	return (uint16_t)get16(msg);
}

bool
wire_answers(
    const uint8_t *msg, size_t len, const uint8_t *name, enum rr_type type)
{
	uint8_t qname[NAME_MAX_WIRE];
	size_t n;

	/* QR set, opcode 0 (QUERY). */
	if (len < HEADER_LEN || (msg[2] & 0xf8) != 0x80)
		return false;
	if (get16(msg + 4) == 0)
		return LDNS_RCODE_WIRE(msg) != LDNS_RCODE_NOERROR;
	n = name_copy(qname, msg + HEADER_LEN, len - HEADER_LEN);
	return get16(msg + 4) == 1 && n > 0 && HEADER_LEN + n + 4 <= len &&
	       name_equal(qname, name) && get16(msg + HEADER_LEN + n) == type &&
	       get16(msg + HEADER_LEN + n + 2) == LDNS_RR_CLASS_IN;
}

void
wire_answer_clear(struct wire_answer *a)
{
	buf_clear(&a->rrs.bytes);
	buf_clear(&a->chain.bytes);
	*a = (struct wire_answer){0};
}

int
wire_add_rr(struct rrset *set, const ldns_rr *rr, enum rr_type type)
{
	uint8_t name[NAME_MAX_WIRE];
	struct buf data;
	int result = 0;

	buf_init(&data);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t len = ldns_rdf_size(rdf);

		if (ldns_rdf_get_type(rdf) != LDNS_RDF_TYPE_DNAME)
			buf_add(&data, ldns_rdf_data(rdf), len);
		else if ((len = name_copy(name, ldns_rdf_data(rdf), len)) > 0)
			buf_add(&data, name, len);
		else
			result = -1;
	}
	if ((type == RR_A && data.len != 4) ||
	    (type == RR_AAAA && data.len != 16) ||
	    (type == RR_MX && data.len < 3) || data.len == 0 ||
	    data.len > UINT16_MAX)
		result = -1;
	if (result == 0)
		rrset_add(set, data.data, data.len);
	buf_clear(&data);
	return result;
}

static bool
owner_is(const ldns_rr *rr, const uint8_t *name)
{
	uint8_t owner[NAME_MAX_WIRE];
	const ldns_rdf *rdf = ldns_rr_owner(rr);

	return ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	       name_copy(owner, ldns_rdf_data(rdf), ldns_rdf_size(rdf)) > 0 &&
	       name_equal(owner, name);
}

/* Gathers the RRset of that owner and type from the answer section. */
static enum wire_result
gather(const ldns_rr_list *section, const uint8_t *name, enum rr_type type,
    struct rrset *set)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(section, i);

		if (ldns_rr_get_type(rr) == (ldns_rr_type)type &&
		    owner_is(rr, name) && wire_add_rr(set, rr, type) != 0)
			return WIRE_MALFORMED;
		if (set->bytes.len > RRSET_MAX)
			return WIRE_TOO_LARGE;
	}
	rrset_sort(set);
	return set->n > 0 ? WIRE_DATA : WIRE_NODATA;
}

/* A negative answer carries the SOA of its zone (RFC 2308 section 2). */
static bool
has_soa(const ldns_pkt *pkt)
{
	const ldns_rr_list *section = ldns_pkt_authority(pkt);

	for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(section, i)) ==
		    LDNS_RR_TYPE_SOA)
			return true;
	return false;
}

/*
 * Follows the CNAMEs of the answer from the question to the wanted type
 * (RFC 1034 section 3.6.2).
 */
static enum wire_result
follow(const ldns_pkt *pkt, const uint8_t *name, enum rr_type type,
    struct wire_answer *a)
{
	const ldns_rr_list *section = ldns_pkt_answer(pkt);
	uint8_t current[NAME_MAX_WIRE];
	struct rrset cname = {0};
	unsigned links = 0;
	enum wire_result r;

	memcpy(current, name, name_len(name));
	while ((r = gather(section, current, type, &a->rrs)) == WIRE_NODATA) {
		struct answer first;
		const uint8_t *at = NULL;
		struct rr rr;

		r = gather(section, current, RR_CNAME, &cname);
		if (r != WIRE_DATA)
			break;
		if (a->chain.n == CNAME_MAX) {
			r = WIRE_LOOP;
			break;
		}
		first = (struct answer){
		    .rrs = (const uint8_t *)cname.bytes.data,
		    .len = (uint32_t)cname.bytes.len,
		};
		answer_next(&first, &at, &rr);
		rrset_add(&a->chain, rr.data, rr.len);
		memcpy(current, rr.data, rr.len);
		cname.bytes.len = cname.n = 0;
		links++;
	}
	buf_clear(&cname.bytes);
	if (r != WIRE_NODATA)
		return r;
	if (ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NXDOMAIN)
		return WIRE_NXDOMAIN;
	if (links > 0 && !has_soa(pkt))
		return WIRE_CONTINUE;
	/* Nothing at all, from nobody who should know: a referral. */
	if (!ldns_pkt_aa(pkt) && !ldns_pkt_ra(pkt))
		return WIRE_REFERRAL;
	return WIRE_NODATA;
}

enum wire_result
wire_read(const uint8_t *msg, size_t len, const uint8_t *name,
    enum rr_type type, bool edns, struct wire_answer *a)
{
	enum wire_result result;
	ldns_pkt *pkt = NULL;

	if (len < HEADER_LEN)
		return WIRE_MALFORMED;
	if (LDNS_TC_WIRE(msg))
		return WIRE_TRUNCATED;
	switch (LDNS_RCODE_WIRE(msg)) {
	case LDNS_RCODE_NOERROR:
	case LDNS_RCODE_NXDOMAIN:
		break;
	case LDNS_RCODE_FORMERR:
	case LDNS_RCODE_NOTIMPL:
		return edns ? WIRE_NO_EDNS : WIRE_RCODE;
	case LDNS_RCODE_SERVFAIL:
		return WIRE_SERVFAIL;
	case LDNS_RCODE_REFUSED:
		return WIRE_REFUSED;
	default:
		return WIRE_RCODE;
	}
	if (ldns_wire2pkt(&pkt, msg, len) != LDNS_STATUS_OK)
		return WIRE_MALFORMED;
	result = follow(pkt, name, type, a);
	ldns_pkt_free(pkt);
	return result;
}
