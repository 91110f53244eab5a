// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptor of tbf. */
#include <errno.h>
#include <string.h>

#include "qdisc/rows.h"
#include "tbf.h"

/* Smallest packet in bytes, to size the slots: 20 of IPv4 and 8 of UDP. */
#define SMALLEST_PACKET 28u
/* Least number of slots, as the limit may be raised later. */
#define MIN_SLOTS 1024u
/* 8 MiB of slots. A larger limit can only be reached by larger packets. */
#define MAX_SLOTS (1u << 20)
/* Bytes of the link-layer header, which the MTU does not count. */
#define HARD_HEADER 64u
#define DEFAULT_LATENCY UINT64_C(50000000)
/* The default burst is what leaves in so many ns, or so many packets of MTU size. */
#define DEFAULT_BURST_NS UINT64_C(1000000)
#define DEFAULT_BURST_PACKETS 2u
#define NS_PER_S 1000000000u
/* bytes/s: a packet takes less than 60 ns at such a rate. */
#define MAX_RATE (UINT64_C(1) << 40)
#define MAX_TIME (UINT64_C(1) << 62)

static uint32_t slots(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_dev_params *dev)
{
	const struct tbf_config *c = config;
	uint32_t n = c->limit / SMALLEST_PACKET + 1;

	(void)q;
	(void)dev;
	return n < MIN_SLOTS ? MIN_SLOTS : n > MAX_SLOTS ? MAX_SLOTS : n;
}

static bool is_set(const struct tbf_config *c, enum tbf_option option)
{
	return c->set_mask >> option & 1;
}

/* Return the bytes that leave at RATE in NS, and BURST. */
static uint32_t bytes_of(uint64_t rate, uint64_t ns, uint32_t burst)
{
	unsigned __int128 bytes = (unsigned __int128)rate * ns / NS_PER_S + burst;

	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

static uint32_t packet_bytes(const struct bq_dev_params *dev)
{
	return dev->mtu < UINT32_MAX / DEFAULT_BURST_PACKETS - HARD_HEADER ? dev->mtu + HARD_HEADER
									   : UINT32_MAX;
}

static uint32_t default_burst(uint64_t rate, const struct bq_dev_params *dev)
{
	uint32_t bytes = bytes_of(rate, DEFAULT_BURST_NS, 0);
	uint32_t least = packet_bytes(dev) == UINT32_MAX
				 ? UINT32_MAX
				 : DEFAULT_BURST_PACKETS * packet_bytes(dev);

	return bytes > least ? bytes : least;
}

/* Set the bytes of the queue from its delay, as tc does, or the delay from the bytes. */
static void complete_limit(struct tbf_config *c)
{
	uint32_t peak;

	if (is_set(c, TBF_LIMIT)) {
		c->latency = tbf_latency(c);
		return;
	}
	if (!is_set(c, TBF_LATENCY))
		c->latency = DEFAULT_LATENCY;
	c->limit = bytes_of(c->rate.bytes_per_s, c->latency, c->rate.burst);
	if (!c->peak.bytes_per_s)
		return;
	peak = bytes_of(c->peak.bytes_per_s, c->latency, c->peak.burst);
	if (peak < c->limit)
		c->limit = peak;
}

static int complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	struct tbf_config *c = config;

	if (!is_set(c, TBF_RATE))
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "tbf: missing rate; add rate RATE");
	if (is_set(c, TBF_PEAKRATE) && c->peak.bytes_per_s <= c->rate.bytes_per_s)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "tbf peakrate: is not above rate; use a higher one");
	if (!is_set(c, TBF_BURST))
		c->rate.burst = default_burst(c->rate.bytes_per_s, dev);
	if (!is_set(c, TBF_PEAKRATE))
		c->peak.bytes_per_s = 0;
	if (!is_set(c, TBF_MTU))
		c->peak.burst = c->peak.bytes_per_s ? packet_bytes(dev) : 0;
	if (!is_set(c, TBF_MPU))
		c->rate.mpu = 0;
	if (!is_set(c, TBF_OVERHEAD))
		c->rate.overhead = 0;
	if (!is_set(c, TBF_LINKLAYER))
		c->rate.linklayer = TBF_ETHERNET;
	c->peak.mpu = c->rate.mpu;
	c->peak.overhead = c->rate.overhead;
	c->peak.linklayer = c->rate.linklayer;
	complete_limit(c);
	return 0;
}

static const struct bq_choice linklayers[] = {
	{ "ethernet", TBF_ETHERNET },
	{ "atm", TBF_ATM },
	{ "adsl", TBF_ATM },
	{ NULL, 0 },
};

static const char *const linklayer_names[] = { "ethernet", "atm", "adsl", NULL };

static const struct bq_option options[] = {
	[TBF_RATE] = {
		.name = "rate",
		.key = "rate_bits_per_second",
		.metavar = "RATE",
		.default_value = "none; it must be given",
		.help = "rate at which packets leave",
		.unit = BQDISC_UNIT_RATE,
		.min = 8,
		.max = MAX_RATE * 8,
		.scale = 8,
		BQ_FIELD(struct tbf_config, rate.bytes_per_s),
	},
	[TBF_BURST] = {
		.name = "burst",
		.alias = "buffer",
		.alias2 = "maxburst",
		.key = "burst_bytes",
		.metavar = "SIZE",
		.default_value = "1ms of the rate, at least 2 packets of MTU size",
		.help = "bytes that may leave at once after a pause; longer packets are dropped, "
			"but those that the device divides into segments count by these",
		.unit = BQDISC_UNIT_BYTES,
		.min = 1,
		.max = UINT32_MAX,
		.in_tc_always = true,
		BQ_FIELD(struct tbf_config, rate.burst),
	},
	[TBF_LIMIT] = {
		.name = "limit",
		.key = "limit_bytes",
		.metavar = "SIZE",
		.default_value = "the bytes of latency",
		.help = "most bytes in the queue; a packet that would exceed it is dropped",
		.unit = BQDISC_UNIT_BYTES,
		.max = UINT32_MAX,
		.excludes = "latency",
		BQ_FIELD(struct tbf_config, limit),
	},
	[TBF_LATENCY] = {
		.name = "latency",
		.key = "latency_ns",
		.metavar = "TIME",
		.default_value = "50ms",
		.help = "longest time that a packet waits; the limit follows from it and the rate",
		.unit = BQDISC_UNIT_TIME,
		.min = 1,
		.max = MAX_TIME,
		.in_tc_always = true,
		.excludes = "limit",
		.tc_step = 1000,
		.tc_max = UINT32_MAX * UINT64_C(1000), /* 32 bits of us */
		BQ_FIELD(struct tbf_config, latency),
	},
	[TBF_PEAKRATE] = {
		.name = "peakrate",
		.key = "peakrate_bits_per_second",
		.metavar = "RATE",
		.default_value = "no limit",
		.help = "rate at which the bytes of a burst leave; more than rate",
		.unit = BQDISC_UNIT_RATE,
		.min = 8,
		.max = MAX_RATE * 8,
		.scale = 8,
		.optional = true,
		BQ_FIELD(struct tbf_config, peak.bytes_per_s),
	},
	[TBF_MTU] = {
		.name = "mtu",
		.alias = "minburst",
		.key = "mtu_bytes",
		.metavar = "SIZE",
		.default_value = "the device's MTU and 64 bytes",
		.help = "bytes that may leave at once at peakrate; longer packets are dropped as "
			"with burst",
		.unit = BQDISC_UNIT_BYTES,
		.min = 1,
		.max = UINT32_MAX,
		.in_tc_always = true,
		.modifies = TBF_PEAKRATE + 1,
		BQ_FIELD(struct tbf_config, peak.burst),
	},
	[TBF_MPU] = {
		.name = "mpu",
		.key = "mpu_bytes",
		.metavar = "SIZE",
		.default_value = "0",
		.help = "shorter packets count as this",
		.unit = BQDISC_UNIT_BYTES,
		.max = TBF_MAX_OVERHEAD,
		BQ_FIELD(struct tbf_config, rate.mpu),
	},
	[TBF_OVERHEAD] = {
		.name = "overhead",
		.key = "overhead_bytes",
		.metavar = "SIZE",
		.default_value = "0",
		.help = "bytes added to each packet for the headers of the link",
		.unit = BQDISC_UNIT_BYTES,
		.as = BQ_AS_DECIMAL,
		.max = TBF_MAX_OVERHEAD,
		BQ_FIELD(struct tbf_config, rate.overhead),
	},
	[TBF_LINKLAYER] = {
		.name = "linklayer",
		.key = "linklayer",
		.metavar = "LINK",
		.default_value = "ethernet",
		.help = "ethernet, or atm: packets then count as cells of 53 bytes with 48 of "
			"payload; adsl is atm",
		.unit = BQDISC_UNIT_CHOICE,
		.min = TBF_ETHERNET,
		.max = TBF_ATM,
		.choices = linklayers,
		.names = linklayer_names,
		BQ_FIELD(struct tbf_config, rate.linklayer),
	},
};

#define PACKETS(member, group_, help_)                                                             \
	.key = #member, .group = group_, .help = help_, .unit = BQDISC_UNIT_PACKETS,               \
	BQ_STAT(struct tbf_stats, member)

static const struct bq_counter counters[] = {
	{ PACKETS(unsegmented, "queue",
		  "packets longer than burst or mtu that left as a whole, when their last segment "
		  "might") },
	{ PACKETS(drops_limit, "drops", "packets dropped because the queue was full") },
	{ PACKETS(drops_too_long, "drops",
		  "packets dropped because of more bytes than burst or "
		  "mtu"),
	  .warning = "packets are longer than burst or mtu; raise it" },
	{ PACKETS(drops_no_slot, "drops",
		  "packets dropped because all slots of the instance were in use") },
	BQ_TIMES_ROW(struct tbf_stats, sojourn, "sojourn_ns", "waiting time",
		     "histogram of the time packets waited; of those that found the queue "
		     "empty, the first of each jiffy stands for the others"),
	BQ_QUEUE_LENGTH_ROW(struct tbf_stats),
};

#undef PACKETS

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "tbf",
		.kind = "bq_tbf",
		.ops = "tbf",
		.object = "tbf",
		.summary = "a rate with a burst",
		.description =
			"One queue in order of arrival, whose packets leave at the rate. After a "
			"pause, the bytes of burst leave at once, or at peakrate if there is one. "
			"On a device with several queues there is one tbf for all of them. "
			"Packets that the device divides into segments (GSO) leave as a whole, "
			"when the last segment might; so the rate is exact, but bursts are as "
			"long as these packets. To shorten them, limit gso_max_size with ip(8).",
		.options = options,
		.n_options = ARRAY_SIZE(options),
		.counters = counters,
		.n_counters = ARRAY_SIZE(counters),
		.needs_options = true,
		BQ_INSTANCE(struct tbf_instance),
		.slots = slots,
		.complete = complete,
	},
};

const struct bq_family bq_family_tbf = { qdiscs, ARRAY_SIZE(qdiscs) };
