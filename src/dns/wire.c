/*
 * wire: DNS messages (RFC 1035 section 4.1).
 */
#include "dns/wire.h"

#include <ldns/ldns.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "dns/message.h"

#define OPT_LEN 11

static size_t
put16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return 2;
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
	size_t at = HEADER_LEN;

	/* QR set, opcode 0 (QUERY). */
	if (len < HEADER_LEN || (msg[2] & 0xf8) != 0x80)
		return false;
	if (get16(msg + 4) == 0)
		return LDNS_RCODE_WIRE(msg) != LDNS_RCODE_NOERROR &&
		       LDNS_RCODE_WIRE(msg) != LDNS_RCODE_NXDOMAIN;
	return get16(msg + 4) == 1 && name_read(msg, len, &at, qname) > 0 &&
	       len - at >= 4 && name_equal(qname, name) &&
	       get16(msg + at) == type &&
	       get16(msg + at + 2) == LDNS_RR_CLASS_IN;
}

void
wire_answer_clear(struct wire_answer *a)
{
	buf_clear(&a->rrs.bytes);
	buf_clear(&a->chain.bytes);
	*a = (struct wire_answer){0};
}

/* Gathers the RRset of that owner and type from the answer section. */
static enum wire_result
gather(struct message *m, const uint8_t *name, enum rr_type type,
    struct rrset *set)
{
	struct message_rr r;
	size_t at = m->answers;
	int mine;

	for (unsigned i = 0; i < m->nanswers; i++) {
		if (message_next(m, &at, &r) != 0)
			return WIRE_MALFORMED;
		if (r.type != type || r.class != LDNS_RR_CLASS_IN)
			continue;
		mine = message_owner_is(m, &r, name);
		if (mine < 0 || (mine > 0 && message_add_data(set, m->bytes,
						 r.end, r.data, type) != 0))
			return WIRE_MALFORMED;
		if (set->bytes.len > RRSET_MAX)
			return WIRE_TOO_LARGE;
	}
	rrset_sort(set);
	return set->n > 0 ? WIRE_DATA : WIRE_NODATA;
}

/* A negative answer carries the SOA of its zone (RFC 2308 section 2). */
static bool
has_soa(const struct message *m)
{
	struct message_rr r;
	size_t at = m->answers;

	for (unsigned i = 0; i < m->nanswers + m->nauthority; i++) {
		if (message_next(m, &at, &r) != 0)
			return false;
		if (i >= m->nanswers && r.type == LDNS_RR_TYPE_SOA)
			return true;
	}
	return false;
}

/*
 * Follows the CNAMEs of the answer from the question to the wanted type
 * (RFC 1034 section 3.6.2).
 */
static enum wire_result
follow(struct message *m, const uint8_t *name, enum rr_type type,
    struct wire_answer *a)
{
	uint8_t current[NAME_MAX_WIRE];
	struct rrset cname = {0};
	unsigned links = 0;
	enum wire_result r;

	memcpy(current, name, name_len(name));
	while ((r = gather(m, current, type, &a->rrs)) == WIRE_NODATA) {
		struct answer first;
		const uint8_t *at = NULL;
		struct rr rr;

		r = gather(m, current, RR_CNAME, &cname);
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
	if (LDNS_RCODE_WIRE(m->bytes) == LDNS_RCODE_NXDOMAIN)
		return WIRE_NXDOMAIN;
	if (links > 0 && !has_soa(m))
		return WIRE_CONTINUE;
	/* It speaks of something else, and does not deny what was asked. */
	if (links == 0 && m->nanswers > 0 && !has_soa(m))
		return WIRE_MALFORMED;
	/* Empty, and not from a server that should know: a referral. */
	if (!LDNS_AA_WIRE(m->bytes) && !LDNS_RA_WIRE(m->bytes))
		return WIRE_REFERRAL;
	return WIRE_NODATA;
}

enum wire_result
wire_read(const uint8_t *msg, size_t len, const uint8_t *name,
    enum rr_type type, bool edns, struct wire_answer *a)
{
	struct message m;

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
	if (message_open(&m, msg, len) != 0)
		return WIRE_MALFORMED;
	return follow(&m, name, type, a);
}
