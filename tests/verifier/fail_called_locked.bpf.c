// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_obj_new_impl
// expect: prog 'called_locked_enqueue'
// expect: holding a lock
/*
 * Rule: under a lock nothing is called but what its list or tree needs.
 * Instead: ask for the hash before the lock is taken.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

struct bpf_spin_lock lock SEC(".bss.lock") __hidden;

SEC("struct_ops")
int BPF_PROG(called_locked_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_spin_lock(&lock);
	sch->limit = bpf_skb_get_hash(skb);
	bpf_spin_unlock(&lock);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops called_locked = {
	.enqueue = (void *)called_locked_enqueue,
	.id = "bqt_fail",
};
