/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structs of an instance, one attached qdisc, that BPF programs and user space share.
 *
 * Every kind has a map `instances`, an array whose values begin with struct bq_instance. The kind's
 * two config banks, its counters and its private state follow. The index of a value identifies the
 * instance; sch->limit holds it.
 *
 * Any change to a struct here, or to a kind's instance struct, must raise BQ_LAYOUT.
 */
#ifndef BQDISC_INSTANCE_H
#define BQDISC_INSTANCE_H

/* Flow keys and match rules take bytes of headers apart in this order. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "bqdisc: big-endian machines are not supported; build on a little-endian one"
#endif

#include <linux/types.h>

/* Layout version of every struct shared through maps and TCA_OPTIONS. */
#define BQ_LAYOUT 20

/* First word of bqdisc's TCA_OPTIONS: "bqd" and a byte that no plausible packet limit has. */
#define BQ_MAGIC 0xb9716264u

/*
 * Index 0 of the map of instances is no instance: sch->limit of a qdisc whose .init never ran. The
 * pool (pool.h) begins at BQ_POOL_FIRST; user space prepares the indices behind it. It chooses the
 * size of both when it loads a kind. The declared sizes of the maps with one value per instance are
 * placeholders that it replaces.
 */
#define BQ_POOL_FIRST 1
#define BQ_POOL_MOST 4096      /* instances of the largest pool */
#define BQ_PREPARED_MOST 16384 /* instances that user space prepares, in the largest table */
#define BQ_INSTANCES 5120      /* placeholder; also the size for a user object */
#define BQ_QUEUES_MOST 1023    /* instances of one attachment: the queues of a device */

/*
 * Steps of slots. User space or the pool gives an instance slots at step 0 and on demand, up to
 * step BQ_SLOTS_STEPS - 1. Each step multiplies them by at least BQ_SLOTS_GROWTH, so the steps
 * suffice for BQ_SLOTS_MAX. The map `slots` has the slots of step n at BQ_SLOTS_KEY(index, n).
 */
#define BQ_SLOTS_STEPS 8
#define BQ_SLOTS_GROWTH 4
#define BQ_SLOTS_MAX (1 << 24)
#define BQ_SLOTS_KEY(index, step) ((index)*BQ_SLOTS_STEPS + (step))

/* States of an instance. Arrows name the actor of each transition. */
enum bq_state {
	BQ_FREE = 0, /* -> CLAIMED by .init (pool), -> PREPARED by user space */
	BQ_PREPARED, /* has slots, waits for the .init that knows the cookie */
	BQ_CLAIMED,  /* .init is filling it in */
	BQ_LIVE,     /* a qdisc uses it; -> SPENT by .destroy, or FREE with only pool resources */
	BQ_SPENT,    /* its qdisc is gone, user space must free its slots */
};

/*
 * Additional range of the kind's arena. Size 0: none. A config bank's range holds configuration
 * without a fixed size, such as tables. User space writes it before it switches to the bank.
 */
struct bq_range {
	__u32 ref;
	__u32 size; /* bytes */
};

/* Index in `more` of the range that a configuration needs itself. Step 0 has no range there. */
#define BQ_MORE_CONFIG 0

/* Head of every value of `instances`. */
struct bq_instance {
	__u32 state; /* enum bq_state */
	/*
	 * Version of the configuration; the bank in force is config[generation & 1]. User space
	 * writes the other bank, raises the generation, and writes again only after a grace period.
	 * Programs run inside one.
	 */
	__u32 generation;
	__u64 cookie; /* random; .init must pass it to claim a PREPARED instance; 0 in the pool */
	__u64 net_cookie; /* network namespace, as SO_NETNS_COOKIE returns it */
	__u64 created_ns; /* CLOCK_BOOTTIME */
	/*
	 * Expiry, CLOCK_MONOTONIC; from then on the qdisc sends every packet at once. 0: never. Of
	 * index 0: no instance expires earlier.
	 */
	__u64 expires_ns;
	__u64 egress;     /* random key of its verdicts (egress.h); 0: no egress program */
	__u64 egress_pin; /* key of the link that user space pinned for it, 0: none */
	__u64 device;     /* kernel address of its struct net_device while LIVE */
	/* A process follows the drops until this time, CLOCK_MONOTONIC; 0: none does (drops.h). */
	__u64 follow_until;
	__u64 follow_second; /* CLOCK_MONOTONIC ns: since then messages are counted */
	__u32 ifindex;
	__u32 handle;          /* of the qdisc; 0 for a child that mq created itself */
	__u32 parent;          /* TC_H_ROOT, or a class of mq */
	__u32 slots_map;       /* key in the map `slots` */
	__u32 slots_base;      /* first slot of the instance in that map */
	__u32 slots;           /* number of slots */
	__u32 slots_step;      /* step of these slots */
	__u32 readers_pending; /* a program may still read the bank that is out of force */
	/* Start of the instance's range, for kinds that have an arena (memory.h). */
	__u32 memory;
	__u32 memory_size;   /* bytes */
	__u32 memory_held;   /* bytes of it that have pages */
	__u32 growing;       /* a worker gives it pages: the instance must not be freed */
	__u32 units;         /* units that the range holds besides the slots, e.g. flows */
	__u32 set;           /* the mq whose queues have instances prepared together; 0: alone */
	__u32 set_next;      /* index of the next instance of the set; the last names the first */
	__u32 index;         /* of this value in the map */
	__u32 slots_busy;    /* 1: a program or user space is adding slots */
	__u32 replaced;      /* index of the instance that was at its place when it came; 0: none */
	__u32 pool;          /* index 0 only: number of instances of the pool */
	__u32 follower;      /* key of that process in the map `followers` */
	__u32 follow_events; /* messages in this second */
	__u32 follow_missed; /* drops that had no message */
	__u32 reserved;
	__u16 areas[BQ_SLOTS_STEPS]; /* the pool's areas that hold its slots (pool.h), plus 1 */
	struct bq_range tables[2];   /* of each bank of the configuration */
	/* Arena ranges of the slots of later steps, and BQ_MORE_CONFIG. */
	struct bq_range more[BQ_SLOTS_STEPS];
};

/*
 * Word N of the map `usage` has a bit for each of the instances 64 N to 64 N + 63. The bits lead to
 * the instances in use without a look at the others.
 */
struct bq_usage {
	__u64 used;  /* the state is not BQ_FREE, or a worker still gives the instance memory */
	__u64 check; /* prepared, or its qdisc is gone: the next sweep looks at the instance */
};

/*
 * Attach point: a network namespace, a device in it, and a parent on the device. Key of the map
 * `places`, whose value is the index of the last instance that came there.
 */
struct bq_attach_point {
	__u64 net_cookie;
	__u32 ifindex;
	__u32 parent; /* TC_H_ROOT also for a set below an mq, whose instances are at its classes */
};

/*
 * Header of bqdisc's TCA_OPTIONS; the kind's config struct follows, and nothing else. It is
 * untrusted: any namespace may send it.
 */
struct bq_options_header {
	__u32 magic;  /* BQ_MAGIC */
	__u32 layout; /* BQ_LAYOUT */
	__u32 index;  /* the instance prepared for this qdisc, or 0 for one from the pool */
	__u32 size;   /* of header and config together, bytes */
	__u64 cookie; /* of that instance */
};

#endif
