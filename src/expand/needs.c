/*
 * needs: the lookups that an answer makes necessary.
 */
#include "expand/needs.h"

#include "base/name.h"
#include "base/text.h"
#include "spf/limits.h"
#include "spf/macro.h"

struct needs {
	const uint8_t *name; /* of the answer */
	bool pass_all;
	needs_visit *visit;
	void *arg;
	bool complete;
};

static void
visit_addresses(const struct needs *f, const uint8_t *name)
{
	f->visit(f->arg, name, RR_A, false);
	f->visit(f->arg, name, RR_AAAA, false);
}

/* Whether a term of that kind asks DNS about its name, for any client. */
static bool
asks(enum spf_kind k)
{
	return k == SPF_INCLUDE || k == SPF_REDIRECT || k == SPF_A ||
	       k == SPF_MX || k == SPF_EXISTS;
}

static void
term_needs(struct needs *f, const struct spf_term *t)
{
	uint8_t target[NAME_MAX_WIRE];
	bool uses_origin = false;

	if (!asks(t->kind))
		return;
	if (macro_expand(t, f->name, f->name, target, &uses_origin) !=
	    MACRO_NAME)
		return;
	if (uses_origin) {
		f->complete = false;
		return;
	}
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		if (name_labels(target) > 1)
			f->visit(f->arg, target, RR_TXT, true);
		break;
	case SPF_A:
		visit_addresses(f, target);
		break;
	case SPF_MX:
		f->visit(f->arg, target, RR_MX, false);
		break;
	case SPF_EXISTS:
		f->visit(f->arg, target, RR_A, false);
		break;
	default:
		break;
	}
}

/* A record's terms up to all (RFC 7208 section 5.1), and redirect=. */
static void
record_needs(struct needs *f, const struct spf_record *r)
{
	bool all = false;

	for (size_t i = 0; i < r->n && !all; i++) {
		const struct spf_term *t = &r->terms[i];

		all =
		    t->kind == SPF_ALL && (t->qualifier != '+' || !f->pass_all);
		if (t->kind != SPF_REDIRECT)
			term_needs(f, t);
	}
	if (!all && r->redirect != NULL)
		term_needs(f, r->redirect);
}

static void
txt_needs(struct needs *f, const struct answer *txt)
{
	const uint8_t *at = NULL;
	struct spf_record record;
	struct buf text;

	buf_init(&text);
	while (spf_next_record(txt, &at, &text)) {
		spf_parse(&record, text.data, text.len);
		record_needs(f, &record);
		spf_record_clear(&record);
	}
	buf_clear(&text);
}

static void
mx_needs(const struct needs *f, const struct answer *mx)
{
	const uint8_t *at = NULL;
	unsigned names = 0;
	struct rr rr;

	while (names < MX_NAMES_MAX && answer_next(mx, &at, &rr)) {
		const uint8_t *exchange = rr.data + 2;

		if (*exchange == 0)
			continue;
		names++;
		visit_addresses(f, exchange);
	}
}

bool
needs_of_answer(const uint8_t *name, enum rr_type type, const struct answer *a,
    bool pass_all, needs_visit *visit, void *arg)
{
	struct needs f = {.name = name,
	    .pass_all = pass_all,
	    .visit = visit,
	    .arg = arg,
	    .complete = true};

	if (a->status == ANSWER_DATA && type == RR_TXT)
		txt_needs(&f, a);
	if (a->status == ANSWER_DATA && type == RR_MX)
		mx_needs(&f, a);
	return f.complete;
}
