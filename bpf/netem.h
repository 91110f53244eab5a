/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What netem.bpf.c and user space agree on. */
#ifndef BQDISC_NETEM_H
#define BQDISC_NETEM_H

#include <bqdisc/instance.h>
#include <bqdisc/packets.h>
#include <bqdisc/tfifo.h>

/* A probability: 0 never, NETEM_ALWAYS always, as in the kernel. */
#define NETEM_ALWAYS (~0u)

/* Ranges, checked on both sides. */
#define NETEM_MAX_TIME (1ull << 62) /* ns: a sum of two still fits 64 bits */
#define NETEM_MAX_JITTER 0x7fffffffull

/* What to do to a packet. It has no padding: it is copied and compared as it is. */
struct netem_impairment {
	__u64 given;      /* the options that were named, enum netem_option */
	__u64 delay;      /* ns */
	__u64 jitter;     /* ns */
	__u32 delay_corr; /* probability */
	__u32 reserved;
};

/* Bits of netem_impairment.given, in the order of the option rows. */
enum netem_option {
	NETEM_LIMIT,
	NETEM_DELAY,
	NETEM_SEED,
};

struct netem_config {
	struct netem_impairment all; /* what is done to every packet; begins with `given` */
	__u64 seed;                  /* of all random numbers */
	__u32 limit;                 /* packets */
	__u32 reserved;
};

/* A generator of random numbers: taus113 of the kernel's lib/random32.c. */
struct netem_random {
	__u32 s1, s2, s3, s4;
};

/* What was drawn before, for the random numbers to come. */
struct netem_state {
	struct netem_random random;
	__u64 last_time;  /* when the latest packet is to be sent */
	__u32 last_delay; /* the number that delay_corr makes the next one resemble */
	__u32 reserved;
};

/* An impairment at work: it lies in the instance's memory. */
struct netem_rule {
	struct netem_impairment what;
	struct netem_state state;
};

#define NETEM_DELAY_BUCKETS 32

/* Packets unless said. */
struct netem_stats {
	__u64 delayed;
	__u64 drops_limit;
	__u64 drops_no_slot;
	/* Packets that were held for less than 2^n * 1.024 us, but not for less than 2^(n-1). */
	__u64 delays[NETEM_DELAY_BUCKETS];
};

struct netem_instance {
	struct bq_instance id;
	struct netem_config config[2];
	struct netem_config defaults; /* every option as if none were given; set by .init */
	struct netem_stats stats;
	struct bq_packets packets;
	struct bq_tfifo queue; /* by the time to send */
	bq_link rules;         /* array of struct netem_rule */
	__u32 adopted;         /* the generation of the configuration that the rules are made of */
	__u64 look;            /* CLOCK_MONOTONIC ns: when a sleep ends to look for a change */
};

/* Layout of an instance's memory: rules, packets, heap. */
#define NETEM_PACKETS_AT(rules) ((__u64)(rules) * sizeof(struct netem_rule))
#define NETEM_HEAP_AT(rules, slots) (NETEM_PACKETS_AT(rules) + BQ_PACKETS_BYTES(slots))
#define NETEM_MEMORY_BYTES(rules, slots) (NETEM_HEAP_AT(rules, slots) + BQ_HEAP_BYTES(slots))

/* An instance that nobody prepared. */
#define NETEM_POOL_BYTES NETEM_MEMORY_BYTES(1, BQ_POOL_SLOTS)

/*
 * How many packets an instance holds whose limit was not given: what a link of that rate (bytes a
 * second) can have under way, half as many again, and a queue of 1000 packets before it. At a rate
 * that is not known, as many as were ever asked for.
 */
#define NETEM_QUEUE 1000u
#define NETEM_UNKNOWN 100000u
#define NETEM_MAX_LIMIT (1u << 20)

static inline __u32 netem_default_limit(__u64 rate, __u64 delay, __u64 jitter, __u32 mtu)
{
	__u64 us = (delay + jitter) / 1000, bytes, packets;

	if (!rate)
		return NETEM_UNKNOWN;
	/* Whatever overflows is beyond the largest limit by far. */
	if (us > (1ull << 40) || rate > (1ull << 40) || rate / 1000 * us / 1000 > (1ull << 40))
		return NETEM_MAX_LIMIT;
	bytes = rate / 1000 * us / 1000 * 3 / 2;
	packets = bytes / (mtu ? mtu : 1) + NETEM_QUEUE;
	return packets > NETEM_MAX_LIMIT ? NETEM_MAX_LIMIT : (__u32)packets;
}

#endif
