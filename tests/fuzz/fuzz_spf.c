/* An SPF record: terms that stay within its text, targets that are names. */
#include <stdlib.h>

#include "base/name.h"
#include "base/text.h"
#include "spf/macro.h"
#include "spf/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_term(const struct spf_term *t, const char *text, size_t len)
{
	static const uint8_t domain[] = "\6record\7example";
	static const uint8_t origin[] = "\6listed\7example";
	uint8_t target[NAME_MAX_WIRE], copy[NAME_MAX_WIRE];
	bool uses_origin = false;
	size_t at = 0;

	if (t->text < text || t->text + t->len > text + len)
		abort();
	if (t->kind == SPF_BROKEN) {
		if (t->why == NULL)
			abort();
		return;
	}
	if (t->prefix[IPV4] > 32 || t->prefix[IPV6] > 128)
		abort();
	if (t->kind >= SPF_REDIRECT && t->kind != SPF_REDIRECT)
		return;
	if (macro_expand(t, domain, origin, target, &uses_origin) ==
		MACRO_NAME &&
	    name_read(target, sizeof(target), &at, copy) == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spf_record r;
	struct buf text;

	buf_init(&text);
	buf_puts(&text, "v=spf1 ");
	buf_add(&text, data, size);
	spf_is_almost_record(text.data, text.len);
	spf_parse(&r, text.data, text.len);
	if (r.n > SPF_TERMS_MAX)
		abort();
	for (size_t i = 0; i < r.n; i++)
		check_term(&r.terms[i], text.data, text.len);
	spf_record_clear(&r);
	buf_clear(&text);
	return 0;
}
