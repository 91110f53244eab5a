/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet matching. bq_match_holds() compares the headers that bq_headers_read() parsed with one
 * match. A table of matches is tested from its top.
 *
 * Cost: bq_match_holds 88 where an address, the protocol and a port are compared, for each match up
 * to the first that holds.
 */
#ifndef BQDISC_MATCH_BPF_H
#define BQDISC_MATCH_BPF_H

#include <bqdisc/headers.bpf.h>
#include <bqdisc/memory.bpf.h>

static __always_inline bool bq_net_has(const struct bq_net __arena *net, const struct bq_address *a,
				       u8 family)
{
	u32 differ = (net->address.word[0] ^ a->word[0]) & net->mask.word[0];

	if (differ || family == 4)
		return !differ;
	differ |= (net->address.word[1] ^ a->word[1]) & net->mask.word[1];
	differ |= (net->address.word[2] ^ a->word[2]) & net->mask.word[2];
	differ |= (net->address.word[3] ^ a->word[3]) & net->mask.word[3];
	return !differ;
}

static __always_inline bool bq_proto_is(u16 wanted, const struct bq_headers *h)
{
	if (wanted == BQ_PROTO_ICMP)
		return h->proto == (h->family == 4 ? BQ_PROTO_ICMPV4 : BQ_PROTO_ICMPV6);
	return wanted == h->proto;
}

static __always_inline bool bq_fields_hold(const struct bq_match __arena *m,
					   const struct bq_headers *h)
{
	u8 fields = m->fields;

	if (fields & ~h->fields || (m->family && m->family != h->family))
		return false;
	if (fields & BQ_MATCH_SRC && !bq_net_has(&m->src, &h->src, h->family))
		return false;
	if (fields & BQ_MATCH_DST && !bq_net_has(&m->dst, &h->dst, h->family))
		return false;
	if (fields & BQ_MATCH_SPORT && (h->sport < m->sport.first || h->sport > m->sport.last))
		return false;
	if (fields & BQ_MATCH_DPORT && (h->dport < m->dport.first || h->dport > m->dport.last))
		return false;
	if (fields & BQ_MATCH_PROTO && !bq_proto_is(m->proto, h))
		return false;
	if (fields & BQ_MATCH_MARK && (h->mark & m->mark_mask) != m->mark)
		return false;
	return !(fields & BQ_MATCH_DSCP) || h->dscp == m->dscp;
}

/* Return true if the packet with these headers matches. */
static __always_inline bool bq_match_holds(const struct bq_match __arena *m,
					   const struct bq_headers *h)
{
	return bq_fields_hold(m, h) != !!m->negated;
}

#endif
