/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that hfq.bpf.c and user space share. */
#ifndef BQDISC_HFQ_H
#define BQDISC_HFQ_H

#include <bqdisc/drops.h>
#include <bqdisc/fair.h>
#include <bqdisc/hash.h>
#include <bqdisc/heap.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/match.h>
#include <bqdisc/packets.h>
#include <bqdisc/tlv.h>

#define HFQ_CLASSES 1024u /* most classes, without the root */
#define HFQ_LEVELS 8u     /* most classes from a leaf to the root, both included */
#define HFQ_PRIOS 8u
#define HFQ_NAME 32 /* bytes, with the terminating 0 */

#define HFQ_DEFAULT_LIMIT 10240u

/* Option ranges, checked by user space and by the BPF program. */
#define HFQ_MAX_RATE (1ull << 40)           /* bytes a second */
#define HFQ_MAX_TIME (0xffffffffull * 1000) /* ns */
/* The product of a weight and a quantum fits an s32. */
#define HFQ_MAX_WEIGHT 1000u
#define HFQ_LEAST_QUANTUM 256u
#define HFQ_MAX_QUANTUM (1u << 20) /* bytes */
/* As of cake. */
#define HFQ_LEAST_OVERHEAD (-64) /* bytes */
#define HFQ_MAX_OVERHEAD 256     /* bytes */
#define HFQ_MAX_MPU 256u         /* bytes */

/* Bits of hfq_config.set_mask, in the order of the option rows. */
enum hfq_option {
	HFQ_BANDWIDTH,
	HFQ_LIMIT,
	HFQ_TARGET,
	HFQ_INTERVAL,
	HFQ_QUANTUM,
	HFQ_OVERHEAD,
	HFQ_MPU,
	HFQ_LINKLAYER,
};

/* Options that make the bytes on the link others than those of the packet. */
#define HFQ_LINK_OPTIONS (1u << HFQ_OVERHEAD | 1u << HFQ_MPU | 1u << HFQ_LINKLAYER)

enum hfq_linklayer {
	HFQ_ETHERNET = 1,
	HFQ_ATM, /* cells of 53 bytes, which carry 48 */
	HFQ_PTM, /* a byte more for each 64 */
};

struct hfq_config {
	__u64 set_mask;  /* named options; .init applies defaults to the others */
	__u64 bandwidth; /* bytes a second; 0: no limit */
	__u64 target;    /* ns */
	__u64 interval;  /* ns */
	__u64 rates;     /* sum of those of the classes below the root, bytes a second */
	__u32 limit;     /* packets */
	__u32 quantum;   /* bytes */
	__u32 classes;   /* in the tables */
	__s32 overhead;  /* bytes added to a packet without its link-layer header */
	__u32 mpu;       /* least bytes of a packet on the link */
	__u32 linklayer; /* enum hfq_linklayer */
};

/* TLV types. Class N, from 1, is rule N of the tables. */
enum hfq_section {
	HFQ_CLASS = 64, /* struct hfq_class_config */
	HFQ_MATCH,      /* struct bq_match; absent: none, or the default class */
};

/* Bits of hfq_class_config.set_mask, in the order of the option rows of a class. */
enum hfq_class_option {
	HFQ_PARENT,
	HFQ_PRIO,
	HFQ_RATE,
	HFQ_CEIL,
	HFQ_WEIGHT,
	HFQ_BURST,
	HFQ_FIFO,
};

struct hfq_class_config {
	__u64 set_mask;
	__u64 rate; /* bytes a second; 0: nothing is guaranteed */
	__u64 ceil; /* bytes a second; 0: no limit */
	__u32 prio;
	__u32 weight;
	__u32 burst; /* bytes; 0: that of 1 ms, at least a packet */
	__u32 fifo;  /* 1: one queue without CoDel */
	char parent[HFQ_NAME];
	char name[HFQ_NAME];
};

/* Counters of the qdisc, in packets. */
struct hfq_stats {
	__u64 drop_codel;
	__u64 drop_overlimit;
	__u64 drops_no_slot;
	__u64 sojourn[BQ_TIMES];
	__u64 queue_length[BQ_LENGTHS]; /* seen by each packet that arrived */
	struct bq_drop drops[3];        /* a reason each */
};

/* Counters of a class with those below it, in packets unless noted. */
struct hfq_class_stats {
	__u64 packets; /* sent */
	__u64 bytes;   /* sent */
	__u64 drops;
	__u64 borrowed;        /* sent beyond its rate */
	__u64 lent;            /* of classes below it, sent from its rate */
	__u64 backlog_packets; /* gauges, of a leaf */
	__u64 backlog_bytes;
};

/* A limit of bytes a second. A packet takes `mult` * bytes >> `shift` ns; mult 0: none. */
struct hfq_rate {
	__u64 depth; /* ns that a class may save */
	__u32 mult, shift;
};

struct hfq_list {
	bq_ref first, last; /* last is valid while there is a first */
};

/* A flow of the table, which all leaves share, or a leaf's own. */
struct hfq_flow {
	struct bq_fair_flow fair;
	bq_ref class; /* to which it belongs while it is listed */
	__u32 reserved;
};

/*
 * State of a class. The one in slot 0 is the root. A class may send within its rate from rate_at
 * on, and borrow from ceil_at on. A packet that it sends moves these times on.
 */
struct hfq_class {
	struct bq_heap_node wake; /* in the heap of classes that wait, if `waits` */
	__u64 rate_at;            /* CLOCK_MONOTONIC ns */
	__u64 ceil_at;            /* CLOCK_MONOTONIC ns */
	struct hfq_rate rate, ceil;
	bq_ref parent;
	__u32 serial;   /* of struct hfq_node; 0: the slot is unused */
	__u32 weight;   /* bytes a round */
	__s32 credit;   /* bytes that it may borrow in this round */
	__s32 lendable; /* bytes that it may send or lend in this round */
	__u8 level;     /* 0: a leaf */
	__u8 prio;      /* of a leaf */
	__u8 fifo;
	__u8 waits;
	__u8 active; /* bit of each prio at which packets wait in it or below it */
	__u8 fed;    /* bit of each prio at which it is in its parent's feed */
	__u8 rowed;  /* bit of each prio at which it is in the row of its level */
	__u8 reserved;
	struct hfq_list feeds[HFQ_PRIOS]; /* children that may borrow */
	bq_ref next_fed[HFQ_PRIOS];       /* next in the parent's feed */
	bq_ref next_rowed[HFQ_PRIOS];     /* next in the row */
	struct bq_fair_list fresh, old;   /* a leaf's flows with packets */
	struct hfq_class_stats stats;
	struct hfq_flow own; /* for a fifo, and for packets for which the table has no flow */
};

struct hfq_instance {
	struct bq_instance id;
	struct hfq_config config[2];
	struct hfq_config defaults; /* defaults of every option; set by .init */
	struct hfq_stats stats;
	struct bq_packets packets;
	struct bq_hash hash;
	struct bq_heap waiting; /* classes that wait for a time */
	__u64 ready;            /* rows with classes: bit level * HFQ_PRIOS + prio */
	bq_ref rows;            /* array of lists, in the order of these bits */
	bq_ref classes;         /* array of id.units classes */
	bq_ref flows;           /* array of HFQ_FLOWS(id.units) flows */
	__u32 flows_mask;
	bq_ref matches, matches_end;
	bq_ref rest;  /* the default class */
	__u32 synced; /* generation of the configuration that the classes reflect */
	__u32 mtu;    /* bytes of backlog up to which CoDel drops nothing */
	bq_ref front; /* class of the front slot's packet */
	__u32 reserved;
	__u64 scratch;
};

#endif
