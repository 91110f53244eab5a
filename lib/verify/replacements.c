// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Table of kernel functions that a qdisc cannot call, and what to do instead. */
#include <stddef.h>
#include <string.h>

#include "verify/replacements.h"
#include "util/array.h"

#define OLDER "it is from an older version of the BPF qdisc series: "
#define NO_CLASSES OLDER "a BPF qdisc has no classes; keep several queues within it"
/* 6.4 removed the flag KF_KPTR_GET and all functions that had it. */
#define KPTR_GET(ACQUIRE)                                                                          \
	"it was removed in 6.4: read the pointer in place between bpf_rcu_read_lock() and "        \
	"bpf_rcu_read_unlock(), and call " ACQUIRE "() to keep it longer"
#define ALL_HAVE(CALL) "call " CALL ", which 6.17 to 7.3 have"
#define TCX "in a tcx program on egress, which runs before the qdisc"

static const struct {
	const char *name;
	const char *advice;
} functions[] = {
	{ "bpf_skb_acquire", OLDER "enqueue owns its packet from the start; remove the call, and "
				   "store the argument with bpf_kptr_xchg()" },
	{ "bpf_skb_kptr_get", OLDER "read the pointer in place, and remove the packet with "
				    "bpf_kptr_xchg(&field, NULL)" },
	{ "bpf_skb_release", OLDER "call bpf_qdisc_skb_drop() in enqueue, bpf_kfree_skb() "
				   "elsewhere" },
	{ "bpf_qdisc_set_skb_dequeue", OLDER "return the packet from dequeue" },
	{ "bpf_skb_tc_classify", OLDER "classify " TCX "; pass the result in skb->priority or "
				       "skb->mark" },
	{ "bpf_skb_set_dev", OLDER "remove the call; nothing replaces it" },
	{ "bpf_qdisc_create_child", NO_CLASSES },
	{ "bpf_qdisc_find_class", NO_CLASSES },
	{ "bpf_qdisc_enqueue", NO_CLASSES },
	{ "bpf_qdisc_dequeue", NO_CLASSES },
	{ "bpf_task_kptr_get", KPTR_GET("bpf_task_acquire") },
	{ "bpf_cgroup_kptr_get", KPTR_GET("bpf_cgroup_acquire") },
	{ "bpf_cpumask_kptr_get", KPTR_GET("bpf_cpumask_acquire") },
	{ "bpf_obj_new", ALL_HAVE("bpf_obj_new_impl(type, NULL)") },
	{ "bpf_obj_drop", ALL_HAVE("bpf_obj_drop_impl(object, NULL)") },
	{ "bpf_refcount_acquire", ALL_HAVE("bpf_refcount_acquire_impl(object, NULL)") },
	{ "bpf_list_push_back", ALL_HAVE("bpf_list_push_back_impl(head, node, NULL, 0)") },
	{ "bpf_list_push_front", ALL_HAVE("bpf_list_push_front_impl(head, node, NULL, 0)") },
	{ "bpf_rbtree_add", ALL_HAVE("bpf_rbtree_add_impl(root, node, less, NULL, 0)") },
	{ "bpf_qdisc_skb_drop", "call it only in enqueue; free a packet with bpf_kfree_skb() "
				"elsewhere" },
	{ "bpf_qdisc_watchdog_schedule", "call it only in enqueue and dequeue" },
	{ "bpf_qdisc_bstats_update", "call it only in dequeue: a packet is counted when it "
				     "leaves" },
	{ "bpf_skb_store_bytes", "a qdisc cannot change a packet; change it " TCX },
	{ "bpf_skb_ecn_set_ce", "a qdisc cannot change a packet; change it " TCX },
	{ "bpf_skb_load_bytes", "read the packet with bpf_dynptr_from_skb() and "
				"bpf_dynptr_slice()" },
	{ "bpf_clone_redirect", "a qdisc cannot copy a packet; copy it " TCX },
};

const char *bq_replacement(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (!strcmp(functions[i].name, name))
			return functions[i].advice;
	return NULL;
}
