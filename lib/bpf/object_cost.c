// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kernel memory of an object's maps when it is loaded. */
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf/kind.h"
#include "bpf/object.h"

/* Values from linux/bpf.h, which lacks them on Debian 12. */
#define MAP_USER_RINGBUF 31 /* BPF_MAP_TYPE_USER_RINGBUF, of enum bpf_map_type */
#define MAP_ARENA 33        /* BPF_MAP_TYPE_ARENA */

/* Return the bytes that a map allocates on creation, approximately as the kernel counts them. */
static uint64_t cost_of_map(const struct bpf_map *map, uint64_t n)
{
	uint64_t value = (bpf_map__value_size(map) + 7ull) & ~7ull,
		 key = (bpf_map__key_size(map) + 7ull) & ~7ull;
	int cpus = libbpf_num_possible_cpus();

	switch ((int)bpf_map__type(map)) {
	case MAP_ARENA:
		return 0;
	case BPF_MAP_TYPE_ARRAY:
		return n * value;
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return n * value * (uint64_t)(cpus > 0 ? cpus : 1);
	case BPF_MAP_TYPE_RINGBUF:
	case MAP_USER_RINGBUF:
		return n;
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		value *= (uint64_t)(cpus > 0 ? cpus : 1);
		break;
	default:
		break;
	}
	/*
	 * Pointers of an element, and its bucket. Without BPF_F_NO_PREALLOC all elements are
	 * allocated.
	 */
	return bpf_map__map_flags(map) & BPF_F_NO_PREALLOC ? n * 16 : n * (key + value + 64);
}

uint64_t bq_object_cost(const struct bqdisc_qdisc *q, struct bpf_object *obj,
			struct bq_table_size size)
{
	uint64_t bytes = q->image.size;
	struct bpf_map *map;

	if (!q->plain)
		bq_table_size_apply(obj, size);
	bpf_object__for_each_map(map, obj)
		bytes += cost_of_map(map, bpf_map__max_entries(map));
	return bytes;
}
