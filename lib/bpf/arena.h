/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arena of a kind (bqdisc/memory.h). range.h assigns parts of it to instances. */
#ifndef BQ_BPF_ARENA_H
#define BQ_BPF_ARENA_H

#include "qdisc/qdisc.h"

/*
 * Map the arena FD: BQ_MEMORY_BYTES at BQ_MEMORY_ADDRESS, as the kernel requires that all mappings
 * have the same address and length. The caller unmaps it. Return NULL with errno on failure.
 */
char *bq_arena_map(int fd);
/* Populate the pages from FROM to FROM + BYTES, and copy DATA there unless it is NULL. */
int bq_arena_fill(int fd, uint64_t from, uint64_t bytes, const void *data);
/* Populate these pages, as programs cannot fault them in. */
int bq_arena_populate(int fd, uint64_t from, uint64_t bytes);
/* Return the offset behind the pool, where ranges of prepared instances begin. */
uint64_t bq_arena_pool_end(const struct bqdisc_qdisc *q);

#endif
