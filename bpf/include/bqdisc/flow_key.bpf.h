/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key of a packet's flow, for a person: addresses, protocol and ports. Read it where that is rare,
 * as when a flow is new or a packet is dropped.
 *
 * Guarantees: those of headers.bpf.h. Cost: that of bq_headers_read.
 */
#ifndef BQDISC_FLOW_KEY_BPF_H
#define BQDISC_FLOW_KEY_BPF_H

#include <bqdisc/flow_key.h>
#include <bqdisc/headers.bpf.h>

/*
 * Set KEY to that of SKB. Return 0. Global, so that the verifier checks it once: parsing headers
 * has many states.
 */
__noinline int bq_flow_key_read(struct sk_buff *skb __arg_trusted, struct bq_flow_key *key)
{
	struct bq_headers h;

	/* The verifier assumes that the arguments of a global function may be NULL. */
	if (!key)
		return 0;
	bq_headers_read(skb, skb, &h);
	*key = (struct bq_flow_key){
		.src = h.src,
		.dst = h.dst,
		.sport = h.sport,
		.dport = h.dport,
		.ethertype = h.family ? 0 : bpf_ntohs(skb->protocol),
		.family = h.family,
		.proto = h.proto,
	};
	return 0;
}

#endif
