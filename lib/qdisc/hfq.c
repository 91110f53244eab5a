// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of hfq: its memory, options, classes and counters. */
#include "hfq/tree.h"
#include "qdisc/hfq_parts.h"
#include "qdisc/match_words.h"
#include "qdisc/rows.h"
#include "qdisc/rule.h"

#define MIN_SLOTS 1024u
#define MAX_SLOTS (1u << 20)

/* Return the slots of a full queue, and one for the packet that makes others be dropped. */
static uint32_t slots(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_dev_params *dev)
{
	const struct hfq_config *c = config;
	uint64_t n = c->set_mask >> HFQ_LIMIT & 1 ? c->limit : HFQ_DEFAULT_LIMIT;

	(void)q;
	(void)dev;
	n++;
	return n < MIN_SLOTS ? MIN_SLOTS : n > MAX_SLOTS ? MAX_SLOTS : (uint32_t)n;
}

/* The units are classes. */
static uint64_t memory(const struct bqdisc_qdisc *q, const void *config, uint32_t n_slots,
		       uint32_t *units)
{
	const struct hfq_config *c = config;

	(void)q;
	*units = HFQ_UNITS(c->classes);
	return HFQ_MEMORY_BYTES(*units, n_slots);
}

/* Populate the first records, and all besides packets. */
static size_t resident(uint32_t n_slots, uint32_t records, uint32_t units,
		       struct bq_extent parts[BQ_EXTENTS_MAX])
{
	(void)n_slots;
	parts[0] = (struct bq_extent){ 0, HFQ_PACKETS_AT(units) + BQ_PACKETS_BYTES(records) };
	return 1;
}

/* Return the memory for more packets. The classes are those of attach. */
static uint64_t growth(uint32_t n_slots)
{
	return BQ_PACKETS_BYTES(n_slots);
}

/* Check what depends on an option that a change may not name. */
static int complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	const struct hfq_config *c = config;

	(void)dev;
	if (!c->bandwidth || c->rates <= c->bandwidth)
		return 0;
	return bq_hfq_fail_rates("", c->rates, c->bandwidth, error);
}

#define RATE .unit = BQDISC_UNIT_RATE, .scale = 8, .max = HFQ_MAX_RATE * 8
#define TIME .unit = BQDISC_UNIT_TIME, .max = HFQ_MAX_TIME

static const struct bq_choice linklayers[] = {
	{ "ethernet", HFQ_ETHERNET },
	{ "atm", HFQ_ATM },
	{ "ptm", HFQ_PTM },
	{ NULL, 0 },
};

static const char *const linklayer_names[] = { "ethernet", "atm", "ptm", NULL };

static const struct bq_option options[] = {
	[HFQ_BANDWIDTH] = {
		.name = "bandwidth",
		.key = "bandwidth_bits_per_second",
		.metavar = "RATE",
		.default_value = "no limit",
		.help = "rate of the root, which all packets obey; a little less than that of the "
			"link, so that packets wait here",
		.optional = true,
		RATE,
		BQ_FIELD(struct hfq_config, bandwidth),
	},
	[HFQ_LIMIT] = {
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "10240",
		.help = "most packets of all classes; beyond it the flow with the largest backlog, "
			"in the class with the largest, drops some",
		.unit = BQDISC_UNIT_PACKETS,
		.max = UINT32_MAX,
		BQ_FIELD(struct hfq_config, limit),
	},
	[HFQ_TARGET] = {
		.name = "target",
		.key = "target_ns",
		.metavar = "TIME",
		.default_value = "5ms",
		.help = "acceptable waiting time of packets",
		TIME,
		BQ_FIELD(struct hfq_config, target),
	},
	[HFQ_INTERVAL] = {
		.name = "interval",
		.key = "interval_ns",
		.metavar = "TIME",
		.default_value = "100ms",
		.help = "time for which packets of a flow must wait for longer than target before "
			"the first is dropped; the longest usual round trip time",
		TIME,
		BQ_FIELD(struct hfq_config, interval),
	},
	[HFQ_QUANTUM] = {
		.name = "quantum",
		.key = "quantum_bytes",
		.metavar = "SIZE",
		.default_value = "a packet of MTU size with link-layer header",
		.help = "bytes that a flow, or a class of weight 1, may send per round",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.min = HFQ_LEAST_QUANTUM,
		.max = HFQ_MAX_QUANTUM,
		BQ_FIELD(struct hfq_config, quantum),
	},
	[HFQ_OVERHEAD] = {
		.name = "overhead",
		.key = "overhead_bytes",
		.metavar = "SIZE",
		.default_value = "that of the device",
		.help = "bytes that the link adds to an IP packet, instead of this device's "
			"link-layer header; may be negative",
		.unit = BQDISC_UNIT_SIGNED,
		.min = (uint64_t)HFQ_LEAST_OVERHEAD,
		.max = HFQ_MAX_OVERHEAD,
		.optional = true,
		BQ_FIELD(struct hfq_config, overhead),
	},
	[HFQ_MPU] = {
		.name = "mpu",
		.key = "mpu_bytes",
		.metavar = "SIZE",
		.default_value = "0",
		.help = "shorter packets count as this, with overhead",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.max = HFQ_MAX_MPU,
		BQ_FIELD(struct hfq_config, mpu),
	},
	[HFQ_LINKLAYER] = {
		.name = "linklayer",
		.key = "linklayer",
		.metavar = "LINK",
		.default_value = "ethernet",
		.help = "ethernet; atm: packets then count as cells of 53 bytes with 48 of "
			"payload; or ptm: a byte more for each 64",
		.unit = BQDISC_UNIT_CHOICE,
		.min = HFQ_ETHERNET,
		.max = HFQ_PTM,
		.choices = linklayers,
		.names = linklayer_names,
		BQ_FIELD(struct hfq_config, linklayer),
	},
};

static const struct bq_option class_options[] = {
	[HFQ_PARENT] = {
		.name = "parent",
		.key = "parent",
		.metavar = "NAME",
		.default_value = "the root",
		.help = "class above it",
		.unit = BQDISC_UNIT_NAME,
		.min = 1,
		.max = HFQ_NAME - 1,
		.optional = true,
		BQ_FIELD(struct hfq_class_config, parent),
	},
	[HFQ_PRIO] = {
		.name = "prio",
		.key = "prio",
		.metavar = "NUMBER",
		.default_value = "0",
		.help = "classes of a lower prio send and borrow first",
		.unit = BQDISC_UNIT_COUNT,
		.max = HFQ_PRIOS - 1,
		BQ_FIELD(struct hfq_class_config, prio),
	},
	[HFQ_RATE] = {
		.name = "rate",
		.key = "rate_bits_per_second",
		.metavar = "RATE",
		.default_value = "the sum of the classes below it, or nothing",
		.help = "rate that it gets whatever others do",
		.optional = true,
		RATE,
		BQ_FIELD(struct hfq_class_config, rate),
	},
	[HFQ_CEIL] = {
		.name = "ceil",
		.key = "ceil_bits_per_second",
		.metavar = "RATE",
		.default_value = "no limit",
		.help = "rate up to which it may borrow",
		.optional = true,
		RATE,
		BQ_FIELD(struct hfq_class_config, ceil),
	},
	[HFQ_WEIGHT] = {
		.name = "weight",
		.key = "weight",
		.metavar = "NUMBER",
		.default_value = "1",
		.help = "share of what classes with the same parent and prio borrow",
		.unit = BQDISC_UNIT_COUNT,
		.min = 1,
		.max = HFQ_MAX_WEIGHT,
		BQ_FIELD(struct hfq_class_config, weight),
	},
	[HFQ_BURST] = {
		.name = "burst",
		.key = "burst_bytes",
		.metavar = "SIZE",
		.default_value = "that of 1 ms, at least a packet",
		.help = "bytes that it may send at once after a pause, at any rate",
		.optional = true,
		.unit = BQDISC_UNIT_BYTES,
		.max = 1u << 30,
		BQ_FIELD(struct hfq_class_config, burst),
	},
	[HFQ_FIFO] = {
		.name = "fifo",
		.key = "fifo",
		.metavar = "",
		.default_value = "fair",
		.help = "one queue without CoDel, instead of fair queueing of flows",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "fair", "fifo" },
		BQ_FIELD(struct hfq_class_config, fifo),
	},
};

const struct bqdisc_qdisc bq_hfq_class_rows = {
	.name = "hfq",
	.options = class_options,
	.n_options = ARRAY_SIZE(class_options),
	.config_size = sizeof(struct hfq_class_config),
};

#define DROPS(member, help_)                                                                       \
	{                                                                                          \
		.key = #member, .group = "drops", .help = help_, .unit = BQDISC_UNIT_PACKETS,      \
		BQ_STAT(struct hfq_stats, member)                                                  \
	}

static const struct bq_counter counters[] = {
	DROPS(drop_codel, "packets dropped by CoDel, because their flow was late"),
	DROPS(drop_overlimit, "packets dropped because limit was exceeded"),
	DROPS(drops_no_slot, "packets dropped because all slots of the instance were in use"),
	BQ_TIMES_ROW(struct hfq_stats, sojourn, "sojourn_ns", "waiting time",
		     "histogram of the time packets waited; of those that found the queue "
		     "empty, the first of each jiffy stands for the others"),
	BQ_QUEUE_LENGTH_ROW(struct hfq_stats),
};

#undef DROPS

#define COUNTER(member, unit_, metric_, help_)                                                     \
	{                                                                                          \
		.key = #member, .help = help_, .unit = BQDISC_UNIT_##unit_,                        \
		.metric = BQDISC_METRIC_##metric_,                                                 \
		BQ_STAT(struct bq_hfq_class_values, counted.member)                                \
	}
#define TOKENS(member, help_)                                                                      \
	{                                                                                          \
		.key = #member, .help = help_, .unit = BQDISC_UNIT_BYTES,                          \
		.metric = BQDISC_METRIC_GAUGE, BQ_STAT(struct bq_hfq_class_values, member)         \
	}

static const struct bq_counter class_counters[] = {
	COUNTER(packets, PACKETS, COUNTER, "packets sent, of the classes below it too"),
	COUNTER(bytes, BYTES, COUNTER, "bytes of these"),
	COUNTER(drops, PACKETS, COUNTER, "packets dropped"),
	COUNTER(borrowed, PACKETS, COUNTER, "packets sent beyond its rate"),
	COUNTER(lent, PACKETS, COUNTER, "packets of classes below it sent from its rate"),
	COUNTER(backlog_packets, PACKETS, GAUGE, "packets waiting now"),
	COUNTER(backlog_bytes, BYTES, GAUGE, "bytes of these"),
	TOKENS(tokens_bytes, "bytes that it may send at once within its rate; 0: it has none"),
	TOKENS(ctokens_bytes, "bytes that it may borrow at once, up to its ceil; 0: it has none"),
};

#undef TOKENS
#undef COUNTER

static const struct bq_rules classes = {
	.max = HFQ_CLASSES,
	.options = HFQ_CLASS,
	.match = HFQ_MATCH,
	.stats_size = sizeof(struct bq_hfq_class_values),
	.counters = class_counters,
	.n_counters = ARRAY_SIZE(class_counters),
	.classes = &bq_hfq_class_rows,
	.name_offset = offsetof(struct hfq_class_config, name),
	.class_stats = bq_hfq_stats,
};

static const char *const class_words[] = { "parent", "prio", "rate", "ceil",  "weight",
					   "burst",  "fair", "fifo", "match", NULL };

static const struct bq_keyword words[] = {
	{ "link", "NAME",
	  "overhead, mpu and linklayer of a kind of link. Names and values are those of "
	  "tc-cake(8): ethernet, docsis (cable), pppoe-ptm and bridged-ptm (VDSL), those with "
	  "-vcmux, -llcsnap and -llc (ADSL), and conservative, which is enough for all of them",
	  bq_hfq_link_names },
	{ "class", "NAME [OPTIONS] [match ...]",
	  "begin a class. Its options are parent NAME, prio NUMBER (0 to 7), rate RATE (it gets "
	  "that whatever others do), ceil RATE (limit), weight NUMBER, burst SIZE, and fifo or "
	  "fair. In change, a class of that name gets the options given, another one is new, and "
	  "'class NAME delete' removes one; after the word hfq, the classes given replace all",
	  class_words },
	{ "match", BQ_MATCH_METAVAR,
	  "packets of the class: those that match all of these fields, or, with not, all others, "
	  "unless a class before it has taken them. One class without a match takes the rest",
	  bq_match_words },
};

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "hfq",
		.kind = "bq_hfq",
		.ops = "hfq",
		.object = "hfq",
		.peer = "htb",
		.summary = "a link shared by a tree of classes, each with fair queueing and CoDel",
		.description =
			"Packets belong to the first class whose match holds, else to the class "
			"without a match. A class gets its rate whatever others do, and may borrow "
			"up to its ceil what the class above it has left, in proportion to its "
			"weight; lower prios borrow first. In each class flows are served round "
			"robin, and CoDel drops packets of flows that wait for too long. Beyond "
			"limit the flow with the largest backlog drops packets.",
		.needs_options = true,
		.options = options,
		.n_options = ARRAY_SIZE(options),
		.counters = counters,
		.n_counters = ARRAY_SIZE(counters),
		BQ_INSTANCE(struct hfq_instance),
		.slots = slots,
		.memory = memory,
		.resident = resident,
		.growth = growth,
		.compile = bq_hfq_compile,
		.complete = complete,
		.parse = bq_hfq_parse,
		.words = words,
		.n_words = ARRAY_SIZE(words),
		.rules = &classes,
	},
};

const struct bq_family bq_family_hfq = { qdiscs, ARRAY_SIZE(qdiscs) };
