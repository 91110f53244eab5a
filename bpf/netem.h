/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that netem.bpf.c and user space share. */
#ifndef BQDISC_NETEM_H
#define BQDISC_NETEM_H

#include <bqdisc/drops.h>
#include <bqdisc/tlv.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/match.h>
#include <bqdisc/packets.h>
#include <bqdisc/pool.h>
#include <bqdisc/random.h>
#include <bqdisc/tfifo.h>
#include <bqdisc/trace.h>

/* Probability 1, as in the kernel; 0 means never. */
#define NETEM_ALWAYS (~0u)

/* Option ranges, checked by user space and by the BPF program, which takes any limit. */
#define NETEM_MAX_TIME (1ull << 62)    /* ns: a sum of two still fits 64 bits */
#define NETEM_MAX_JITTER 0x7fffffffull /* ns */
#define NETEM_MAX_RATE (1ull << 40)    /* bytes a second */
#define NETEM_MAX_SLOT 0x7fffffffu     /* packets or bytes, which are counted down in 32 bits */
#define NETEM_MAX_BURST 1000000u       /* packets */

/*
 * Scale of a distribution table, as tc's: values of a random variable with mean 0 and deviation 1,
 * times NETEM_TABLE_SCALE, at equal steps of probability. A TLV of the option that names it holds
 * the table.
 */
#define NETEM_TABLE_SCALE 8192
#define NETEM_TABLE_MAX 16384u /* values of 16 bits */
#define NETEM_TABLE_BYTES (NETEM_TABLE_MAX * 2u)

/* Bytes of a distribution's or file's name, with the terminating 0. */
#define NETEM_NAME 112

/* Maximum rules of an instance; the first one always exists. */
#define NETEM_RULES 64u

/* TLV types other than the tables of options. */
enum netem_section {
	NETEM_RULE = 64,   /* struct netem_impairment, for all rules but the first */
	NETEM_MATCH,       /* struct bq_match: packets the rule matches; absent: all packets */
	NETEM_TRACE_TABLE, /* struct bq_trace */
};

enum netem_loss_model {
	NETEM_LOSS_RANDOM,
	NETEM_LOSS_STATE,
	NETEM_LOSS_GEMODEL,
	NETEM_LOSS_BURST,
};

/* Bits of netem_impairment.set_mask, in the order of the option rows. */
enum netem_option {
	NETEM_LIMIT,
	NETEM_DELAY,
	NETEM_JITTER,
	NETEM_DELAY_CORR,
	NETEM_DISTRIBUTION,
	NETEM_ORDERED,
	NETEM_LOSS,
	NETEM_LOSS_CORR,
	NETEM_P13,
	NETEM_P31,
	NETEM_P32,
	NETEM_P23,
	NETEM_P14,
	NETEM_GE_P,
	NETEM_GE_R,
	NETEM_GE_BAD,
	NETEM_GE_GOOD,
	NETEM_BURST,
	NETEM_BURST_LEN,
	NETEM_ECN,
	NETEM_CORRUPT,
	NETEM_CORRUPT_CORR,
	NETEM_DUPLICATE,
	NETEM_DUPLICATE_CORR,
	NETEM_REORDER,
	NETEM_REORDER_CORR,
	NETEM_GAP,
	NETEM_RATE,
	NETEM_OVERHEAD,
	NETEM_CELL_SIZE,
	NETEM_CELL_OVERHEAD,
	NETEM_SLOT_MIN,
	NETEM_SLOT_MAX,
	NETEM_SLOT_TABLE,
	NETEM_SLOT_DELAY,
	NETEM_SLOT_JITTER,
	NETEM_SLOT_PACKETS,
	NETEM_SLOT_BYTES,
	NETEM_SEED,
	NETEM_TRACE,
	NETEM_LOOP,
	NETEM_QUEUE,
	NETEM_QUEUE_BYTES,
};

/* Impairments of a packet. Probabilities unless noted. */
struct netem_impairment {
	__u64 set_mask;   /* named options, enum netem_option */
	__u64 delay;      /* ns */
	__u64 jitter;     /* ns */
	__u64 rate;       /* bytes a second; 0: no limit */
	__u32 delay_corr; /* correlation with the previous delay */
	__u32 ordered;    /* 1: no packet overtakes another */
	__u32 loss, loss_corr;
	/*
	 * Four-state model: 1 gap, 4 loss in a gap, 3 burst of losses, 2 packets that pass in a
	 * burst.
	 */
	__u32 p13, p31, p32, p23, p14;
	/*
	 * Gilbert-Elliot model: into the bad state, back, loss in the bad state, loss in the good
	 * state.
	 */
	__u32 ge_p, ge_r, ge_bad, ge_good;
	__u32 burst;     /* average loss */
	__u32 burst_len; /* packets lost in a row, on average */
	__u32 ecn;       /* 1: set ECN's CE instead of dropping, where possible */
	__u32 corrupt, corrupt_corr;
	__u32 duplicate, duplicate_corr;
	__u32 reorder, reorder_corr;
	__u32 gap;           /* packets; every gap'th may be reordered; 0: none */
	__s32 overhead;      /* bytes a packet, with rate */
	__u32 cell_size;     /* bytes; 0: no cells */
	__s32 cell_overhead; /* bytes a cell */
	/* Values derived from the options. */
	__u32 model;                  /* enum netem_loss_model */
	__u32 burst_begin, burst_end; /* of NETEM_LOSS_BURST: into the bad state, and back */
	__u32 reserved;
	char distribution[NETEM_NAME]; /* of the delay; "": uniform, or a netlink caller's table */
};

struct netem_config {
	struct netem_impairment all; /* applies to every packet; begins with `set_mask` */
	__u64 seed;                  /* of all random numbers */
	__u64 slot_min, slot_max;    /* ns from slot to slot */
	__u64 slot_delay;            /* ns; replaces slot_min and slot_max, with a table */
	__u64 slot_jitter;           /* ns */
	__u32 slot_packets;          /* in a slot; 0: any number */
	__u32 slot_bytes;            /* in a slot; 0: any number */
	__u32 limit;                 /* packets */
	__u32 rules_limit;           /* packets that the other rules need; 0: no other rules */
	char slot_distribution[NETEM_NAME];
	char trace[NETEM_NAME]; /* file of the link that the first rule's packets pass */
	__u32 loop;             /* 1: the trace begins again at its end */
	__u32 queue;            /* packets before that link; 0: limited by the ring only */
	__u64 queue_bytes;      /* bytes; 0: any number */
	__u32 rules_corrupt;    /* 1: one of the other rules corrupts packets */
	__u32 reserved;
};

/* Return true if the configuration may make packets wait, even with an empty queue. */
static inline int netem_holds(const struct netem_config *c)
{
	return c->all.delay || c->all.jitter || c->all.rate || c->slot_max || c->slot_delay ||
	       c->rules_limit || (c->all.set_mask >> NETEM_TRACE & 1);
}

/* Return true if packets are modified or duplicated, which only the egress program can do. */
static inline __u32 netem_needs_writing(__u32 duplicate, __u32 corrupt, __u32 ecn)
{
	return duplicate || corrupt || ecn;
}

/* State of a rule, which outlives changes of the configuration. */
struct netem_state {
	struct bq_random random;
	__u64 last_time; /* departure time of the latest packet */
	/* Previous numbers, for correlated draws. */
	__u32 last_delay, last_loss, last_duplicate, last_corrupt, last_reorder;
	__u32 chain;   /* state of the loss model */
	__u32 counter; /* packets since one was reordered */
	/* Values of the rule when its configuration was last applied. */
	__u32 model;
	__u64 delay, jitter, rate;
	/* Change of the times of queued packets, until all of them have new ones. */
	__s64 shift;   /* change of the delay, ns */
	__u64 longest; /* longest delay from now on, ns */
	__u32 retimed; /* 1: the rate changed, so times are computed again */
	__u32 reserved;
};

/* Counters of a rule, in packets unless noted. */
struct netem_rule_stats {
	__u64 packets;
	__u64 bytes;
	__u64 dropped; /* by emulation */
	__u64 waiting; /* gauge; also of a single rule */
};

/* Counters of the qdisc, in packets unless noted. */
struct netem_stats {
	__u64 delayed;
	__u64 dropped; /* by emulation */
	__u64 corrupted;
	__u64 duplicated;
	__u64 reordered;
	__u64 ecn_marked;
	__u64 allocation_errors;
	__u64 drops_limit;
	__u64 drops_no_slot;
	__u64 unmatched;   /* matched no rule */
	__u64 drops_queue; /* queue of the trace's link was full */
	__u64 drops_trace; /* the trace's link carries nothing more */
	__u64 trace_over;  /* 1: the last packet arrived after the end of a trace with `once` */
	__u64 delay_given[BQ_TIMES];
	__u64 queue_length[BQ_LENGTHS]; /* seen by each packet that arrived */
	struct bq_drop drops[5];        /* a reason each */
};

struct netem_instance {
	struct bq_instance id;
	struct netem_config config[2];
	struct netem_config defaults; /* defaults of every option; set by .init */
	struct netem_stats stats;
	struct netem_rule_stats rule_stats[NETEM_RULES];
	struct bq_packets packets;
	/* Packets wait in three queues and the front slot, and leave `timed` last. */
	struct bq_tfifo timed;            /* ordered by departure time */
	bq_ref reordered;                 /* leave first, in LIFO order */
	bq_ref unmatched, unmatched_last; /* match no rule: leave next, in FIFO order */
	bq_ref rulesets[2];               /* struct netem_ruleset of each config bank */
	bq_ref states;                    /* array of struct netem_state, one a rule */
	__u32 synced;       /* generation of the configuration that the states reflect */
	__u32 delay_values; /* in the delay's table of a netlink caller; 0: none */
	__u32 slot_values;  /* in its table of the slots; 0: none */
	__s32 slot_packets, slot_bytes; /* left in this slot */
	__u32 link_header; /* bytes of a packet that the link of a trace does not carry */
	__u64 scratch;
	struct bq_trace_state replay;
	struct bq_trace_passage passage; /* of the arriving packet */
	__u64 seed;                      /* initial seed of the random numbers */
	__u64 slot_next;                 /* CLOCK_MONOTONIC ns: start of the slot; 0: no slots */
	__u64 wake;                      /* CLOCK_MONOTONIC ns: last time the timer was set to */
	__u64 front_arrived;             /* CLOCK_MONOTONIC ns: of the front slot's; 0: none */
};

/*
 * Return the packets an instance holds if no limit was named. The number covers 1.5 times the
 * packets in flight on a link of RATE bytes a second, plus a queue of 1000. For an unknown rate,
 * return the largest default.
 */
#define NETEM_FEW 1000u
#define NETEM_UNKNOWN 100000u
#define NETEM_MAX_LIMIT (1u << 20)

static inline __u32 netem_default_limit(__u64 rate, __u64 delay, __u64 jitter, __u32 mtu)
{
	__u64 us = (delay + jitter) / 1000, bytes, packets;

	if (!rate)
		return NETEM_UNKNOWN;
	/* Any value that would overflow exceeds the largest limit. */
	if (us > (1ull << 40) || rate > (1ull << 40) || rate / 1000 * us / 1000 > (1ull << 40))
		return NETEM_MAX_LIMIT;
	bytes = rate / 1000 * us / 1000 * 3 / 2;
	packets = bytes / (mtu ? mtu : 1) + NETEM_FEW;
	return packets > NETEM_MAX_LIMIT ? NETEM_MAX_LIMIT : (__u32)packets;
}

static inline int netem_is_set(const struct netem_impairment *w, enum netem_option option)
{
	return w->set_mask >> option & 1;
}

/* Return true if the bursts fit: at least one packet passes between two bursts of mean length L. */
static inline int netem_burst_is_possible(const struct netem_impairment *w)
{
	return (__u64)w->burst * (w->burst_len + 1ull) <= (__u64)NETEM_ALWAYS * w->burst_len;
}

/* Select the named loss model, and apply tc's defaults to values that were not named. */
static inline void netem_complete_loss(struct netem_impairment *w)
{
	__u64 end, begin;

	w->model = NETEM_LOSS_RANDOM;
	if (netem_is_set(w, NETEM_P13))
		w->model = NETEM_LOSS_STATE;
	if (netem_is_set(w, NETEM_GE_P))
		w->model = NETEM_LOSS_GEMODEL;
	if (netem_is_set(w, NETEM_BURST))
		w->model = NETEM_LOSS_BURST;
	if (!netem_is_set(w, NETEM_P31))
		w->p31 = NETEM_ALWAYS - w->p13;
	if (!netem_is_set(w, NETEM_P23))
		w->p23 = NETEM_ALWAYS;
	if (!netem_is_set(w, NETEM_GE_R))
		w->ge_r = NETEM_ALWAYS - w->ge_p;
	if (!netem_is_set(w, NETEM_GE_BAD))
		w->ge_bad = NETEM_ALWAYS;
	/* A burst of mean length L ends with probability 1/L; average loss is p/(p+r). */
	end = w->burst_len ? NETEM_ALWAYS / w->burst_len : 0;
	begin = netem_burst_is_possible(w) ? w->burst * end / (NETEM_ALWAYS - w->burst) : 0;
	w->burst_end = (__u32)end;
	w->burst_begin = (__u32)begin;
}

/* Compute derived values. The defaults that depend on the device use its MTU. */
static inline void netem_complete(struct netem_config *c, __u32 mtu)
{
	struct netem_impairment *w = &c->all;

	netem_complete_loss(w);
	if (!netem_is_set(w, NETEM_REORDER))
		w->reorder = netem_is_set(w, NETEM_GAP) ? NETEM_ALWAYS : 0;
	if (!netem_is_set(w, NETEM_GAP))
		w->gap = netem_is_set(w, NETEM_REORDER);
	if (!netem_is_set(w, NETEM_SLOT_MAX))
		c->slot_max = c->slot_min;
	if (netem_is_set(w, NETEM_LIMIT))
		return;
	c->limit = netem_default_limit(w->rate, w->delay, w->jitter, mtu);
	if (c->limit < c->rules_limit)
		c->limit = c->rules_limit;
}

/* Return true if every value is within the range that the programs can compute with. */
static inline int netem_is_sane(const struct netem_config *c)
{
	const struct netem_impairment *w = &c->all;

	return w->delay <= NETEM_MAX_TIME && w->jitter <= NETEM_MAX_JITTER &&
	       c->slot_delay <= NETEM_MAX_TIME && c->slot_jitter <= NETEM_MAX_JITTER &&
	       c->slot_max <= NETEM_MAX_TIME && c->slot_min <= c->slot_max &&
	       w->rate <= NETEM_MAX_RATE && w->ordered <= 1 && w->ecn <= 1 && c->loop <= 1 &&
	       c->queue <= BQ_TRACE_QUEUE && c->slot_packets <= NETEM_MAX_SLOT &&
	       c->slot_bytes <= NETEM_MAX_SLOT && w->burst_len <= NETEM_MAX_BURST &&
	       netem_burst_is_possible(w);
}

#endif
