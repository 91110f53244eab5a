/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pool of instances of a kind (bqdisc/pool.h). */
#ifndef BQ_ATTACHMENT_POOL_H
#define BQ_ATTACHMENT_POOL_H

#include "user/catalog.h"

/* Warn if the devices of this network namespace have more transmit queues than Q has instances. */
void bq_pool_check(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
		   struct bq_error *error);

#endif
