/*
 * Tests of wire: queries as bytes, and hand-made responses: right ones, wrong
 * ones, and hostile ones.
 */
#include <ldns/ldns.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/wire.h"

#define QR 0x8000
#define AA 0x0400
#define TC 0x0200
#define RD 0x0100
#define RA 0x0080
#define FORMERR 1
#define SERVFAIL 2
#define NXDOMAIN 3
#define NOTIMP 4
#define REFUSED 5
#define ANSWERED (QR | RD | RA)

/* Other types that answers hold. */
#define NS 2
#define SOA 6

/* A message that is put together; what it counts is patched in at the end. */
struct message {
	uint8_t bytes[UINT16_MAX];
	size_t len;
	unsigned counts[4];
};

static void
put(struct message *m, const void *bytes, size_t len)
{
	assert_true(m->len + len <= sizeof(m->bytes));
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static void
put16(struct message *m, unsigned value)
{
	put(m, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static void
put_name(struct message *m, const char *text)
{
	uint8_t wire[NAME_MAX_WIRE] = {0};

	if (strcmp(text, ".") != 0)
		assert_int_equal(name_from_text(text, strlen(text), wire), 0);
	put(m, wire, name_len(wire));
}

static void
begin(struct message *m, unsigned flags)
{
	*m = (struct message){.len = 0};
	put16(m, 0x1234);
	put16(m, flags);
	for (int i = 0; i < 4; i++)
		put16(m, 0);
}

static void
count(struct message *m, int section)
{
	m->counts[section]++;
	m->bytes[4 + 2 * section] = (uint8_t)(m->counts[section] >> 8);
	m->bytes[5 + 2 * section] = (uint8_t)m->counts[section];
}

static void
question(struct message *m, const char *name, unsigned type)
{
	put_name(m, name);
	put16(m, type);
	put16(m, 1);
	count(m, 0);
}

/* The start of an RR in a section: 1 answer, 2 authority, 3 additional. */
static void
rr_head(struct message *m, int section, unsigned type, unsigned class)
{
	put16(m, type);
	put16(m, class);
	put16(m, 0);
	put16(m, 300);
	count(m, section);
}

static void
rr(struct message *m, int section, const char *owner, unsigned type,
    const void *data, size_t len)
{
	put_name(m, owner);
	rr_head(m, section, type, 1);
	put16(m, (unsigned)len);
	put(m, data, len);
}

/* An RR whose data is a name, behind some bytes. */
static void
rr_name(struct message *m, int section, const char *owner, unsigned type,
    const char *before, size_t len, const char *name)
{
	uint8_t wire[NAME_MAX_WIRE] = {0};

	if (strcmp(name, ".") != 0)
		assert_int_equal(name_from_text(name, strlen(name), wire), 0);
	put_name(m, owner);
	rr_head(m, section, type, 1);
	put16(m, (unsigned)(len + name_len(wire)));
	put(m, before, len);
	put(m, wire, name_len(wire));
}

static void
cname(struct message *m, const char *owner, const char *target)
{
	rr_name(m, 1, owner, RR_CNAME, "", 0, target);
}

static void
soa(struct message *m)
{
	static const char data[] =
	    "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";

	rr(m, 2, "example", SOA, data, 22);
}

/* A response to "a.example A", up to its answers. */
static void
respond(struct message *m, unsigned flags)
{
	begin(m, flags);
	question(m, "a.example", RR_A);
}

/* What a message says of a name and type. */
static enum wire_result
read_of(const struct message *m, const char *name, enum rr_type type,
    struct wire_answer *a)
{
	uint8_t wire[NAME_MAX_WIRE];

	assert_int_equal(name_from_text(name, strlen(name), wire), 0);
	assert_true(wire_answers(m->bytes, m->len, wire, type));
	wire_answer_clear(a);
	return wire_read(m->bytes, m->len, wire, type, true, a);
}

static void
expect(const struct message *m, enum wire_result expected)
{
	struct wire_answer a = {.rrs = {.n = 0}};

	assert_int_equal(read_of(m, "a.example", RR_A, &a), expected);
	wire_answer_clear(&a);
}

/* Data of that many RRs, and these bytes: each with two of length before. */
static void
expect_data(const struct message *m, const char *name, enum rr_type type,
    size_t n, const void *bytes, size_t len)
{
	struct wire_answer a = {.rrs = {.n = 0}};

	assert_int_equal(read_of(m, name, type, &a), WIRE_DATA);
	assert_int_equal(a.rrs.n, n);
	assert_int_equal(a.rrs.bytes.len, len);
	assert_memory_equal(a.rrs.bytes.data, bytes, len);
	wire_answer_clear(&a);
}

static void
test_query(void **state)
{
	static const uint8_t expected[] = {0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0,
	    0, 1, 1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 16, 0, 1,
	    0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
	uint8_t out[WIRE_QUERY_MAX], name[NAME_MAX_WIRE];

	(void)state;
	name_from_text("A.Example", 9, name);
	assert_int_equal(
	    wire_query(out, 0xabcd, name, RR_TXT, true), sizeof(expected));
	assert_memory_equal(out, expected, sizeof(expected));
	assert_int_equal(wire_id(out), 0xabcd);
	assert_int_equal(wire_query(out, 0xabcd, name, RR_TXT, false),
	    sizeof(expected) - 11);
	assert_int_equal(out[11], 0);
}

static void
test_longest_query(void **state)
{
	uint8_t out[WIRE_QUERY_MAX], name[NAME_MAX_WIRE];

	(void)state;
	for (size_t i = 0; i < 254; i += 2)
		memcpy(name + i, "\1x", 2);
	name[254] = 0;
	assert_int_equal(
	    wire_query(out, 1, name, RR_A, true), 12 + 255 + 4 + 11);
}

static bool
answers(const struct message *m, size_t len)
{
	uint8_t wire[NAME_MAX_WIRE];

	assert_int_equal(name_from_text("a.example", 9, wire), 0);
	return wire_answers(m->bytes, len, wire, RR_A);
}

static void
test_which_messages_answer(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	assert_true(answers(&m, m.len));
	/* Cut anywhere before the question's end, it is none. */
	for (size_t len = 0; len < m.len; len++)
		assert_false(answers(&m, len));
	respond(&m, RD); /* without QR: an echo of the query */
	assert_false(answers(&m, m.len));
	respond(&m, ANSWERED | 0x2000); /* opcode 4 */
	assert_false(answers(&m, m.len));
	begin(&m, ANSWERED);
	question(&m, "A.EXAMPLE", RR_A);
	assert_true(answers(&m, m.len));
}

static void
test_wrong_questions(void **state)
{
	struct message m;

	(void)state;
	begin(&m, ANSWERED);
	question(&m, "b.example", RR_A);
	assert_false(answers(&m, m.len));
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_AAAA);
	assert_false(answers(&m, m.len));
	begin(&m, ANSWERED);
	question(&m, "x.a.example", RR_A);
	assert_false(answers(&m, m.len));
	respond(&m, ANSWERED);
	m.bytes[m.len - 1] = 3; /* class CH */
	assert_false(answers(&m, m.len));
	respond(&m, ANSWERED);
	question(&m, "a.example", RR_A); /* twice */
	assert_false(answers(&m, m.len));
	begin(&m, ANSWERED);
	put(&m, "\300\014\0\1\0\1", 6); /* a pointer to itself */
	count(&m, 0);
	assert_false(answers(&m, m.len));
}

/* An error may come without a question, an answer may not. */
static void
test_no_question(void **state)
{
	struct message m;

	(void)state;
	begin(&m, ANSWERED | FORMERR);
	assert_true(answers(&m, m.len));
	expect(&m, WIRE_NO_EDNS);
	begin(&m, ANSWERED | SERVFAIL);
	expect(&m, WIRE_SERVFAIL);
	begin(&m, ANSWERED);
	assert_false(answers(&m, m.len));
	begin(&m, ANSWERED | NXDOMAIN);
	assert_false(answers(&m, m.len));
	begin(&m, RD | FORMERR);
	assert_false(answers(&m, m.len));
}

static void
test_addresses(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	rr(&m, 1, "a.example", RR_A, "\xc0\0\2\3", 4);
	rr(&m, 1, "A.Example", RR_A, "\xc0\0\2\1", 4);
	rr(&m, 1, "a.example", RR_A, "\xc0\0\2\3", 4);
	expect_data(
	    &m, "a.example", RR_A, 2, "\0\4\xc0\0\2\1\0\4\xc0\0\2\3", 12);
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_AAAA);
	rr(&m, 1, "a.example", RR_AAAA, "0123456789abcdef", 16);
	expect_data(&m, "a.example", RR_AAAA, 1,
	    "\0\x10"
	    "0123456789abcdef",
	    18);
}

static void
test_txt(void **state)
{
	struct message m;

	(void)state;
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_TXT);
	rr(&m, 1, "a.example", RR_TXT, "\6v=spf1\0\5 -all", 14);
	rr(&m, 1, "a.example", RR_TXT, "\0", 1);
	expect_data(&m, "a.example", RR_TXT, 2,
	    "\0\1\0"
	    "\0\x0e\6v=spf1\0\5 -all",
	    3 + 16);
}

static void
test_mx(void **state)
{
	struct message m;

	(void)state;
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_MX);
	rr_name(&m, 1, "a.example", RR_MX, "\0\x14", 2, "Mail.Example");
	/* Compressed: the question's name begins at byte 12. */
	rr(&m, 1, "a.example", RR_MX, "\0\x0a\2mx\300\014", 7);
	rr(&m, 1, "a.example", RR_MX, "\0\0\0", 3);
	expect_data(&m, "a.example", RR_MX, 3,
	    "\0\3\0\0\0"
	    "\0\x10\0\x0a\2mx\1a\7example\0"
	    "\0\x10\0\x14\4mail\7example\0",
	    5 + 18 + 18);
}

static void
test_compressed_owner(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	put16(&m, 0xc00c);
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "\xc0\0\2\1", 4);
	expect_data(&m, "a.example", RR_A, 1, "\0\4\xc0\0\2\1", 6);
}

static void
test_foreign_records_are_ignored(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	rr(&m, 1, "b.example", RR_A, "evil", 4);
	rr(&m, 1, "example", RR_A, "evil", 4);
	put_name(&m, "a.example");
	rr_head(&m, 1, RR_A, 3);
	put16(&m, 4);
	put(&m, "evil", 4);
	rr(&m, 1, "a.example", RR_TXT, "\1x", 2);
	rr(&m, 2, "a.example", RR_A, "evil", 4);
	rr(&m, 3, "a.example", RR_A, "evil", 4);
	/* No denial either, unless there is a SOA record. */
	expect(&m, WIRE_MALFORMED);
	respond(&m, ANSWERED);
	rr(&m, 1, "b.example", RR_A, "evil", 4);
	soa(&m);
	expect(&m, WIRE_NODATA);
	respond(&m, ANSWERED);
	rr(&m, 1, "b.example", RR_A, "evil", 4);
	rr(&m, 1, "a.example", RR_A, "good", 4);
	expect_data(&m, "a.example", RR_A, 1, "\0\4good", 6);
}

static void
test_cname_chain(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	/* In any order. */
	rr(&m, 1, "c.example", RR_A, "good", 4);
	cname(&m, "B.example", "C.example");
	cname(&m, "a.example", "b.example");
	cname(&m, "x.example", "y.example");
	rr(&m, 1, "y.example", RR_A, "evil", 4);
	assert_int_equal(read_of(&m, "a.example", RR_A, &a), WIRE_DATA);
	assert_int_equal(a.rrs.n, 1);
	assert_memory_equal(a.rrs.bytes.data, "\0\4good", 6);
	assert_int_equal(a.chain.n, 2);
	assert_int_equal(a.chain.bytes.len, 26);
	assert_memory_equal(
	    a.chain.bytes.data, "\0\x0b\1b\7example\0\0\x0b\1c\7example\0", 26);
	wire_answer_clear(&a);
}

/* DNAME: its CNAME is in the answer too. */
static void
test_dname(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	rr_name(&m, 1, "example", 39, "", 0, "example.org");
	cname(&m, "a.example", "a.example.org");
	rr(&m, 1, "a.example.org", RR_A, "good", 4);
	expect_data(&m, "a.example", RR_A, 1, "\0\4good", 6);
}

static void
test_where_chains_end(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	cname(&m, "a.example", "b.example.org");
	expect(&m, WIRE_CONTINUE);
	soa(&m);
	expect(&m, WIRE_NODATA);
	respond(&m, ANSWERED | NXDOMAIN);
	cname(&m, "a.example", "b.example.org");
	expect(&m, WIRE_NXDOMAIN);
}

static void
test_cname_loops(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	cname(&m, "a.example", "a.example");
	expect(&m, WIRE_LOOP);
	respond(&m, ANSWERED);
	cname(&m, "a.example", "b.example");
	cname(&m, "b.example", "c.example");
	cname(&m, "c.example", "b.example");
	expect(&m, WIRE_LOOP);
}

static void
chain(struct message *m, int links)
{
	char owner[] = "a.example", target[] = "b.example";

	respond(m, ANSWERED);
	for (int i = 0; i < links; i++) {
		cname(m, owner, target);
		owner[0]++;
		target[0]++;
	}
	rr(m, 1, owner, RR_A, "good", 4);
}

static void
test_long_chains(void **state)
{
	struct message m;

	(void)state;
	chain(&m, CNAME_MAX);
	expect(&m, WIRE_DATA);
	chain(&m, CNAME_MAX + 1);
	expect(&m, WIRE_LOOP);
}

static void
test_denials(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	soa(&m);
	expect(&m, WIRE_NODATA);
	respond(&m, QR | AA); /* no SOA, but it should know */
	expect(&m, WIRE_NODATA);
	respond(&m, ANSWERED);
	expect(&m, WIRE_NODATA);
	respond(&m, ANSWERED | NXDOMAIN);
	soa(&m);
	expect(&m, WIRE_NXDOMAIN);
	respond(&m, QR | AA | NXDOMAIN);
	expect(&m, WIRE_NXDOMAIN);
}

static void
test_referrals(void **state)
{
	struct message m;

	(void)state;
	respond(&m, QR | RD);
	rr_name(&m, 2, "example", NS, "", 0, "ns.example");
	rr(&m, 3, "ns.example", RR_A, "evil", 4);
	expect(&m, WIRE_REFERRAL);
	respond(&m, QR);
	expect(&m, WIRE_REFERRAL);
	/* An answer that is there counts whoever gave it. */
	respond(&m, QR | RD);
	rr(&m, 1, "a.example", RR_A, "good", 4);
	expect(&m, WIRE_DATA);
}

static void
test_errors(void **state)
{
	static const struct {
		unsigned rcode;
		enum wire_result expected;
	} cases[] = {{FORMERR, WIRE_NO_EDNS}, {SERVFAIL, WIRE_SERVFAIL},
	    {NOTIMP, WIRE_NO_EDNS}, {REFUSED, WIRE_REFUSED}, {6, WIRE_RCODE},
	    {9, WIRE_RCODE}, {15, WIRE_RCODE}};
	struct message m;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		respond(&m, ANSWERED | cases[i].rcode);
		expect(&m, cases[i].expected);
		/* Whatever answer stands there too. */
		rr(&m, 1, "a.example", RR_A, "evil", 4);
		expect(&m, cases[i].expected);
	}
}

static void
test_errors_without_edns(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	struct message m;

	(void)state;
	respond(&m, ANSWERED | FORMERR);
	assert_int_equal(wire_read(m.bytes, m.len,
			     (const uint8_t *)"\1a\7example", RR_A, false, &a),
	    WIRE_RCODE);
	wire_answer_clear(&a);
}

static void
test_truncated(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED | TC);
	expect(&m, WIRE_TRUNCATED);
	rr(&m, 1, "a.example", RR_A, "part", 4);
	expect(&m, WIRE_TRUNCATED);
	/* The sections end before what the header says. */
	m.len -= 3;
	expect(&m, WIRE_TRUNCATED);
}

static void
test_cut_messages(void **state)
{
	struct message m;
	size_t from;

	(void)state;
	respond(&m, ANSWERED);
	from = m.len;
	rr(&m, 1, "a.example", RR_A, "good", 4);
	for (size_t len = m.len; --len >= from;) {
		struct message cut = m;

		cut.len = len;
		expect(&cut, WIRE_MALFORMED);
	}
	respond(&m, ANSWERED);
	m.bytes[7] = 5; /* answers that are not there */
	expect(&m, WIRE_MALFORMED);
}

/* There is nothing to read in what is shorter than a header. */
static void
test_no_header(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	uint8_t name[NAME_MAX_WIRE];
	struct message m;

	(void)state;
	name_from_text("a.example", 9, name);
	begin(&m, ANSWERED);
	for (size_t len = 0; len < m.len; len++)
		assert_int_equal(wire_read(m.bytes, len, name, RR_A, true, &a),
		    WIRE_MALFORMED);
}

static void
test_compression_loops(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	put16(&m, 0xc000 | (unsigned)m.len); /* to itself */
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "evil", 4);
	expect(&m, WIRE_MALFORMED);
	respond(&m, ANSWERED);
	put16(&m, 0xc000 | (unsigned)(m.len + 2)); /* to each other */
	put16(&m, 0xc000 | (unsigned)(m.len - 2));
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "evil", 4);
	expect(&m, WIRE_MALFORMED);
	respond(&m, ANSWERED);
	put16(&m, 0xffff); /* outside */
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "evil", 4);
	expect(&m, WIRE_MALFORMED);
}

static void
test_wrong_data(void **state)
{
	struct message m;

	(void)state;
	respond(&m, ANSWERED);
	rr(&m, 1, "a.example", RR_A, "abc", 3);
	expect(&m, WIRE_MALFORMED);
	respond(&m, ANSWERED);
	rr(&m, 1, "a.example", RR_A, "", 0);
	expect(&m, WIRE_MALFORMED);
	respond(&m, ANSWERED);
	rr(&m, 1, "a.example", RR_CNAME, "", 0);
	expect(&m, WIRE_MALFORMED);
}

static void
test_wrong_txt_and_mx(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	struct message m;

	(void)state;
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_TXT);
	rr(&m, 1, "a.example", RR_TXT, "\5abc", 4); /* past its end */
	assert_int_equal(read_of(&m, "a.example", RR_TXT, &a), WIRE_MALFORMED);
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_TXT);
	rr(&m, 1, "a.example", RR_TXT, "", 0);
	assert_int_equal(read_of(&m, "a.example", RR_TXT, &a), WIRE_MALFORMED);
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_MX);
	rr(&m, 1, "a.example", RR_MX, "\0\1", 2);
	assert_int_equal(read_of(&m, "a.example", RR_MX, &a), WIRE_MALFORMED);
	wire_answer_clear(&a);
}

/* A pointer to bytes that are no name, and to one that does not end. */
static void
test_pointers_to_no_name(void **state)
{
	static const char *const texts[] = {"\x01"
					    "a\x80",
	    "\x01"
	    "a\x3f"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct message m;
		size_t at;

		respond(&m, ANSWERED);
		rr(&m, 1, "b.example", RR_TXT, texts[i], 3);
		at = m.len - 3;
		put16(&m, 0xc000 | (unsigned)at);
		rr_head(&m, 1, RR_A, 1);
		put16(&m, 4);
		put(&m, "evil", 4);
		expect(&m, WIRE_MALFORMED);
	}
}

/* Pointers to pointers: to follow them all would take minutes. */
static void
test_work_is_bounded(void **state)
{
	struct message m;
	size_t last;

	(void)state;
	respond(&m, ANSWERED);
	put_name(&m, ".");
	rr_head(&m, 1, RR_TXT, 1);
	put16(&m, 3 + 2 * 8000);
	last = m.len;
	put_name(&m, "b");
	for (int i = 0; i < 8000; i++) {
		size_t at = m.len;

		put16(&m, 0xc000 | (unsigned)last);
		last = at;
	}
	while (m.len + 16 < sizeof(m.bytes)) {
		put16(&m, 0xc000 | (unsigned)last);
		rr_head(&m, 1, RR_A, 1);
		put16(&m, 4);
		put(&m, "evil", 4);
	}
	expect(&m, WIRE_MALFORMED);
}

/* Compressed, an RRset can be far larger than its message. */
static void
test_large_rrset(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	struct message m;
	char name[250];
	size_t at;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 50; i < sizeof(name) - 1; i += 50)
		name[i] = '.';
	begin(&m, ANSWERED);
	question(&m, "a.example", RR_MX);
	rr_name(&m, 1, "a.example", RR_MX, "\0\1", 2, name);
	at = m.len - strlen(name) - 2;
	while (m.counts[1] < 4000) {
		put16(&m, 0xc000 | 12);
		rr_head(&m, 1, RR_MX, 1);
		put16(&m, 4);
		put16(&m, 1);
		put16(&m, 0xc000 | (unsigned)at);
		if (m.counts[1] == 200)
			assert_int_equal(
			    read_of(&m, "a.example", RR_MX, &a), WIRE_DATA);
	}
	assert_int_equal(read_of(&m, "a.example", RR_MX, &a), WIRE_TOO_LARGE);
	wire_answer_clear(&a);
}

/* A name of more than 255 bytes, put together by pointers. */
static void
test_names_that_are_too_long(void **state)
{
	struct message m;
	size_t first;

	(void)state;
	respond(&m, ANSWERED);
	first = m.len;
	for (int i = 0; i < 3; i++) {
		uint8_t label[64];

		memset(label, 'x', sizeof(label));
		label[0] = 63;
		put(&m, label, sizeof(label));
	}
	put(&m, "\0", 1);
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "evil", 4);
	expect(&m, WIRE_MALFORMED);
	put(&m, m.bytes + first, 64);
	put16(&m, 0xc000 | (unsigned)first);
	rr_head(&m, 1, RR_A, 1);
	put16(&m, 4);
	put(&m, "evil", 4);
	/* Nobody can have asked for it. */
	expect(&m, WIRE_MALFORMED);
}

/* Whatever bytes come: an answer of some kind, and no fault. */
static void
test_damaged_bytes(void **state)
{
	struct wire_answer a = {.rrs = {.n = 0}};
	uint8_t name[NAME_MAX_WIRE];
	uint32_t random = 1;
	struct message m;

	(void)state;
	name_from_text("a.example", 9, name);
	for (int i = 0; i < 20000; i++) {
		respond(&m, ANSWERED);
		cname(&m, "a.example", "b.example");
		rr(&m, 1, "b.example", RR_A, "good", 4);
		rr_name(&m, 1, "b.example", RR_MX, "\0\1", 2, "c.example");
		rr(&m, 1, "b.example", RR_TXT, "\2ab\3cde", 7);
		soa(&m);
		for (int k = 0; k < 3; k++) {
			random = random * 1664525 + 1013904223;
			m.bytes[4 + (random >> 8) % (m.len - 4)] =
			    (uint8_t)(random >> 24);
		}
		wire_read(m.bytes, m.len, name, RR_A, true, &a);
		wire_answers(m.bytes, m.len, name, RR_A);
		wire_answer_clear(&a);
	}
}

/* A response of random RRs, put together and compressed by ldns. */
static ldns_pkt *
random_response(uint32_t *random)
{
	static const char *const owners[] = {"a.example.", "A.Example.",
	    "b.example.", "a.a.example.", "example.", "b.a.b.example."};
	/* With a digit between. */
	static const char *const data[][2] = {{"A 192.0.2.", ""},
	    {"AAAA 2001:db8::", ""}, {"MX 10 Mx", ".a.example."},
	    {"MX 20 b", ".example."}, {"TXT \"x ", "\""},
	    {"TXT \"\" \"y", "\""}, {"NS ns", ".A.example."},
	    {"SRV 1 2 ", " a.example."}};
	ldns_pkt *pkt = ldns_pkt_new();
	char text[100];

	ldns_pkt_set_qr(pkt, true);
	ldns_pkt_set_aa(pkt, true);
	for (unsigned i = *random >> 20 & 15; i > 0; i--) {
		unsigned owner = (*random >> 8) % COUNT(owners);
		unsigned which = (*random >> 16) % COUNT(data);
		ldns_rr *rr;

		*random = *random * 1664525 + 1013904223;
		snprintf(text, sizeof(text), "%s 300 IN %s%u%s", owners[owner],
		    data[which][0], *random >> 24 & 3, data[which][1]);
		assert_int_equal(ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL),
		    LDNS_STATUS_OK);
		ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, rr);
	}
	return pkt;
}

/* The RRset of a.example among them. */
static void
gather(const ldns_pkt *pkt, enum rr_type type, struct rrset *set)
{
	const ldns_rr_list *all = ldns_pkt_answer(pkt);
	ldns_rdf *name = ldns_dname_new_frm_str("a.example.");

	for (size_t i = 0; i < ldns_rr_list_rr_count(all); i++) {
		ldns_rr *rr = ldns_rr_list_rr(all, i);
		struct buf one;

		if (ldns_rr_get_type(rr) != (ldns_rr_type)type ||
		    ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
			continue;
		ldns_rr2canonical(rr);
		buf_init(&one);
		for (size_t k = 0; k < ldns_rr_rd_count(rr); k++)
			buf_add(&one, ldns_rdf_data(ldns_rr_rdf(rr, k)),
			    ldns_rdf_size(ldns_rr_rdf(rr, k)));
		rrset_add(set, one.data, one.len);
		buf_clear(&one);
	}
	rrset_sort(set);
	ldns_rdf_deep_free(name);
}

static void
test_against_ldns(void **state)
{
	static const enum rr_type types[] = {RR_A, RR_AAAA, RR_MX, RR_TXT};
	uint8_t name[NAME_MAX_WIRE];
	uint32_t random = 1;

	(void)state;
	name_from_text("a.example", 9, name);
	for (unsigned i = 0; i < 4000; i++) {
		enum rr_type type = types[i % COUNT(types)];
		ldns_pkt *pkt = random_response(&random);
		struct wire_answer a = {.rrs = {.n = 0}};
		struct rrset expected = {.n = 0};
		uint8_t *bytes;
		size_t len;

		assert_int_equal(
		    ldns_pkt2wire(&bytes, pkt, &len), LDNS_STATUS_OK);
		gather(pkt, type, &expected);
		assert_int_equal(wire_read(bytes, len, name, type, true, &a),
		    expected.n > 0 ? WIRE_DATA
		    : ldns_pkt_ancount(pkt) > 0
			? WIRE_MALFORMED
			: WIRE_NODATA);
		assert_int_equal(a.rrs.n, expected.n);
		assert_int_equal(a.rrs.bytes.len, expected.bytes.len);
		if (expected.n > 0)
			assert_memory_equal(a.rrs.bytes.data,
			    expected.bytes.data, expected.bytes.len);
		wire_answer_clear(&a);
		buf_clear(&expected.bytes);
		free(bytes);
		ldns_pkt_free(pkt);
		random = random * 1664525 + 1013904223;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_longest_query),
	    cmocka_unit_test(test_which_messages_answer),
	    cmocka_unit_test(test_wrong_questions),
	    cmocka_unit_test(test_no_question),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_txt),
	    cmocka_unit_test(test_mx),
	    cmocka_unit_test(test_compressed_owner),
	    cmocka_unit_test(test_foreign_records_are_ignored),
	    cmocka_unit_test(test_cname_chain),
	    cmocka_unit_test(test_dname),
	    cmocka_unit_test(test_where_chains_end),
	    cmocka_unit_test(test_cname_loops),
	    cmocka_unit_test(test_long_chains),
	    cmocka_unit_test(test_denials),
	    cmocka_unit_test(test_referrals),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_errors_without_edns),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_cut_messages),
	    cmocka_unit_test(test_no_header),
	    cmocka_unit_test(test_compression_loops),
	    cmocka_unit_test(test_wrong_data),
	    cmocka_unit_test(test_wrong_txt_and_mx),
	    cmocka_unit_test(test_pointers_to_no_name),
	    cmocka_unit_test(test_work_is_bounded),
	    cmocka_unit_test(test_large_rrset),
	    cmocka_unit_test(test_names_that_are_too_long),
	    cmocka_unit_test(test_damaged_bytes),
	    cmocka_unit_test(test_against_ldns),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
