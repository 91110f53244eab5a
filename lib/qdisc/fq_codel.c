// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of fq_codel, and the memory of an instance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fq_codel.h"
#include "qdisc/rows.h"

#define MIN_SLOTS 1024u
#define MAX_SLOTS (1u << 20)
#define SELECTOR "ce_threshold_selector"

static bool is_set(const struct fq_codel_config *c, enum fq_codel_option option)
{
	return c->set_mask >> option & 1;
}

/* Return the slots of a full queue, and one for the packet that makes others be dropped. */
static uint32_t slots(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_dev_params *dev)
{
	const struct fq_codel_config *c = config;
	uint64_t n = is_set(c, FQ_CODEL_LIMIT) ? c->limit : FQ_CODEL_DEFAULT_LIMIT;

	(void)q;
	(void)dev;
	n++;
	return n < MIN_SLOTS ? MIN_SLOTS : n > MAX_SLOTS ? MAX_SLOTS : (uint32_t)n;
}

static uint64_t memory(const struct bqdisc_qdisc *q, const void *config, uint32_t n_slots,
		       uint32_t *units)
{
	const struct fq_codel_config *c = config;
	uint32_t flows = is_set(c, FQ_CODEL_FLOWS) ? c->flows : FQ_CODEL_DEFAULT_FLOWS;

	(void)q;
	if (flows < *units)
		*units = flows;
	return FQ_CODEL_MEMORY_BYTES(n_slots, *units);
}

/* Populate the first records, and all flows. */
static size_t resident(uint32_t n_slots, uint32_t records, uint32_t flows,
		       struct bq_extent parts[BQ_EXTENTS_MAX])
{
	parts[0] = (struct bq_extent){ 0, BQ_PACKETS_BYTES(records) };
	parts[1] = (struct bq_extent){ FQ_CODEL_FLOWS_AT(n_slots), FQ_CODEL_FLOWS_BYTES(flows) };
	return 2;
}

/* Return the memory for more packets. The flows are those of attach. */
static uint64_t growth(uint32_t n_slots)
{
	return BQ_PACKETS_BYTES(n_slots);
}

/* Return true if packets are marked. */
static bool needs_egress(const void *config)
{
	const struct fq_codel_config *c = config;

	return !is_set(c, FQ_CODEL_ECN) || c->ecn ||
	       (is_set(c, FQ_CODEL_CE_THRESHOLD) && c->ce_threshold != FQ_CODEL_NO_CE_THRESHOLD);
}

/* Apply the limits that the in-tree qdisc applies to the options. */
static int complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	struct fq_codel_config *c = config;

	(void)dev;
	(void)error;
	if (is_set(c, FQ_CODEL_QUANTUM) && c->quantum < FQ_CODEL_LEAST_QUANTUM)
		c->quantum = FQ_CODEL_LEAST_QUANTUM;
	if (is_set(c, FQ_CODEL_MEMORY_LIMIT) && c->memory_limit > FQ_CODEL_MAX_MEMORY)
		c->memory_limit = FQ_CODEL_MAX_MEMORY;
	if (is_set(c, FQ_CODEL_DROP_BATCH) && !c->drop_batch)
		c->drop_batch = 1;
	return 0;
}

/* Parse WORDS, of which number AT is "VALUE/MASK", as "VALUE MASK". */
static int parse_selector(const struct bqdisc_qdisc *q, int n, char *const words[], int at,
			  void *config, struct bq_error *error)
{
	char **split = malloc(((size_t)n + 1) * sizeof(*split)), *value = strdup(words[at]), *mask;
	int err = -ENOMEM;

	if (split && value) {
		mask = strchr(value, '/');
		*mask = '\0';
		memcpy(split, words, (size_t)at * sizeof(*split));
		split[at] = value;
		split[at + 1] = mask + 1;
		memcpy(split + at + 2, words + at + 1, (size_t)(n - at - 1) * sizeof(*split));
		err = bq_options_parse(q, n + 1, split, config, error);
	}
	free(value);
	free(split);
	return err;
}

/* Accept tc's form of the selector, "VALUE/MASK". */
static int parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		 struct bq_blob *tables, struct bq_error *error)
{
	int i;

	(void)tables;
	for (i = 0; i + 1 < n; i++)
		if (!strcmp(words[i], SELECTOR) && strchr(words[i + 1], '/'))
			return parse_selector(q, n, words, i + 1, config, error);
	return bq_options_parse(q, n, words, config, error);
}

/* Time that the in-tree fq_codel takes in microseconds. */
#define IN_US .unit = BQDISC_UNIT_TIME, .max = FQ_CODEL_MAX_TIME, .tc_step = 1000

static const struct bq_option options[] = {
	[FQ_CODEL_LIMIT] = {
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "10240",
		.help = "most packets; beyond it the flow with the largest backlog drops some",
		.unit = BQDISC_UNIT_PACKETS,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_codel_config, limit),
	},
	[FQ_CODEL_FLOWS] = {
		.name = "flows",
		.key = "flows",
		.metavar = "NUMBER",
		.default_value = "1024",
		.help = "flows to which packets are assigned by their hash; later changes cannot "
			"exceed the number at attach",
		.unit = BQDISC_UNIT_COUNT,
		.min = 1,
		.max = FQ_CODEL_MAX_FLOWS,
		BQ_FIELD(struct fq_codel_config, flows),
	},
	[FQ_CODEL_TARGET] = {
		.name = "target",
		.key = "target_ns",
		.metavar = "TIME",
		.default_value = "5ms",
		.help = "acceptable waiting time of packets",
		IN_US,
		BQ_FIELD(struct fq_codel_config, target),
	},
	[FQ_CODEL_INTERVAL] = {
		.name = "interval",
		.key = "interval_ns",
		.metavar = "TIME",
		.default_value = "100ms",
		.help = "time for which packets of a flow must wait for longer than target before "
			"the first is dropped or marked; the longest usual round trip time",
		IN_US,
		BQ_FIELD(struct fq_codel_config, interval),
	},
	[FQ_CODEL_QUANTUM] = {
		.name = "quantum",
		.key = "quantum_bytes",
		.metavar = "SIZE",
		.default_value = "a packet of MTU size with link-layer header",
		.help = "bytes that a flow may send per round; at least 256",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.max = FQ_CODEL_MAX_QUANTUM,
		BQ_FIELD(struct fq_codel_config, quantum),
	},
	[FQ_CODEL_ECN] = {
		.name = "ecn",
		.key = "ecn",
		.metavar = "",
		.default_value = "ecn",
		.help = "mark packets of senders that use ECN, instead of dropping them",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "noecn", "ecn" },
		BQ_FIELD(struct fq_codel_config, ecn),
	},
	[FQ_CODEL_CE_THRESHOLD] = {
		.name = "ce_threshold",
		.key = "ce_threshold_ns",
		.metavar = "TIME",
		.default_value = "no marking",
		.help = "mark packets ECN CE if their flow's next packet has waited for longer",
		IN_US,
		.may_be_none = true,
		BQ_FIELD(struct fq_codel_config, ce_threshold),
	},
	[FQ_CODEL_CE_SELECTOR] = {
		.name = SELECTOR,
		.key = SELECTOR,
		.metavar = "VALUE",
		.default_value = "0",
		.help = "apply ce_threshold if the byte with DSCP and ECN, under the mask, is "
			"this; VALUE/MASK as in tc",
		.unit = BQDISC_UNIT_COUNT,
		.max = UINT8_MAX,
		BQ_FIELD(struct fq_codel_config, ce_selector),
	},
	[FQ_CODEL_CE_MASK] = {
		.name = "ce_threshold_mask",
		.follows = BQ_MUST_FOLLOW,
		.key = "ce_threshold_mask",
		.metavar = "MASK",
		.default_value = "0",
		.help = "mask of that byte; 0: ce_threshold applies to all packets",
		.unit = BQDISC_UNIT_COUNT,
		.max = UINT8_MAX,
		BQ_FIELD(struct fq_codel_config, ce_mask),
	},
	[FQ_CODEL_MEMORY_LIMIT] = {
		.name = "memory_limit",
		.key = "memory_limit_bytes",
		.metavar = "SIZE",
		.default_value = "32mb",
		.help = "most memory of packets that no local socket pays for; likewise",
		.unit = BQDISC_UNIT_BYTES,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_codel_config, memory_limit),
	},
	[FQ_CODEL_DROP_BATCH] = {
		.name = "drop_batch",
		.key = "drop_batch_packets",
		.metavar = "PACKETS",
		.default_value = "64",
		.help = "most packets dropped at once beyond a limit",
		.unit = BQDISC_UNIT_PACKETS,
		.max = UINT32_MAX,
		BQ_FIELD(struct fq_codel_config, drop_batch),
	},
};

#define COUNTER(member, key_, group_, unit_, help_)                                                \
	{                                                                                          \
		.key = key_, .group = group_, .help = help_, .unit = BQDISC_UNIT_##unit_,          \
		BQ_STAT(struct fq_codel_stats, member)                                             \
	}
#define GAUGE(member, key_, group_, unit_, help_)                                                  \
	{                                                                                          \
		.key = key_, .group = group_, .help = help_, .unit = BQDISC_UNIT_##unit_,          \
		.metric = BQDISC_METRIC_GAUGE, BQ_STAT(struct fq_codel_stats, member)              \
	}

static const struct bq_counter counters[] = {
	{
		.key = "maxpacket_bytes",
		.group = "queue",
		.fold = BQDISC_FOLD_HIGHEST,
		.help = "largest packet that CoDel has seen",
		.unit = BQDISC_UNIT_BYTES,
		BQ_STAT(struct fq_codel_stats, maxpacket),
	},
	COUNTER(drop_codel, "drop_codel", "drops", PACKETS,
		"packets dropped by CoDel, because their flow was late"),
	COUNTER(drop_overlimit, "drop_overlimit", "drops", PACKETS,
		"packets dropped because limit or memory_limit was exceeded"),
	COUNTER(drop_overmemory, "drop_overmemory", "drops", PACKETS,
		"packets among drop_overlimit dropped because of memory_limit"),
	COUNTER(drops_no_slot, "drops_no_slot", "drops", PACKETS,
		"packets dropped because all slots of the instance were in use"),
	COUNTER(ecn_mark, "ecn_mark", "marks", PACKETS,
		"packets marked ECN CE by CoDel instead of a drop"),
	COUNTER(ce_mark, "ce_mark", "marks", PACKETS,
		"packets marked ECN CE because their flow was later than ce_threshold"),
	COUNTER(new_flow_count, "new_flow_count", "flows", COUNT,
		"times that a packet made an idle flow a new one"),
	GAUGE(new_flows_len, "new_flows_len", "flows", COUNT, "flows in the list of new flows"),
	GAUGE(old_flows_len, "old_flows_len", "flows", COUNT, "flows in the list of old flows"),
	GAUGE(memory_used, "memory_used_bytes", "queue", BYTES,
	      "memory of the waiting packets that count for memory_limit"),
	BQ_TIMES_ROW(struct fq_codel_stats, sojourn, "sojourn_ns", "waiting time",
		     "histogram of the time packets waited; of those that found the queue "
		     "empty, the first of each jiffy stands for the others"),
	BQ_QUEUE_LENGTH_ROW(struct fq_codel_stats),
};

#undef COUNTER
#undef GAUGE

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "fq_codel",
		.kind = "bq_fq_codel",
		.ops = "fq_codel",
		.object = "fq_codel",
		.per_queue = true,
		.summary = "fair queueing of flows, with CoDel",
		.description =
			"Packets are assigned to flows by their hash. Flows are served round "
			"robin, a quantum of bytes each, new flows first. If the packets of a flow "
			"wait for longer than target during an interval, CoDel drops one, and then "
			"more and more often until the flow is below target. Beyond limit or "
			"memory_limit the flow with the largest backlog drops packets.",
		.options = options,
		.n_options = ARRAY_SIZE(options),
		.counters = counters,
		.n_counters = ARRAY_SIZE(counters),
		BQ_INSTANCE(struct fq_codel_instance),
		.slots = slots,
		.memory = memory,
		.resident = resident,
		.growth = growth,
		.pool_memory = FQ_CODEL_POOL_BYTES,
		.flows = &bq_fq_codel_flows,
		.egress = "fq_codel_egress",
		.needs_egress = needs_egress,
		.without_egress = "CoDel drops packets instead of marking them, and ce_threshold "
				  "has no effect",
		.complete = complete,
		.parse = parse,
	},
};

const struct bq_family bq_family_fq_codel = { qdiscs, ARRAY_SIZE(qdiscs) };
