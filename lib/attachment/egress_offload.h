/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sets gso_max_segs of a device to 1 while its egress program requires that, and restores it. The
 * earlier value is pinned in the directory NAME of the egress program. The caller holds the lock.
 */
#ifndef BQ_ATTACHMENT_EGRESS_OFFLOAD_H
#define BQ_ATTACHMENT_EGRESS_OFFLOAD_H

#include "util/error.h"

/*
 * Record gso_max_segs, unless it is recorded, and set it to 1. If it is 1 already, copy the record
 * of another NAME for this device, or make none. Return 0 or -errno.
 */
int bq_offload_disable(const char *name, uint32_t ifindex, struct bq_error *error);
/*
 * Restore gso_max_segs, if it is recorded and no other NAME has a record for this device, and
 * delete the record. Return false if the device is in another namespace, where a later command does
 * it.
 */
bool bq_offload_restore(const char *name);
/* Return the recorded value of gso_max_segs; 0: there is none. */
uint32_t bq_offload_recorded(const char *name);

#endif
