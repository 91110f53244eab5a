// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The arena of a kind: which instance has which range, and pages for it. Pages are never given back
 * while the kind is loaded; a range that is free again is taken by the next instance.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bqdisc/memory.h>

#include "object.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

uint64_t bq_arena_pool_end(const struct bqdisc_qdisc *q)
{
	return (BQ_POOL_INSTANCES + 1) * BQ_POOL_STRIDE(q->pool_memory);
}

/* The kernel wants every mapping of an arena to have the same address and length. */
int bq_arena_populate(int fd, uint64_t from, uint64_t bytes)
{
	void *all = mmap((void *)BQ_MEMORY_ADDRESS, BQ_MEMORY_BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0);
	int err = 0;

	if (all == MAP_FAILED)
		return -errno;
	if (madvise((char *)all + from, bytes, MADV_POPULATE_READ))
		err = errno == EFAULT ? -ENOMEM : -errno;
	munmap(all, BQ_MEMORY_BYTES);
	return err;
}

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + BQ_MEMORY_ALIGN - 1) / BQ_MEMORY_ALIGN * BQ_MEMORY_ALIGN;
}

/* End of an instance's range that overlaps this one, or 0. */
static uint64_t end_of_overlap(const struct bq_kind *kind, uint64_t from, uint64_t bytes)
{
	const struct bq_instance *id;
	uint32_t i;

	for (i = BQ_POOL_INSTANCES + 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state != BQ_FREE && id->memory < from + bytes &&
		    from < (uint64_t)id->memory + id->memory_size)
			return round_up((uint64_t)id->memory + id->memory_size);
	}
	return 0;
}

int bq_kind_give_memory(const struct bq_kind *kind, struct bq_instance *id, uint64_t bytes,
			struct bq_report *rep)
{
	uint64_t end, from = bq_arena_pool_end(kind->q);
	int err;

	while ((end = end_of_overlap(kind, from, bytes)))
		from = end;
	if (from + bytes > BQ_MEMORY_BYTES)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOSPC,
			       "the instances of %s fill the 4 GiB that they can have together",
			       kind->q->name);
	err = bq_arena_populate(kind->memory_fd, from, bytes);
	if (err)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, -err,
			       "no %llu bytes of memory for %s: %s", (unsigned long long)bytes,
			       kind->q->name, strerror(-err));
	id->memory = (uint32_t)from;
	id->memory_size = (uint32_t)bytes;
	return 0;
}
