/*
 * kept: what of an answer is kept, and how much that is.
 */
#include "expand/kept.h"

#include <string.h>

#include "base/name.h"
#include "spf/spf.h"

#define LINE_SIZE 64 /* of a saved RR, in addition to names and data */

/* Moves an RR of the same bytes to the end of what is kept. */
static void
keep(struct rrset *kept, const struct rr *rr)
{
	uint8_t *to = (uint8_t *)kept->bytes.data + kept->bytes.len;

	to[0] = (uint8_t)(rr->len >> 8);
	to[1] = (uint8_t)rr->len;
	memmove(to + 2, rr->data, rr->len);
	kept->bytes.len += 2 + rr->len;
	kept->n++;
}

void
kept_txt(struct rrset *txt)
{
	struct answer all = {.rrs = (const uint8_t *)txt->bytes.data,
	    .len = (uint32_t)txt->bytes.len};
	const uint8_t *at = NULL;
	struct rrset kept = {0};
	struct buf text;
	struct rr rr;

	buf_init(&text);
	kept.bytes = txt->bytes;
	kept.bytes.len = 0;
	while (answer_next(&all, &at, &rr)) {
		spf_join_strings(&text, rr.data, rr.len);
		if (spf_is_record(text.data, text.len) ||
		    spf_is_almost_record(text.data, text.len))
			keep(&kept, &rr);
	}
	at = NULL;
	/* A whole character-string: RFC 1035 section 3.3.14. */
	if (kept.n == 0 && answer_next(&all, &at, &rr)) {
		rr.len = 1 + (size_t)rr.data[0];
		keep(&kept, &rr);
	}
	buf_clear(&text);
	*txt = kept;
}

/* With a master-file escape for each byte that is not printable. */
static size_t
text_size(const uint8_t *bytes, size_t len)
{
	size_t size = len;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] > '~')
			size += 3;
	return size;
}

void
kept_copy(struct answers *as, struct answer *to, const struct answer *from,
    const uint8_t *target, int64_t now)
{
	struct rrset rrs = {0};

	buf_add(&rrs.bytes, from->rrs, from->len);
	if (to->type == RR_TXT)
		kept_txt(&rrs);
	answer_set(as, to, (enum answer_status)from->status, rrs.bytes.data,
	    rrs.bytes.len, target,
	    from->confirmed != 0 ? from->confirmed : now);
	to->failure = from->failure;
	buf_clear(&rrs.bytes);
}

size_t
kept_size(
    const uint8_t *name, const struct rrset *rrs, const struct rrset *chain)
{
	size_t line = LINE_SIZE + text_size(name, name_len(name)), size;

	if (chain->n > 0)
		line += (size_t)4 * NAME_MAX_WIRE;
	size = line * (rrs->n > 0 ? rrs->n : 1);
	return size +
	       text_size((const uint8_t *)rrs->bytes.data, rrs->bytes.len);
}

size_t
kept_again(const uint8_t *name, const struct answer *a, bool is_alias)
{
	struct rrset rrs = {0}, chain = {.n = is_alias};
	const uint8_t *at = NULL;
	struct rr rr;
	size_t size;

	while (answer_next(a, &at, &rr))
		rrset_add(&rrs, rr.data, rr.len);
	size = kept_size(name, &rrs, &chain);
	buf_clear(&rrs.bytes);
	return size;
}
