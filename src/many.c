/*
 * many: whether so many entries lose networks at once that it is the resolver.
 */
#include "many.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "base/name.h"

/*
 * If at least this many entries lose networks at once, the resolver is taken to
 * be at fault.
 */
#define MANY 3

/* Whether DNS says the same of the entry's own name as before. */
static bool
is_same_answer(struct changes *c, const struct entry *e)
{
	static const enum rr_type types[] = {RR_A, RR_MX, RR_TXT, RR_AAAA};
	struct spf_term term = entry_term(e);
	uint8_t name[NAME_MAX_WIRE];

	if (c->run->saved == NULL ||
	    name_from_text(term.spec, term.spec_len, name) != 0)
		return false;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct answer *a =
		    answers_resolve(c->run->saved, name, types[i], NULL);
		const struct answer *b =
		    answers_resolve(c->run->answers, name, types[i], NULL);

		if (a->status != b->status || a->len != b->len ||
		    (a->len > 0 && memcmp(a->rrs, b->rrs, a->len) != 0))
			return false;
	}
	return true;
}

/* A number for the addresses that an entry loses. */
static uint64_t
hash_loss(struct change *ch)
{
	uint64_t sum = CHECKSUM_START;
	struct addrset lost;

	addrset_init(&lost);
	addrset_union(&lost, &ch->held.before);
	addrset_subtract(&lost, &ch->now);
	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;
		size_t n = addrset_ranges(&lost, f);

		for (size_t k = 0; k < n; k++) {
			struct range r = addrset_range(&lost, f, k);

			sum = checksum_bytes(sum, (const char *)&r, sizeof(r));
		}
	}
	addrset_clear(&lost);
	return sum;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *na = a, *nb = b;

	return *na < *nb ? -1 : *na > *nb;
}

/*
 * How many entries lose networks by what DNS says of themselves. Those that
 * lose the same addresses by what they include count once: that is one
 * provider's doing.
 */
static size_t
count_losses(struct changes *c)
{
	uint64_t *shared = xcalloc(c->n, sizeof(*shared));
	size_t own = 0, n = 0, distinct = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		if (ch->held.reason != HOLD_LOSS)
			continue;
		if (is_same_answer(c, ch->entry))
			shared[n++] = hash_loss(ch);
		else
			own++;
	}
	if (n > 0)
		qsort(shared, n, sizeof(*shared), by_number);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || shared[i] != shared[i - 1];
	free(shared);
	return own + distinct;
}

bool
many_lose(struct changes *c)
{
	size_t losses = count_losses(c);

	return losses >= MANY &&
	       (double)losses * 1e6 >
		   (double)c->limits.max_shrink * (double)c->permitting;
}
