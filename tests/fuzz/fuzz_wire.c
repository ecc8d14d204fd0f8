/*
 * A DNS message as an answer to each type. The first byte chooses the type;
 * the question is put in front of the rest, so that it matches.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/wire.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum rr_type types[] = {RR_A, RR_AAAA, RR_MX, RR_TXT};
	static const uint8_t name[] = "\1a\7example";
	struct wire_answer a = {0};
	enum rr_type type;
	struct buf msg;
	uint8_t query[WIRE_QUERY_MAX];
	size_t len;

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
	if (wire_read((const uint8_t *)msg.data, msg.len, name, type, true,
		&a) == WIRE_DATA &&
	    a.rrs.n == 0)
		abort();
	check_data(&a.rrs);
	check_data(&a.chain);
	wire_answer_clear(&a);
	buf_clear(&msg);
	return 0;
}
