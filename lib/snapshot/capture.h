/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a qdisc and all that hangs below it off a device, as a replay. Of the room of libmnl.
 */
#ifndef BQ_SNAPSHOT_CAPTURE_H
#define BQ_SNAPSHOT_CAPTURE_H

#include "snapshot/snapshot.h"

/* Whether KIND is one that a BPF program has registered. */
typedef bool (*bq_bpf_kind_fn)(const char *kind);

/*
 * Reads what is at TOP's place. No steps and nothing lost: the kernel's default, or nothing. No
 * steps but something lost: of a kind that cannot be made again. IS_BPF may be NULL. To be freed.
 */
int bq_snapshot_capture(const struct bq_tc_qdisc *top, bq_bpf_kind_fn is_bpf,
			struct bq_snapshot *replay, struct bq_error *error);

#endif
