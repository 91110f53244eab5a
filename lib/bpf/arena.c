// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arena of a kind: its pages, which are never freed while the kind is loaded. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bqdisc/memory.h>
#include <bqdisc/pool.h>

#include "bpf/arena.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

uint64_t bq_arena_pool_end(const struct bqdisc_qdisc *q)
{
	uint64_t ranges = BQ_POOL_MOST * BQ_POOL_STRIDE(q->pool_memory);

	return ranges < BQ_POOL_RANGES_END - BQ_POOL_RANGES ? BQ_POOL_RANGES + ranges
							    : BQ_POOL_RANGES_END;
}

char *bq_arena_map(int fd)
{
	void *all = mmap((void *)BQ_MEMORY_ADDRESS, BQ_MEMORY_BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0);

	return all == MAP_FAILED ? NULL : all;
}

int bq_arena_fill(int fd, uint64_t from, uint64_t bytes, const void *data)
{
	uint64_t page = from & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);
	char *all = bq_arena_map(fd);
	int err = 0;

	if (!all)
		return -errno;
	if (madvise(all + page, from - page + bytes, MADV_POPULATE_READ))
		err = errno == EFAULT ? -ENOMEM : -errno;
	else if (data)
		memcpy(all + from, data, bytes);
	munmap(all, BQ_MEMORY_BYTES);
	return err;
}

int bq_arena_populate(int fd, uint64_t from, uint64_t bytes)
{
	return bq_arena_fill(fd, from, bytes, NULL);
}
