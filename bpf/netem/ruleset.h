/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rules of netem as its programs read them, and the layout of an instance's memory.
 *
 * Each config bank has a ruleset in that memory, made from the configuration and its tables
 * (netem/compile.h): by user space before it raises the generation, or by .init for a pool
 * instance. Programs do not write to it. Values that change with packets are in struct netem_state,
 * of which each rule has one for all configurations.
 */
#ifndef BQDISC_NETEM_RULESET_H
#define BQDISC_NETEM_RULESET_H

#include "netem.h"

/*
 * Steps of an arriving packet. They depend only on the configuration. The egress program decides
 * about packets of the last two.
 */
enum netem_path {
	NETEM_PATH_PASS,         /* one rule, which does nothing: send at once */
	NETEM_PATH_DELAY,        /* one rule, which loses nothing: draw the departure time */
	NETEM_PATH_LOSS,         /* one rule: draw the loss, pass the trace's link, then as above */
	NETEM_PATH_MATCH,        /* look up the rule first */
	NETEM_PATH_EGRESS,       /* one rule: the egress program drew the loss */
	NETEM_PATH_MATCH_EGRESS, /* the egress program looked up the rule and drew the loss */
};

struct netem_rule {
	struct netem_impairment what;
	struct bq_match match;
	bq_ref table; /* distribution of the delay */
	__u32 values; /* in it; 0: uniform */
};

struct netem_ruleset {
	__u32 path;        /* enum netem_path */
	__u32 n;           /* rules */
	__u32 holds;       /* 1: packets wait, so the egress program releases their sockets */
	bq_ref trace;      /* 0: none */
	bq_ref trace_ring; /* queue of its link */
	bq_ref slot_table;
	__u32 slot_values; /* in it; 0: slots are uniform */
	__u64 span;        /* longest delay of all rules, ns */
};

/*
 * Layout of an instance's memory: two rulesets, states, packets, heap, wheel. The tables of the
 * delay and the slots follow if a netlink caller sent the options, because such an instance has no
 * TLVs. The queue of a trace's link has a range of its own.
 */
#define NETEM_RULESET_BYTES(rules)                                                                 \
	(sizeof(struct netem_ruleset) + (__u64)(rules) * sizeof(struct netem_rule))
#define NETEM_RULESET_AT(rules, bank) ((bank)*NETEM_RULESET_BYTES(rules))
#define NETEM_STATES_AT(rules) NETEM_RULESET_AT(rules, 2)
/* Packets begin at a cache line. */
#define NETEM_PACKETS_AT(rules)                                                                    \
	((NETEM_STATES_AT(rules) + (__u64)(rules) * sizeof(struct netem_state) + 63) & ~63ull)
#define NETEM_HEAP_AT(rules, slots) (NETEM_PACKETS_AT(rules) + BQ_PACKETS_BYTES(slots))
#define NETEM_WHEEL_AT(rules, slots) (NETEM_HEAP_AT(rules, slots) + BQ_HEAP_BYTES(slots))
#define NETEM_TABLES_AT(rules, slots) (NETEM_WHEEL_AT(rules, slots) + BQ_WHEEL_BYTES(slots))
#define NETEM_MEMORY_BYTES(rules, slots) NETEM_TABLES_AT(rules, slots)

/*
 * Layout of the memory added with SLOTS more slots: their packets, then a heap and a wheel for all
 * slots. Each step has at least BQ_SLOTS_GROWTH times as many slots as the one before. Earlier
 * slots are therefore less than a third.
 */
#define NETEM_GROWN_HEAP_AT(slots) BQ_PACKETS_BYTES(slots)
#define NETEM_GROWN_WHEEL_AT(slots)                                                                \
	(NETEM_GROWN_HEAP_AT(slots) + BQ_HEAP_BYTES((slots) + (slots) / 3))
#define NETEM_GROWTH_BYTES(slots) (NETEM_GROWN_WHEEL_AT(slots) + BQ_WHEEL_BYTES(slots))

/* Size of a pool instance, which user space did not prepare: one rule, and tables. */
#define NETEM_POOL_TABLES_AT NETEM_TABLES_AT(1, BQ_POOL_SLOTS)
#define NETEM_POOL_BYTES (NETEM_POOL_TABLES_AT + 2 * NETEM_TABLE_BYTES)

#endif
