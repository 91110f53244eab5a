// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'read_again_enqueue'
// expect: Reference may already be released
/*
 * Rule: the argument of enqueue is the one reference there is. Once it was given away, reading the
 * argument again does not return it.
 * Instead: nothing; the packet is gone.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int read_again_enqueue(volatile u64 *args)
{
	struct bpf_sk_buff_ptr *to_free = (void *)args[2];

	bpf_qdisc_skb_drop((void *)args[0], to_free);
	bpf_qdisc_skb_drop((void *)args[0], to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops read_again = {
	.enqueue = (void *)read_again_enqueue,
	.id = "bqt_fail",
};
