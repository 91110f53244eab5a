/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a qdisc and all that hangs below it off a device, as a replay. Of the room of libmnl.
 */
#ifndef BQ_CAPTURE_H
#define BQ_CAPTURE_H

#include "replay.h"

/*
 * Reads what is at TOP's place. No steps and nothing lost: the kernel's default, or nothing. No
 * steps but something lost: of a kind that cannot be made again. To be freed.
 */
int bq_capture(const struct bq_tc_qdisc *top, struct bq_replay *replay, struct bq_report *rep);

#endif
