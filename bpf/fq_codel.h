/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that fq_codel.bpf.c and user space share. */
#ifndef BQDISC_FQ_CODEL_H
#define BQDISC_FQ_CODEL_H

#include <bqdisc/drops.h>
#include <bqdisc/fair.h>
#include <bqdisc/hash.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/packets.h>
#include <bqdisc/pool.h>

#define FQ_CODEL_DEFAULT_LIMIT 10240u
#define FQ_CODEL_DEFAULT_FLOWS 1024u

/* Option ranges, checked by user space and by the BPF program. */
#define FQ_CODEL_MAX_FLOWS 65536u
#define FQ_CODEL_LEAST_QUANTUM 256u /* bytes; the in-tree qdisc raises smaller ones */
#define FQ_CODEL_MAX_QUANTUM (1u << 20)
#define FQ_CODEL_MAX_MEMORY (1u << 31)
#define FQ_CODEL_MAX_TIME (0xffffffffull * 1000) /* ns: microseconds in 32 bits */
#define FQ_CODEL_NO_CE_THRESHOLD (~0ull)

/* Bits of fq_codel_config.set_mask, in the order of the option rows. */
enum fq_codel_option {
	FQ_CODEL_LIMIT,
	FQ_CODEL_FLOWS,
	FQ_CODEL_TARGET,
	FQ_CODEL_INTERVAL,
	FQ_CODEL_QUANTUM,
	FQ_CODEL_ECN,
	FQ_CODEL_CE_THRESHOLD,
	FQ_CODEL_CE_SELECTOR,
	FQ_CODEL_CE_MASK,
	FQ_CODEL_MEMORY_LIMIT,
	FQ_CODEL_DROP_BATCH,
};

struct fq_codel_config {
	__u64 set_mask;     /* named options; .init applies defaults to the others */
	__u64 target;       /* ns */
	__u64 interval;     /* ns */
	__u64 ce_threshold; /* ns; FQ_CODEL_NO_CE_THRESHOLD for none */
	__u32 limit;        /* packets */
	__u32 flows;
	__u32 quantum; /* bytes */
	__u32 ecn;     /* 0 or 1 */
	/* ce_threshold applies if the byte with DSCP and ECN, under the mask, is the selector. */
	__u32 ce_selector;
	__u32 ce_mask;      /* 0: to all packets */
	__u32 memory_limit; /* bytes */
	__u32 drop_batch;   /* packets */
};

/* Counters, and gauges that the datapath updates. Packets unless noted. */
struct fq_codel_stats {
	__u64 maxpacket; /* bytes */
	__u64 drop_codel;
	__u64 drop_overlimit;  /* by limit or memory_limit */
	__u64 drop_overmemory; /* of these, by memory_limit */
	__u64 drops_no_slot;
	__u64 new_flow_count; /* flows */
	__u64 ecn_mark;       /* by the egress program, as ce_mark */
	__u64 ce_mark;
	__u64 memory_used;   /* bytes, gauge */
	__u64 new_flows_len; /* flows, gauge */
	__u64 old_flows_len; /* flows, gauge */
	__u64 sojourn[BQ_TIMES];
	__u64 queue_length[BQ_LENGTHS]; /* seen by each packet that arrived */
	struct bq_drop drops[3];        /* a reason each */
};

struct fq_codel_instance {
	struct bq_instance id;
	struct fq_codel_config config[2];
	struct fq_codel_config defaults; /* defaults of every option; set by .init */
	struct fq_codel_stats stats;
	struct bq_packets packets;
	struct bq_hash hash;
	struct bq_fair_list fresh; /* flows that became active: served first, once */
	struct bq_fair_list old;
	bq_ref flows; /* array of id.units flows */
	__u32 mtu;    /* bytes of backlog up to which CoDel drops nothing */
	__u32 marks;  /* of all flows */
	__u32 reserved;
	__u64 scratch;
};

/* Layout of an instance's memory for SLOTS packets and FLOWS flows: packets, flows. */
#define FQ_CODEL_FLOWS_AT(slots) BQ_PACKETS_BYTES(slots)
#define FQ_CODEL_FLOWS_BYTES(flows) ((__u64)(flows) * sizeof(struct bq_fair_flow))
#define FQ_CODEL_MEMORY_BYTES(slots, flows) (FQ_CODEL_FLOWS_AT(slots) + FQ_CODEL_FLOWS_BYTES(flows))

/* Size of a pool instance, which user space did not prepare. */
#define FQ_CODEL_POOL_BYTES FQ_CODEL_MEMORY_BYTES(BQ_POOL_SLOTS, FQ_CODEL_DEFAULT_FLOWS)

#endif
