/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Egress programs of qdiscs that other programs created. */
#ifndef BQ_ADOPT_H
#define BQ_ADOPT_H

#include "session.h"

/*
 * Load the egress programs of all loaded kinds in advance: verifying one takes longer than the rest
 * of adopting a qdisc. A failure is reported when the program is needed.
 */
void bq_adopt_prepare(struct bqdisc *bq);
/*
 * Attach the egress program of the qdisc at PARENT of a device, if it is a pool instance that needs
 * one. Return 1 if it was attached, 0 if not, -errno on failure.
 */
int bq_adopt_point(struct bqdisc *bq, uint32_t ifindex, uint32_t parent);

#endif
