/*
 * follow: the lookups that an answer makes necessary.
 */
#include "expand/follow.h"

#include "base/name.h"
#include "base/text.h"
#include "spf/limits.h"
#include "spf/macro.h"

struct follower {
	const uint8_t *name; /* whose answer is followed */
	bool pass_all;
	follow_visit *visit;
	void *arg;
	bool complete;
};

static void
visit_addresses(const struct follower *f, const uint8_t *name)
{
	f->visit(f->arg, name, RR_A, false);
	f->visit(f->arg, name, RR_AAAA, false);
}

/* Whether a term of that kind asks DNS about its name, whoever the client. */
static bool
asks(enum spf_kind k)
{
	return k == SPF_INCLUDE || k == SPF_REDIRECT || k == SPF_A ||
	       k == SPF_MX || k == SPF_EXISTS;
}

static void
follow_term(struct follower *f, const struct spf_term *t)
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
follow_record(struct follower *f, const struct spf_record *r)
{
	bool all = false;

	for (size_t i = 0; i < r->n && !all; i++) {
		const struct spf_term *t = &r->terms[i];

		all =
		    t->kind == SPF_ALL && (t->qualifier != '+' || !f->pass_all);
		if (t->kind != SPF_REDIRECT)
			follow_term(f, t);
	}
	if (!all && r->redirect != NULL)
		follow_term(f, r->redirect);
}

static void
follow_txt(struct follower *f, const struct answer *txt)
{
	const uint8_t *at = NULL;
	struct spf_record record;
	struct buf text;

	buf_init(&text);
	while (spf_next_record(txt, &at, &text)) {
		spf_parse(&record, text.data, text.len);
		follow_record(f, &record);
		spf_record_clear(&record);
	}
	buf_clear(&text);
}

static void
follow_mx(const struct follower *f, const struct answer *mx)
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
follow_answer(const uint8_t *name, enum rr_type type, const struct answer *a,
    bool pass_all, follow_visit *visit, void *arg)
{
	struct follower f = {.name = name,
	    .pass_all = pass_all,
	    .visit = visit,
	    .arg = arg,
	    .complete = true};

	if (a->status == ANSWER_DATA && type == RR_TXT)
		follow_txt(&f, a);
	if (a->status == ANSWER_DATA && type == RR_MX)
		follow_mx(&f, a);
	return f.complete;
}
