/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc words of qdiscs that manage a queue or flows: rows for the table of kinds in tc_qdisc.c. */
#ifndef BQ_SNAPSHOT_TC_AQM_H
#define BQ_SNAPSHOT_TC_AQM_H

#include "snapshot/tc_format.h"

extern const struct bq_tc_rows bq_rows_codel, bq_rows_fq_codel, bq_rows_pie, bq_rows_fq_pie,
	bq_rows_hhf, bq_rows_fq, bq_rows_cake;

#endif
