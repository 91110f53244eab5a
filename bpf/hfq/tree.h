/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tree of classes as hfq reads it, and the layout of an instance's memory. Each config bank has a
 * tree in that memory, which user space makes from the configuration and its tables before it
 * raises the generation.
 */
#ifndef BQDISC_HFQ_TREE_H
#define BQDISC_HFQ_TREE_H

#include "hfq.h"

/* A class of a configuration. A class that stays, by its name, keeps slot and serial. */
struct hfq_node {
	char name[HFQ_NAME]; /* "" for the root */
	struct hfq_rate rate, ceil;
	__u32 serial; /* no other class of the instance has or had it; 0: the slot is unused */
	__u32 number; /* in the tables; 0: the root */
	bq_ref parent;
	__u32 weight; /* quanta a round */
	__u8 level;
	__u8 prio;
	__u8 fifo;
	__u8 reserved[5];
};

/* Match of a leaf; the first that holds decides. */
struct hfq_match {
	struct bq_match match;
	bq_ref class;
	__u32 reserved;
};

struct hfq_tree {
	__u32 matches; /* number */
	__u32 serials; /* highest serial given so far */
	bq_ref rest;   /* the default class */
	__u32 reserved;
};

/* Room for classes, the root included, in steps of HFQ_STEP. */
#define HFQ_STEP 64u
#define HFQ_UNITS(classes) (((classes) + 1 + HFQ_STEP - 1) / HFQ_STEP * HFQ_STEP)

/* Flows of all leaves, a power of two, and those among which a hash can choose. */
#define HFQ_FLOWS(units) ((units) <= HFQ_STEP ? 1024u : 8192u)
#define HFQ_WAYS 4u

/* Layout of an instance's memory: two trees, rows, classes, heap, flows, packets. */
#define HFQ_ROWS (HFQ_LEVELS * HFQ_PRIOS)
#define HFQ_TREE_BYTES(units)                                                                      \
	(sizeof(struct hfq_tree) +                                                                 \
	 (__u64)(units) * (sizeof(struct hfq_node) + sizeof(struct hfq_match)))
#define HFQ_TREE_AT(units, bank) ((bank)*HFQ_TREE_BYTES(units))
#define HFQ_ROWS_AT(units) HFQ_TREE_AT(units, 2)
#define HFQ_CLASSES_AT(units) (HFQ_ROWS_AT(units) + HFQ_ROWS * sizeof(struct hfq_list))
#define HFQ_HEAP_AT(units) (HFQ_CLASSES_AT(units) + (__u64)(units) * sizeof(struct hfq_class))
#define HFQ_FLOWS_AT(units) (HFQ_HEAP_AT(units) + BQ_HEAP_BYTES(units))
/* Packets begin at a cache line. */
#define HFQ_PACKETS_AT(units)                                                                      \
	((HFQ_FLOWS_AT(units) + (__u64)HFQ_FLOWS(units) * sizeof(struct hfq_flow) + 63) & ~63ull)
#define HFQ_MEMORY_BYTES(units, slots) (HFQ_PACKETS_AT(units) + BQ_PACKETS_BYTES(slots))

#endif
