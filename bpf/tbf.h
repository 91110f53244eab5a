/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that tbf.bpf.c and user space share. */
#ifndef BQDISC_QDISC_TBF_H
#define BQDISC_QDISC_TBF_H

#include <bqdisc/drops.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/ring.h>

/* Bits of tbf_config.set_mask, in the order of the option rows. */
enum tbf_option {
	TBF_RATE,
	TBF_BURST,
	TBF_LIMIT,
	TBF_LATENCY,
	TBF_PEAKRATE,
	TBF_MTU,
	TBF_MPU,
	TBF_OVERHEAD,
	TBF_LINKLAYER,
};

/* Values of linux/pkt_sched.h. */
enum tbf_linklayer {
	TBF_ETHERNET = 1,
	TBF_ATM, /* cells of 53 bytes, which carry 48 */
};

/* Bytes of what netlink callers give 16 bits. */
#define TBF_MAX_OVERHEAD 65535u

/* A rate, and what may be sent at once at a higher one. */
struct tbf_rate {
	__u64 bytes_per_s; /* of peak: 0 for none */
	__u64 burst_ns;    /* a netlink caller's, which counts; 0: compute it from burst */
	__u32 burst;       /* bytes; also the longest packet */
	__u32 overhead;    /* bytes added to each packet */
	__u32 mpu;         /* least bytes of a packet */
	__u32 linklayer;   /* enum tbf_linklayer */
};

struct tbf_config {
	__u64 set_mask;       /* named options, enum tbf_option */
	struct tbf_rate rate; /* options rate, burst, overhead, mpu and linklayer */
	struct tbf_rate peak; /* options peakrate and mtu */
	__u64 latency;        /* ns */
	__u32 limit;          /* bytes; user space computes it from latency, or latency from it */
	__u32 reserved;
};

/* Return the ns in which BYTES leave at RATE, or 0 if they fit into its burst. */
static inline __u64 tbf_drain_ns(const struct tbf_rate *rate, __u32 bytes)
{
	if (!rate->bytes_per_s || bytes <= rate->burst)
		return 0;
	return (bytes - rate->burst) * 1000000000ull / rate->bytes_per_s;
}

/* Return how long the last packet of a full queue waits, in ns. */
static inline __u64 tbf_latency(const struct tbf_config *c)
{
	__u64 rate = tbf_drain_ns(&c->rate, c->limit), peak = tbf_drain_ns(&c->peak, c->limit);

	return rate > peak ? rate : peak;
}

/* Counters of this qdisc, in packets. */
struct tbf_stats {
	__u64 unsegmented;    /* longer than burst, but not their segments: left as a whole */
	__u64 drops_limit;    /* the queue was full */
	__u64 drops_too_long; /* longer than burst or mtu */
	__u64 drops_no_slot;  /* all slots were in use */
	__u64 sojourn[BQ_TIMES];
	__u64 queue_length[BQ_LENGTHS]; /* seen by each packet that arrived */
	struct bq_drop drops[3];        /* a reason each */
};

/* Bucket of tokens. A token is 1 ns, in which a packet's bytes leave at the rate. */
struct tbf_bucket {
	__s64 empty_at;    /* CLOCK_MONOTONIC ns; it has the tokens since then, at most its depth */
	__s64 depth;       /* most tokens of an idle qdisc */
	__u32 mult, shift; /* ns of a byte, times 2^shift */
	__u32 overhead, mpu;
	__u32 is_atm;
	__u32 reserved;
};

struct tbf_instance {
	struct bq_instance id;
	struct tbf_config config[2];
	struct tbf_config defaults; /* all options are named, or set by user space */
	struct tbf_stats stats;
	struct tbf_bucket rate, peak;
	__u64 due;  /* CLOCK_MONOTONIC ns: when the first packet may leave */
	__u64 wake; /* CLOCK_MONOTONIC ns: what the timer was set to */
	__u64 scratch;
	__u32 synced;    /* generation of the configuration that the buckets reflect */
	__u32 limit;     /* bytes */
	__u32 longest;   /* bytes of a packet */
	__u32 simple;    /* bytes of a packet whose tokens are only a product, and of one bucket */
	__u32 is_saving; /* 1: the first packet costs more than a bucket holds */
	__u32 has_peak;
	struct bq_ring ring;
};

#endif
