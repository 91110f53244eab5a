/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sections of tables (bqdisc/tlv.h), kept in their order. */
#ifndef BQ_QDISC_TABLES_H
#define BQ_QDISC_TABLES_H

#include <bqdisc/tlv.h>

#include "qdisc/qdisc.h"

/*
 * Write SIZE bytes of DATA as the section USE of RULE, replacing an earlier one. SIZE 0 removes the
 * section. Return 0, or -ENOMEM with TABLES unchanged.
 */
int bq_tables_put(struct bq_blob *tables, uint32_t rule, uint32_t use, const void *data,
		  uint32_t size);
/* Return the data of the section, and its SIZE in bytes; NULL if there is none. */
const void *bq_tables_get(const struct bq_blob *tables, uint32_t rule, uint32_t use,
			  uint32_t *size);

#endif
