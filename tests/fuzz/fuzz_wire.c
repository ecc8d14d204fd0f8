/*
 * A DNS message as an answer to each type. The first byte chooses the type;
 * the question is put in front of the rest, so that it matches.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_data(const struct rrset *set)
{
	struct answer a = {.rrs = (const uint8_t *)set->bytes.data,
	    .len = (uint32_t)set->bytes.len};
	const uint8_t *at = NULL;
	struct rr rr;
	size_t n = 0;

	while (answer_next(&a, &at, &rr))
		n++;
	if (n != set->n)
		abort();
}

/* How many RRs of the question's own name ldns finds; -1: it takes none. */
static long
count_by_ldns(const struct buf *msg, enum rr_type type)
{
	static const uint8_t owner[] = "\1a\7example";
	ldns_pkt *pkt;
	long n = 0;

	if (ldns_wire2pkt(&pkt, (const uint8_t *)msg->data, msg->len) !=
	    LDNS_STATUS_OK)
		return -1;
	for (size_t i = 0; i < ldns_rr_list_rr_count(ldns_pkt_answer(pkt));
	     i++) {
		ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(pkt), i);
		ldns_rdf *name = ldns_rr_owner(rr);

		ldns_dname2canonical(name);
		n += ldns_rr_get_type(rr) == (ldns_rr_type)type &&
		     ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
		     ldns_rdf_size(name) == sizeof(owner) &&
		     memcmp(ldns_rdf_data(name), owner, sizeof(owner)) == 0;
	}
	ldns_pkt_free(pkt);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum rr_type types[] = {RR_A, RR_AAAA, RR_MX, RR_TXT};
	static const uint8_t name[] = "\1a\7example";
	struct wire_answer a = {0};
	enum rr_type type;
	struct buf msg;
	uint8_t query[WIRE_QUERY_MAX];
	enum wire_result result;
	size_t len;
	long n;

	if (size < 12)
		return 0;
	type = types[data[0] % COUNT(types)];
	len = wire_query(query, 1, name, type, false);
	query[2] = (uint8_t)(0x80 | (data[1] & 0x07)); /* QR; AA, TC, RD */
	query[3] = data[2];
	for (int i = 6; i < 12; i++)
		query[i] = i % 2 ? data[i] : 0;
	buf_init(&msg);
	buf_add(&msg, query, len);
	buf_add(&msg, data + 12, size - 12);
	if (!wire_answers((const uint8_t *)msg.data, msg.len, name, type))
		abort();
	result =
	    wire_read((const uint8_t *)msg.data, msg.len, name, type, true, &a);
	n = count_by_ldns(&msg, type);
	/* ldns keeps duplicates. */
	if (result == WIRE_DATA &&
	    (a.rrs.n == 0 || (n >= 0 && a.chain.n == 0 && n < (long)a.rrs.n)))
		abort();
	if (result == WIRE_NODATA && n > 0)
		abort();
	check_data(&a.rrs);
	check_data(&a.chain);
	wire_answer_clear(&a);
	buf_clear(&msg);
	return 0;
}
