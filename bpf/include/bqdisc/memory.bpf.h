/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain memory of an instance, of any size: a range of the arena `memory`, which user space filled
 * with pages and wrote into id->memory. Objects are named by links (32 bits); following one costs a
 * single instruction and needs no test, because the kernel keeps every access inside the arena.
 *
 * An array map would cost a call a lookup (its size is the instance's own, so it is not inlined),
 * or the same large size for every instance.
 *
 * Not for packets: an owning pointer to a packet lives in a slot (time_slots.bpf.h).
 *
 * Guarantees: a link gone wrong reads or spoils what is in the arena, of this kind's instances, and
 * nothing else in the kernel. Cost: one instruction an access.
 */
#ifndef BQDISC_MEMORY_BPF_H
#define BQDISC_MEMORY_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/loop.bpf.h>
#include <bqdisc/memory.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BQ_MEMORY_BYTES / 4096); /* user space adapts it to the page size */
	__ulong(map_extra, BQ_MEMORY_ADDRESS);
} memory SEC(".maps");

/* Every program that follows links says so: the verifier must see the arena in it. */
#define BQ_USES_MEMORY() asm volatile("" ::"r"(&memory))

/* The object of that type at LINK. */
#define bq_at(type, ref) ((type __arena *)(unsigned long)(ref))
/* Element N of an array that begins at LINK. */
#define bq_nth(type, ref, n) (bq_at(type, ref) + (u32)(n))
#define bq_ref_of(object) ((bq_ref)(unsigned long)(object))

/* Gives a pool instance its range: each has BYTES of them, made for UNITS. */
static __always_inline void bq_memory_from_pool(struct bq_instance *id, u64 bytes, u32 units)
{
	u32 index = id->slots_base / BQ_POOL_SLOTS + 1;

	id->memory = index * BQ_POOL_STRIDE(bytes);
	id->memory_size = bytes;
	id->units = units;
}

#endif
