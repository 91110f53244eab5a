/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Egress programs (bqdisc/egress_program.h): each is pinned in a directory of its own, egress_KEY,
 * with its link to the device and its state. Of the room of libbpf. All but the looking is done
 * under the lock.
 */
#ifndef BQ_ATTACHMENT_EGRESS_PROGRAM_H
#define BQ_ATTACHMENT_EGRESS_PROGRAM_H

#include "bpf/object.h"

/* Whether an instance with this configuration needs one. */
bool bq_egress_is_needed(const struct bqdisc_qdisc *q, const void *config);
/*
 * Whether senders must leave one segment in a packet for these options
 * (bq_egress_offload_disable()).
 */
bool bq_egress_needs_segments(const struct bqdisc_qdisc *q, const void *config);

/*
 * Puts an egress program before all other programs on the device's egress hook. It works beside N
 * instances, of which INDEX is the lowest, and does nothing until they are switched to KEY, 64
 * random bits.
 */
int bq_egress_add(const struct bq_kind *kind, uint32_t index, uint32_t n, uint32_t ifindex,
		  uint64_t key, struct bq_error *error);
/*
 * Sets gso_max_segs of the device to 1 if CONFIG needs that. What it was is recorded with the
 * egress program, and comes back when that is removed.
 */
int bq_egress_offload_disable(const struct bqdisc_qdisc *q, const void *config, uint64_t key,
			      uint32_t ifindex, struct bq_error *error);
/* Sets it to what it was, unless CONFIG needs it to be 1. */
void bq_egress_offload_restore(const struct bqdisc_qdisc *q, const void *config, uint64_t key);
/* What gso_max_segs was before it was set to 1; 0: it was not set. */
uint32_t bq_egress_segments(uint64_t key);
/* Takes it off the device; 0 and one that is gone are fine. */
void bq_egress_remove(uint64_t key);

/* One word switches the egress program and the qdisc. 0 for KEY switches both off. */
void bq_egress_switch(struct bq_instance *id, uint64_t key);

/* Whether it is on the device's hook, first or not. */
bool bq_egress_is_attached(uint64_t key, uint32_t ifindex);
/* How the instance's egress program fares on the device. */
enum bqdisc_egress bq_egress_query(const struct bq_kind *kind, const struct bq_instance *id);

/* Removes the egress programs of which ALIVE says no. */
void bq_egress_sweep(bool (*alive)(uint64_t key, void *arg), void *arg);

#endif
