/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ranges of a kind's arena that belong to its instances. The caller holds the lock. */
#ifndef BQ_BPF_RANGE_H
#define BQ_BPF_RANGE_H

#include "bpf/kind.h"

/*
 * Reserve a free range of BYTES in the arena for ID, sized for SLOTS and the units of ID. Populate
 * the pages that bq_qdisc_resident() names. Return 0 or -errno.
 */
int bq_range_alloc(struct bq_kind *kind, struct bq_instance *id, uint64_t bytes, uint32_t slots,
		   struct bq_error *error);
/*
 * Reserve another range, write TABLES there and assign it to config version BANK of ID. Reserve
 * what CONFIG needs besides. Then write what the kind compiles from CONFIG and the tables.
 */
int bq_range_alloc_tables(struct bq_kind *kind, struct bq_instance *id, unsigned int bank,
			  const void *config, const struct bq_blob *tables, struct bq_error *error);
/* Reserve another range of BYTES for the slots of growth step STEP, or BQ_MORE_CONFIG. */
int bq_range_alloc_growth(struct bq_kind *kind, struct bq_instance *id, uint32_t step,
			  uint64_t bytes, struct bq_error *error);
/* Copy the tables of the active configuration into TABLES, which the caller frees. */
int bq_range_read_tables(const struct bq_kind *kind, const struct bq_instance *id,
			 struct bq_blob *tables, struct bq_error *error);

#endif
