/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps of packet slots. The key of those of an instance is in bqdisc/instance.h. */
#ifndef BQ_BPF_SLOTS_H
#define BQ_BPF_SLOTS_H

#include "bpf/kind.h"

/*
 * Put a new map of N slots under KEY, replacing an existing one. Return 0 or -errno; 0 for a kind
 * without slots.
 */
int bq_slots_alloc(struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error);
/* Return true if a map of slots is under KEY. */
bool bq_slots_exist(const struct bq_kind *kind, uint32_t key);
/* Remove the map of slots under KEY, if there is one. */
void bq_slots_free(const struct bq_kind *kind, uint32_t key);

#endif
