// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of netem, its checks of combined options, and the memory of an instance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/tables.h"
#include "qdisc/distribution.h"
#include "qdisc/match_words.h"
#include "netem.h"
#include "qdisc/preset.h"
#include "qdisc/rows.h"
#include "qdisc/rule.h"
#include "qdisc/trace_file.h"

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

static uint64_t growth(uint32_t n_slots)
{
	return NETEM_GROWTH_BYTES(n_slots);
}

/* Add the table of the distribution NAME as section OPTION of RULE, if that option is set. */
static int put_table(const struct netem_config *c, enum netem_option option, const char *name,
		     uint32_t rule, struct bq_blob *tables, struct bq_error *error)
{
	static int16_t values[NETEM_TABLE_MAX];
	int n;

	if (!netem_is_set(&c->all, option))
		return 0;
	n = bq_distribution_load(name, values, (int)NETEM_TABLE_MAX, error);
	if (n < 0)
		return n;
	if (bq_tables_put(tables, rule, option, values, (uint32_t)n * sizeof(values[0])))
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
			       "netem: out of memory for a table");
	return 0;
}

static int fail(struct bq_error *error, const char *what)
{
	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "netem: %s", what);
}

static bool has_table(const struct netem_config *c)
{
	return netem_is_set(&c->all, NETEM_DISTRIBUTION) && strcmp(c->all.distribution, "uniform");
}

/*
 * Return true if packets may be lost, and so marked. Loss by states loses at its defaults; random
 * loss of 0% does not.
 */
static bool may_mark(const struct netem_impairment *w)
{
	return netem_is_set(w, NETEM_LOSS) || netem_is_set(w, NETEM_P13) ||
	       netem_is_set(w, NETEM_GE_P) || netem_is_set(w, NETEM_BURST);
}

static int fail_ecn(struct bq_error *error)
{
	return fail(error, "'ecn' does nothing without a 'loss'");
}

/*
 * Check options of the same command for the combinations that tc requires. Earlier options may
 * become unused: `delay 0s` is accepted although a distribution is set.
 */
static int check_words(const struct netem_config *c, struct bq_error *error)
{
	const struct netem_impairment *w = &c->all;

	if (w->ecn && netem_is_set(w, NETEM_LOSS) && !w->loss)
		return fail_ecn(error);
	if (!netem_is_set(w, NETEM_DELAY))
		return 0;
	if (netem_is_set(w, NETEM_REORDER) && !w->delay)
		return fail(error, "'reorder' needs 'delay'; add delay TIME");
	if (has_table(c) && !w->jitter)
		return fail(error, "'distribution' needs a jitter; use delay TIME JITTER");
	return 0;
}

static int put_slot_table(const struct netem_config *c, struct bq_blob *tables,
			  struct bq_error *error)
{
	/* The other form of `slot` has no table. */
	if (netem_is_set(&c->all, NETEM_SLOT_MIN))
		bq_tables_put(tables, 0, NETEM_SLOT_TABLE, NULL, 0);
	return put_table(c, NETEM_SLOT_TABLE, c->slot_distribution, 0, tables, error);
}

/* Warn how a trace ends, and if it is short. */
static void warn_of_trace(const struct netem_config *c, const struct bq_trace *t,
			  struct bq_error *error)
{
	uint64_t last = bq_trace_entry_time(t, t->count - 1);
	uint64_t length = t->period ? t->period : last;
	bool rows = t->kind == BQ_TRACE_ROWS;
	char text[32];

	bqdisc_unit__format(BQDISC_UNIT_TIME, length, text, sizeof(text));
	if (length < BQ_NS_PER_S && (t->period || !rows))
		bq_warn(error, "trace %s: %s long, less than a second%s", c->trace, text,
			rows ? "" : "; its lines are milliseconds");
	if (!t->period && rows)
		bq_warn(error, "trace %s: once: %s after the first packet the last line stays",
			c->trace, text);
	else if (!t->period)
		bq_warn(error,
			"trace %s: once: %s after the first packet it is over, and all "
			"packets are dropped",
			c->trace, text);
}

/* Read the trace, if the option is set. It repeats unless `once` is given too. */
static int put_trace(struct netem_config *c, struct bq_blob *tables, struct bq_error *error)
{
	struct bq_blob trace;
	int err;

	if (!netem_is_set(&c->all, NETEM_TRACE) && netem_is_set(&c->all, NETEM_LOOP))
		return bq_fail_word(error, NULL,
				    "netem: 'loop' and 'once' need 'trace'; add trace FILE");
	if (!netem_is_set(&c->all, NETEM_TRACE))
		return 0;
	if (!netem_is_set(&c->all, NETEM_LOOP))
		c->loop = 1;
	c->all.set_mask |= 1ull << NETEM_LOOP;
	err = bq_trace_read(c->trace, c->loop, &trace, error);
	if (err)
		return err;
	warn_of_trace(c, trace.data, error);
	err = bq_tables_put(tables, 0, NETEM_TRACE_TABLE, trace.data, trace.size);
	free(trace.data);
	return err ? bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
			     "netem: out of memory for a trace")
		   : 0;
}

/* Refuse options without effect, like tc. */
static int complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	struct netem_config *c = config;
	const struct netem_impairment *w = &c->all;
	bool slotted = netem_is_set(w, NETEM_SLOT_MIN) || netem_is_set(w, NETEM_SLOT_TABLE);

	netem_complete(c, dev->mtu);
	if (w->ecn && !may_mark(w))
		return fail_ecn(error);
	if (netem_is_set(w, NETEM_REORDER) && !netem_is_set(w, NETEM_DELAY))
		return fail(error, "'reorder' needs 'delay'; add delay TIME");
	if (netem_is_set(w, NETEM_GAP) && !netem_is_set(w, NETEM_REORDER))
		return fail(error, "'gap' needs 'reorder'; add reorder PERCENT");
	if (has_table(c) && !netem_is_set(w, NETEM_DELAY))
		return fail(error, "'distribution' needs a jitter; use delay TIME JITTER");
	if (!slotted && (netem_is_set(w, NETEM_SLOT_PACKETS) || netem_is_set(w, NETEM_SLOT_BYTES)))
		return fail(error, "'packets' and 'bytes' need 'slot'; add slot MIN");
	if (c->slot_min > c->slot_max)
		return fail(error, "slot: MIN is greater than MAX; swap them");
	if (w->rate && netem_is_set(w, NETEM_TRACE))
		return fail(error,
			    "'rate' and 'trace' exclude each other; the trace sets the rate");
	if (w->reorder && netem_is_set(w, NETEM_TRACE))
		return fail(error, "'reorder' and 'trace' exclude each other; give one");
	if (!netem_is_set(w, NETEM_TRACE) &&
	    (netem_is_set(w, NETEM_QUEUE) || netem_is_set(w, NETEM_QUEUE_BYTES)))
		return fail(error, "'queue' and 'queue_bytes' need 'trace'; add trace FILE");
	if (w->model == NETEM_LOSS_BURST && !netem_burst_is_possible(w))
		return fail(
			error,
			"loss burst: PERCENT is too high for this LENGTH; use a greater LENGTH");
	return 0;
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
	int err = check_words(c, error);

	if (!err)
		err = put_table(c, NETEM_DISTRIBUTION, c->all.distribution, n, tables, error);
	c->rules_limit = n;
	if (!err && n)
		err = complete(config, &usual, error);
	if (!err && !n)
		err = put_slot_table(c, tables, error);
	if (!err && !n)
		err = put_trace(c, tables, error);
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

static const struct bq_option options[] = {
	[NETEM_LIMIT] = {
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "1000 more than rate and delay hold; 100000 without rate",
		.help = "most packets in the queue; packets arriving at a full queue are dropped",
		.unit = BQDISC_UNIT_PACKETS,
		.as = BQ_AS_SIZE,
		.max = NETEM_MAX_LIMIT,
		BQ_FIELD(struct netem_config, limit),
	},
	[NETEM_DELAY] = {
		.name = "delay",
		.alias = "latency",
		.key = "delay_ns",
		.metavar = "TIME",
		.default_value = "0s",
		.help = "added delay of a packet",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_TIME,
		.optional = true,
		BQ_FIELD(struct netem_config, all.delay),
	},
	[NETEM_JITTER] = {
		.name = "jitter",
		.follows = BQ_MAY_FOLLOW,
		.key = "jitter_ns",
		.metavar = "JITTER",
		.default_value = "0s",
		.help = "variation of the delay: half of the range, or the standard deviation of "
			"the distribution",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_JITTER,
		.optional = true,
		BQ_FIELD(struct netem_config, all.jitter),
	},
	[NETEM_DELAY_CORR] = {
		.name = "delay_correlation",
		.follows = BQ_MAY_FOLLOW,
		.key = "delay_correlation_percent",
		.metavar = "CORR",
		.default_value = "0%",
		.help = "correlation with the delay of the packet before",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.delay_corr),
	},
	[NETEM_DISTRIBUTION] = {
		.name = "distribution",
		.key = "distribution",
		.metavar = "NAME",
		.default_value = "uniform",
		.help = "distribution of the delay: uniform, normal, pareto, paretonormal, or a "
			"file in the format of tc",
		.unit = BQDISC_UNIT_NAME,
		.max = NETEM_NAME - 1,
		.names = bq_distributions,
		.optional = true,
		.modifies = NETEM_JITTER + 1,
		BQ_FIELD(struct netem_config, all.distribution),
	},
	[NETEM_ORDERED] = {
		.name = "ordered",
		.key = "ordered",
		.metavar = "",
		.default_value = "unordered",
		.help = "keep packets in order; a packet with a shorter delay waits",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "unordered", "ordered" },
		.optional = true,
		BQ_FIELD(struct netem_config, all.ordered),
	},
	[NETEM_LOSS] = {
		.name = "loss",
		.alias = "drop",
		.form = "random",
		.plain = true,
		.key = "loss_percent",
		.metavar = "PERCENT",
		.default_value = "0%",
		.help = "random loss, independent for each packet",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.loss),
	},
	[NETEM_LOSS_CORR] = {
		.name = "loss_correlation",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_correlation_percent",
		.metavar = "CORR",
		.default_value = "0%",
		.help = "correlation of the random numbers, as in tc. It lowers the loss below "
			"PERCENT (0.3% 25% loses nothing) and makes no bursts; use loss burst "
			"for bursts",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.loss_corr),
	},
	[NETEM_P13] = {
		.name = "loss",
		.alias = "drop",
		.form = "state",
		.key = "loss_p13_percent",
		.metavar = "P13",
		.default_value = "0%",
		.help = "Markov chain of four states: 1 gap without loss, 2 packets that pass "
			"within a burst, 3 burst of losses, 4 single loss within a gap. P13 is "
			"the probability of going from state 1 to state 3",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.p13),
	},
	[NETEM_P31] = {
		.name = "loss_p31",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_p31_percent",
		.metavar = "P31",
		.default_value = "100% - P13",
		.help = "probability of going from state 3 to state 1",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.p31),
	},
	[NETEM_P32] = {
		.name = "loss_p32",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_p32_percent",
		.metavar = "P32",
		.default_value = "0%",
		.help = "probability of going from state 3 to state 2",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.p32),
	},
	[NETEM_P23] = {
		.name = "loss_p23",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_p23_percent",
		.metavar = "P23",
		.default_value = "100%",
		.help = "probability of going from state 2 to state 3",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.p23),
	},
	[NETEM_P14] = {
		.name = "loss_p14",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_p14_percent",
		.metavar = "P14",
		.default_value = "0%",
		.help = "probability of going from state 1 to state 4",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.p14),
	},
	[NETEM_GE_P] = {
		.name = "loss",
		.alias = "drop",
		.form = "gemodel",
		.key = "loss_p_percent",
		.metavar = "P",
		.default_value = "0%",
		.help = "Gilbert-Elliott model with a good and a bad state. P is the probability "
			"of going to the bad state",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.ge_p),
	},
	[NETEM_GE_R] = {
		.name = "loss_r",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_r_percent",
		.metavar = "R",
		.default_value = "100% - P",
		.help = "probability of going to the good state",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.ge_r),
	},
	[NETEM_GE_BAD] = {
		.name = "loss_1_h",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_1_h_percent",
		.metavar = "1-H",
		.default_value = "100%",
		.help = "loss in the bad state",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.ge_bad),
	},
	[NETEM_GE_GOOD] = {
		.name = "loss_1_k",
		.follows = BQ_MAY_FOLLOW,
		.key = "loss_1_k_percent",
		.metavar = "1-K",
		.default_value = "0%",
		.help = "loss in the good state",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.ge_good),
	},
	[NETEM_BURST] = {
		.name = "loss",
		.alias = "drop",
		.form = "burst",
		.key = "loss_burst_percent",
		.metavar = "PERCENT",
		.default_value = "0%",
		.help = "loss in bursts, on average this share of all packets",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.burst),
	},
	[NETEM_BURST_LEN] = {
		.name = "loss_burst_length",
		.follows = BQ_MUST_FOLLOW,
		.key = "loss_burst_length_packets",
		.metavar = "LENGTH",
		.default_value = "none",
		.help = "mean number of packets lost in a row",
		.unit = BQDISC_UNIT_PACKETS,
		.min = 1,
		.max = NETEM_MAX_BURST,
		.optional = true,
		BQ_FIELD(struct netem_config, all.burst_len),
	},
	[NETEM_ECN] = {
		.name = "ecn",
		.key = "ecn",
		.metavar = "",
		.default_value = "noecn",
		.help = "mark ECN-capable packets CE instead of dropping them",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "noecn", "ecn" },
		.optional = true,
		BQ_FIELD(struct netem_config, all.ecn),
	},
	[NETEM_CORRUPT] = {
		.name = "corrupt",
		.key = "corrupt_percent",
		.metavar = "PERCENT",
		.default_value = "0%",
		.help = "packets with one bit inverted at a random position",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.corrupt),
	},
	[NETEM_CORRUPT_CORR] = {
		.name = "corrupt_correlation",
		.follows = BQ_MAY_FOLLOW,
		.key = "corrupt_correlation_percent",
		.metavar = "CORR",
		.default_value = "0%",
		.help = "correlation of the random numbers",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.corrupt_corr),
	},
	[NETEM_DUPLICATE] = {
		.name = "duplicate",
		.key = "duplicate_percent",
		.metavar = "PERCENT",
		.default_value = "0%",
		.help = "packets sent twice",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.duplicate),
	},
	[NETEM_DUPLICATE_CORR] = {
		.name = "duplicate_correlation",
		.follows = BQ_MAY_FOLLOW,
		.key = "duplicate_correlation_percent",
		.metavar = "CORR",
		.default_value = "0%",
		.help = "correlation of the random numbers",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.duplicate_corr),
	},
	[NETEM_REORDER] = {
		.name = "reorder",
		.key = "reorder_percent",
		.metavar = "PERCENT",
		.default_value = "0%",
		.help = "packets sent at once, ahead of delayed packets",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.reorder),
	},
	[NETEM_REORDER_CORR] = {
		.name = "reorder_correlation",
		.follows = BQ_MAY_FOLLOW,
		.key = "reorder_correlation_percent",
		.metavar = "CORR",
		.default_value = "0%",
		.help = "correlation of the random numbers",
		.unit = BQDISC_UNIT_PERCENT,
		.max = NETEM_ALWAYS,
		.optional = true,
		BQ_FIELD(struct netem_config, all.reorder_corr),
	},
	[NETEM_GAP] = {
		.name = "gap",
		.key = "gap_packets",
		.metavar = "PACKETS",
		.default_value = "1",
		.help = "reorder only every PACKETS-th packet",
		.unit = BQDISC_UNIT_PACKETS,
		.min = 1,
		.max = UINT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, all.gap),
	},
	[NETEM_RATE] = {
		.name = "rate",
		.key = "rate_bits_per_second",
		.metavar = "RATE",
		.default_value = "no limit",
		.help = "rate of the link; a packet starts when the packet before it ends",
		.unit = BQDISC_UNIT_RATE,
		.max = NETEM_MAX_RATE * 8,
		.scale = 8,
		.optional = true,
		BQ_FIELD(struct netem_config, all.rate),
	},
	[NETEM_OVERHEAD] = {
		.name = "rate_overhead",
		.follows = BQ_MAY_FOLLOW,
		.key = "rate_overhead_bytes",
		.metavar = "OVERHEAD",
		.default_value = "0b",
		.help = "bytes added to each packet on the link; may be negative",
		.unit = BQDISC_UNIT_SIGNED,
		.min = (uint64_t)INT32_MIN,
		.max = INT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, all.overhead),
	},
	[NETEM_CELL_SIZE] = {
		.name = "rate_cell_size",
		.follows = BQ_MAY_FOLLOW,
		.key = "rate_cell_size_bytes",
		.metavar = "CELLSIZE",
		.default_value = "0b",
		.help = "size of the link's cells; the last cell of a packet is padded",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_INTEGER,
		.max = INT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, all.cell_size),
	},
	[NETEM_CELL_OVERHEAD] = {
		.name = "rate_cell_overhead",
		.follows = BQ_MAY_FOLLOW,
		.key = "rate_cell_overhead_bytes",
		.metavar = "CELLOVERHEAD",
		.default_value = "0b",
		.help = "bytes added to each cell on the link; may be negative",
		.unit = BQDISC_UNIT_SIGNED,
		.min = (uint64_t)INT32_MIN,
		.max = INT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, all.cell_overhead),
	},
	[NETEM_SLOT_MIN] = {
		.name = "slot",
		.key = "slot_ns",
		.metavar = "MIN",
		.default_value = "0s",
		.help = "send packets only in slots; MIN is the shortest time between slots",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_TIME,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_min),
	},
	[NETEM_SLOT_MAX] = {
		.name = "slot_max",
		.follows = BQ_MAY_FOLLOW,
		.key = "slot_max_ns",
		.metavar = "MAX",
		.default_value = "MIN",
		.help = "longest time between slots",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_TIME,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_max),
	},
	[NETEM_SLOT_TABLE] = {
		.name = "slot",
		.form = "distribution",
		.key = "slot_distribution",
		.metavar = "NAME",
		.default_value = "none",
		.help = "draw the time between slots from a distribution",
		.unit = BQDISC_UNIT_NAME,
		.max = NETEM_NAME - 1,
		.names = bq_distributions + 1,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_distribution),
	},
	[NETEM_SLOT_DELAY] = {
		.name = "slot_delay",
		.follows = BQ_MUST_FOLLOW,
		.key = "slot_delay_ns",
		.metavar = "DELAY",
		.default_value = "none",
		.help = "mean time between slots",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_TIME,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_delay),
	},
	[NETEM_SLOT_JITTER] = {
		.name = "slot_jitter",
		.follows = BQ_MUST_FOLLOW,
		.key = "slot_jitter_ns",
		.metavar = "JITTER",
		.default_value = "none",
		.help = "standard deviation of the time between slots",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_JITTER,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_jitter),
	},
	[NETEM_SLOT_PACKETS] = {
		.name = "packets",
		.key = "packets_per_slot_packets",
		.metavar = "PACKETS",
		.default_value = "no limit",
		.help = "most packets per slot",
		.unit = BQDISC_UNIT_PACKETS,
		.max = INT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_packets),
	},
	[NETEM_SLOT_BYTES] = {
		.name = "bytes",
		.key = "bytes_per_slot_bytes",
		.metavar = "SIZE",
		.default_value = "no limit",
		.help = "most bytes per slot; the packet that reaches it ends the slot",
		.unit = BQDISC_UNIT_BYTES,
		.max = INT32_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, slot_bytes),
	},
	[NETEM_SEED] = {
		.name = "seed",
		.key = "seed",
		.metavar = "NUMBER",
		.default_value = "random; shown by 'bqdisc show --all'",
		.help = "seed of the random numbers; the same seed gives the same decisions",
		.unit = BQDISC_UNIT_COUNT,
		.as = BQ_AS_DECIMAL,
		.max = UINT64_MAX,
		BQ_FIELD(struct netem_config, seed),
	},
	[NETEM_TRACE] = {
		.name = "trace",
		.key = "trace",
		.metavar = "FILE",
		.default_value = "none",
		.help = "replay a recorded link before the delay. The file has one time in ms a "
			"line at which 1500 bytes can leave, as mahimahi writes it; or TIME RATE "
			"DELAY LOSS a line, such as 1.5s 10mbit 20ms 0.1%, with - for no limit",
		.unit = BQDISC_UNIT_NAME,
		.max = NETEM_NAME - 1,
		.optional = true,
		BQ_FIELD(struct netem_config, trace),
	},
	[NETEM_LOOP] = {
		.name = "loop",
		.key = "loop",
		.metavar = "",
		.default_value = "loop",
		.help = "whether the trace repeats: at its last time, or, if its lines have rates, "
			"at a last line that is only a time; with once, every packet after the "
			"last millisecond is dropped and counts as drops_trace, and of lines with "
			"rates the last one stays; the counter trace_over is 1 then",
		.unit = BQDISC_UNIT_FLAG,
		.max = 1,
		.words = { "once", "loop" },
		.optional = true,
		BQ_FIELD(struct netem_config, loop),
	},
	[NETEM_QUEUE] = {
		.name = "queue",
		.key = "queue_packets",
		.metavar = "PACKETS",
		.default_value = "65536",
		.help = "most packets in the queue of the trace's link",
		.unit = BQDISC_UNIT_PACKETS,
		.min = 1,
		.max = BQ_TRACE_QUEUE,
		.optional = true,
		BQ_FIELD(struct netem_config, queue),
	},
	[NETEM_QUEUE_BYTES] = {
		.name = "queue_bytes",
		.key = "queue_bytes",
		.metavar = "SIZE",
		.default_value = "no limit",
		.help = "most bytes in the queue of the trace's link",
		.unit = BQDISC_UNIT_BYTES,
		.min = 1,
		.max = UINT64_MAX,
		.optional = true,
		BQ_FIELD(struct netem_config, queue_bytes),
	},
};

static const struct bq_keyword more_words[] = {
	{ "preset", "NAME",
	  "options of a known link, listed below; options beside it take precedence. Your own "
	  "presets go into /etc/bqdisc/presets, or the file that BQDISC_PRESETS names: a name and "
	  "options a line",
	  NULL },
	{ "match", BQ_MATCH_METAVAR,
	  "apply the options to these packets only: all fields must match, or, with not, not all "
	  "of them. Looks inside one VLAN tag",
	  bq_match_words },
	{ "rule", "OPTIONS [match ...]",
	  "another rule, for packets that the rules before it do not match. The first rule that "
	  "matches applies; a packet that no rule matches passes unchanged. At most 64 rules",
	  NULL },
	{ "rules", "FILE", "read the rules from a file, one a line", NULL },
};

#define EMULATED(member, help_)                                                                    \
	{                                                                                          \
		.key = #member, .group = "emulation", .help = help_, .unit = BQDISC_UNIT_PACKETS,  \
		BQ_COUNTER(struct netem_stats, member)                                             \
	}
#define DROPS(member, help_)                                                                       \
	{                                                                                          \
		.key = #member, .group = "drops", .help = help_, .unit = BQDISC_UNIT_PACKETS,      \
		BQ_COUNTER(struct netem_stats, member)                                             \
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
		BQ_COUNTER(struct netem_stats, drops_limit),
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
		BQ_COUNTER(struct netem_stats, trace_over),
	},
	{
		.key = "delays",
		.group = "delay",
		.help = "histogram of delays: value n counts times below 2^n * 1.024 us",
		.unit = BQDISC_UNIT_PACKETS,
		.count = NETEM_DELAY_BUCKETS,
		.bucket_ns = 1024,
		BQ_COUNTER(struct netem_stats, delays),
	},
};

#undef EMULATED
#undef DROPS

static const struct bq_counter rule_counters[] = {
	{
		.key = "packets",
		.help = "packets that matched the rule",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_COUNTER(struct netem_rule_stats, packets),
	},
	{
		.key = "bytes",
		.help = "bytes that matched the rule",
		.unit = BQDISC_UNIT_BYTES,
		BQ_COUNTER(struct netem_rule_stats, bytes),
	},
	{
		.key = "dropped",
		.help = "packets of the rule dropped by emulated loss",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_COUNTER(struct netem_rule_stats, dropped),
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
	.n_counters = BQ_N(rule_counters),
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
		.options = options,
		.n_options = BQ_N(options),
		.counters = counters,
		.n_counters = BQ_N(counters),
		BQ_INSTANCE(struct netem_instance),
		.slots = slots,
		.memory = memory,
		.growth = growth,
		.parse = parse,
		.words = more_words,
		.n_words = BQ_N(more_words),
		.rules = &rules,
		.complete = complete,
		.pool_memory = NETEM_POOL_BYTES,
		.egress = "netem_egress",
		.needs_egress = needs_egress,
		.needs_segments = needs_segments,
	},
};

const struct bq_family bq_family_netem = { qdiscs, BQ_N(qdiscs) };
