/*
 * message: reads the RRs of a DNS message in place.
 */
#include "dns/message.h"

#include <string.h>

#include "base/name.h"

#define FIXED_LEN 10 /* type, class, TTL and data length of an RR */
#define POINTER 0xc0 /* from here on a length is one (RFC 1035, 4.1.4) */
/*
 * The largest number of labels and pointers of owner names that are read. The
 * largest honest answer, 4,000 RRs after some CNAMEs, needs a tenth of it; a
 * hostile one would need hundreds of times as many.
 */
#define STEPS_MAX 500000

int
message_open(struct message *m, const uint8_t *bytes, size_t len)
{
	uint8_t name[NAME_MAX_WIRE];

	*m = (struct message){.bytes = bytes, .len = len};
	if (len < HEADER_LEN)
		return -1;
	m->answers = HEADER_LEN;
	m->nanswers = get16(bytes + 6);
	m->nauthority = get16(bytes + 8);
	for (unsigned i = get16(bytes + 4); i > 0; i--) {
		if (name_read(bytes, len, &m->answers, name) == 0 ||
		    len - m->answers < 4)
			return -1;
		m->answers += 4;
	}
	return 0;
}

/* Steps over a name, without following its pointer; -1: there is none. */
static int
skip_name(const struct message *m, size_t *at)
{
	size_t begin = *at;

	while (*at < m->len && *at - begin < NAME_MAX_WIRE) {
		size_t label = m->bytes[*at];

		if (label > LABEL_MAX && label < POINTER)
			return -1;
		*at += label >= POINTER ? 2 : 1 + label;
		if (label == 0 || label >= POINTER)
			return *at <= m->len ? 0 : -1;
	}
	return -1;
}

int
message_next(const struct message *m, size_t *at, struct message_rr *r)
{
	const uint8_t *fixed;

	r->owner = *at;
	if (skip_name(m, at) != 0 || m->len - *at < FIXED_LEN)
		return -1;
	fixed = m->bytes + *at;
	r->type = get16(fixed);
	r->class = get16(fixed + 2);
	r->data = *at + FIXED_LEN;
	r->end = r->data + get16(fixed + 8);
	*at = r->end;
	return r->end <= m->len ? 0 : -1;
}

int
message_owner_is(
    struct message *m, const struct message_rr *r, const uint8_t *name)
{
	size_t p = r->owner, start = p;

	while (p < m->len && m->steps++ < STEPS_MAX) {
		size_t label = m->bytes[p];

		if (label >= POINTER && p + 1 < m->len) {
			p = (label & 0x3f) << 8 | m->bytes[p + 1];
			if (p >= start)
				return -1;
			start = p;
			continue;
		}
		if (label > LABEL_MAX || p + 1 + label > m->len)
			return -1;
		if (label != *name)
			return 0;
		if (label == 0)
			return 1;
		for (size_t i = 1; i <= label; i++)
			if (name_lower(m->bytes[p + i]) != name[i])
				return 0;
		p += 1 + label;
		name += 1 + label;
	}
	return -1;
}

/* Whole character-strings, at least one (RFC 1035 section 3.3.14). */
static bool
are_strings(const uint8_t *bytes, size_t end, size_t at)
{
	size_t begin = at;

	while (at < end)
		at += 1 + (size_t)bytes[at];
	return at == end && at > begin;
}

int
message_add_data(struct rrset *set, const uint8_t *bytes, size_t end, size_t at,
    enum rr_type type)
{
	size_t len = end - at, before = type == RR_MX ? 2 : 0, n;
	uint8_t data[2 + NAME_MAX_WIRE];
	bool right = true;

	if (len > UINT16_MAX)
		return -1;
	switch (type) {
	case RR_A:
		right = len == 4;
		break;
	case RR_AAAA:
		right = len == 16;
		break;
	case RR_TXT:
		right = are_strings(bytes, end, at);
		break;
	case RR_MX:
	case RR_CNAME:
		if (len <= before)
			return -1;
		memcpy(data, bytes + at, before);
		at += before;
		n = name_read(bytes, end, &at, data + before);
		if (n == 0 || at != end)
			return -1;
		rrset_add(set, data, before + n);
		return 0;
	}
	if (right)
		rrset_add(set, bytes + at, len);
	return right ? 0 : -1;
}
