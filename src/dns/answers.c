/*
 * answers: what DNS said about each (name, type), and the RRsets themselves.
 */
#include "dns/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/name.h"
#include "base/system.h"

/* A name that something is known about. */
struct node {
	struct node *next;
	struct answer *first;
	uint64_t hash;
	uint8_t name[];
};

struct answers {
	struct arena memory;
	struct node **slots;
	size_t nslots, n; /* a power of two; names */
	uint64_t seed;
	bool complete;
};

const char *
rr_type_name(enum rr_type type)
{
	switch (type) {
	case RR_A:
		return "A";
	case RR_CNAME:
		return "CNAME";
	case RR_MX:
		return "MX";
	case RR_TXT:
		return "TXT";
	case RR_AAAA:
		return "AAAA";
	}
	return "?";
}

const char *
answer_failure_text(enum answer_failure f)
{
	static const char *const text[] = {
	    [FAILURE_NONE] = "no reason known",
	    [FAILURE_TIMEOUT] = "no server answered in time",
	    [FAILURE_SERVFAIL] = "the server failed (SERVFAIL)",
	    [FAILURE_REFUSED] = "the server refused (REFUSED)",
	    [FAILURE_RCODE] = "the server answered with an error",
	    [FAILURE_MALFORMED] = "the server's answer was malformed",
	    [FAILURE_UNREACHABLE] = "no server could be reached",
	    [FAILURE_CNAME] = "CNAME loop or chain too long",
	    [FAILURE_RUN] = "run_timeout expired",
	    [FAILURE_TOO_LARGE] = "the answer is too large",
	    [FAILURE_PATIENCE] = "no answer before patience expired",
	    [FAILURE_ENTRY] = "the answers to one entry are too large",
	    [FAILURE_NOT_SAVED] = "never asked, not among the saved answers",
	};

	return (size_t)f < COUNT(text) ? text[f] : text[FAILURE_NONE];
}

void
rrset_add(struct rrset *set, const void *data, size_t len)
{
	uint8_t prefix[2] = {(uint8_t)(len >> 8), (uint8_t)len};

	buf_add(&set->bytes, prefix, sizeof(prefix));
	buf_add(&set->bytes, data, len);
	set->n++;
}

static bool
next_rr(const uint8_t *bytes, size_t len, const uint8_t **at, struct rr *rr)
{
	const uint8_t *p = *at == NULL ? bytes : *at;

	if (len == 0 || p == bytes + len)
		return false;
	rr->len = (size_t)p[0] << 8 | p[1];
	rr->data = p + 2;
	*at = rr->data + rr->len;
	return true;
}

bool
answer_next(const struct answer *a, const uint8_t **at, struct rr *rr)
{
	return next_rr(a->rrs, a->len, at, rr);
}

static int
rr_cmp(const void *a, const void *b)
{
	const struct rr *ra = a, *rb = b;
	int c =
	    memcmp(ra->data, rb->data, ra->len < rb->len ? ra->len : rb->len);

	return c != 0 ? c : ra->len < rb->len ? -1 : ra->len > rb->len;
}

void
rrset_sort(struct rrset *set)
{
	struct rrset out = {0};
	struct rr *rrs;
	const uint8_t *at = NULL;
	size_t n = 0;

	if (set->n < 2)
		return;
	rrs = xcalloc(set->n, sizeof(*rrs));
	while (next_rr(
	    (const uint8_t *)set->bytes.data, set->bytes.len, &at, &rrs[n]))
		if (++n == set->n)
			break;
	qsort(rrs, n, sizeof(*rrs), rr_cmp);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || rr_cmp(&rrs[i - 1], &rrs[i]) != 0)
			rrset_add(&out, rrs[i].data, rrs[i].len);
	free(rrs);
	buf_clear(&set->bytes);
	*set = out;
}

struct answers *
answers_open(bool complete)
{
	struct answers *as = xcalloc(1, sizeof(*as));

	arena_init(&as->memory);
	as->complete = complete;
	as->nslots = 1024;
	as->slots = xcalloc(as->nslots, sizeof(*as->slots));
	/* A keyed hash, so that nobody can publish names that collide. */
	random_bytes(&as->seed, sizeof(as->seed));
	return as;
}

void
answers_close(struct answers *as)
{
	if (as == NULL)
		return;
	arena_clear(&as->memory);
	free(as->slots);
	free(as);
}

bool
answers_are_complete(const struct answers *as)
{
	return as->complete;
}

static uint64_t
hash(const struct answers *as, const uint8_t *name, size_t len)
{
	return hash_text(as->seed, (const char *)name, len);
}

static struct node *
find_node(const struct answers *as, const uint8_t *name, uint64_t h, size_t len)
{
	struct node *n = as->slots[h & (as->nslots - 1)];

	while (n != NULL && (n->hash != h || memcmp(n->name, name, len) != 0))
		n = n->next;
	return n;
}

static void
double_slots(struct answers *as)
{
	size_t nslots = as->nslots * 2;
	struct node **slots = xcalloc(nslots, sizeof(*slots)), *n;

	for (size_t i = 0; i < as->nslots; i++)
		while ((n = as->slots[i]) != NULL) {
			as->slots[i] = n->next;
			n->next = slots[n->hash & (nslots - 1)];
			slots[n->hash & (nslots - 1)] = n;
		}
	free(as->slots);
	as->slots = slots;
	as->nslots = nslots;
}

static struct node *
make_node(struct answers *as, const uint8_t *name)
{
	size_t len = name_len(name);
	uint64_t h = hash(as, name, len);
	struct node *n = find_node(as, name, h, len);

	if (n != NULL)
		return n;
	if (as->n == as->nslots)
		double_slots(as);
	n = arena_alloc(&as->memory, sizeof(*n) + len);
	*n = (struct node){
	    .next = as->slots[h & (as->nslots - 1)],
	    .hash = h,
	};
	memcpy(n->name, name, len);
	as->slots[h & (as->nslots - 1)] = n;
	as->n++;
	return n;
}

static struct answer *
answer_of(const struct node *n, enum rr_type type)
{
	struct answer *a = n->first;

	while (a != NULL && a->type != type)
		a = a->next;
	return a;
}

struct answer *
answers_find(const struct answers *as, const uint8_t *name, enum rr_type type)
{
	size_t len = name_len(name);
	struct node *n = find_node(as, name, hash(as, name, len), len);

	return n == NULL ? NULL : answer_of(n, type);
}

struct answer *
answers_make(struct answers *as, const uint8_t *name, enum rr_type type)
{
	struct node *n = make_node(as, name);
	struct answer *a = answer_of(n, type);

	if (a != NULL)
		return a;
	a = arena_alloc(&as->memory, sizeof(*a));
	*a = (struct answer){
	    .next = n->first, .name = n->name, .type = (uint16_t)type};
	n->first = a;
	return a;
}

const uint8_t *
answers_make_name(struct answers *as, const uint8_t *name)
{
	return make_node(as, name)->name;
}

/* What a table says of a name without an answer of the wanted type. */
static const struct answer *
absent(const struct answers *as, bool name_exists)
{
	static const struct answer unknown = {.status = ANSWER_UNKNOWN};
	static const struct answer nodata = {.status = ANSWER_NODATA};
	static const struct answer nxdomain = {.status = ANSWER_NXDOMAIN};

	if (!as->complete)
		return &unknown;
	return name_exists ? &nodata : &nxdomain;
}

const struct answer *
answers_resolve(const struct answers *as, const uint8_t *name,
    enum rr_type type, const uint8_t **target)
{
	static const struct answer endless = {
	    .status = ANSWER_FAILED, .failure = FAILURE_CNAME};
	const uint8_t *first = NULL;

	if (target == NULL)
		target = &first;
	*target = NULL;
	for (unsigned i = 0; i <= CNAME_MAX; i++) {
		size_t len = name_len(name);
		struct node *n = find_node(as, name, hash(as, name, len), len);
		const struct answer *a, *cname;
		const uint8_t *at = NULL;
		struct rr rr;

		if (n == NULL)
			return absent(as, false);
		a = answer_of(n, type);
		if (a != NULL && a->status != ANSWER_UNKNOWN) {
			*target = *target != NULL ? *target : a->cname_target;
			return a;
		}
		cname = answer_of(n, RR_CNAME);
		if (cname == NULL || !answer_next(cname, &at, &rr))
			return absent(as, true);
		name = rr.data;
		*target = *target != NULL ? *target : name;
	}
	return &endless;
}

void
answer_set(struct answers *as, struct answer *a, enum answer_status status,
    const void *rrs, size_t len, int64_t confirmed)
{
	uint8_t *copy = NULL;

	if (len > 0) {
		copy = arena_alloc(&as->memory, len);
		memcpy(copy, rrs, len);
	}
	a->rrs = copy;
	a->len = (uint32_t)len;
	a->status = (uint8_t)status;
	a->failure = FAILURE_NONE;
	a->stale = false;
	a->cname_target = NULL;
	a->confirmed = confirmed;
}

static int
answer_cmp(const void *a, const void *b)
{
	const struct answer *const *pa = a, *const *pb = b;
	int c = name_cmp((*pa)->name, (*pb)->name);

	return c != 0 ? c : (int)(*pa)->type - (int)(*pb)->type;
}

void
answers_visit(const struct answers *as,
    void (*visit)(void *arg, struct answer *a), void *arg)
{
	for (size_t i = 0; i < as->nslots; i++)
		for (struct node *n = as->slots[i]; n != NULL; n = n->next)
			for (struct answer *a = n->first; a != NULL;
			     a = a->next)
				visit(arg, a);
}

/* Answers that are put into an array. */
struct gathered {
	const struct answer **v;
	size_t n, cap;
};

static void
gather(void *arg, struct answer *a)
{
	struct gathered *g = arg;

	g->v = grow(g->v, g->n, &g->cap, sizeof(const struct answer *));
	g->v[g->n++] = a;
}

const struct answer **
answers_sorted(const struct answers *as, size_t *n)
{
	struct gathered g = {0};

	answers_visit(as, gather, &g);
	if (g.n > 0)
		qsort(g.v, g.n, sizeof(const struct answer *), answer_cmp);
	*n = g.n;
	return g.v;
}
