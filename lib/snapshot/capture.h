/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a qdisc and all that hangs below it off a device, as a replay. Of the room of libmnl.
 */
#ifndef BQ_SNAPSHOT_CAPTURE_H
#define BQ_SNAPSHOT_CAPTURE_H

#include "snapshot/snapshot.h"

/*
 * Reads what is at TOP's place. No steps and nothing lost: the kernel's default, or nothing. No
 * steps but something lost: of a kind that cannot be made again. To be freed.
 */
int bq_snapshot_capture(const struct bq_tc_qdisc *top, struct bq_snapshot *replay,
			struct bq_error *error);

#endif
