// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <bqdisc/memory.h>

#include "bpf/arena.h"
#include "bpf/map.h"
#include "bpf/range_map.h"

#define UNITS ((uint32_t)(BQ_MEMORY_BYTES / BQ_MEMORY_ALIGN))

_Static_assert(UNITS == 8 * BQ_RANGE_MAP_BYTES, "a bit for each unit");

int bq_range_map_create(const char *dir)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	char path[BQ_PIN_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/ranges", dir);
	return bq_map_pin(bpf_map_create(BPF_MAP_TYPE_ARRAY, "ranges", sizeof(uint32_t),
					 BQ_RANGE_MAP_BYTES, 1, &opts),
			  path);
}

/* Return the map of the arena, mapped until the kind is closed, or NULL with errno. */
static uint64_t *taken_units(struct bq_kind *kind)
{
	char path[BQ_PIN_PATH_MAX + 8];
	void *map;
	int fd;

	if (kind->ranges)
		return kind->ranges;
	snprintf(path, sizeof(path), "%s/ranges", kind->dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return NULL;
	map = mmap(NULL, BQ_RANGE_MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	kind->ranges = map == MAP_FAILED ? NULL : map;
	return kind->ranges;
}

static uint32_t units_of(uint64_t bytes)
{
	return (uint32_t)((bytes + BQ_MEMORY_ALIGN - 1) / BQ_MEMORY_ALIGN);
}

/* Return the first unit from FIRST on with N free ones, or UNITS. */
static uint32_t find_units(const uint64_t *taken, uint32_t first, uint32_t n)
{
	uint32_t i, run = 0;

	for (i = first; i < UNITS; i++) {
		if (i % 64 == 0 && taken[i / 64] == UINT64_MAX) {
			run = 0;
			i += 63;
			continue;
		}
		run = taken[i / 64] >> i % 64 & 1 ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return UNITS;
}

static void mark_units(uint64_t *taken, uint64_t from, uint64_t bytes, bool take)
{
	uint32_t i, first = (uint32_t)(from / BQ_MEMORY_ALIGN), end = first + units_of(bytes);

	for (i = first; i < end && i < UNITS; i++)
		taken[i / 64] =
			take ? taken[i / 64] | 1ull << i % 64 : taken[i / 64] & ~(1ull << i % 64);
}

static void mark_instance(uint64_t *taken, const struct bq_instance *id, bool take)
{
	uint32_t n;

	mark_units(taken, id->memory, id->memory_size, take);
	for (n = 0; n < 2; n++)
		mark_units(taken, id->tables[n].ref, id->tables[n].size, take);
	for (n = 0; n < BQ_SLOTS_STEPS; n++)
		mark_units(taken, id->more[n].ref, id->more[n].size, take);
}

/*
 * Make the map anew. An interrupted command, or a qdisc of the pool that was given tables, leaves
 * ranges in it that no instance has. SELF may be free still.
 */
static void rebuild(const struct bq_kind *kind, uint64_t *taken, const struct bq_instance *self)
{
	const struct bq_instance *id = NULL;

	memset(taken, 0, BQ_RANGE_MAP_BYTES);
	while ((id = bq_kind_next(kind, id)))
		mark_instance(taken, id, true);
	if (self)
		mark_instance(taken, self, true);
}

static uint32_t first_unit(const struct bq_kind *kind)
{
	return units_of(bq_arena_pool_end(kind->q));
}

int bq_range_take(struct bq_kind *kind, const struct bq_instance *self, uint64_t bytes,
		  uint64_t *from, struct bq_error *error)
{
	uint64_t *taken = taken_units(kind);
	uint32_t unit;

	if (!taken)
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot open %s/ranges: %s",
			       kind->dir, strerror(errno));
	unit = find_units(taken, first_unit(kind), units_of(bytes));
	if (unit == UNITS) {
		rebuild(kind, taken, self);
		unit = find_units(taken, first_unit(kind), units_of(bytes));
	}
	if (unit == UNITS)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
			       "%s: its instances use all of their 4 GiB; detach one",
			       kind->q->name);
	*from = (uint64_t)unit * BQ_MEMORY_ALIGN;
	mark_units(taken, *from, bytes, true);
	return 0;
}

static bool fits(const struct bq_kind *kind, const uint64_t *taken, uint64_t bytes, uint32_t n)
{
	uint32_t unit = first_unit(kind);

	while (n) {
		unit = find_units(taken, unit, units_of(bytes));
		if (unit == UNITS)
			return false;
		unit += units_of(bytes);
		n--;
	}
	return true;
}

bool bq_range_has_room(struct bq_kind *kind, uint64_t bytes, uint32_t n)
{
	uint64_t *taken = bytes ? taken_units(kind) : NULL;

	if (!taken || fits(kind, taken, bytes, n))
		return true;
	rebuild(kind, taken, NULL);
	return fits(kind, taken, bytes, n);
}

void bq_range_free(struct bq_kind *kind, struct bq_range *range)
{
	uint64_t *taken = range->size ? taken_units(kind) : NULL;

	if (taken)
		mark_units(taken, range->ref, range->size, false);
	*range = (struct bq_range){ 0 };
}

void bq_range_free_all(struct bq_kind *kind, struct bq_instance *id)
{
	uint64_t *taken = kind->memory_fd >= 0 ? taken_units(kind) : NULL;

	if (taken)
		mark_instance(taken, id, false);
	id->memory_size = 0;
	memset(id->tables, 0, sizeof(id->tables));
	memset(id->more, 0, sizeof(id->more));
}
