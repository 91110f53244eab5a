/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lock of an instance's random numbers. If the egress program decides, it draws on any CPU without
 * the qdisc's lock, and the qdisc draws the rest. Both hold this lock while they draw. Without such
 * an egress program the lock is unused.
 */
#ifndef BQDISC_NETEM_LOCK_BPF_H
#define BQDISC_NETEM_LOCK_BPF_H

#include <bqdisc/instance.bpf.h>

struct netem_lock {
	struct bpf_spin_lock lock;
};

/*
 * Map of locks, separate from the instances: user space maps those, and the kernel protects locks
 * from writes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, u32);
	__type(value, struct netem_lock);
} locks SEC(".maps");

/* Return the lock of instance INDEX, or NULL. */
static __always_inline struct netem_lock *netem_lock_of(u32 index)
{
	return bpf_map_lookup_elem(&locks, &index);
}

#endif
