// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem's companion. What waits must not weigh on the socket that sent it: TCP holds back when two
 * packets of a connection are under way on this machine (TCP Small Queues), and UDP when its send
 * buffer is full. The kernel's netem does the same with skb_orphan_partial().
 */
#include <bqdisc/companion.bpf.h>
#include "netem.h"

BQ_DEFINE_COMPANION(struct netem_instance)

SEC("tcx/egress")
int netem_companion(struct __sk_buff *skb)
{
	const struct netem_instance *q = bq_companion_instance();

	if (!q || bq_is_said(skb) || !netem_holds(&q->config[bq_bank(&q->id)]))
		return BQ_TCX_NEXT;
	if (!bq_is_first(bpf_cast_to_kern_ctx(skb))) {
		__sync_fetch_and_add(&companion.not_first, 1);
		return BQ_TCX_NEXT;
	}
	bq_say(skb, 0, 0, 0);
	return bq_orphan(skb);
}

char _license[] SEC("license") = "GPL";
