/*
 * relaymsg: DNS messages as bad servers, bad networks and forgers make them.
 */
#include "relaymsg.h"

#include <string.h>

static uint64_t state;

void
msg_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64 */
uint64_t
msg_random(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

double
msg_uniform(double max)
{
	return max <= 0 ? 0 : (double)(msg_random() >> 11) * 0x1p-53 * max;
}

bool
msg_chance(double percent)
{
	return percent > 0 && msg_uniform(100) < percent;
}

unsigned
msg_get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

void
msg_put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* The offset after the name at that offset; 0 if it does not end. */
static size_t
skip_name(const uint8_t *msg, size_t len, size_t at)
{
	while (at < len && msg[at] != 0 && msg[at] < 64)
		at += 1 + (size_t)msg[at];
	if (at >= len)
		return 0;
	at += msg[at] == 0 ? 1 : 2;
	return at <= len ? at : 0;
}

size_t
msg_skip_question(const uint8_t *msg, size_t len)
{
	size_t at;

	if (len < HEADER || msg_get16(msg + 4) != 1)
		return 0;
	at = skip_name(msg, len, HEADER);
	return at == 0 || at + 4 > len ? 0 : at + 4;
}

/* The offset after the answer section; 0 if it does not end. */
static size_t
skip_answers(const uint8_t *msg, size_t len)
{
	size_t at = msg_skip_question(msg, len);

	for (unsigned n = msg_get16(msg + 6); n > 0 && at > 0; n--) {
		at = skip_name(msg, len, at);
		if (at == 0 || at + 10 > len)
			return 0;
		at += 10 + msg_get16(msg + at + 8);
		if (at > len)
			return 0;
	}
	return at;
}

size_t
msg_add_poison(
    uint8_t *out, const uint8_t *owner, size_t owner_len, unsigned type)
{
	static const uint8_t a[] = {23, 66, 6, 6};
	static const uint8_t aaaa[] = {
	    0x2a, 0x0f, 0x0b, 0, 0x06, 0x66, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6};
	static const uint8_t txt[] = "\x1cv=spf1 ip4:23.66.6.0/24 -all";
	static const uint8_t mx[] = "\0\0\6poison\7example";
	const uint8_t *data = a;
	size_t len = sizeof(a);
	uint8_t *p = out;

	if (type == AAAA) {
		data = aaaa;
		len = sizeof(aaaa);
	} else if (type == TXT) {
		data = txt;
		len = sizeof(txt) - 1;
	} else if (type == MX) {
		data = mx;
		len = sizeof(mx);
	}
	memcpy(p, owner, owner_len);
	p += owner_len;
	msg_put16(p, type);
	msg_put16(p + 2, 1);
	msg_put16(p + 4, 0);
	msg_put16(p + 6, 300);
	msg_put16(p + 8, (unsigned)len);
	memcpy(p + 10, data, len);
	return (size_t)(p + 10 + len - out);
}

static bool
authority_begins_with_soa(const uint8_t *msg, size_t len, size_t at)
{
	if (msg_get16(msg + 8) == 0)
		return false;
	at = skip_name(msg, len, at);
	return at > 0 && at + 10 <= len && msg_get16(msg + at) == SOA;
}

size_t
msg_add_foreign(uint8_t *msg, size_t len)
{
	/* Of the root: class IN, TTL 300, 22 bytes of data, names and times. */
	static const uint8_t root_soa[33] = {
	    [2] = SOA, [4] = 1, [7] = 1, [8] = 44, [10] = 22};
	uint8_t owner[260];
	size_t question = msg_skip_question(msg, len),
	       at = skip_answers(msg, len);
	size_t owner_len = question - 4 - HEADER;
	unsigned type;
	bool denial;

	if (question == 0 || at == 0 || owner_len > 240 ||
	    at + owner_len + 100 > UDP_MAX)
		return len;
	type = msg_get16(msg + question - 4);
	if (msg_random() % 2 == 0 && msg[HEADER] > 0 && msg[HEADER] < 64) {
		owner_len -= 1 + (size_t)msg[HEADER];
		memcpy(owner, msg + HEADER + 1 + msg[HEADER], owner_len);
	} else {
		memcpy(owner, "\3mta", 4);
		memcpy(owner + 4, msg + HEADER, owner_len);
		owner_len += 4;
	}
	/* The other sections go: their compressed names would have to move. */
	denial = authority_begins_with_soa(msg, len, at);
	msg_put16(msg + 6, msg_get16(msg + 6) + 1);
	msg_put16(msg + 8, denial ? 1 : 0);
	msg_put16(msg + 10, 0);
	at += msg_add_poison(msg + at, owner, owner_len, type);
	if (denial) {
		memcpy(msg + at, root_soa, sizeof(root_soa));
		at += sizeof(root_soa);
	}
	return at;
}

bool
msg_truncate(uint8_t *msg, size_t *len)
{
	size_t question = msg_skip_question(msg, *len);

	if (question == 0)
		return false;
	msg[2] |= 0x02;
	if (msg_random() % 2 == 0 && *len > question + 1) {
		*len = question + 1 + msg_random() % (*len - question - 1);
		return true;
	}
	msg_put16(msg + 6, 0);
	msg_put16(msg + 8, 0);
	msg_put16(msg + 10, 0);
	*len = question;
	return true;
}

bool
msg_damage(uint8_t *msg, size_t *len)
{
	size_t question = msg_skip_question(msg, *len);

	if (question == 0 || *len < question + 2)
		return false;
	if (msg_random() % 2 == 0)
		*len = question + msg_random() % (*len - question);
	else
		msg_put16(msg + question, 0xc000 | (unsigned)question);
	return true;
}

size_t
msg_error(uint8_t *msg, size_t len, unsigned rcode, bool with_question)
{
	size_t question = msg_skip_question(msg, len);

	msg[2] = (uint8_t)(0x80 | (msg[2] & 0x79));
	msg[3] = (uint8_t)(0x80 | rcode);
	msg_put16(msg + 6, 0);
	msg_put16(msg + 8, 0);
	msg_put16(msg + 10, 0);
	if (with_question && question > 0)
		return question;
	msg_put16(msg + 4, 0);
	return HEADER;
}

bool
msg_asks_for(const uint8_t *msg, size_t len, const char *prefix)
{
	size_t n = prefix == NULL ? 0 : strlen(prefix);

	return n > 0 && len > HEADER + n && msg[HEADER] >= n &&
	       memcmp(msg + HEADER + 1, prefix, n) == 0;
}
