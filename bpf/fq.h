/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that fq.bpf.c and user space share. */
#ifndef BQDISC_FQ_H
#define BQDISC_FQ_H

#include <bqdisc/drops.h>
#include <bqdisc/flow_key.h>
#include <bqdisc/flows.h>
#include <bqdisc/hash.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/packets.h>
#include <bqdisc/pool.h>

#define FQ_BANDS 3
#define FQ_PRIORITIES 16
#define FQ_DEFAULT_BUCKETS 1024

/* Option ranges, checked by user space and by the BPF program. */
#define FQ_MAX_QUANTUM (1u << 20)  /* bytes */
#define FQ_LEAST_WEIGHT (1u << 14) /* bytes */
#define FQ_MAX_BUCKETS (1u << 18)  /* as in-tree */
/* Bytes; the in-tree qdisc raises smaller quanta to it, and lowers larger ones. */
#define FQ_LEAST_QUANTUM 256u
/* The in-tree qdisc takes microseconds in 32 bits. */
#define FQ_MAX_TIME (0xffffffffull * 1000) /* ns */
#define FQ_MAX_SLACK 0xffffffffull         /* ns */
#define FQ_MAX_RATE (1ull << 47)           /* bytes a second */
#define FQ_MAX_LOW_RATE 0xffffffffull      /* bytes a second */
#define FQ_NO_RATE (~0ull)
#define FQ_NO_CE_THRESHOLD (~0ull)

/* Bits of fq_config.set_mask, in the order of the option rows. */
enum fq_option {
	FQ_LIMIT,
	FQ_FLOW_LIMIT,
	FQ_QUANTUM,
	FQ_INITIAL_QUANTUM,
	FQ_MAXRATE,
	FQ_PACING,
	FQ_BUCKETS,
	FQ_ORPHAN_MASK,
	FQ_LOW_RATE_THRESHOLD,
	FQ_CE_THRESHOLD,
	FQ_TIMER_SLACK,
	FQ_HORIZON,
	FQ_HORIZON_DROP,
	FQ_REFILL_DELAY,
	FQ_BANDS_ROW,
	FQ_PRIOMAP,
	FQ_WEIGHTS,
	FQ_OFFLOAD_HORIZON,
};

struct fq_config {
	__u64 set_mask;           /* named options; .init applies defaults to the others */
	__u64 maxrate;            /* bytes a second, of each flow; FQ_NO_RATE for none */
	__u64 low_rate_threshold; /* bytes a second */
	__u64 ce_threshold;       /* ns */
	__u64 timer_slack;        /* ns */
	__u64 horizon;            /* ns */
	__u64 refill_delay;       /* ns */
	__u64 offload_horizon;    /* ns */
	__u32 limit;              /* packets in a band */
	__u32 flow_limit;         /* packets in a flow */
	__u32 quantum;            /* bytes */
	__u32 initial_quantum;    /* bytes */
	__u32 pacing;             /* 0 or 1 */
	__u32 buckets;            /* sizes the flow table, when the instance is created */
	__u32 orphan_mask;        /* mask for the hash of packets without a socket */
	__u32 horizon_drop; /* 1: drop packets beyond the horizon; 0: send them at the horizon */
	__u32 bands;        /* FQ_BANDS */
	__u32 priomap[FQ_PRIORITIES];
	__u32 weights[FQ_BANDS + 1]; /* bytes; the last is never used */
	__u32 tai_offset; /* CLOCK_TAI - CLOCK_REALTIME, s; not an option: read from the system */
};

/* Counters, and gauges that the datapath updates. Packets unless noted. */
struct fq_stats {
	__u64 fastpath_packets;
	__u64 gc_flows;  /* flows */
	__u64 throttled; /* times */
	__u64 flows_plimit;
	__u64 pkts_too_long;
	__u64 allocation_errors;
	__u64 horizon_drops;
	__u64 horizon_caps;
	__u64 ce_mark; /* by the egress program */
	__u64 drops_no_slot;
	__u64 unthrottle_latency; /* ns, a moving average */
	__u64 next_wake;          /* CLOCK_MONOTONIC, ns; 0: no flow waits for its time */
	__u64 flows;              /* flows, gauge */
	__u64 inactive_flows;     /* flows, gauge */
	__u64 throttled_flows;    /* flows, gauge */
	/* The fourth entry is unused: the verifier bounds an index masked with 3. */
	__u64 band_drops[FQ_BANDS + 1];
	__u64 band_packets[FQ_BANDS + 1]; /* gauge */
	__u64 sojourn[BQ_TIMES];
	__u64 unthrottle[BQ_TIMES];         /* how late waiting flows were woken; counts flows */
	__u64 queue_length[BQ_LENGTHS];     /* seen by each packet that arrived */
	struct bq_drop drops[3 + FQ_BANDS]; /* a reason each */
};

/* State of a flow. */
enum fq_place {
	FQ_DETACHED,  /* has no packets */
	FQ_LISTED,    /* in a list of its band */
	FQ_THROTTLED, /* among the timers, until its time */
};

struct fq_flow {
	struct bq_flow flow; /* wake.node.time: its next packet is not sent before */
	union {
		struct bq_queue queue; /* packets by time; no head: see fq_mark_empty() */
		__u64 idle_since;      /* while FQ_DETACHED; CLOCK_MONOTONIC ns */
	};
	bq_ref skew_heap; /* packets that arrived with an earlier time than those in the queue */
	__u32 qlen;       /* packets in both */
	__u32 socket_hash;
	__u8 place; /* enum fq_place */
	__u8 band;
	__u16 reserved;
	/* For user space, since the flow or its socket was new: */
	__u32 backlog;           /* bytes in the queue */
	__u32 drops;             /* packets */
	__u64 packets, bytes;    /* sent */
	__u64 throttled_ns;      /* time that it waited for its next packet's time */
	__u64 rate;              /* bytes a second, when last paced; 0 or FQ_NO_RATE: none */
	struct bq_flow_key name; /* of its first packet; valid while flow.key is not 0 */
};

/* bq_packet.flags */
#define FQ_UNSTAMPED 1 /* without a time stamp: rates apply */
#define FQ_BY_SOCKET 2 /* its socket's pacing rate applies */

struct fq_band {
	struct bq_flow_list fresh; /* flows that became active: served first, once */
	struct bq_flow_list old;
	__s32 credit; /* bytes */
	__u32 reserved;
};

struct fq_instance {
	struct bq_instance id;
	struct fq_config config[2];
	struct fq_config defaults; /* defaults of every option; set by .init */
	struct fq_stats stats;
	struct bq_packets packets;
	struct bq_flows flows;
	struct bq_timers delayed; /* throttled flows */
	struct bq_hash hash;
	struct fq_band bands[FQ_BANDS + 1];
	__u64 scratch;
	__u64 retry_ns;  /* CLOCK_MONOTONIC; earliest next allocation of pages for flows */
	bq_ref internal; /* flow for packets that may leave at once */
	__u32 band_nr;   /* band being served */
	__u32 order;     /* of arrival of packets */
	__u32 listed;    /* flows in the bands' lists */
	__u32 rested;    /* every band has its full credit */
	__u32 reserved;
};

/*
 * Layout of an instance's memory for SLOTS packets and at most FLOWS flows (a power of two):
 * packets, internal flow, heap, buckets, flows. At first only FQ_FIRST_FLOWS entries of the last
 * three have pages. fq_grow() allocates more on demand.
 */
#define FQ_FIRST_FLOWS 512u
#define FQ_INTERNAL_AT(slots) BQ_PACKETS_BYTES(slots)
#define FQ_HEAP_AT(slots) (FQ_INTERNAL_AT(slots) + sizeof(struct fq_flow))
#define FQ_BUCKETS_AT(slots, flows) (FQ_HEAP_AT(slots) + BQ_HEAP_BYTES(flows))
#define FQ_FLOWS_AT(slots, flows) (FQ_BUCKETS_AT(slots, flows) + FQ_BUCKETS_BYTES(flows))
#define FQ_BUCKETS_BYTES(flows) ((__u64)(flows) * sizeof(bq_ref))
#define FQ_FLOWS_BYTES(flows) ((__u64)(flows) * sizeof(struct fq_flow))
#define FQ_MEMORY_BYTES(slots, flows) (FQ_FLOWS_AT(slots, flows) + FQ_FLOWS_BYTES(flows))

/* Bytes per flow in the table. */
#define FQ_FLOW_COST                                                                               \
	((__u32)(sizeof(struct bq_heap_entry) + sizeof(bq_ref) + sizeof(struct fq_flow)))

/* Size of a pool instance, which user space did not prepare. */
#define FQ_POOL_FLOWS 512u
#define FQ_POOL_BYTES FQ_MEMORY_BYTES(BQ_POOL_SLOTS, FQ_POOL_FLOWS)

#endif
