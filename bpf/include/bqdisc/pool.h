/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pool: instances that BPF programs claim without help from user space. They serve qdiscs
 * created by net.core.default_qdisc, by mq for its queues, or by another program's tc.
 *
 * Instance BQ_POOL_FIRST + n owns BQ_POOL_SLOTS packet slots of the map `slots_pool`. When they are
 * full it claims an area, a larger range of slots. The area is of the next of BQ_AREA_CLASSES sizes
 * that has one free. Destroying the qdisc releases its areas. The areas follow the slots of the
 * instances in `slots_pool`. User space decides how many there are.
 *
 * Areas are numbered by their bit in struct bq_pool. An area of class c has 64 << 2c slots.
 */
#ifndef BQDISC_POOL_H
#define BQDISC_POOL_H

#include <bqdisc/instance.h>
#include <bqdisc/memory.h>

/* Packet slots of a pool instance without areas. */
#define BQ_POOL_SLOTS 16
/* Packet slots that a kind made with the kit claims, because it cannot grow. */
#define BQ_POOL_KIT_SLOTS 1024
#define BQ_POOL_KIT_CLASS 2 /* its class of areas */

#define BQ_AREA_CLASSES 5
#define BQ_AREA_WORDS 21
#define BQ_AREA_SLOTS(class) (64u << 2 * (class))
/* Number of areas of a class in the largest pool: 1024, 128, 32, 8 and 2. */
#define BQ_AREA_MOST(class) ((class) ? 512u >> 2 * (class) : 1024u)
/* First word of the bitmaps for a class; no two classes share a word. */
#define BQ_AREA_WORD(class) ((class) ? (class) == 1 ? 16u : 16u + (class) : 0u)

/* Slots of all areas of the classes before this one, in the largest pool. */
#define BQ_AREA_BEFORE(class) ((class) ? 65536u + ((class) - 1) * 32768u : 0u)
#define BQ_POOL_SLOTS_MOST (BQ_POOL_MOST * BQ_POOL_SLOTS + BQ_AREA_BEFORE(BQ_AREA_CLASSES))

/*
 * Offset in the arena of an area with so many slots before it, in the largest pool. bq_ref 0 is in
 * the first page.
 */
#define BQ_AREA_SLOT_BYTES 1024u
#define BQ_AREA_LINK(before) (BQ_MEMORY_ALIGN + (before)*BQ_AREA_SLOT_BYTES)
/* Start of the ranges of pool instances, one each, as many as fit. */
#define BQ_POOL_RANGES (1u << 28)
#define BQ_POOL_RANGES_END (BQ_POOL_RANGES + (1u << 30))

struct bq_pool {
	__u64 taken[BQ_AREA_WORDS];   /* bitmap: an instance has the area */
	__u64 stocked[BQ_AREA_WORDS]; /* bitmap: the area has pages in the arena */
	__u32 instances;              /* of the pool */
	__u32 areas[BQ_AREA_CLASSES]; /* number of areas of each class */
	__u32 base[BQ_AREA_CLASSES];  /* first slot of the class in `slots_pool` */
	/* Bytes of an area of the class in the arena; 0: the kind needs none. */
	__u32 bytes[BQ_AREA_CLASSES];
	__u32 hint; /* pool instance where the search for a free one begins, from 0 */
};

#endif
