// SPDX-License-Identifier: GPL-2.0-only
/*
 * A qdisc made without the kit's frame: first in, first out, with one list for all qdiscs of the
 * kind, paced to a rate. Its settings are constants and variables of every type that attach takes.
 */
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/list.bpf.h>

enum mode { FIFO, DROP_ALL, HOLD_ALL = 7 };
enum wide { SMALL = -1, LARGE = 1LL << 40 };

/* Constant once they are loaded. */
const volatile __u64 rate_kbps;
const volatile __u32 queue_limit = 1000;
const volatile __u16 c_u16 = 16;
const volatile __s8 c_s8 = -8;
const volatile bool c_bool;
const volatile enum mode mode = FIFO;
const volatile enum wide wide = LARGE;
const volatile __s64 c_s64 = -1;
const volatile char c_text[8] = "text"; /* an array is no option */

/* Can be changed live. */
__u32 live_limit = 1000;
__s32 live_s32 = -32;
bool live_bool = true;
__u8 live_u8 = 8;
struct {
	__u32 a, b;
} live_struct = { 1, 2 }; /* nor is a struct */

/* Counters. */
__u64 enqueued, dequeued, dropped;
__u64 drops; /* the core has one of that name */
__s32 last_s32;
__u64 seen_u8, seen_c_s64;
__u32 per_cpu[4];

struct waiting {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

struct bpf_spin_lock lock SEC(".data.queue") __hidden;
struct bpf_list_head queue bq_contains(waiting, node) SEC(".data.queue") __hidden;
__u64 qlen SEC(".data.queue") __hidden;
__u64 next_ns;

SEC("struct_ops")
int BPF_PROG(globals_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	u32 len = qdisc_pkt_len(skb);
	struct waiting *w;

	last_s32 = live_s32;
	seen_u8 = live_u8;
	seen_c_s64 = c_s64 + c_s8 + c_u16 + c_bool + wide;
	if (qlen >= queue_limit || qlen >= live_limit || mode == DROP_ALL || !live_bool)
		goto drop;
	w = bq_node_new(struct waiting);
	if (!w)
		goto drop;
	skb = bpf_kptr_xchg(&w->skb, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
	bpf_spin_lock(&lock);
	bpf_list_push_back_impl(&queue, &w->node, NULL, 0);
	bpf_spin_unlock(&lock);
	qlen++;
	enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
drop:
	dropped++;
	drops++;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

static __always_inline struct waiting *take(void)
{
	struct bpf_list_node *node;

	bpf_spin_lock(&lock);
	node = bpf_list_pop_front(&queue);
	bpf_spin_unlock(&lock);
	if (!node)
		return NULL;
	qlen--;
	return bq_node_of(node, struct waiting, node);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(globals_dequeue, struct Qdisc *sch)
{
	u64 now = bpf_ktime_get_ns();
	struct waiting *w;
	struct sk_buff *skb;

	if (mode == HOLD_ALL)
		return NULL;
	if (rate_kbps && now < next_ns) {
		bpf_qdisc_watchdog_schedule(sch, next_ns, 0);
		return NULL;
	}
	w = take();
	if (!w)
		return NULL;
	skb = bpf_kptr_xchg(&w->skb, NULL);
	bq_node_free(w);
	if (!skb)
		return NULL;
	dequeued++;
	if (rate_kbps)
		next_ns = now + qdisc_pkt_len(skb) * 8000000ULL / rate_kbps;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

SEC("struct_ops")
int BPF_PROG(globals_init, struct Qdisc *sch, struct nlattr *opt)
{
	return 0;
}

SEC("struct_ops")
void BPF_PROG(globals_reset, struct Qdisc *sch)
{
	struct waiting *w;
	int i;

	bpf_for(i, 0, 100000) {
		w = take();
		if (!w)
			break;
		bq_node_free(w);
	}
}

SEC("struct_ops")
void BPF_PROG(globals_destroy, struct Qdisc *sch)
{
}

char _license[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct Qdisc_ops globals = {
	.enqueue = (void *)globals_enqueue,
	.dequeue = (void *)globals_dequeue,
	.init = (void *)globals_init,
	.reset = (void *)globals_reset,
	.destroy = (void *)globals_destroy,
	.id = "pacer_of_tests",
};
