// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule: a packet may be stored in a map value. bpf_kptr_xchg() moves it into an owning pointer
 * there and hands out what lay in that place; the same call with NULL takes the packet out.
 *
 * A ring in an array map, first in, first out. bqdisc's qdiscs do the same (ring.bpf.h), without
 * instances: this one queue is there once in the machine, so a second qdisc of the kind is refused.
 */
#include "rules.bpf.h"
#include "single.bpf.h"

#define SLOTS 1024

struct slot {
	struct sk_buff __kptr *skb;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

/* Both run freely; the slot is the remainder. */
u32 head;
u32 tail;

static __always_inline struct slot *slot_at(u32 n)
{
	u32 key = n % SLOTS;

	return bpf_map_lookup_elem(&slots, &key);
}

SEC("struct_ops")
int BPF_PROG(slots_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	u32 len = qdisc_pkt_len(skb);
	struct slot *slot = slot_at(tail);

	if (!slot || tail - head >= SLOTS) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	tail++;
	qdisc_count_in(sch, len);
	skb = bpf_kptr_xchg(&slot->skb, skb);
	if (skb) /* never, for the place was empty; but this program would have to drop it */
		bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_SUCCESS;
}

static __always_inline struct sk_buff *take_oldest(void)
{
	struct slot *slot = slot_at(head);

	if (!slot || head == tail)
		return NULL;
	head++;
	return bpf_kptr_xchg(&slot->skb, NULL);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(slots_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = take_oldest();

	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

SEC("struct_ops")
void BPF_PROG(slots_reset, struct Qdisc *sch)
{
	struct sk_buff *skb;
	int i;

	if (!single_is_mine(sch))
		return;
	bpf_for(i, 0, SLOTS) {
		skb = take_oldest();
		if (!skb)
			break;
		bpf_kfree_skb(skb);
	}
}

SEC(".struct_ops.link")
struct Qdisc_ops ok_slots = {
	.enqueue = (void *)slots_enqueue,
	.dequeue = (void *)slots_dequeue,
	.init = (void *)single_init,
	.reset = (void *)slots_reset,
	.destroy = (void *)single_destroy,
	.id = "bqt_slots",
};
