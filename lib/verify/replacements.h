/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel functions that a qdisc cannot call, and what to do instead. */
#ifndef BQ_VERIFY_REPLACEMENTS_H
#define BQ_VERIFY_REPLACEMENTS_H

/* Return the advice on the kernel function NAME, or NULL if none is known. */
const char *bq_replacement(const char *name);

#endif
