// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bqdisc/pool.h>

#include "bpf/arena.h"
#include "bpf/table_size.h"
#include "util/array.h"

/*
 * Limit of bytes for the pool in the map of instances, in which BQ_POOL_MOST of each built-in qdisc
 * fit; the least number of pool instances.
 */
#define POOL_TABLE_MAX (28u << 20)
#define POOL_LEAST 128u
/* Prepared instances of the first table; a larger one has this many times as many. */
#define FIRST 63u
#define GROWTH 8u

/* --- choice --- */

uint32_t bq_table_size_pool(const struct bqdisc_qdisc *q)
{
	size_t n = POOL_TABLE_MAX / q->instance_size;

	return n < POOL_LEAST ? POOL_LEAST : n > BQ_POOL_MOST ? BQ_POOL_MOST : (uint32_t)n;
}

uint32_t bq_table_size_entries(struct bq_table_size size)
{
	return BQ_POOL_FIRST + size.pool + size.prepared;
}

/* Return the number of prepared instances of that ROOM that the arena can hold. */
static uint64_t most_in_arena(const struct bqdisc_qdisc *q, const struct bq_room *room)
{
	uint64_t each = BQ_POOL_STRIDE(room->bytes);

	return each ? (BQ_MEMORY_BYTES - bq_arena_pool_end(q)) / each : UINT64_MAX;
}

/* Return the number of prepared instances, WISHED if possible, with that ROOM. */
static uint32_t with_room(const struct bqdisc_qdisc *q, uint32_t wished, const struct bq_room *room)
{
	uint64_t most = most_in_arena(q, room);

	wished = wished > room->wished ? wished : room->wished;
	most = most < BQ_PREPARED_MOST ? most : BQ_PREPARED_MOST;
	wished = wished < most ? wished : (uint32_t)most;
	return wished > room->instances ? wished : room->instances;
}

struct bq_table_size bq_table_size_first(const struct bqdisc_qdisc *q, const struct bq_room *room)
{
	struct bq_table_size size = { POOL_LEAST, with_room(q, FIRST, room) };

	if (room->pool || bq_qdisc_is_user(q))
		size.pool = bq_table_size_pool(q);
	/* A user object can have maps of its own for BQ_INSTANCES. */
	if (bq_qdisc_is_user(q))
		size.prepared = BQ_INSTANCES - BQ_POOL_FIRST - BQ_POOL_MOST;
	return size;
}

struct bq_table_size bq_table_size_next(const struct bqdisc_qdisc *q, struct bq_table_size now,
					const struct bq_room *room)
{
	if (bq_qdisc_is_user(q))
		return now;
	if (room->pool)
		now.pool = bq_table_size_pool(q);
	else if (room->more_pool)
		now.pool = now.pool * GROWTH < bq_table_size_pool(q) ? now.pool * GROWTH
								     : bq_table_size_pool(q);
	if (room->instances)
		now.prepared = with_room(q, now.prepared * GROWTH, room);
	return now;
}

/* --- maps --- */

/* Lay out the pool: a fourth of the areas of the largest one for a fourth of its instances. */
static struct bq_pool make_pool(uint32_t instances, uint32_t *slots)
{
	struct bq_pool pool = { .instances = instances };
	uint32_t class, most;

	*slots = instances * BQ_POOL_SLOTS;
	for (class = 0; class < BQ_AREA_CLASSES; class ++) {
		most = BQ_AREA_MOST(class);
		pool.areas[class] = (uint32_t)((uint64_t)most * instances / BQ_POOL_MOST);
		/* The smallest pool can hold the packets of a default queue length. */
		if (!pool.areas[class] && class < BQ_AREA_CLASSES - 1)
			pool.areas[class] = 1;
		pool.base[class] = *slots;
		*slots += pool.areas[class] * BQ_AREA_SLOTS(class);
	}
	return pool;
}

void bq_table_size_apply(struct bpf_object *obj, struct bq_table_size size)
{
	uint32_t slots, n = bq_table_size_entries(size);
	struct bq_pool pool = make_pool(size.pool, &slots);
	const struct {
		const char *map;
		uint32_t entries;
	} sizes[] = {
		{ "instances", n },
		{ "usage", (n + 63) / 64 },
		{ "places", n },
		{ "growing", n },
		{ "locks", n },
		{ "fronts", n },
		{ "slots", BQ_SLOTS_KEY(n, 0) },
		{ "slots_pool", slots },
		{ "spares", pool.areas[0] },
	};
	struct bpf_map *map;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		map = bpf_object__find_map_by_name(obj, sizes[i].map);
		if (map)
			bpf_map__set_max_entries(map, sizes[i].entries);
	}
}

/* Write the size of the pool into index 0 of the table. */
static int write_head(struct bpf_map *instances, uint32_t pool)
{
	struct bq_instance *head = calloc(1, bpf_map__value_size(instances));
	int err, fd = bpf_map__fd(instances);
	uint32_t key = 0;

	if (!head)
		return -ENOMEM;
	err = bpf_map_lookup_elem(fd, &key, head);
	head->pool = pool;
	if (!err)
		err = bpf_map_update_elem(fd, &key, head, BPF_ANY);
	free(head);
	return err;
}

int bq_table_size_write(struct bpf_object *obj, struct bq_table_size size)
{
	struct bpf_map *instances = bpf_object__find_map_by_name(obj, "instances");
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "pool");
	uint32_t key = 0, slots;
	struct bq_pool pool = make_pool(size.pool, &slots);
	int err = instances ? write_head(instances, size.pool) : 0;

	return err || !map ? err : bpf_map_update_elem(bpf_map__fd(map), &key, &pool, BPF_ANY);
}
