/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frees what removed qdiscs and interrupted commands left. The caller holds the lock. */
#ifndef BQ_ATTACHMENT_SWEEP_H
#define BQ_ATTACHMENT_SWEEP_H

#include "attachment/undo.h"
#include "user/catalog.h"

/* Free unused state: instances, egress programs, undo records, and idle kinds. */
void bq_sweep(struct bq_catalog *catalog);
/* Call FN for each lost attach point of the current namespace (undo.h). Needs no lock. */
void bq_sweep_each_lost(struct bq_catalog *catalog, bq_lost_fn fn, void *arg);

#endif
