// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* netem: its words, and how much memory an instance has. */
#include "netem.h"
#include "rows.h"

/* Rules that an instance has room for. */
#define RULES 1u
#define MIN_SLOTS 1024u

/* A limit that is computed may grow up to here by a change without a new attach. */
static uint32_t slots(const void *config, const struct bq_device *dev)
{
	const struct netem_config *c = config;
	uint32_t limit = c->limit;

	if (!(c->all.given >> NETEM_LIMIT & 1))
		limit = netem_default_limit(0, c->all.delay, c->all.jitter, dev->mtu);
	if (!(c->all.given >> NETEM_LIMIT & 1) && limit < NETEM_UNKNOWN)
		limit = NETEM_UNKNOWN;
	return limit < MIN_SLOTS ? MIN_SLOTS : limit > NETEM_MAX_LIMIT ? NETEM_MAX_LIMIT : limit;
}

static uint64_t memory(const void *config, uint32_t n_slots, uint32_t *units)
{
	(void)config;
	*units = RULES;
	return NETEM_MEMORY_BYTES(RULES, n_slots);
}

static const struct bq_option options[] = {
	[NETEM_LIMIT] = {
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "what the delay can hold at the rate, and a queue of 1000; 100000 "
				 "without a rate",
		.help = "most packets to hold; a packet that finds as many waiting is dropped",
		.unit = BQDISC_UNIT_PACKETS,
		.max = NETEM_MAX_LIMIT,
		BQ_FIELD(struct netem_config, limit),
	},
	[NETEM_DELAY] = {
		.name = "delay",
		.key = "delay_ns",
		.metavar = "TIME",
		.default_value = "0s",
		.help = "how long every packet is held",
		.unit = BQDISC_UNIT_TIME,
		.max = NETEM_MAX_TIME,
		BQ_FIELD(struct netem_config, all.delay),
	},
	[NETEM_SEED] = {
		.name = "seed",
		.key = "seed",
		.metavar = "NUMBER",
		.default_value = "drawn at random, and shown",
		.help = "what all random numbers begin with: the same seed gives the same ones",
		.unit = BQDISC_UNIT_COUNT,
		.max = UINT64_MAX,
		BQ_FIELD(struct netem_config, seed),
	},
};

#define PACKETS(member, help_)                                                                     \
	{                                                                                          \
		.key = #member, .help = help_, .unit = BQDISC_UNIT_PACKETS,                        \
		BQ_COUNTER(struct netem_stats, member)                                             \
	}

static const struct bq_counter counters[] = {
	PACKETS(delayed, "packets that were held for a time"),
	PACKETS(drops_limit, "packets refused because the limit was reached"),
	PACKETS(drops_no_slot, "packets refused because all slots of the instance were in use"),
	{
		.key = "delays",
		.help = "packets by how long they were held: value n is below 2^n * 1.024 us",
		.unit = BQDISC_UNIT_PACKETS,
		.count = NETEM_DELAY_BUCKETS,
		BQ_COUNTER(struct netem_stats, delays),
	},
};

#undef PACKETS

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "netem",
		.kind = "bq_netem",
		.ops = "netem",
		.object = "netem",
		.summary = "network emulation: delay, loss and more",
		.description = "Packets wait in one queue, ordered by the time to send, which is "
			       "drawn for each.",
		.options = options,
		.n_options = BQ_N(options),
		.counters = counters,
		.n_counters = BQ_N(counters),
		BQ_INSTANCE(struct netem_instance),
		.slots = slots,
		.memory = memory,
		.pool_memory = NETEM_POOL_BYTES,
	},
};

const struct bq_family bq_family_netem = { qdiscs, BQ_N(qdiscs) };
