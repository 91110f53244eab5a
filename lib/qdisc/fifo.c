// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptors of pfifo, bfifo and pfifo_head_drop. */
#include "fifo.h"
#include "qdisc/rows.h"

/* Smallest packet in bytes, to size the slots of a bfifo: 20 of IPv4 and 8 of UDP. */
#define SMALLEST_PACKET 28u
/* Least number of slots, as the limit may be raised later. */
#define MIN_SLOTS 1024u
/* 8 MiB of slots. A larger limit in bytes can only be reached by larger packets. */
#define MAX_SLOTS (1u << 20)
/* Bytes of the link-layer header, which the kernel adds to the MTU for bfifo's default. */
#define HARD_HEADER 64u

static uint32_t clamp_slots(uint64_t n)
{
	return n < MIN_SLOTS ? MIN_SLOTS : n > MAX_SLOTS ? MAX_SLOTS : (uint32_t)n;
}

static uint32_t packet_slots(const struct bqdisc_qdisc *q, const void *config,
			     const struct bq_dev_params *dev)
{
	const struct fifo_config *c = config;

	(void)q;
	return clamp_slots(c->set_mask & FIFO_SET_LIMIT ? c->limit : dev->tx_queue_len);
}

static uint32_t byte_slots(const struct bqdisc_qdisc *q, const void *config,
			   const struct bq_dev_params *dev)
{
	const struct fifo_config *c = config;
	uint64_t bytes = (uint64_t)dev->tx_queue_len * (dev->mtu + HARD_HEADER);

	(void)q;
	return clamp_slots((c->set_mask & FIFO_SET_LIMIT ? c->limit : bytes) / SMALLEST_PACKET + 1);
}

static const struct bq_option packet_options[] = {
	{
		.name = "limit",
		.key = "limit_packets",
		.metavar = "PACKETS",
		.default_value = "the device's txqueuelen",
		.help = "most packets in the queue; packets arriving at a full queue are dropped",
		.unit = BQDISC_UNIT_PACKETS,
		.min = 0,
		.max = MAX_SLOTS,
		BQ_FIELD(struct fifo_config, limit),
	},
};

static const struct bq_option byte_options[] = {
	{
		.name = "limit",
		.key = "limit_bytes",
		.metavar = "SIZE",
		.default_value = "the device's txqueuelen times its MTU with link-layer header",
		.help = "most bytes in the queue; a packet that would exceed it is dropped",
		.unit = BQDISC_UNIT_BYTES,
		.min = 0,
		.max = UINT32_MAX,
		BQ_FIELD(struct fifo_config, limit),
	},
};

static const struct bq_counter counters[] = {
	{
		.key = "enqueued",
		.group = "queue",
		.help = "packets stored; an unsegmented packet counts once, while `packets` counts "
			"its segments",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct fifo_stats, enqueued),
	},
	{
		.key = "drops_limit",
		.group = "drops",
		.help = "packets dropped because the limit was reached",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct fifo_stats, drops_limit),
	},
	{
		.key = "drops_oldest",
		.group = "drops",
		.help = "packets dropped from the head to make room (pfifo_head_drop)",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct fifo_stats, drops_oldest),
	},
	{
		.key = "drops_no_slot",
		.group = "drops",
		.help = "packets dropped because all slots of the instance were in use",
		.unit = BQDISC_UNIT_PACKETS,
		BQ_STAT(struct fifo_stats, drops_no_slot),
	},
	{
		.key = "peak_backlog_packets",
		.group = "queue",
		.help = "most packets in the queue since attach",
		.unit = BQDISC_UNIT_PACKETS,
		.metric = BQDISC_METRIC_GAUGE,
		BQ_STAT(struct fifo_stats, peak_backlog_packets),
	},
	{
		.key = "peak_backlog_bytes",
		.group = "queue",
		.help = "most bytes in the queue since attach",
		.unit = BQDISC_UNIT_BYTES,
		.metric = BQDISC_METRIC_GAUGE,
		BQ_STAT(struct fifo_stats, peak_backlog_bytes),
	},
	BQ_TIMES_ROW(struct fifo_stats, sojourn, "sojourn_ns", "waiting time",
		     "histogram of the time packets waited; of those that found the queue "
		     "empty, the first of each jiffy stands for the others"),
	BQ_QUEUE_LENGTH_ROW(struct fifo_stats),
};

#define SHARED                                                                                     \
	.object = "fifo", .per_queue = true, .counters = counters,                                 \
	.n_counters = ARRAY_SIZE(counters), BQ_INSTANCE(struct fifo_instance)

static const struct bqdisc_qdisc qdiscs[] = {
	{
		.name = "pfifo",
		.kind = "bq_pfifo",
		.ops = "pfifo",
		.summary = "first in, first out, limited in packets",
		.description =
			"One queue in order of arrival. A packet that arrives when the queue "
			"holds limit packets is dropped.",
		.options = packet_options,
		.n_options = ARRAY_SIZE(packet_options),
		.slots = packet_slots,
		SHARED,
	},
	{
		.name = "bfifo",
		.kind = "bq_bfifo",
		.ops = "bfifo",
		.summary = "first in, first out, limited in bytes",
		.description = "One queue in order of arrival. A packet that would raise the queue "
			       "above limit bytes is dropped.",
		.options = byte_options,
		.n_options = ARRAY_SIZE(byte_options),
		.slots = byte_slots,
		SHARED,
	},
	{
		.name = "pfifo_head_drop",
		.kind = "bq_pfifo_hdrop",
		.ops = "pfifo_head_drop",
		.summary = "first in, first out, drops the oldest when full",
		.description = "One queue in order of arrival. When a packet arrives and the queue "
			       "holds limit packets, the oldest packet is dropped.",
		.options = packet_options,
		.n_options = ARRAY_SIZE(packet_options),
		.slots = packet_slots,
		SHARED,
	},
};

const struct bq_family bq_family_fifo = { qdiscs, ARRAY_SIZE(qdiscs) };
