/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What BPF programs and user space agree on about the memory of a kind: one arena, of which every
 * instance owns a range. The low 32 bits of an address, the link, name an object everywhere.
 */
#ifndef BQDISC_MEMORY_H
#define BQDISC_MEMORY_H

#include <linux/types.h>

/* Where user space maps it. All processes must agree, and the low 32 bits must be 0. */
#define BQ_MEMORY_ADDRESS (1ull << 45)
/* All instances of a kind together; the kernel has no larger arena. */
#define BQ_MEMORY_BYTES (1ull << 32)
/* Link 0 means none, so nothing begins there; a range begins on a page of whatever size. */
#define BQ_MEMORY_ALIGN 65536u

/* What a pool instance has at most of the flows, buckets … that others have more of. */
#define BQ_POOL_UNITS 256u

/* Range of a pool instance: BYTES rounded up. */
#define BQ_POOL_STRIDE(bytes) (((bytes) + BQ_MEMORY_ALIGN - 1) / BQ_MEMORY_ALIGN * BQ_MEMORY_ALIGN)

/* A place in the arena, or 0. */
typedef __u32 bq_ref;

#endif
