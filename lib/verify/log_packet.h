/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Search in a verifier's log for the call that took a packet from the program. */
#ifndef BQ_VERIFY_LOG_PACKET_H
#define BQ_VERIFY_LOG_PACKET_H

#include "verify/log.h"

/*
 * Return true if register REG held a packet before the last step, where it does not any more. Set
 * RELEASE to the call that took the packet, or to NULL if the log does not show it.
 */
bool bq_log_was_packet(const struct bq_log *log, int reg, const struct bq_log_step **release);

/* Return the call that took the packet that enqueue got as its argument, or NULL. */
const struct bq_log_step *bq_log_argument_release(const struct bq_log *log);

#endif
