/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for qdiscs that manage a queue or many flows; the rows are tc_qdisc.c's to
 * use. Of the room of libmnl.
 */
#ifndef BQ_SNAPSHOT_TC_AQM_H
#define BQ_SNAPSHOT_TC_AQM_H

#include "snapshot/tc_format.h"

extern const struct bq_tc_rows bq_rows_codel, bq_rows_fq_codel, bq_rows_pie, bq_rows_fq_pie,
	bq_rows_hhf, bq_rows_fq, bq_rows_cake;

#endif
