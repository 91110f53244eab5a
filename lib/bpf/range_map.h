/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map of a kind's arena: a bit for each BQ_MEMORY_ALIGN bytes that an instance has. It only makes
 * the search for a free range short. The ranges in the instances decide: the map is made anew from
 * them when no range is free. The caller holds the lock.
 */
#ifndef BQ_BPF_RANGE_MAP_H
#define BQ_BPF_RANGE_MAP_H

#include "bpf/kind.h"

/* Create the map and pin it in DIR, the directory of a kind. Return 0 or -errno. */
int bq_range_map_create(const char *dir);

/*
 * Take a free range of BYTES behind the pool and set *FROM. SELF, which may not be in use yet,
 * keeps its ranges. Return 0, -ENOSPC, or another -errno.
 */
int bq_range_take(struct bq_kind *kind, const struct bq_instance *self, uint64_t bytes,
		  uint64_t *from, struct bq_error *error);
/* Return true if N ranges of BYTES are free, or BYTES is 0. */
bool bq_range_has_room(struct bq_kind *kind, uint64_t bytes, uint32_t n);
/* Give a range back and clear it. */
void bq_range_free(struct bq_kind *kind, struct bq_range *range);
/* Give back and clear all ranges of an instance. */
void bq_range_free_all(struct bq_kind *kind, struct bq_instance *id);

#endif
