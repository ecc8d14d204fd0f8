/*
 * answers: what DNS said about each (name, type), and the RRsets themselves.
 */
#include "dns/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/name.h"
#include "base/pool.h"
#include "base/system.h"

/* The type of an answer that only says that its name exists. */
#define TYPE_NONE 0

/* The answers of one name are in one slot. */
struct answers {
	struct pool memory;
	struct arena data; /* their RRsets */
	uint32_t *slots;   /* numbers of answers in memory; 0: none */
	size_t nslots, n;  /* a power of two; answers */
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

static uint32_t *
new_slots(size_t n)
{
	size_t size = n * sizeof(uint32_t);
	uint32_t *slots =
	    size % LARGE_BLOCK == 0 ? large_block(size) : xmalloc(size);

	return memset(slots, 0, size);
}

struct answers *
answers_open(bool complete)
{
	struct answers *as = xcalloc(1, sizeof(*as));

	pool_init(&as->memory);
	arena_init(&as->data);
	as->complete = complete;
	as->nslots = 1024;
	as->slots = new_slots(as->nslots);
	/* A keyed hash, so that nobody can publish names that collide. */
	random_bytes(&as->seed, sizeof(as->seed));
	return as;
}

void
answers_close(struct answers *as)
{
	if (as == NULL)
		return;
	pool_clear(&as->memory);
	arena_clear(&as->data);
	free(as->slots);
	free(as);
}

bool
answers_are_complete(const struct answers *as)
{
	return as->complete;
}

/* An answer by its number; NULL for 0. */
static struct answer *
numbered(const struct answers *as, uint32_t number)
{
	return number == 0 ? NULL : pool_at(&as->memory, number);
}

static uint32_t *
slot(const struct answers *as, const uint8_t *name, size_t len)
{
	uint64_t h = hash_text(as->seed, (const char *)name, len);

	return &as->slots[h & (as->nslots - 1)];
}

static bool
has_name(const struct answer *a, const uint8_t *name, size_t len)
{
	return a->name_len == len && memcmp(a->name, name, len) == 0;
}

static void
double_slots(struct answers *as)
{
	uint32_t *old = as->slots;
	size_t nold = as->nslots;

	as->nslots *= 2;
	as->slots = new_slots(as->nslots);
	for (size_t i = 0; i < nold; i++)
		while (old[i] != 0) {
			uint32_t number = old[i], *to;
			struct answer *a = numbered(as, number);

			to = slot(as, a->name, a->name_len);
			old[i] = a->next;
			a->next = *to;
			*to = number;
		}
	free(old);
}

void
answers_expect(struct answers *as, size_t n)
{
	while (as->nslots < n)
		double_slots(as);
}

struct answer *
answers_find(const struct answers *as, const uint8_t *name, enum rr_type type)
{
	size_t len = name_len(name);
	struct answer *a = numbered(as, *slot(as, name, len));

	while (a != NULL && (a->type != type || !has_name(a, name, len)))
		a = numbered(as, a->next);
	return a;
}

struct answer *
answers_make(struct answers *as, const uint8_t *name, enum rr_type type)
{
	struct answer *a = answers_find(as, name, type);
	uint32_t number, *to;
	size_t len;

	if (a != NULL)
		return a;
	if (as->n++ == as->nslots)
		double_slots(as);
	len = name_len(name);
	to = slot(as, name, len);
	number = pool_alloc(&as->memory, offsetof(struct answer, name) + len);
	a = pool_at(&as->memory, number);
	*a = (struct answer){
	    .next = *to, .type = (uint8_t)type, .name_len = (uint8_t)len};
	memcpy(a->name, name, len);
	*to = number;
	return a;
}

const uint8_t *
answers_make_name(struct answers *as, const uint8_t *name)
{
	size_t len = name_len(name);
	const struct answer *a = numbered(as, *slot(as, name, len));

	while (a != NULL && !has_name(a, name, len))
		a = numbered(as, a->next);
	if (a == NULL)
		a = answers_make(as, name, (enum rr_type)TYPE_NONE);
	return a->name;
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

/* The answers of a name, as far as answers_resolve() wants them. */
struct known {
	const struct answer *wanted, *cname; /* or NULL */
	bool exists;                         /* the name does */
};

static struct known
know(const struct answers *as, const uint8_t *name, enum rr_type type)
{
	size_t len = name_len(name);
	struct known k = {0};

	for (const struct answer *a = numbered(as, *slot(as, name, len));
	     a != NULL; a = numbered(as, a->next)) {
		if (!has_name(a, name, len))
			continue;
		k.exists = true;
		if (a->type == type && a->status != ANSWER_UNKNOWN)
			k.wanted = a;
		if (a->type == RR_CNAME)
			k.cname = a;
	}
	return k;
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
		struct known k = know(as, name, type);
		const uint8_t *at = NULL;
		struct rr rr;

		if (k.wanted != NULL) {
			if (*target == NULL)
				*target = answer_target(k.wanted);
			return k.wanted;
		}
		if (k.cname == NULL || !answer_next(k.cname, &at, &rr))
			return absent(as, k.exists);
		name = rr.data;
		*target = *target != NULL ? *target : name;
	}
	return &endless;
}

/* The target, if there is one, follows the RRs. */
void
answer_set(struct answers *as, struct answer *a, enum answer_status status,
    const void *rrs, size_t len, const uint8_t *target, int64_t confirmed)
{
	size_t more = target != NULL ? name_len(target) : 0;

	a->rrs = NULL;
	if (len + more > 0) {
		uint8_t *copy = arena_alloc(&as->data, len + more);

		if (len > 0)
			memcpy(copy, rrs, len);
		if (more > 0)
			memcpy(copy + len, target, more);
		a->rrs = copy;
	}
	a->len = (uint32_t)len;
	a->has_target = more > 0;
	a->status = (uint8_t)status;
	a->failure = FAILURE_NONE;
	a->stale = false;
	a->confirmed = confirmed < 0            ? 0
		       : confirmed > UINT32_MAX ? UINT32_MAX
						: (uint32_t)confirmed;
}

const uint8_t *
answer_target(const struct answer *a)
{
	return a->has_target ? a->rrs + a->len : NULL;
}

int
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
		for (struct answer *a = numbered(as, as->slots[i]); a != NULL;
		     a = numbered(as, a->next))
			if (a->type != TYPE_NONE)
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
