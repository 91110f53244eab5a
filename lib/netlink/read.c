// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parses the kernel's answer about a qdisc. */
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/rtnetlink.h>

#include "netlink/qdisc.h"

static int read_stats(const struct nlattr *attr, void *arg)
{
	struct bq_core_stats *stats = arg;
	const void *data = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	struct gnet_stats_basic basic;
	struct gnet_stats_queue queue;

	if (mnl_attr_get_type(attr) == TCA_STATS_BASIC && len >= sizeof(basic)) {
		memcpy(&basic, data, sizeof(basic));
		stats->bytes = basic.bytes;
		/* The kernel adds the 64-bit number only if it differs. */
		if (!stats->packets)
			stats->packets = basic.packets;
	}
	if (mnl_attr_get_type(attr) == TCA_STATS_PKT64 && len >= sizeof(stats->packets))
		memcpy(&stats->packets, data, sizeof(stats->packets));
	if (mnl_attr_get_type(attr) == TCA_STATS_QUEUE && len >= sizeof(queue)) {
		memcpy(&queue, data, sizeof(queue));
		stats->backlog_packets = queue.qlen;
		stats->backlog_bytes = queue.backlog;
		stats->drops = queue.drops;
		stats->requeues = queue.requeues;
		stats->overlimits = queue.overlimits;
	}
	return MNL_CB_OK;
}

static int read_attr(const struct nlattr *attr, void *arg)
{
	struct bq_tc_qdisc *qdisc = arg;

	if (mnl_attr_get_type(attr) == TCA_KIND)
		snprintf(qdisc->kind, sizeof(qdisc->kind), "%s", mnl_attr_get_str(attr));
	if (mnl_attr_get_type(attr) == TCA_STATS2)
		mnl_attr_parse_nested(attr, read_stats, &qdisc->stats);
	return MNL_CB_OK;
}

int bq_tc_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct bq_tc_qdisc *qdisc = arg;

	qdisc->handle = tcm->tcm_handle;
	return mnl_attr_parse(nlh, sizeof(*tcm), read_attr, qdisc);
}
