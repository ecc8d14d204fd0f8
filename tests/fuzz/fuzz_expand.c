/*
 * A whole expansion over fuzzed answers: what a zone's domains permit keeps
 * within the guards, is a minimal cover, and comes out the same twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/problems.h"
#include "dns/zone.h"
#include "spf/reserved.h"
#include "expand/expand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct policy policy = {
    .min_prefix = {12, 24},
    .max_coverage = {2000, 2},
    .max_networks = 1000,
};

static void
expand(const struct answers *zone, struct list *list, struct addrset *out)
{
	struct crawl_config config = {.replay = zone,
	    .patience = 1,
	    .max_queries = QUERIES_MAX,
	    .pass_all = true};
	struct answers *as = answers_open(false);
	struct evaluator *ev = evaluate_open(as, &policy);
	struct crawl *c = crawl_open(as, &config, NULL);
	struct expansion x;

	expand_crawl(c, ev, &list, 1);
	expand_list(ev, list, &x, NULL, NULL);
	addrset_init(out);
	addrset_union(out, &x.permits);
	expansion_clear(&x);
	crawl_close(c);
	evaluate_close(ev);
	answers_close(as);
}

static void
check(struct addrset *set)
{
	struct addrset reserved, common;
	struct net *nets;
	size_t n = addrset_nets(set, &nets);

	addrset_init(&reserved);
	addrset_init(&common);
	reserved_add(&reserved);
	addrset_union(&common, set);
	addrset_intersect(&common, &reserved);
	if (!addrset_is_empty(&common))
		abort();
	for (size_t i = 1; i < n; i++)
		if (net_cmp(&nets[i - 1], &nets[i]) >= 0)
			abort();
	free(nets);
	addrset_clear(&reserved);
	addrset_clear(&common);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char names[] =
	    "a.example b.example -c.example mx:d.example";
	struct addrset first, second;
	struct problems problems;
	struct answers *zone;
	struct list list;
	FILE *in;

	in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (in == NULL)
		return 0;
	problems_init(&problems);
	list_init(&list);
	list_add_line(&list, "fuzz", 1, names, sizeof(names) - 1, &problems);
	zone = zone_read(in, "fuzz", 1767225600, &problems);
	fclose(in);
	if (zone != NULL) {
		expand(zone, &list, &first);
		expand(zone, &list, &second);
		check(&first);
		addrset_subtract(&second, &first);
		if (!addrset_is_empty(&second))
			abort();
		addrset_clear(&first);
		addrset_clear(&second);
		answers_close(zone);
	}
	list_clear(&list);
	problems_clear(&problems);
	return 0;
}
