// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of netem: its memory, rules, keywords and counters. */
#include "netem/ruleset.h"
#include "qdisc/match_words.h"
#include "qdisc/netem_parts.h"
#include "qdisc/rows.h"
#include "qdisc/rule.h"

#define MIN_SLOTS 1024u
/* Slots beyond the limit, for packets that match no rule and do not count for the limit. */
#define MORE_SLOTS 1024u
/* MTU in bytes to assume before the device is known. */
#define USUAL_MTU 1500u

/* Return the slots. Reserve NETEM_UNKNOWN for a computed limit, so that few changes need growth. */
static uint32_t slots(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_dev_params *dev)
{
	const struct netem_config *c = config;
	uint32_t limit = c->limit;

	(void)q;
	(void)dev;
	if (!netem_is_set(&c->all, NETEM_LIMIT) && limit < NETEM_UNKNOWN)
		limit = NETEM_UNKNOWN;
	if (limit < MIN_SLOTS)
		limit = MIN_SLOTS;
	return (limit > NETEM_MAX_LIMIT ? NETEM_MAX_LIMIT : limit) + MORE_SLOTS;
}

static uint64_t memory(const struct bqdisc_qdisc *q, const void *config, uint32_t n_slots,
		       uint32_t *units)
{
	(void)q;
	(void)config;
	*units = NETEM_RULES;
	return NETEM_MEMORY_BYTES(NETEM_RULES, n_slots);
}

/* Populate the records, and all besides packets. */
static size_t resident(uint32_t n_slots, uint32_t records, uint32_t rules,
		       struct bq_extent parts[BQ_EXTENTS_MAX])
{
	uint64_t heap = NETEM_HEAP_AT(rules, n_slots);

	parts[0] = (struct bq_extent){ 0, NETEM_PACKETS_AT(rules) + BQ_PACKETS_BYTES(records) };
	parts[1] = (struct bq_extent){ heap, NETEM_MEMORY_BYTES(rules, n_slots) - heap };
	return 2;
}

/* Return the bytes of the queue of a trace's link. */
static uint64_t config_memory(const void *config)
{
	const struct netem_config *c = config;

	return netem_is_set(&c->all, NETEM_TRACE)
		       ? (uint64_t)BQ_TRACE_QUEUE * sizeof(struct bq_trace_packet)
		       : 0;
}

static uint64_t growth(uint32_t n_slots)
{
	return NETEM_GROWTH_BYTES(n_slots);
}

/*
 * Return true if packets are held or written. The egress program then keeps held packets from
 * counting against the sending socket.
 */
static bool needs_egress(const void *config)
{
	const struct netem_config *c = config;

	/* With rules it always holds packets. */
	return netem_holds(c) || netem_needs_writing(c->all.duplicate, c->all.corrupt, c->all.ecn);
}

static bool needs_segments(const void *config)
{
	const struct netem_config *c = config;

	return c->all.corrupt || c->rules_corrupt;
}

/* Complete the options of a rule other than the first, which nothing changes later. */
static int complete_rule(void *config, uint32_t n, struct bq_blob *tables, struct bq_error *error)
{
	const struct bq_dev_params usual = { .mtu = USUAL_MTU };
	struct netem_config *c = config;
	int err = bq_netem_check_words(c, error);

	if (!err)
		err = bq_netem_put_distribution(c, n, tables, error);
	c->rules_limit = n;
	if (!err && n)
		err = bq_netem_complete(config, &usual, error);
	if (!err && !n)
		err = bq_netem_put_slots(c, tables, error);
	if (!err && !n)
		err = bq_netem_put_trace(c, tables, error);
	return err;
}

/* Return the packets that the rules other than the first need if the user set no limit. */
static uint32_t rules_limit(const struct bqdisc_qdisc *q, const struct bq_blob *tables)
{
	uint32_t n, limit, most = bq_rules_match(q, tables, 0) ? 1 : 0;

	for (n = 1; n < bq_rules_count(q, tables); n++) {
		const struct netem_impairment *w = bq_rules_options(q, tables, n);

		limit = netem_default_limit(w->rate, w->delay, w->jitter, USUAL_MTU);
		most = limit > most ? limit : most;
	}
	return most;
}

/* Return true if a rule other than the first corrupts packets. */
static uint32_t rules_corrupt(const struct bqdisc_qdisc *q, const struct bq_blob *tables)
{
	uint32_t n;

	for (n = 1; n < bq_rules_count(q, tables); n++) {
		const struct netem_impairment *w = bq_rules_options(q, tables, n);

		if (w->corrupt)
			return 1;
	}
	return 0;
}

static int parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		 struct bq_blob *tables, struct bq_error *error)
{
	struct netem_config *c = config;
	int err = bq_rules_parse(q, n, words, config, tables, error);

	c->rules_limit = rules_limit(q, tables);
	c->rules_corrupt = rules_corrupt(q, tables);
	return err;
}

static const struct bq_keyword more_words[] = {
	{ "preset", "NAME",
	  "options of a known link; options given besides take precedence. The built-in presets "
	  "are listed below. Your own are in /etc/bqdisc/presets, or in the file that "
	  "BQDISC_PRESETS names: each line is a name with options, and indented lines below it "
	  "add options",
	  NULL },
	{ "match", BQ_MATCH_METAVAR,
	  "apply the options only to packets that match all of these fields, or, with not, to all "
	  "other packets. The fields are also found behind one VLAN tag",
	  bq_match_words },
	{ "rule", "OPTIONS [match ...]",
	  "begin the next rule. The first rule that matches a packet applies to it; a packet that "
	  "no rule matches passes unchanged. At most 64 rules",
	  NULL },
	{ "rules", "FILE", "read the rules from a file, one per line", NULL },
};

#define EMULATED(member, help_)                                                                    \
	{                                                                                          \
		.key = #member, .group = "emulation", .help = help_, .unit = BQDISC_UNIT_PACKETS,  \
		BQ_STAT(struct netem_stats, member)                                                \
	}
#define DROPS(member, help_)                                                                       \
	{                                                                                          \
		.key = #member, .group = "drops", .help = help_, .unit = BQDISC_UNIT_PACKETS,      \
		BQ_STAT(struct netem_stats, member)                                                \
	}

static const struct bq_counter counters[] = {
	EMULATED(delayed, "packets delayed"),
	EMULATED(dropped, "packets dropped by emulated loss"),
	EMULATED(corrupted, "packets with one bit inverted"),
	EMULATED(duplicated, "packets sent twice"),
	EMULATED(reordered, "packets sent ahead of delayed packets"),
	EMULATED(ecn_marked, "packets marked ECN CE instead of dropped"),
	EMULATED(allocation_errors, "packets that could not be copied or modified"),
	{
		.key = "drops_limit",
		.group = "drops",
		.help = "packets dropped because the limit was reached; not emulated loss",
		.unit = BQDISC_UNIT_PACKETS,
		.warning = "packets dropped at the limit, not by emulation; raise limit",
		BQ_STAT(struct netem_stats, drops_limit),
	},
	DROPS(drops_no_slot, "packets dropped because all slots of the instance were in use"),
	EMULATED(unmatched, "packets that no rule matched; they passed unchanged"),
	DROPS(drops_queue, "packets dropped because the queue of the trace's link was full"),
	DROPS(drops_trace, "packets dropped because the trace had ended"),
	{
		.key = "trace_over",
		.group = "emulation",
		.help = "1: the last packet came after the end of a trace that is replayed once",
		.unit = BQDISC_UNIT_COUNT,
		.fold = BQDISC_FOLD_HIGHEST,
		.warning = "the trace is over, as 'once' asks for",
		BQ_STAT(struct netem_stats, trace_over),
	},
	BQ_TIMES_ROW(struct netem_stats, delay_given, "delay_given_ns", "delay",
		     "histogram of the delays that packets had"),
	BQ_QUEUE_LENGTH_ROW(struct netem_stats),
};

#undef EMULATED
#undef DROPS

static const struct bq_counter rule_counters[] = {
	{
		.key = "packets",
		.help = "packets that matched the rule",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct netem_rule_stats, packets),
	},
	{
		.key = "bytes",
		.help = "bytes that matched the rule",
		.unit = BQDISC_UNIT_BYTES,
		BQ_STAT(struct netem_rule_stats, bytes),
	},
	{
		.key = "dropped",
		.help = "packets of the rule dropped by emulated loss",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct netem_rule_stats, dropped),
	},
	{
		.key = "backlog_packets",
		.help = "packets of the rule waiting now",
		.unit = BQDISC_UNIT_PACKETS,
		.metric = BQDISC_METRIC_GAUGE,
		BQ_STAT(struct netem_rule_stats, waiting),
	},
};

static const struct bq_rules rules = {
	.max = NETEM_RULES,
	.size = sizeof(struct netem_impairment),
	.options = NETEM_RULE,
	.match = NETEM_MATCH,
	.stats_offset = offsetof(struct netem_instance, rule_stats),
	.stats_size = sizeof(struct netem_rule_stats),
	.counters = rule_counters,
	.n_counters = ARRAY_SIZE(rule_counters),
	.complete = complete_rule,
};

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "netem",
		.kind = "bq_netem",
		.ops = "netem",
		.object = "netem",
		.summary = "emulation of a network: delay, loss, rate and more",
		.description =
			"Emulates the link to a distant host. Packets are dropped, delayed, "
			"changed and reordered at random; the others wait in one queue ordered by "
			"their time to send. With jitter packets overtake each other, unless "
			"ordered is given. The random numbers are those of the in-tree netem: the "
			"same seed gives the same decisions. Packets due within 10 us of each "
			"other may leave together. A change replaces each named option with all "
			"of its values; waiting packets follow it.",
		.options = bq_netem_options,
		.n_options = ARRAY_SIZE(bq_netem_options),
		.counters = counters,
		.n_counters = ARRAY_SIZE(counters),
		BQ_INSTANCE(struct netem_instance),
		.slots = slots,
		.memory = memory,
		.resident = resident,
		.config_memory = config_memory,
		.growth = growth,
		.compile = bq_netem_compile,
		.parse = parse,
		.words = more_words,
		.n_words = ARRAY_SIZE(more_words),
		.rules = &rules,
		.complete = bq_netem_complete,
		.pool_memory = NETEM_POOL_BYTES,
		.egress = "netem_egress",
		.needs_egress = needs_egress,
		.without_egress = "local TCP senders wait for delayed packets, and duplicate, "
				  "corrupt and ecn have no effect",
		.needs_segments = needs_segments,
	},
};

const struct bq_family bq_family_netem = { qdiscs, ARRAY_SIZE(qdiscs) };
