/*
 * guard: limits of what a record may permit.
 */
#include "spf/guard.h"

#include <stdlib.h>

#define ALL 1000000 /* millionths: a guard that is off */

/* What there is to cover: of IPv6, 2000::/3. */
static const double space[FAMILIES] = {0x1p32, 0x1p125};

/*
 * The addresses that it permits are ignored, so that later terms still match.
 */
static void
leave_out(struct result *r, enum note_kind kind, char *detail)
{
	r->guard = kind;
	r->guard_detail = detail;
	r->left_out = true;
	result_refuse(r);
}

static void
guard_set(const struct policy *policy, unsigned part, struct result *r,
    struct addrset *set)
{
	const char *why = part == 1 ? "" : ", and the whole entry has too much";

	for (int f = 0; f < FAMILIES; f++) {
		double share =
		    addrset_addresses(set, (enum family)f) / space[f] * 1e6;

		if (policy->max_coverage[f] == ALL ||
		    share * part <= policy->max_coverage[f])
			continue;
		leave_out(r, NOTE_COVERAGE,
		    xasprintf("%.4g%% of IPv%c, %s max_coverage%c%s",
			share / 1e4, f == IPV4 ? '4' : '6',
			part == 1 ? "more than" : "much of",
			f == IPV4 ? '4' : '6', why));
		return;
	}
	if (policy->max_networks > 0 &&
	    addrset_needs_more_nets(set, policy->max_networks / part))
		leave_out(r, NOTE_NETWORKS,
		    xasprintf(
			"max_networks is %u%s", policy->max_networks, why));
}

void
guard_result(struct evaluator *ev, struct result *r, unsigned share)
{
	struct addrset permits;

	/* Most have one set, and nothing in it that is not permitted. */
	if (r->left.n == 1 && r->left.v[0].permit && !r->reserved) {
		guard_set(&ev->policy, share, r, &r->left.v[0].set);
		return;
	}
	if (r->left.n == 0)
		return;
	addrset_init(&permits);
	result_add_permits(r, &permits);
	if (r->reserved)
		addrset_subtract(&permits, &ev->reserved);
	guard_set(&ev->policy, share, r, &permits);
	addrset_clear(&permits);
}

void
guard_note(const struct result *left_out, struct result *to,
    const uint8_t *domain, const struct spf_term *term)
{
	result_note(
	    to, domain, term, left_out->guard, "%s", left_out->guard_detail);
}
