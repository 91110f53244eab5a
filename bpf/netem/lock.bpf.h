/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lock of an instance's random numbers. Where the egress program decides, it draws on any CPU,
 * and the qdisc, whose own lock the egress program does not have, draws the rest: each holds this
 * lock while it draws. Without such an egress program nobody takes it.
 */
#ifndef BQDISC_NETEM_LOCK_BPF_H
#define BQDISC_NETEM_LOCK_BPF_H

#include <bqdisc/instance.bpf.h>

struct netem_lock {
	struct bpf_spin_lock lock;
};

/* Apart from the instances, which user space maps: the kernel keeps a lock from being written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, u32);
	__type(value, struct netem_lock);
} locks SEC(".maps");

/* The lock of the instance of that index, or NULL. */
static __always_inline struct netem_lock *netem_lock_of(u32 index)
{
	return bpf_map_lookup_elem(&locks, &index);
}

#endif
