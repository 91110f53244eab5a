// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem's companion.
 *
 * What waits must not weigh on the socket that sent it: TCP holds back when two packets of a
 * connection are under way on this machine (TCP Small Queues), and UDP when its send buffer is
 * full. The kernel's netem does the same with skb_orphan_partial().
 *
 * Packets are duplicated, marked and corrupted here. With any of these, all that is drawn before
 * the delay is drawn here, from the qdisc's own random numbers in the kernel's order, and the qdisc
 * is told what is left to it: to drop what was lost. Without, it decides by itself, under its lock.
 *
 * Differences from net/sched/sch_netem.c: a limit that is reached between the two of a duplicate
 * takes one of them; a packet that is still to be segmented is not, but all of its segments get a
 * bad checksum.
 */
#include <bqdisc/companion.bpf.h>
#include <bqdisc/memory.bpf.h>
#include "netem_model.h"
#include "netem_word.h"

#define CHECKSUM_PARTIAL 3

typedef struct netem_rule __arena netem_rule;

BQ_DEFINE_COMPANION(struct netem_instance)

static __always_inline void netem_count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* --- corruption --- */

/* Where the checksum lies that the device is to complete, bytes from the packet's start; else 0. */
struct netem_checksum {
	u32 start; /* of what it covers */
	u32 field;
};

static __always_inline struct netem_checksum netem_checksum_of(struct sk_buff *skb)
{
	u32 headroom = (u64)skb->data - (u64)skb->head;
	struct netem_checksum sum = {};

	if (BPF_CORE_READ_BITFIELD(skb, ip_summed) != CHECKSUM_PARTIAL)
		return sum;
	sum.start = skb->csum_start - headroom;
	sum.field = sum.start + skb->csum_offset;
	return sum;
}

/* As csum16_add() and csum16_sub(). */
static __always_inline u16 netem_sum_add(u16 sum, u16 add)
{
	u32 wide = (u32)sum + add;

	return (u16)(wide + (wide >> 16));
}

/*
 * The device will sum up what it finds, and so make it right. What it begins with is changed by as
 * much as the data were: its result is then right for what the packet was before.
 */
static __always_inline void netem_keep_checksum(struct __sk_buff *skb, struct netem_checksum sum,
						u32 at, u8 was, u8 now)
{
	bool second = (at - sum.start) & 1;
	u16 before = second ? was << 8 : was, after = second ? now << 8 : now, seed;

	if (bpf_skb_load_bytes(skb, sum.field, &seed, sizeof(seed)))
		return;
	seed = netem_sum_add(netem_sum_add(seed, before), ~after);
	bpf_skb_store_bytes(skb, sum.field, &seed, sizeof(seed), 0);
}

/* Turns over one bit of what is not in fragments, as the kernel does: not from the seed. */
static __noinline int netem_corrupt(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	u32 random = bpf_get_prandom_u32(), headlen = whole->len - whole->data_len, at;
	struct netem_checksum sum = netem_checksum_of(whole);
	u8 was, now;

	if (!headlen)
		return 0;
	at = (random >> 3) % headlen;
	if (skb->gso_size && sum.field)
		at = sum.field;
	if (bpf_skb_load_bytes(skb, at, &was, sizeof(was)))
		return 0;
	now = was ^ (1u << (random & 7));
	if (bpf_skb_store_bytes(skb, at, &now, sizeof(now), 0))
		return 0;
	if (sum.field && at >= sum.start && at != sum.field && at != sum.field + 1)
		netem_keep_checksum(skb, sum, at, was, now);
	return 1;
}

/* --- decisions --- */

/* Whether the packet is lost. What can be marked instead is, if that is asked for. */
static __always_inline bool netem_suffers(struct __sk_buff *skb, struct netem_instance *q,
					  netem_rule *r)
{
	if (!netem_loses(&r->what, &r->state))
		return false;
	if (!r->what.ecn || !bpf_skb_ecn_set_ce(skb))
		return true;
	netem_count(&q->stats.ecn_marked);
	return false;
}

/* What is left to the qdisc. A second packet goes all the way before this one goes on. */
static __always_inline u32 netem_decide(struct __sk_buff *skb, struct netem_instance *q,
					netem_rule *r, bool is_duplicate)
{
	bool twice = !is_duplicate && netem_duplicates(&r->what, &r->state);
	bool lost = netem_suffers(skb, q, r), corrupt;

	if (lost && !twice)
		return NETEM_DECIDED | NETEM_LOST;
	corrupt = netem_corrupts(&r->what, &r->state);
	if (twice && !lost) {
		bq_say(skb, NETEM_DUPLICATE, 0, 0);
		if (bq_duplicate(skb))
			netem_count(&q->stats.duplicated);
		else
			netem_count(&q->stats.allocation_errors);
	}
	if (corrupt && netem_corrupt(skb))
		netem_count(&q->stats.corrupted);
	return NETEM_DECIDED;
}

/*
 * Whether it is decided here. The qdisc takes a change in with the packet that comes next: until
 * then all is decided by the rules as they were.
 */
static __always_inline bool netem_decides(const struct netem_instance *q)
{
	u32 generation = *(const volatile u32 *)&q->id.generation;

	return netem_needs_writing(&q->config[generation & 1]) || q->adopted != generation;
}

/* Ours already: a packet that was let go of its socket, or the second of two. */
static __always_inline int netem_pass_again(struct __sk_buff *skb, struct netem_instance *q,
					    netem_rule *r)
{
	if (skb->cb[2] == NETEM_DUPLICATE)
		bq_say(skb, netem_decide(skb, q, r, true), 0, 0);
	return BQ_TCX_NEXT;
}

SEC("tcx/egress")
int netem_companion(struct __sk_buff *skb)
{
	struct netem_instance *q = bq_companion_instance();
	u32 verdict = 0;
	netem_rule *r;

	BQ_USES_MEMORY();
	if (!q)
		return BQ_TCX_NEXT;
	r = bq_nth(struct netem_rule, q->rules, 0);
	if (bq_is_said(skb))
		return netem_pass_again(skb, q, r);
	if (!bq_is_first(bpf_cast_to_kern_ctx(skb))) {
		netem_count(&companion.not_first);
		return BQ_TCX_NEXT;
	}
	if (netem_decides(q))
		verdict = netem_decide(skb, q, r, false);
	bq_say(skb, verdict, 0, 0);
	if (verdict & NETEM_LOST || !netem_holds(&q->config[bq_bank(&q->id)]))
		return BQ_TCX_NEXT;
	return bq_orphan(skb);
}

char _license[] SEC("license") = "GPL";
