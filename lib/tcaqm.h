/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for qdiscs that manage a queue or many flows; the rows are tcqdisc.c's to
 * use. Of the room of libmnl.
 */
#ifndef BQ_TCAQM_H
#define BQ_TCAQM_H

#include "tcform.h"

extern const struct bq_rows bq_rows_codel, bq_rows_fq_codel, bq_rows_pie, bq_rows_fq_pie,
	bq_rows_hhf, bq_rows_fq, bq_rows_cake;

#endif
