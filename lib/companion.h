/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Companions (bqdisc/companion.h): each is pinned in a directory of its own, companion_KEY, with
 * its link to the device and its state. Of the room of libbpf. All but the looking is done under
 * the lock.
 */
#ifndef BQ_COMPANION_H
#define BQ_COMPANION_H

#include "object.h"
#include "offload.h"

/* Whether an instance with this configuration needs one. */
bool bq_companion_is_needed(const struct bqdisc_qdisc *q, const void *config);
/* Whether the device's offloads must be off for these options (bq_companion_fit()). */
bool bq_companion_needs_checksums(const struct bqdisc_qdisc *q, const void *config);

/*
 * Puts a companion before all other programs on the device's egress hook. It works beside N
 * instances, of which INDEX is the lowest, and does nothing until they are switched to KEY, 64
 * random bits.
 */
int bq_companion_add(const struct bq_kind *kind, uint32_t index, uint32_t n, uint32_t ifindex,
		     uint64_t key, struct bq_report *rep);
/*
 * Keeps the device from completing checksums and from cutting packets up behind us if CONFIG needs
 * that. What it did before is recorded with the companion, and comes back when that is removed.
 */
int bq_companion_fit(const struct bqdisc_qdisc *q, const void *config, uint64_t key,
		     uint32_t ifindex, struct bq_report *rep);
/* Lets it again, unless CONFIG needs that. */
void bq_companion_unfit(const struct bqdisc_qdisc *q, const void *config, uint64_t key);
/* What it keeps the device from, as it was; zeros: nothing. */
struct bq_offload bq_companion_turned_off(uint64_t key);
/* Takes it off the device; 0 and one that is gone are fine. */
void bq_companion_remove(uint64_t key);

/* One word switches the companion and the qdisc. 0 for KEY switches both off. */
void bq_companion_switch(struct bq_instance *id, uint64_t key);

/* Whether it is on the device's hook, first or not. */
bool bq_companion_is_attached(uint64_t key, uint32_t ifindex);
/* How the instance's companion fares on the device. */
enum bqdisc_companion bq_companion_look(const struct bq_kind *kind, const struct bq_instance *id);

/* Removes the companions of which ALIVE says no. */
void bq_companion_sweep(bool (*alive)(uint64_t key, void *arg), void *arg);

#endif
