/*
 * pool: pieces of memory that have a number of 32 bits.
 */
#include "base/pool.h"

#include <stdlib.h>

#include "base/memory.h"

#define UNITS ((size_t)1 << POOL_BLOCK_BITS)
#define BLOCKS_MAX ((size_t)1 << (32 - POOL_BLOCK_BITS))

_Static_assert(UNITS *POOL_UNIT == LARGE_BLOCK, "a block is a large one");

void
pool_init(struct pool *p)
{
	*p = (struct pool){.used = UNITS};
}

void
pool_clear(struct pool *p)
{
	for (size_t i = 0; i < p->nblocks; i++)
		free(p->blocks[i]);
	free(p->blocks);
	pool_init(p);
}

uint32_t
pool_alloc(struct pool *p, size_t size)
{
	size_t units = (size + POOL_UNIT - 1) / POOL_UNIT;
	size_t number;

	if (units > UNITS - p->used) {
		if (p->nblocks == BLOCKS_MAX)
			out_of_memory();
		p->blocks =
		    grow(p->blocks, p->nblocks, &p->cap, sizeof(*p->blocks));
		/* A small run touches few pages of the first block. */
		p->used = p->nblocks == 0 ? 1 : 0; /* no piece has number 0 */
		p->blocks[p->nblocks] = p->nblocks == 0
					    ? xmalloc(LARGE_BLOCK)
					    : large_block(LARGE_BLOCK);
		p->nblocks++;
	}
	number = ((p->nblocks - 1) << POOL_BLOCK_BITS) + p->used;
	p->used += units;
	return (uint32_t)number;
}
