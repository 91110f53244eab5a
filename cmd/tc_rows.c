// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Output of tc for the in-tree qdiscs, option by option, as iproute2 7.2 prints it. The keys are
 * those of the rows in lib/qdisc/, in the order of tc.
 */
#include <string.h>

#include "tc_rows.h"

/* --- netem --- */

/* A row that begins an object of JSON. */
#define BEGIN(object_, key_, json_, text_, form_, when_)                                           \
	{                                                                                          \
		.object = (object_), .key = (key_), .json = (json_), .text = (text_),              \
		.form = (form_), .when = (when_),                                                  \
	}
/* A value that text leaves out if it is 0. */
#define OPTIONAL(key_, json_, text_, form_)                                                        \
	{                                                                                          \
		.key = (key_), .json = (json_), .text = (text_), .form = (form_),                  \
		.when = TC_TEXT_NONZERO,                                                           \
	}
#define SHARE(key_, json_, text_)                                                                  \
	{                                                                                          \
		.key = (key_), .json = (json_), .text = (text_), .form = TC_SHARE                  \
	}
#define CORRELATION(key_) OPTIONAL(key_, "correlation", " ", TC_SHARE)

#define IMPAIRMENT(name)                                                                           \
	BEGIN(name, name "_percent", name, " " name " ", TC_SHARE, TC_NONZERO),                    \
		CORRELATION(name "_correlation_percent")

#define SLOT_LIMITS                                                                                \
	OPTIONAL("packets_per_slot_packets", "packets", " packets ", TC_NUMBER),                   \
		OPTIONAL("bytes_per_slot_bytes", "bytes", " bytes ", TC_NUMBER)

static const struct tc_row netem_options[] = {
	{ .key = "limit_packets", .json = "limit", .text = "limit " },
	BEGIN("delay", "delay_ns", "delay", " delay ", TC_SECONDS, TC_NONZERO),
	OPTIONAL("jitter_ns", "jitter", "  ", TC_SECONDS),
	CORRELATION("delay_correlation_percent"),
	BEGIN("loss-random", "loss_percent", "loss", " loss ", TC_SHARE, TC_NONZERO),
	CORRELATION("loss_correlation_percent"),
	BEGIN("loss-state", "loss_p13_percent", "p13", " loss state p13 ", TC_SHARE, TC_GIVEN),
	SHARE("loss_p31_percent", "p31", " p31 "),
	SHARE("loss_p32_percent", "p32", " p32 "),
	SHARE("loss_p23_percent", "p23", " p23 "),
	SHARE("loss_p14_percent", "p14", " p14 "),
	BEGIN("loss-gemodel", "loss_p_percent", "p", " loss gemodel p ", TC_SHARE, TC_GIVEN),
	SHARE("loss_r_percent", "r", " r "),
	SHARE("loss_1_h_percent", "1-h", " 1-h "),
	SHARE("loss_1_k_percent", "1-k", " 1-k "),
	IMPAIRMENT("duplicate"),
	IMPAIRMENT("reorder"),
	IMPAIRMENT("corrupt"),
	BEGIN("rate", "rate_bits_per_second", "rate", " rate ", TC_RATE, TC_NONZERO),
	OPTIONAL("rate_overhead_bytes", "packetoverhead", " packetoverhead ", TC_SIGNED),
	OPTIONAL("rate_cell_size_bytes", "cellsize", " cellsize ", TC_NUMBER),
	OPTIONAL("rate_cell_overhead_bytes", "celloverhead", " celloverhead ", TC_SIGNED),
	BEGIN("slot", "slot_delay_ns", "distribution", " slot distribution ", TC_SECONDS, TC_GIVEN),
	{ .key = "slot_jitter_ns", .json = "jitter", .text = " ", .form = TC_SECONDS },
	SLOT_LIMITS,
	BEGIN("slot", "slot_ns", "min-delay", " slot ", TC_SECONDS, TC_NONZERO),
	{ .key = "slot_max_ns", .json = "max-delay", .text = " ", .form = TC_SECONDS },
	SLOT_LIMITS,
	{ .object = "", .key = "seed", .json = "seed", .text = " seed " },
	OPTIONAL("ecn", "ecn", " ecn ", TC_BOOL),
	OPTIONAL("gap_packets", "gap", " gap ", TC_NUMBER),
	/* The kernel does not report the tables. */
	{ .key = "distribution", .when = TC_NEVER },
	{ .key = "slot_distribution", .when = TC_NEVER },
	{ 0 },
};

#define COUNTER(key_, json_, text_)                                                                \
	{                                                                                          \
		.key = (key_), .json = (json_), .text = (text_)                                    \
	}
#define COUNTER_NONZERO(key_, json_, text_)                                                        \
	{                                                                                          \
		.key = (key_), .json = (json_), .text = (text_), .when = TC_NONZERO                \
	}

static const struct tc_row netem_xstats[] = {
	COUNTER("delayed", "delayed", "  delayed "),
	COUNTER("dropped", "dropped", " dropped "),
	COUNTER("corrupted", "corrupted", " corrupted "),
	COUNTER("duplicated", "duplicated", " duplicated "),
	COUNTER("reordered", "reordered", " reordered "),
	COUNTER("ecn_marked", "ecn_marked", " ecn_marked "),
	COUNTER_NONZERO("allocation_errors", "alloc_errors", " alloc_errors "),
	{ 0 },
};

/* --- fq --- */

/* An option in text with its name and a blank behind it. */
#define NAMED(key_, name, form_, when_)                                                            \
	{                                                                                          \
		.key = (key_), .json = (name), .text = name " ", .after = " ", .form = (form_),    \
		.when = (when_),                                                                   \
	}

static const struct tc_row fq_options[] = {
	{ .key = "limit_packets", .json = "limit", .text = "limit ", .after = "p " },
	{ .key = "flow_limit_packets", .json = "flow_limit", .text = "flow_limit ", .after = "p " },
	NAMED("buckets", "buckets", TC_POWER, TC_ALWAYS),
	NAMED("orphan_mask", "orphan_mask", TC_NUMBER, TC_ALWAYS),
	{ .key = "pacing",
	  .json = "pacing",
	  .text = "nopacing ",
	  .form = TC_BOOL,
	  .when = TC_ZERO },
	NAMED("bands", "bands", TC_NUMBER, TC_ALWAYS),
	/* The blank is part of tc's key. */
	{ .key = "priomap", .json = "priomap ", .text = "priomap ", .form = TC_LIST },
	{ .key = "weights_bytes", .json = "weights ", .text = "weights ", .form = TC_LIST },
	NAMED("quantum_bytes", "quantum", TC_SIZE, TC_ALWAYS),
	NAMED("initial_quantum_bytes", "initial_quantum", TC_SIZE, TC_ALWAYS),
	NAMED("maxrate_bits_per_second", "maxrate", TC_RATE, TC_LIMITED),
	NAMED("low_rate_threshold_bits_per_second", "low_rate_threshold", TC_RATE, TC_NONZERO),
	NAMED("refill_delay_ns", "refill_delay", TC_US, TC_ALWAYS),
	NAMED("ce_threshold_ns", "ce_threshold", TC_US, TC_LIMITED),
	NAMED("timer_slack_ns", "timer_slack", TC_NS, TC_ALWAYS),
	NAMED("horizon_ns", "horizon", TC_US, TC_ALWAYS),
	{ .key = "horizon_drop", .text = "", .after = " ", .form = TC_KEYWORD },
	NAMED("offload_horizon_ns", "offload_horizon", TC_US, TC_ALWAYS),
	{ 0 },
};

#define BAND(n)                                                                                    \
	{                                                                                          \
		.key = "band_pkt_count", .json = "band" #n "_pkts", .text = " band" #n "_pkts ",   \
		.index = (n),                                                                      \
	}
/* Counters of the last line, which is left out if all of them are 0. */
#define LAST(key_, json_, n)                                                                       \
	{                                                                                          \
		.key = (key_), .json = (json_), .text = " " json_ " ", .when = TC_NONZERO,         \
		.index = (n), .begins_line = true,                                                 \
	}

static const struct tc_row fq_xstats[] = {
	COUNTER("flows", "flows", "  flows "),
	COUNTER("inactive_flows", "inactive", " (inactive "),
	/* tc uses the key "throttled" twice, and readers of JSON keep the second value. */
	{ .key = "throttled_flows", .text = " throttled ", .after = ")" },
	BAND(0),
	BAND(1),
	BAND(2),
	{ .key = "time_next_delayed_flow_ns",
	  .json = "next_packet_delay",
	  .text = " next_packet_delay ",
	  .form = TC_NS,
	  .when = TC_NONZERO },
	COUNTER("gc_flows", "gc", "\n  gc "),
	/* 0 in the kernel too, since fq has bands. */
	COUNTER(NULL, "highprio", " highprio "),
	COUNTER_NONZERO("fastpath_packets", "fastpath", " fastpath "),
	COUNTER("throttled", "throttled", " throttled "),
	{ .key = "unthrottle_latency_ns",
	  .json = "latency",
	  .text = " latency ",
	  .form = TC_NS,
	  .when = TC_NONZERO },
	COUNTER_NONZERO("ce_mark", "ce_mark", " ce_mark "),
	COUNTER_NONZERO("flows_plimit", "flows_plimit", " flows_plimit "),
	LAST("pkts_too_long", "pkts_too_long", 0),
	LAST("allocation_errors", "alloc_errors", 0),
	LAST("horizon_drops", "horizon_drops", 0),
	LAST("horizon_caps", "horizon_caps", 0),
	LAST("band_drops", "band0_drops", 0),
	LAST("band_drops", "band1_drops", 1),
	LAST("band_drops", "band2_drops", 2),
	{ 0 },
};

/* --- fq_codel --- */

static const struct tc_row fq_codel_options[] = {
	{ .key = "limit_packets", .json = "limit", .text = "limit ", .after = "p " },
	NAMED("flows", "flows", TC_NUMBER, TC_ALWAYS),
	NAMED("quantum_bytes", "quantum", TC_NUMBER, TC_ALWAYS),
	NAMED("target_ns", "target", TC_CODEL, TC_ALWAYS),
	NAMED("ce_threshold_ns", "ce_threshold", TC_CODEL, TC_LIMITED),
	NAMED("interval_ns", "interval", TC_CODEL, TC_ALWAYS),
	NAMED("memory_limit_bytes", "memory_limit", TC_SIZE, TC_ALWAYS),
	NAMED("ecn", "ecn", TC_BOOL, TC_NONZERO),
	NAMED("drop_batch_packets", "drop_batch", TC_NUMBER, TC_ALWAYS),
	{ 0 },
};

static const struct tc_row fq_codel_xstats[] = {
	COUNTER("maxpacket_bytes", "maxpacket", "  maxpacket "),
	COUNTER("drop_overlimit", "drop_overlimit", " drop_overlimit "),
	COUNTER("new_flow_count", "new_flow_count", " new_flow_count "),
	COUNTER("ecn_mark", "ecn_mark", " ecn_mark "),
	COUNTER_NONZERO("ce_mark", "ce_mark", " ce_mark "),
	COUNTER_NONZERO("memory_used_bytes", "memory_used", " memory_used "),
	COUNTER_NONZERO("drop_overmemory", "drop_overmemory", " drop_overmemory "),
	COUNTER("new_flows_len", "new_flows_len", "\n  new_flows_len "),
	COUNTER("old_flows_len", "old_flows_len", " old_flows_len "),
	{ 0 },
};

/* --- all qdiscs --- */

const struct tc_row tc_core[] = {
	{ .key = "bytes", .json = "bytes", .text = " Sent ", .after = " bytes" },
	{ .key = "packets", .json = "packets", .text = " ", .after = " pkt" },
	COUNTER("drops", "drops", " (dropped "),
	COUNTER("overlimits", "overlimits", ", overlimits "),
	{ .key = "requeues", .json = "requeues", .text = " requeues ", .after = ") " },
	{ .key = "backlog_bytes", .json = "backlog", .text = "\n backlog ", .form = TC_SIZE },
	{ .key = "backlog_packets", .json = "qlen", .text = " ", .after = "p" },
	COUNTER("requeues", NULL, " requeues "),
	{ 0 },
};

/* --- pfifo, pfifo_head_drop and bfifo --- */

static const struct tc_row pfifo_options[] = {
	{ .key = "limit_packets", .json = "limit", .text = "limit ", .after = "p" },
	{ 0 },
};

static const struct tc_row bfifo_options[] = {
	{ .key = "limit_bytes", .json = "limit", .text = "limit ", .form = TC_SIZE },
	{ 0 },
};

/* --- tbf --- */

static const struct tc_row tbf_options[] = {
	NAMED("rate_bits_per_second", "rate", TC_RATE, TC_ALWAYS),
	NAMED("burst_bytes", "burst", TC_SIZE, TC_ALWAYS),
	NAMED("peakrate_bits_per_second", "peakrate", TC_RATE, TC_LIMITED),
	NAMED("mtu_bytes", "minburst", TC_SIZE, TC_NONZERO),
	NAMED("latency_ns", "lat", TC_US, TC_ALWAYS),
	NAMED("overhead_bytes", "overhead", TC_NUMBER, TC_NONZERO),
	/* The latency stands for it. */
	{ .key = "limit_bytes", .when = TC_NEVER },
	/* tc prints it with -d only. */
	{ .key = "mpu_bytes", .when = TC_NEVER },
	{ 0 },
};

static const struct tc_row none[] = { { 0 } };

static const struct tc_format formats[] = {
	{ "netem", netem_options, netem_xstats },
	{ "fq", fq_options, fq_xstats },
	{ "pfifo", pfifo_options, none },
	{ "pfifo_head_drop", pfifo_options, none },
	{ "bfifo", bfifo_options, none },
	{ "tbf", tbf_options, none },
	{ "fq_codel", fq_codel_options, fq_codel_xstats },
};

/* A qdisc that tc does not know has only further options. */
static const struct tc_format unknown = { NULL, none, none };

const struct tc_format *tc_format_find(const char *name)
{
	const struct tc_format *f;

	for (f = formats; f < formats + ARRAY_SIZE(formats); f++)
		if (!strcmp(f->kind, name))
			return f;
	return &unknown;
}
