/*
 * Tests of rdata: what is read without ldns is what ldns reads, over texts that
 * are nearly right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ldns/ldns.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/text.h"
#include "dns/rdata.h"

#define TEXTS 2000 /* of each type */

/* The same numbers at every run. */
static uint32_t
random_below(uint32_t n)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(state >> 33) % n;
}

/*
 * A right text with up to three characters changed. Outside of quotes, zonetext
 * leaves no comments and parentheses.
 */
static void
make_text(char *text, size_t size, const char *right)
{
	static const char quoted[] = ";()0123456789abfAZ.:-_\" \t\\/%$*~+=\x7f";
	const char *others = right[0] == '"' ? quoted : quoted + 3;
	size_t len = strlen(right);

	assert_true(len < size);
	memcpy(text, right, len + 1);
	for (uint32_t i = random_below(4); i > 0; i--)
		text[random_below((uint32_t)len)] =
		    others[random_below((uint32_t)strlen(others))];
}

/* Data of an RR as ldns alone reads them; false: it does not. */
static bool
read_by_ldns(enum rr_type type, const char *text, struct buf *to)
{
	char *line = xasprintf(". 0 IN %s %s", rr_type_name(type), text);
	ldns_rr *rr = NULL;
	bool read =
	    ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) == LDNS_STATUS_OK;

	for (size_t i = 0; read && i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);

		if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME)
			ldns_dname2canonical(rdf);
		buf_add(to, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	}
	ldns_rr_free(rr);
	free(line);
	return read;
}

/* Returns whether the text is read; then it is what ldns reads. */
static bool
compare_data(const struct rdata *d, enum rr_type type, const char *text)
{
	struct rrset set = {0};
	struct buf expected;
	char *copy = xstrdup(text);
	bool read = rdata_read(d, type, copy, &set) == NULL;

	buf_init(&expected);
	if (read) {
		if (!read_by_ldns(type, text, &expected) ||
		    set.bytes.len != expected.len + 2 ||
		    memcmp(set.bytes.data + 2, expected.data, expected.len) !=
			0)
			fail_msg("%s %s", rr_type_name(type), text);
	}
	buf_clear(&expected);
	buf_clear(&set.bytes);
	free(copy);
	return read;
}

static void
test_data(void **state)
{
	static const struct {
		enum rr_type type;
		const char *text;
	} right[] = {
	    {RR_A, "192.0.2.17"},
	    {RR_A, " 11.0.0.3\t"},
	    {RR_AAAA, "2001:db8::a0:17"},
	    {RR_AAAA, "::ffff:192.0.2.1 "},
	    {RR_MX, "10 mail.Example.org."},
	    {RR_MX, "65535\t a-b.c_d.1.  "},
	    {RR_MX, "0 ."},
	    {RR_TXT, "\"v=spf1 ip4:192.0.2.1 a:b.example -all\""},
	    {RR_TXT, "\"v=spf1\" \" mx -all\" "},
	    {RR_TXT, "\"\""},
	    {RR_TXT, "v=spf1"},
	};
	struct rdata d;

	(void)state;
	rdata_init(&d);
	for (size_t i = 0; i < COUNT(right); i++) {
		unsigned read = 0;

		assert_true(compare_data(&d, right[i].type, right[i].text));
		for (unsigned k = 0; k < TEXTS; k++) {
			char text[64];

			make_text(text, sizeof(text), right[i].text);
			read += compare_data(&d, right[i].type, text);
		}
		assert_true(read > TEXTS / 10 && read < TEXTS);
	}
	rdata_clear(&d);
}

/* The longest string is 255 characters, the longest label 63. */
static void
test_lengths(void **state)
{
	char text[400], label[70];
	uint8_t wire[NAME_MAX_WIRE];
	struct rdata d;

	(void)state;
	rdata_init(&d);
	for (int len = 250; len < 260; len++) {
		snprintf(text, sizeof(text), "\"%0*d\"", len, 0);
		assert_int_equal(compare_data(&d, RR_TXT, text), len < 256);
	}
	for (int len = 60; len < 66; len++) {
		snprintf(label, sizeof(label), "%0*d.", len, 0);
		assert_int_equal(rdata_name(&d, label, wire) == 0, len < 64);
		/* Three labels of 63 and one of 61 are 255 bytes. */
		snprintf(
		    text, sizeof(text), "%063d.%063d.%063d.%s", 0, 0, 0, label);
		assert_int_equal(rdata_name(&d, text, wire) == 0, len < 62);
	}
	rdata_clear(&d);
}

static void
test_names(void **state)
{
	struct rdata d;
	unsigned read = 0;

	(void)state;
	rdata_init(&d);
	for (unsigned k = 0; k < TEXTS; k++) {
		uint8_t wire[NAME_MAX_WIRE];
		char text[64];
		ldns_rdf *name = NULL;

		make_text(text, sizeof(text), "a-b.C_d.Example.");
		if (strpbrk(text, " \t") != NULL ||
		    rdata_name(&d, text, wire) != 0)
			continue;
		read++;
		if (ldns_str2rdf_dname(&name, text) != LDNS_STATUS_OK)
			fail_msg("%s", text);
		ldns_dname2canonical(name);
		assert_int_equal(ldns_rdf_size(name), name_len(wire));
		assert_memory_equal(ldns_rdf_data(name), wire, name_len(wire));
		ldns_rdf_deep_free(name);
	}
	assert_true(read > TEXTS / 10 && read < TEXTS);
	rdata_clear(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_data),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("rdata", tests, NULL, NULL);
}
