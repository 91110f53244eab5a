/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What BPF programs and user space agree on about an instance: one attached qdisc.
 *
 * Every kind has a map `instances`, an array whose values begin with struct bq_instance and go on
 * with the kind's two banks of configuration, its counters and its private state. The index of a
 * value is the identity of the instance and stands in sch->limit.
 *
 * Any change to a struct here, or to a kind's instance struct, raises BQ_LAYOUT.
 */
#ifndef BQDISC_INSTANCE_H
#define BQDISC_INSTANCE_H

#include <linux/types.h>

/* Version of every struct shared through maps and TCA_OPTIONS. */
#ifndef BQ_LAYOUT /* a test builds another release */
#define BQ_LAYOUT 10
#endif

/* First word of our own TCA_OPTIONS: "bqd" and a byte that no limit in packets would carry. */
#define BQ_MAGIC 0xb9716264u

/*
 * Size of the instances map. Index 0 is no instance: sch->limit of a qdisc that never ran .init.
 * Indices 1 to BQ_POOL_FIRST - 1 are prepared by user space; the others are the pool (pool.h).
 */
#define BQ_POOL_FIRST 1024
#define BQ_POOL_INSTANCES 4096
#define BQ_INSTANCES (BQ_POOL_FIRST + BQ_POOL_INSTANCES)

/*
 * An instance is given slots at step 0 and whenever it needs more, up to step BQ_SLOTS_STEPS - 1,
 * each time BQ_SLOTS_GROWTH times as many at least: so the steps suffice for BQ_SLOTS_MAX. Its own
 * slots of step n have the key n * BQ_INSTANCES + index in the map `slots`.
 */
#define BQ_SLOTS_STEPS 8
#define BQ_SLOTS_GROWTH 4
#define BQ_SLOTS_MAX (1 << 24)

/* Life of an instance. Arrows: who makes the step. */
enum bq_state {
	BQ_FREE = 0, /* -> CLAIMED by .init (pool), -> PREPARED by user space */
	BQ_PREPARED, /* slots are there, waits for the .init that knows the token */
	BQ_CLAIMED,  /* .init is filling it in */
	BQ_LIVE,  /* a qdisc uses it; -> SPENT by .destroy, or FREE if all it has is the pool's */
	BQ_SPENT, /* its qdisc is gone, its slots wait for user space to take them back */
};

/*
 * A range of the kind's arena beside the instance's own. Size 0: there is none. That of a bank is
 * what of its configuration has no fixed size, such as tables: user space wrote it before it put
 * the bank in force.
 */
struct bq_range {
	__u32 ref;
	__u32 size; /* bytes */
};

/* Head of every value of `instances`. */
struct bq_instance {
	__u32 state; /* enum bq_state */
	/*
	 * The bank in force is config[generation & 1]. User space writes the other bank, raises
	 * the generation, and writes again only after a grace period: programs run inside one.
	 */
	__u32 generation;
	__u64 cookie; /* random; .init must show it to take a PREPARED instance; 0 in the pool */
	__u64 net_cookie; /* network namespace, as SO_NETNS_COOKIE tells it */
	__u64 created_ns; /* CLOCK_BOOTTIME */
	/* CLOCK_MONOTONIC; from then on the qdisc lets everything through at once. 0: for ever. */
	__u64 expires_ns;
	__u64 egress; /* key of its egress program (egress.h); 0: none */
	__u32 ifindex;
	__u32 handle;          /* of the qdisc; 0 for a child that mq made itself */
	__u32 parent;          /* TC_H_ROOT, or a class of mq */
	__u32 slots_map;       /* key in the map `slots` */
	__u32 slots_base;      /* first slot of ours in that map */
	__u32 slots;           /* how many slots are ours */
	__u32 slots_step;      /* which of its slots these are */
	__u32 readers_pending; /* a program may still read the bank that is out of force */
	/* Of kinds that have an arena (memory.h): where our range of it begins. */
	__u32 memory;
	__u32 memory_size; /* bytes */
	__u32 memory_held; /* bytes of it that have pages */
	__u32 growing;     /* a worker gives it pages: the instance must not be freed */
	__u32 units;       /* what the range was made for besides the slots, e.g. flows */
	__u32 set;        /* the mq of which every queue has an instance, made together; 0: alone */
	__u32 index;      /* of this value in the map */
	__u32 slots_busy; /* 1: a program or user space adds slots at the moment */
	__u32 high;       /* index 0 alone: no pool instance from here on was ever used */
	__u32 reserved;
	__u16 areas[BQ_SLOTS_STEPS]; /* the pool's areas that hold its slots (pool.h), plus 1 */
	struct bq_range tables[2];   /* of each bank of the configuration */
	/* Of the arena what came with the slots of a later step; the first is not used. */
	struct bq_range more[BQ_SLOTS_STEPS];
};

/*
 * Our own TCA_OPTIONS: this header, then the kind's config struct, nothing behind it.
 * It is untrusted: any namespace may send it.
 */
struct bq_options_header {
	__u32 magic;  /* BQ_MAGIC */
	__u32 layout; /* BQ_LAYOUT */
	__u32 index;  /* the instance prepared for this qdisc, or 0 for one from the pool */
	__u32 size;   /* of header and config together, bytes */
	__u64 cookie; /* of that instance */
};

#endif
