/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a device completes the checksums of what it sends. */
#ifndef BQ_OFFLOAD_H
#define BQ_OFFLOAD_H

#include "report.h"

/* 1: it does; 0: the kernel does it before; -errno. */
int bq_offload_get(uint32_t ifindex);
int bq_offload_set(uint32_t ifindex, bool on);

#endif
