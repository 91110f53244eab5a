// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of fq, and the memory of an instance. */
#include <sys/timex.h>

#include "fq.h"
#include "qdisc/rows.h"

/* Flows per bucket for which address space is reserved. Pages are populated as flows appear. */
#define FLOWS_PER_BUCKET 16u
#define MIN_FLOWS 1024u
#define MAX_FLOWS (1u << 20)
/* Packets outside the bands, which bypass the flows. */
#define INTERNAL_SLOTS 64u
#define DEFAULT_LIMIT 10000u
#define MIN_SLOTS 1024u
#define MAX_SLOTS (1u << 20)

/* Return the slots of all bands when full. */
static uint32_t slots(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_dev_params *dev)
{
	const struct fq_config *c = config;
	uint64_t limit = c->set_mask >> FQ_LIMIT & 1 ? c->limit : DEFAULT_LIMIT;
	uint64_t n = limit * FQ_BANDS + INTERNAL_SLOTS;

	(void)q;
	(void)dev;
	return n < MIN_SLOTS ? MIN_SLOTS : n > MAX_SLOTS ? MAX_SLOTS : (uint32_t)n;
}

static uint64_t memory(const struct bqdisc_qdisc *q, const void *config, uint32_t n_slots,
		       uint32_t *units)
{
	const struct fq_config *c = config;
	uint64_t buckets = c->set_mask >> FQ_BUCKETS & 1 ? c->buckets : FQ_DEFAULT_BUCKETS;
	uint32_t flows = MIN_FLOWS;

	(void)q;
	while (flows < buckets * FLOWS_PER_BUCKET && flows < MAX_FLOWS && flows <= *units / 2)
		flows *= 2;
	*units = flows;
	return FQ_MEMORY_BYTES(n_slots, flows);
}

/* Populate the records and the first flows. */
static size_t resident(uint32_t n_slots, uint32_t records, uint32_t flows,
		       struct bq_extent parts[BQ_EXTENTS_MAX])
{
	parts[0] = (struct bq_extent){ 0, BQ_PACKETS_BYTES(records) };
	parts[1] = (struct bq_extent){ FQ_INTERNAL_AT(n_slots),
				       sizeof(struct fq_flow) + BQ_HEAP_BYTES(FQ_FIRST_FLOWS) };
	parts[2] = (struct bq_extent){ FQ_BUCKETS_AT(n_slots, flows),
				       FQ_BUCKETS_BYTES(FQ_FIRST_FLOWS) };
	parts[3] =
		(struct bq_extent){ FQ_FLOWS_AT(n_slots, flows), FQ_FLOWS_BYTES(FQ_FIRST_FLOWS) };
	return 4;
}

/* Return the memory for more packets. The number of flows stays, as buckets are set at attach. */
static uint64_t growth(uint32_t n_slots)
{
	return BQ_PACKETS_BYTES(n_slots);
}

static bool needs_egress(const void *config)
{
	const struct fq_config *c = config;

	return c->set_mask >> FQ_CE_THRESHOLD & 1 && c->ce_threshold != FQ_NO_CE_THRESHOLD;
}

/*
 * Store the offset of CLOCK_TAI. Programs compute CLOCK_REALTIME with it, as no BPF helper reads
 * that.
 */
static int complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	struct fq_config *c = config;
	struct timex tx = { 0 };

	(void)dev;
	(void)error;
	c->tai_offset = adjtimex(&tx) < 0 ? 0 : (uint32_t)tx.tai;
	return 0;
}

/* Time that the in-tree fq keeps in microseconds. */
#define IN_US .unit = BQDISC_UNIT_TIME, .max = FQ_MAX_TIME, .tc_step = 1000

static const struct bq_option options[] = {
	[FQ_LIMIT] = {
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "10000",
		.help = "most packets in each of the three bands",
		.unit = BQDISC_UNIT_PACKETS,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_config, limit),
	},
	[FQ_FLOW_LIMIT] = {
		.name = "flow_limit",
		.key = "flow_limit_packets",
		.metavar = "PACKETS",
		.default_value = "100",
		.help = "most packets of one flow",
		.unit = BQDISC_UNIT_PACKETS,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_config, flow_limit),
	},
	[FQ_QUANTUM] = {
		.name = "quantum",
		.key = "quantum_bytes",
		.metavar = "SIZE",
		.default_value = "2 packets of MTU size with link-layer header",
		.help = "bytes that a flow may send per round",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.min = 1,
		.max = FQ_MAX_QUANTUM,
		BQ_FIELD(struct fq_config, quantum),
	},
	[FQ_INITIAL_QUANTUM] = {
		.name = "initial_quantum",
		.key = "initial_quantum_bytes",
		.metavar = "SIZE",
		.default_value = "10 packets of MTU size with link-layer header",
		.help = "bytes that a new flow may send in its first round",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.max = FQ_MAX_QUANTUM,
		BQ_FIELD(struct fq_config, initial_quantum),
	},
	[FQ_MAXRATE] = {
		.name = "maxrate",
		.key = "maxrate_bits_per_second",
		.metavar = "RATE",
		.default_value = "no limit",
		.help = "highest rate of each flow",
		.unit = BQDISC_UNIT_RATE,
		.max = FQ_MAX_RATE * 8,
		.scale = 8,
		.may_be_none = true,
		.tc_max = (UINT32_MAX - 1) * 8ull, /* 32 bits of bytes/s */
		BQ_FIELD(struct fq_config, maxrate),
	},
	[FQ_PACING] = {
		.name = "pacing",
		.key = "pacing",
		.metavar = "",
		.default_value = "pacing",
		.help = "apply maxrate and the pacing rates of the sockets to flows",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "nopacing", "pacing" },
		BQ_FIELD(struct fq_config, pacing),
	},
	[FQ_BUCKETS] = {
		.name = "buckets",
		.key = "buckets",
		.metavar = "NUMBER",
		.default_value = "1024",
		.help = "most flows, at attach: 16 for each; they take memory as they come",
		.unit = BQDISC_UNIT_COUNT,
		.min = 1,
		.max = FQ_MAX_BUCKETS,
		BQ_FIELD(struct fq_config, buckets),
	},
	[FQ_ORPHAN_MASK] = {
		.name = "orphan_mask",
		.key = "orphan_mask",
		.metavar = "MASK",
		.default_value = "1023",
		.help = "maps packets without a connected socket to flows by their hash",
		.unit = BQDISC_UNIT_COUNT,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_config, orphan_mask),
	},
	[FQ_LOW_RATE_THRESHOLD] = {
		.name = "low_rate_threshold",
		.key = "low_rate_threshold_bits_per_second",
		.metavar = "RATE",
		.default_value = "550kbit",
		.help = "a flow with a pacing rate up to this sends one packet at a time",
		.unit = BQDISC_UNIT_RATE,
		.max = FQ_MAX_LOW_RATE * 8,
		.scale = 8,
		BQ_FIELD(struct fq_config, low_rate_threshold),
	},
	[FQ_CE_THRESHOLD] = {
		.name = "ce_threshold",
		.key = "ce_threshold_ns",
		.metavar = "TIME",
		.default_value = "no marking",
		.help = "mark packets ECN CE if their flow is later than this",
		IN_US,
		.may_be_none = true,
		BQ_FIELD(struct fq_config, ce_threshold),
	},
	[FQ_TIMER_SLACK] = {
		.name = "timer_slack",
		.key = "timer_slack_ns",
		.metavar = "TIME",
		.default_value = "10us",
		.help = "how late a timer may be; the kernel can then combine timers",
		.unit = BQDISC_UNIT_TIME,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_config, timer_slack),
	},
	[FQ_HORIZON] = {
		.name = "horizon",
		.key = "horizon_ns",
		.metavar = "TIME",
		.default_value = "10s",
		.help = "how far in the future a packet's time to send may be",
		IN_US,
		BQ_FIELD(struct fq_config, horizon),
	},
	[FQ_HORIZON_DROP] = {
		.name = "horizon_drop",
		.key = "horizon_drop",
		.metavar = "",
		.default_value = "horizon_drop",
		.help = "drop packets beyond the horizon, or send them at the horizon",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "horizon_cap", "horizon_drop" },
		BQ_FIELD(struct fq_config, horizon_drop),
	},
	[FQ_REFILL_DELAY] = {
		.name = "refill_delay",
		.key = "refill_delay_ns",
		.metavar = "TIME",
		.default_value = "40ms",
		.help = "a flow that was idle for longer starts with a full quantum",
		IN_US,
		BQ_FIELD(struct fq_config, refill_delay),
	},
	[FQ_BANDS_ROW] = {
		.name = "bands",
		.key = "bands",
		.metavar = "NUMBER",
		.default_value = "3",
		.help = "number of bands; accepted for tc's syntax",
		.unit = BQDISC_UNIT_COUNT,
		.as = BQ_AS_DECIMAL,
		.min = FQ_BANDS,
		.max = FQ_BANDS,
		BQ_FIELD(struct fq_config, bands),
	},
	[FQ_PRIOMAP] = {
		.name = "priomap",
		.key = "priomap",
		.metavar = "BANDS",
		.default_value = "1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1",
		.help = "the band of each priority 0 to 15; 16 values",
		.unit = BQDISC_UNIT_COUNT,
		.as = BQ_AS_DECIMAL,
		.max = FQ_BANDS - 1,
		BQ_VECTOR(struct fq_config, priomap, FQ_PRIORITIES),
	},
	[FQ_WEIGHTS] = {
		.name = "weights",
		.key = "weights_bytes",
		.metavar = "WEIGHTS",
		.default_value = "589824 196608 65536",
		.help = "bytes that each band may send per round; 3 values",
		.unit = BQDISC_UNIT_COUNT,
		.as = BQ_AS_DECIMAL,
		.min = FQ_LEAST_WEIGHT,
		.max = INT32_MAX,
		BQ_VECTOR(struct fq_config, weights, FQ_BANDS),
	},
	[FQ_OFFLOAD_HORIZON] = {
		.name = "offload_horizon",
		.key = "offload_horizon_ns",
		.metavar = "TIME",
		.default_value = "0",
		.help = "how long the device can hold a packet until its time to send",
		IN_US,
		BQ_FIELD(struct fq_config, offload_horizon),
	},
};

#define PACKETS(member, group_, help_)                                                             \
	{                                                                                          \
		.key = #member, .group = group_, .help = help_, .unit = BQDISC_UNIT_PACKETS,       \
		BQ_STAT(struct fq_stats, member)                                                   \
	}
#define FLOWS(member, group_, metric_, help_)                                                      \
	{                                                                                          \
		.key = #member, .group = group_, .help = help_, .unit = BQDISC_UNIT_COUNT,         \
		.metric = BQDISC_METRIC_##metric_, BQ_STAT(struct fq_stats, member)                \
	}

static const struct bq_counter counters[] = {
	FLOWS(flows, "flows", GAUGE, "flows in the table"),
	FLOWS(inactive_flows, "flows", GAUGE, "flows without a packet"),
	FLOWS(throttled_flows, "flows", GAUGE, "flows that wait for their time to send"),
	FLOWS(gc_flows, "flows", COUNTER, "idle flows removed from the table"),
	FLOWS(throttled, "pacing", COUNTER, "times that a flow had to wait for its time to send"),
	{
		.key = "time_next_delayed_flow_ns",
		.group = "pacing",
		.help = "time until the next waiting flow may send",
		.unit = BQDISC_UNIT_TIME,
		.deadline = true,
		.fold = BQDISC_FOLD_LOWEST,
		BQ_STAT(struct fq_stats, next_wake),
	},
	{
		.key = "unthrottle_latency_ns",
		.group = "pacing",
		.fold = BQDISC_FOLD_HIGHEST,
		.help = "moving average of how late waiting flows are woken",
		.unit = BQDISC_UNIT_TIME,
		BQ_STAT(struct fq_stats, unthrottle_latency),
	},
	PACKETS(fastpath_packets, "flows",
		"packets sent without classification because no other packet was ready"),
	PACKETS(pkts_too_long, "pacing",
		"packets that would have delayed their flow by more than 1 s"),
	PACKETS(ce_mark, "pacing",
		"packets marked ECN CE because their flow was late (ce_threshold)"),
	PACKETS(horizon_caps, "pacing",
		"packets with a time beyond the horizon, sent at the horizon"),
	PACKETS(horizon_drops, "drops",
		"packets dropped because their time was beyond the horizon"),
	PACKETS(flows_plimit, "drops", "packets dropped because their flow was full (flow_limit)"),
	{
		.key = "band_drops",
		.group = "drops",
		.help = "packets dropped because their band was full (limit), one value per band",
		.unit = BQDISC_UNIT_PACKETS,
		.count = FQ_BANDS,
		BQ_STAT(struct fq_stats, band_drops),
	},
	PACKETS(drops_no_slot, "drops",
		"packets dropped because all slots of the instance were in use"),
	PACKETS(allocation_errors, "flows",
		"packets not classified because the table of flows was full"),
	{
		.key = "band_pkt_count",
		.group = "bands",
		.help = "packets waiting now, one value per band",
		.unit = BQDISC_UNIT_PACKETS,
		.count = FQ_BANDS,
		.metric = BQDISC_METRIC_GAUGE,
		BQ_STAT(struct fq_stats, band_packets),
	},
	BQ_TIMES_ROW(struct fq_stats, sojourn, "sojourn_ns", "waiting time",
		     "histogram of the time packets waited; of those that found the queue "
		     "empty and were not classified, the first of each jiffy stands for "
		     "the others"),
	BQ_TIMES_ROW(struct fq_stats, unthrottle, "unthrottle_ns", "unthrottle latency",
		     "histogram of how late flows that waited for their time were woken"),
	BQ_QUEUE_LENGTH_ROW(struct fq_stats),
};

#undef PACKETS
#undef FLOWS

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "fq",
		.kind = "bq_fq",
		.ops = "fq",
		.object = "fq",
		.per_queue = true,
		.summary = "fair queueing of flows, with pacing",
		.description =
			"Each connected socket is a flow; other packets are assigned to flows by "
			"their hash. Flows are served round robin, a quantum of bytes each, new "
			"flows first. A packet is not sent before its time stamp (SO_TXTIME, EDT), "
			"and a flow not faster than maxrate, SO_MAX_PACING_RATE and TCP's pacing "
			"rate. Three bands, selected by the packet's priority, share the device by "
			"weight. With ce_threshold, an egress program marks arriving packets while "
			"the next packet of their flow is late; the in-tree fq marks the late "
			"packet itself.",
		.options = options,
		.n_options = ARRAY_SIZE(options),
		.counters = counters,
		.n_counters = ARRAY_SIZE(counters),
		BQ_INSTANCE(struct fq_instance),
		.slots = slots,
		.memory = memory,
		.resident = resident,
		.growth = growth,
		.pool_memory = FQ_POOL_BYTES,
		.flows = &bq_fq_flows,
		.egress = "fq_egress",
		.needs_egress = needs_egress,
		.without_egress = "ce_threshold has no effect",
		.complete = complete,
	},
};

const struct bq_family bq_family_fq = { qdiscs, ARRAY_SIZE(qdiscs) };
