/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Putting sections into an annex (bqdisc/annex.h): they stand in their order, however put. */
#ifndef BQ_ANNEX_H
#define BQ_ANNEX_H

#include <bqdisc/annex.h>

#include "registry.h"

/*
 * Puts SIZE bytes of DATA into the section for USE of RULE, in place of what it had; SIZE 0 leaves
 * no such section. Returns 0 or -ENOMEM, and then ANNEX is as it was.
 */
int bq_annex_put(struct bq_blob *annex, uint32_t rule, uint32_t use, const void *data,
		 uint32_t size);
/* What the section says; its size in *SIZE. NULL: there is none. */
const void *bq_annex_get(const struct bq_blob *annex, uint32_t rule, uint32_t use, uint32_t *size);

#endif
