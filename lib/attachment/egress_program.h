/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Egress programs (bqdisc/egress.h). One serves all instances of a kind. It is pinned as `egress`
 * among the kind's pins, and its link to each device in a directory hooks/egress_KEY. All functions
 * except queries require the lock.
 */
#ifndef BQ_ATTACHMENT_EGRESS_PROGRAM_H
#define BQ_ATTACHMENT_EGRESS_PROGRAM_H

#include "bpf/kind.h"

/* Return true if an instance with this configuration needs an egress program. */
bool bq_egress_is_needed(const struct bqdisc_qdisc *q, const void *config);
/*
 * Return true if these options require one segment per packet from senders
 * (bq_egress_offload_disable()).
 */
bool bq_egress_needs_segments(const struct bqdisc_qdisc *q, const void *config);

/* Load and pin the kind's egress program, unless it is pinned. Return 0 or -errno. */
int bq_egress_load(const struct bq_kind *kind, struct bq_error *error);
/*
 * Attach the kind's egress program before all other programs on the device's egress hook, and load
 * it if no device has needed it yet. It does nothing until the device's instances are switched to
 * KEY, 64 random bits. Return 0 or -errno.
 */
int bq_egress_add(const struct bq_kind *kind, uint32_t ifindex, uint64_t key,
		  struct bq_error *error);
/*
 * Set gso_max_segs of the device to 1 if CONFIG requires it. The previous value is recorded with
 * the egress program, and restored when that is removed. Return 0 or -errno.
 */
int bq_egress_offload_disable(const struct bqdisc_qdisc *q, const void *config, uint64_t key,
			      uint32_t ifindex, struct bq_error *error);
/* Restore gso_max_segs, unless CONFIG requires 1. */
void bq_egress_offload_restore(const struct bqdisc_qdisc *q, const void *config, uint64_t key);
/* Return the previous value of gso_max_segs; 0: it was not changed. */
uint32_t bq_egress_segments(uint64_t key);
/* Take the egress program off the device. Do nothing for KEY 0 or if it is gone already. */
void bq_egress_remove(uint64_t key);

/* Switch the egress program and the qdisc with one word, so that they agree. KEY 0: off. */
void bq_egress_switch(struct bq_instance *id, uint64_t key);

/* Return true if the egress program is on the device's hook, first or not. */
bool bq_egress_is_attached(uint64_t key, uint32_t ifindex);
/* Return the state of the instance's egress program on the device. */
enum bqdisc_egress bq_egress_query(const struct bq_kind *kind, const struct bq_instance *id);

/*
 * Remove the link of KEY, which no instance uses. Return false if its device exists in another
 * namespace: a command there removes it.
 */
bool bq_egress_drop(uint64_t key);
/* Remove all links for which ALIVE returns false. */
void bq_egress_sweep(bool (*alive)(uint64_t key, void *arg), void *arg);
/* Remove the directory of the links if it is empty. */
void bq_egress_tidy(void);

#endif
