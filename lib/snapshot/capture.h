/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Capture of a qdisc with its children, classes and filters as a snapshot. */
#ifndef BQ_SNAPSHOT_CAPTURE_H
#define BQ_SNAPSHOT_CAPTURE_H

#include "snapshot/capture_request.h"

/*
 * Capture the tree of the qdisc TOP. The snapshot has no steps if TOP is the kernel's default, or
 * is empty. It has no steps but a text in `lost` if the kind cannot be restored. IS_BPF, called
 * with ARG, may be NULL. Return 0 or -errno. Free the snapshot in either case.
 */
int bq_snapshot_capture(const struct bq_tc_qdisc *top, bq_bpf_kind_fn is_bpf, void *arg,
			struct bq_snapshot *snapshot, struct bq_error *error);

#endif
