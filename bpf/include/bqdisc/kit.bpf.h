/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kit: everything that a user object needs besides its algorithm. `bqdisc new NAME` writes an
 * example; `bqdisc attach DEV FILE.bpf.o` runs it.
 *
 *   #include <bqdisc/kit.bpf.h>
 *
 *   struct foo_config ..., struct foo_stats ..., struct foo ...    as in tags.bpf.h
 *   BQ_KIT(struct foo)
 *
 *   static __always_inline int foo_start(struct foo *q, struct Qdisc *sch)
 *           initialises a new instance's private state; returns 0, or -errno to refuse
 *   static __always_inline void foo_clear(struct foo *q)
 *           frees every packet; it may run twice, and on state that foo_start() never saw
 *   SEC("struct_ops") int BPF_PROG(foo_enqueue, ...)
 *   SEC("struct_ops") struct sk_buff *BPF_PROG(foo_dequeue, ...)
 *
 *   BQ_KIT_OPS(foo, "foo")     the other operations, and the struct Qdisc_ops of that name
 *   BQ_KIT_OPS_MEMORY(...)     the same for kinds with plain memory (memory.bpf.h)
 *
 * bq_instance_of(sch) is the qdisc's own instance, bq_config(q) the options in force.
 *
 * Guarantees: options are within their ranges, even from untrusted callers; no two qdiscs share an
 * instance; a change of options is seen as a whole. Cost: bq_instance_of 25, bq_config 9; nothing
 * else a packet.
 *
 * The costs that the kit's headers name are instructions of x86-64 a call, counted on Linux 7.3 by
 * tests/byo/costs.sh, which fails on a deviation. `bqdisc bench` counts for a whole qdisc.
 */
#ifndef BQDISC_KIT_BPF_H
#define BQDISC_KIT_BPF_H

#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/stats.bpf.h>
#include <bqdisc/tags.bpf.h>

/* Return the options in force. Call it once a packet: the next call may return other options. */
#define bq_config(q) (&(q)->config[bq_bank(&(q)->id)])

/* Return true if the option FIELD was named. For foo_start(). */
#define bq_is_set(q, FIELD)                                                                        \
	((q)->config[0].set_mask >> (offsetof(typeof((q)->defaults), FIELD) / 8 - 1) & 1)

/* Set a default that depends on the system, such as the device's MTU. For foo_start(). */
#define bq_set_default(q, FIELD, VALUE)                                                            \
	do {                                                                                       \
		(q)->defaults.FIELD = (VALUE);                                                     \
		if (!bq_is_set(q, FIELD))                                                          \
			(q)->config[0].FIELD = (q)->defaults.FIELD;                                \
	} while (0)

/*
 * Apply defaults to the WORDS options at C and check their ranges. User space wrote MIN, MAX and
 * DEFAULTS when it loaded the kind. Return 0 on success, -errno on failure.
 */
static __always_inline int bq_kit_check(u64 *c, const u64 *min, const u64 *max, const u64 *defaults,
					u32 words)
{
	u32 i;

#pragma unroll
	for (i = 1; i < words; i++) {
		if (!(c[0] >> (i - 1) & 1))
			c[i] = defaults[i];
		if (c[i] < min[i] || c[i] > max[i])
			return -EINVAL;
	}
	return 0;
}

#define BQ_KIT(TYPE)                                                                               \
	BQ_DEFINE_INSTANCES(TYPE)                                                                  \
	BQ_DEFINE_INIT(TYPE)                                                                       \
                                                                                                   \
	/* This qdisc has no in-tree options. tc sends empty ones if none is given. */             \
	static __always_inline int bq_kit_intree(TYPE *q, struct nlattr *opt, u32 len)             \
	{                                                                                          \
		return len ? -EINVAL : 0;                                                          \
	}                                                                                          \
                                                                                                   \
	/* No qdisc owns instance 0: user space stores the option ranges there. */                 \
	static __always_inline int bq_kit_configure(TYPE *q)                                       \
	{                                                                                          \
		TYPE *ranges = bq_instance_at(0);                                                  \
                                                                                                   \
		if (!ranges)                                                                       \
			return -EINVAL;                                                            \
		q->defaults = ranges->defaults;                                                    \
		return bq_kit_check((u64 *)&q->config[0], (const u64 *)&ranges->config[0],         \
				    (const u64 *)&ranges->config[1],                               \
				    (const u64 *)&ranges->defaults, sizeof(q->defaults) / 8);      \
	}

/* Start of the units of an instance with plain memory, after the packets' memory. */
#define bq_units_of(q) ((q)->id.memory + (u32)bq_need(q, packet_bytes) * (q)->id.slots)

#define BQ_KIT_OPS(NAME, ID) BQ_KIT_OPS_WITH(NAME, ID, "struct_ops", , 0, (void)0)

#define bq_pool_units(q) (bq_need(q, units) < BQ_POOL_UNITS ? bq_need(q, units) : BQ_POOL_UNITS)

#define BQ_KIT_OPS_MEMORY(NAME, ID)                                                                \
	BQ_KIT_OPS_WITH(NAME, ID, "struct_ops.s", BQ_USES_MEMORY(),                                \
			bq_memory_from_pool(&q->id,                                                \
					    bq_need(q, packet_bytes) * BQ_POOL_KIT_SLOTS +         \
						    bq_need(q, unit_bytes) * bq_pool_units(q),     \
					    bq_pool_units(q)),                                     \
			bq_memory_release(&q->id))

/*
 * Define the operations. SECTION: section of .init and .destroy. MEMORY: statement at the start of
 * every operation. POOL: allocates memory for a pool instance and returns 0 or a negative errno.
 * RELEASE: frees it.
 */
#define BQ_KIT_OPS_WITH(NAME, ID, SECTION, MEMORY, POOL, RELEASE)                                  \
	static __always_inline int NAME##_bq_start(struct NAME *q, struct Qdisc *sch)              \
	{                                                                                          \
		int err = bq_kit_configure(q);                                                     \
                                                                                                   \
		if (err)                                                                           \
			return err;                                                                \
		if (bq_is_pool_instance(&q->id)) {                                                 \
			bq_pool_want(&q->id, BQ_POOL_KIT_CLASS);                                   \
			err = POOL;                                                                \
		}                                                                                  \
		return err ? err : NAME##_start(q, sch);                                           \
	}                                                                                          \
                                                                                                   \
	SEC(SECTION)                                                                               \
	int BPF_PROG(NAME##_init, struct Qdisc *sch, struct nlattr *opt)                           \
	{                                                                                          \
		MEMORY;                                                                            \
		return bq_init(sch, opt, bq_kit_intree, NAME##_bq_start);                          \
	}                                                                                          \
                                                                                                   \
	SEC("struct_ops")                                                                          \
	void BPF_PROG(NAME##_reset, struct Qdisc *sch)                                             \
	{                                                                                          \
		struct NAME *q = bq_instance_of(sch);                                              \
                                                                                                   \
		MEMORY;                                                                            \
		if (q)                                                                             \
			NAME##_clear(q);                                                           \
	}                                                                                          \
                                                                                                   \
	/* The core may skip .reset, and packets left in slots would pin the device. */            \
	SEC(SECTION)                                                                               \
	void BPF_PROG(NAME##_destroy, struct Qdisc *sch)                                           \
	{                                                                                          \
		struct NAME *q = bq_instance_of(sch);                                              \
                                                                                                   \
		MEMORY;                                                                            \
		if (!q)                                                                            \
			return;                                                                    \
		NAME##_clear(q);                                                                   \
		RELEASE;                                                                           \
		bq_release(&q->id, sch);                                                           \
	}                                                                                          \
                                                                                                   \
	SEC(".struct_ops.link")                                                                    \
	struct Qdisc_ops NAME = {                                                                  \
		.enqueue = (void *)NAME##_enqueue,                                                 \
		.dequeue = (void *)NAME##_dequeue,                                                 \
		.init = (void *)NAME##_init,                                                       \
		.reset = (void *)NAME##_reset,                                                     \
		.destroy = (void *)NAME##_destroy,                                                 \
		.id = ID,                                                                          \
	};                                                                                         \
                                                                                                   \
	char _license[] SEC("license") = "GPL"

#endif
