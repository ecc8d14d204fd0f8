/*
 * pool: pieces of memory that have a number of 32 bits, half of what a pointer
 * takes. They are aligned to 8 bytes, stay where they are, and are freed at
 * once.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_UNIT sizeof(uint64_t) /* pieces are multiples of this */
#define POOL_BLOCK_BITS 18         /* units of a block, as a power of two */

struct pool {
	uint64_t **blocks;
	size_t nblocks, cap;
	size_t used; /* units of the last block */
};

void pool_init(struct pool *p);
void pool_clear(struct pool *p);

/*
 * A new piece of fewer than 2^POOL_BLOCK_BITS units. Its number is not 0. Exits
 * if there is no memory, or the numbers do not suffice (for 32 GB).
 */
uint32_t pool_alloc(struct pool *p, size_t size);

/* Where the piece is. */
static inline void *
pool_at(const struct pool *p, uint32_t number)
{
	return p->blocks[number >> POOL_BLOCK_BITS] +
	       (number & ((UINT32_C(1) << POOL_BLOCK_BITS) - 1));
}

#endif
