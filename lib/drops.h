/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Dropped packets, as programs record them. */
#ifndef BQ_DROPS_H
#define BQ_DROPS_H

#include <bqdisc/drops.h>

#include "qdisc/qdisc.h"

/* Convert a record of an instance of Q. Return false if its reason is unknown. */
bool bq_drop_read(const struct bqdisc_qdisc *q, const struct bq_drop *from,
		  struct bqdisc_drop *drop);

#endif
