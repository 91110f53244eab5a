/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page allocation for an instance's memory while it is in use. User space reserves a range of the
 * arena and populates its beginning; the qdisc requests pages for the rest.
 *
 * Up to 6.18 only a sleepable program can allocate arena pages. .enqueue may not sleep, but may
 * start a work queue, whose callback may:
 *
 *   static int foo_grow(void *map, int *key, void *value)
 *   {
 *           struct foo *q = bq_instance_at(*key);
 *           ... bq_populate(&q->id, from, to) ..., then write that the memory is there ...
 *           bq_grown(&q->id);
 *           return 0;
 *   }
 *
 *   bq_grow_init(&q->id, foo_grow)    in .init
 *   bq_grow(&q->id)                   in .enqueue, before the memory is used up
 *
 * The kernel runs the work only while user space holds the map, so without pins nothing grows.
 *
 * Guarantees: one callback an instance at a time; user space does not free the instance meanwhile.
 * Cost: nothing a packet; bq_grow some 200, when it is called.
 */
#ifndef BQDISC_GROW_BPF_H
#define BQDISC_GROW_BPF_H

#include <bqdisc/memory.bpf.h>

#ifndef __LINUX_BPF_H__
struct bpf_wq {
	u64 __opaque[2];
} __attribute__((aligned(8)));
#endif

typedef int bq_grow_fn(void *map, int *key, void *value);

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
/* Up to 6.18 only the first exists; newer kernels have the second. */
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, bq_grow_fn callback_fn, unsigned int flags,
				    void *aux) __weak __ksym;
extern int bpf_wq_set_callback(struct bpf_wq *wq, bq_grow_fn callback_fn,
			       unsigned int flags) __weak __ksym;

struct bq_growth {
	struct bpf_wq work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, u32);
	__type(value, struct bq_growth);
} growing SEC(".maps");

/* Prepare ID for bq_grow(). Idempotent if an earlier qdisc set the same callback. */
static __always_inline void bq_grow_init(struct bq_instance *id, bq_grow_fn fn)
{
	u32 index = bq_index_of(id);
	struct bq_growth *growth = bpf_map_lookup_elem(&growing, &index);

	id->growing = 0;
	if (!growth)
		return;
	bpf_wq_init(&growth->work, &growing, 0);
	if (bpf_ksym_exists(bpf_wq_set_callback_impl))
		bpf_wq_set_callback_impl(&growth->work, fn, 0, NULL);
	else if (bpf_ksym_exists(bpf_wq_set_callback))
		bpf_wq_set_callback(&growth->work, fn, 0);
}

/* End the callback, which must not touch the instance afterwards. */
static __always_inline void bq_grown(struct bq_instance *id)
{
	__sync_lock_test_and_set(&id->growing, 0);
}

/* Start the callback, unless it is already running. */
static __always_inline void bq_grow(struct bq_instance *id)
{
	u32 index = bq_index_of(id);
	struct bq_growth *growth = bpf_map_lookup_elem(&growing, &index);

	if (!growth || __sync_lock_test_and_set(&id->growing, 1))
		return;
	if (bpf_wq_start(&growth->work, 0))
		bq_grown(id);
}

#endif
