/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory of a kind, shared by BPF programs and user space: one arena, of which every instance owns
 * a range. The low 32 bits of an address, a bq_ref, identify an object in all processes.
 */
#ifndef BQDISC_MEMORY_H
#define BQDISC_MEMORY_H

#include <linux/types.h>

/* Address of the user-space mapping. All processes must agree, and the low 32 bits must be 0. */
#define BQ_MEMORY_ADDRESS (1ull << 45)
/* Arena size in bytes, for all instances of a kind; the kernel's maximum. */
#define BQ_MEMORY_BYTES (1ull << 32)
/*
 * Alignment of ranges, a multiple of every page size. No object is at 0, because bq_ref 0 means
 * none.
 */
#define BQ_MEMORY_ALIGN 65536u

/* Maximum units (flows, buckets and so on) of a pool instance. */
#define BQ_POOL_UNITS 256u

/* Range of a pool instance: BYTES, rounded up. */
#define BQ_POOL_STRIDE(bytes) (((bytes) + BQ_MEMORY_ALIGN - 1) / BQ_MEMORY_ALIGN * BQ_MEMORY_ALIGN)

/* Offset in the arena, or 0 for none. */
typedef __u32 bq_ref;

#endif
