/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Putting sections into an annex (bqdisc/tables.h): they stand in their order, however put. */
#ifndef BQ_QDISC_TABLES_H
#define BQ_QDISC_TABLES_H

#include <bqdisc/tlv.h>

#include "qdisc/qdisc.h"

/*
 * Puts SIZE bytes of DATA into the section for USE of RULE, in place of what it had; SIZE 0 leaves
 * no such section. Returns 0 or -ENOMEM, and then ANNEX is as it was.
 */
int bq_tables_put(struct bq_blob *tables, uint32_t rule, uint32_t use, const void *data,
		  uint32_t size);
/* What the section says; its size in *SIZE. NULL: there is none. */
const void *bq_tables_get(const struct bq_blob *tables, uint32_t rule, uint32_t use,
			  uint32_t *size);

#endif
