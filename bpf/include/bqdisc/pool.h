/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pool: instances that BPF programs take without help from user space, for qdiscs made by
 * net.core.default_qdisc, by mq for its queues, or by another program's tc.
 *
 * Instance BQ_POOL_FIRST + n owns BQ_POOL_SLOTS packet slots of the map `slots_pool`. When they are
 * full it takes an area, which is a larger row of slots, of the next of BQ_AREA_CLASSES sizes that
 * has one free, and gives its areas back when the qdisc is destroyed. With 8 bytes a slot the map
 * `slots_pool` takes 2 MiB for each loaded kind.
 *
 * Areas are numbered by their bit in struct bq_pool. An area of class c has 64 << 2c slots.
 */
#ifndef BQDISC_POOL_H
#define BQDISC_POOL_H

#include <bqdisc/instance.h>
#include <bqdisc/memory.h>

/* Packet slots of a pool instance that takes no area. */
#define BQ_POOL_SLOTS 16
/* Packet slots that a kind made with the kit asks for, because it cannot grow. */
#define BQ_POOL_KIT_SLOTS 1024
#define BQ_POOL_KIT_CLASS 2 /* its class of areas */

#define BQ_AREA_CLASSES 5
#define BQ_AREA_WORDS 21
#define BQ_AREA_SLOTS(class) (64u << 2 * (class))
/* Areas of a class: 1024, 128, 32, 8 and 2. */
#define BQ_AREA_COUNT(class) ((class) ? 512u >> 2 * (class) : 1024u)
/* The first word of the bitmaps for a class; no two classes share a word. */
#define BQ_AREA_WORD(class) ((class) ? (class) == 1 ? 16u : 16u + (class) : 0u)

/* Slots of a class together, and the number of the first one in `slots_pool`. */
#define BQ_AREA_SLOTS_FIRST (BQ_POOL_INSTANCES * BQ_POOL_SLOTS)
#define BQ_AREA_BASE(class)                                                                        \
	((class) ? BQ_AREA_SLOTS_FIRST + 65536u + ((class) - 1) * 32768u : BQ_AREA_SLOTS_FIRST)
#define BQ_POOL_ALL_SLOTS BQ_AREA_BASE(BQ_AREA_CLASSES)

/* Where an area lies in the arena: behind the first page, which link 0 is in. */
#define BQ_AREA_SLOT_BYTES 1024u
#define BQ_AREA_LINK(base) (BQ_MEMORY_ALIGN + ((base)-BQ_AREA_SLOTS_FIRST) * BQ_AREA_SLOT_BYTES)
/* Pool instances have a range each from here on, as many as fit before the end. */
#define BQ_POOL_RANGES (1u << 28)
#define BQ_POOL_RANGES_END (BQ_POOL_RANGES + (1u << 30))

struct bq_pool {
	__u64 taken[BQ_AREA_WORDS];         /* bitmap: an instance has the area */
	__u64 stocked[BQ_AREA_WORDS];       /* bitmap: the area has pages in the arena */
	__u64 live[BQ_POOL_INSTANCES / 64]; /* bitmap: a qdisc has the pool instance, from 0 */
	/* Bytes in the arena that an area of the class needs; 0: the kind needs none. */
	__u32 bytes[BQ_AREA_CLASSES];
	__u32 hint; /* the pool instance with which the search for a free one begins, from 0 */
};

#endif
