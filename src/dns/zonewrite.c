/*
 * zonewrite: answers to a zone file (RFC 1035 section 5).
 */
#include <stdlib.h>

#include "base/addr.h"
#include "base/checksum.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/zone.h"

static void
write_name(struct buf *out, const uint8_t *wire)
{
	name_to_text(out, wire);
	if (*wire != 0)
		buf_puts(out, ".");
}

/* When an answer was confirmed, and where a CNAME led to for it. */
static void
write_history(struct buf *out, const struct answer *a, bool with_target)
{
	buf_puts(out, ZONE_CONFIRMED);
	buf_add_time(out, a->confirmed);
	if (with_target && answer_target(a) != NULL) {
		buf_puts(out, ZONE_ALIAS);
		write_name(out, answer_target(a));
	}
}

/* The character-strings of a TXT record, each in quotes. */
static void
write_strings(struct buf *out, const struct rr *rr)
{
	for (size_t i = 0; i < rr->len; i += (size_t)rr->data[i] + 1) {
		size_t end = i + 1 + rr->data[i];

		buf_puts(out, i > 0 ? " \"" : "\"");
		for (size_t k = i + 1; k < end && k < rr->len; k++) {
			uint8_t c = rr->data[k];

			if (c < 0x20 || c > 0x7e)
				buf_printf(out, "\\%03u", c);
			else if (c == '"' || c == '\\')
				buf_printf(out, "\\%c", c);
			else
				buf_add(out, &c, 1);
		}
		buf_puts(out, "\"");
	}
}

static void
write_data(struct buf *out, enum rr_type type, const struct rr *rr)
{
	char text[NET_STRLEN];
	struct addr a;

	switch (type) {
	case RR_A:
	case RR_AAAA: {
		enum family f = type == RR_A ? IPV4 : IPV6;

		a = addr_from_bytes(f, rr->data);
		buf_puts(out, addr_to_text(f, &a, text));
		break;
	}
	case RR_CNAME:
		write_name(out, rr->data);
		break;
	case RR_MX:
		buf_printf(
		    out, "%u ", (unsigned)rr->data[0] << 8 | rr->data[1]);
		write_name(out, rr->data + 2);
		break;
	case RR_TXT:
		write_strings(out, rr);
		break;
	}
}

static void
write_answer(struct buf *out, const struct answer *a)
{
	const char *type = rr_type_name((enum rr_type)a->type);
	const uint8_t *at = NULL;
	bool first = true; /* a target is the whole RRset's */
	struct rr rr;

	if (a->status == ANSWER_DATA) {
		while (answer_next(a, &at, &rr)) {
			write_name(out, a->name);
			buf_printf(out, "\t0\tIN\t%s\t", type);
			write_data(out, (enum rr_type)a->type, &rr);
			buf_puts(out, "\t; ");
			write_history(out, a, first);
			first = false;
			buf_puts(out, "\n");
		}
		return;
	}
	if (a->status != ANSWER_NODATA && a->status != ANSWER_NXDOMAIN &&
	    a->status != ANSWER_FAILED)
		return;
	buf_puts(out, "; ");
	write_name(out, a->name);
	buf_printf(out, " %s ", type);
	if (a->status == ANSWER_FAILED)
		buf_printf(out, "FAILED/%u ", a->failure);
	else
		buf_puts(
		    out, a->status == ANSWER_NODATA ? "NODATA " : "NXDOMAIN ");
	write_history(out, a, true);
	buf_puts(out, "\n");
}

void
zone_write(struct buf *out, const struct answers *as)
{
	size_t n, from = out->len;
	const struct answer **v = answers_sorted(as, &n);

	buf_printf(out, "%s\n", ZONE_FIRST_LINE);
	for (size_t i = 0; i < n; i++)
		write_answer(out, v[i]);
	buf_printf(out, ZONE_LAST_LINE ZONE_CHECKSUM "\n",
	    checksum_bytes(CHECKSUM_START, out->data + from, out->len - from));
	free(v);
}
