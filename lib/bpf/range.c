// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ranges of a kind's arena that belong to its instances. The next instance reuses a free range.
 * Parts of a range may have no pages until programs request them (grow.bpf.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bqdisc/memory.h>

#include "bpf/arena.h"
#include "bpf/range.h"
#include "bpf/range_map.h"

static int fail_fill(const struct bq_kind *kind, uint64_t bytes, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "no %llu bytes of memory for %s: %s",
		       (unsigned long long)bytes, kind->q->name, strerror(-err));
}

/* Find a free range of BYTES, set *FROM, populate it, and copy DATA there unless it is NULL. */
static int find_range(struct bq_kind *kind, const struct bq_instance *self, uint64_t bytes,
		      const void *data, uint64_t *from, struct bq_error *error)
{
	int err = bq_range_take(kind, self, bytes, from, error);

	if (err)
		return err;
	err = bq_arena_fill(kind->memory_fd, *from, bytes, data);
	return err ? fail_fill(kind, bytes, err, error) : 0;
}

int bq_range_alloc(struct bq_kind *kind, struct bq_instance *id, uint64_t bytes, uint32_t slots,
		   struct bq_error *error)
{
	struct bq_extent parts[BQ_EXTENTS_MAX];
	size_t i, n = bq_qdisc_resident(kind->q, slots, id->units, bytes, parts);
	uint64_t from, held = 0;
	int err;

	id->memory_size = 0;
	id->tables[0] = id->tables[1] = (struct bq_range){ 0 };
	memset(id->more, 0, sizeof(id->more));
	err = bq_range_take(kind, id, bytes, &from, error);
	for (i = 0; !err && i < n; held += parts[i++].bytes) {
		err = bq_arena_populate(kind->memory_fd, from + parts[i].from, parts[i].bytes);
		if (err)
			fail_fill(kind, parts[i].bytes, err, error);
	}
	if (err)
		return err;
	id->memory = (uint32_t)from;
	id->memory_size = (uint32_t)bytes;
	id->memory_held = (uint32_t)held;
	return 0;
}

int bq_range_alloc_growth(struct bq_kind *kind, struct bq_instance *id, uint32_t step,
			  uint64_t bytes, struct bq_error *error)
{
	uint64_t from;
	int err;

	id->more[step] = (struct bq_range){ 0 };
	err = find_range(kind, id, bytes, NULL, &from, error);
	if (!err)
		id->more[step] = (struct bq_range){ (uint32_t)from, (uint32_t)bytes };
	return err;
}

/* Reserve the range of a configuration's own memory, unless ID has it. */
static int alloc_config_memory(struct bq_kind *kind, struct bq_instance *id, const void *config,
			       struct bq_error *error)
{
	uint64_t bytes = bq_qdisc_config_memory(kind->q, config);

	if (!bytes || id->more[BQ_MORE_CONFIG].size)
		return 0;
	return bq_range_alloc_growth(kind, id, BQ_MORE_CONFIG, bytes, error);
}

/* Compile CONFIG, with the memory of an instance that a qdisc uses. */
static int compile(const struct bq_kind *kind, const struct bq_instance *id, unsigned int bank,
		   const void *config, const struct bq_blob *tables, struct bq_arena_data *data)
{
	char *all = NULL;
	int err;

	if (bq_instance_state(id) == BQ_LIVE) {
		all = bq_arena_map(kind->memory_fd);
		if (!all)
			return -errno;
	}
	err = kind->q->compile(id, bank, all ? all + id->memory : NULL, config, tables, data);
	if (all)
		munmap(all, BQ_MEMORY_BYTES);
	return err;
}

/* Write what the kind compiles from CONFIG and its tables into the memory of ID. */
static int write_compiled(const struct bq_kind *kind, const struct bq_instance *id,
			  unsigned int bank, const void *config, const struct bq_blob *tables,
			  struct bq_error *error)
{
	struct bq_arena_data data = { 0 };
	int err;

	if (!kind->q->compile || !id->memory_size)
		return 0;
	err = compile(kind, id, bank, config, tables, &data);
	if (err == -E2BIG)
		return bq_fail(error, BQDISC_ERROR_USAGE, E2BIG,
			       "%s: has room for %u since attach; detach and attach again to have "
			       "more",
			       kind->q->name, id->units);
	if (!err)
		err = bq_arena_fill(kind->memory_fd, id->memory + data.at, data.blob.size,
				    data.blob.data);
	free(data.blob.data);
	return err ? fail_fill(kind, data.blob.size, err, error) : 0;
}

/* Assign the range to ID last, so that an interrupted command leaves no reserved range. */
int bq_range_alloc_tables(struct bq_kind *kind, struct bq_instance *id, unsigned int bank,
			  const void *config, const struct bq_blob *tables, struct bq_error *error)
{
	uint64_t from = 0;
	int err = alloc_config_memory(kind, id, config, error);

	bq_range_free(kind, &id->tables[bank]);
	if (!err && tables->size)
		err = find_range(kind, id, tables->size, tables->data, &from, error);
	if (err)
		return err;
	if (tables->size)
		id->tables[bank] = (struct bq_range){ (uint32_t)from, tables->size };
	return write_compiled(kind, id, bank, config, tables, error);
}

/* Copy the tables once. Return -EAGAIN if they were changed at the same time. */
static int copy_tables(const struct bq_kind *kind, const struct bq_instance *id,
		       struct bq_blob *tables)
{
	uint32_t generation = __atomic_load_n(&id->generation, __ATOMIC_ACQUIRE);
	struct bq_range range = id->tables[generation & 1];
	char *all;

	*tables = (struct bq_blob){ 0 };
	if (!range.size)
		return 0;
	tables->data = malloc(range.size);
	all = tables->data ? bq_arena_map(kind->memory_fd) : NULL;
	if (!all)
		return -errno;
	tables->size = range.size;
	memcpy(tables->data, all + range.ref, range.size);
	munmap(all, BQ_MEMORY_BYTES);
	/* Inactive tables may be overwritten at any time, so check again after copying. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return id->generation == generation && id->tables[generation & 1].ref == range.ref
		       ? 0
		       : -EAGAIN;
}

int bq_range_read_tables(const struct bq_kind *kind, const struct bq_instance *id,
			 struct bq_blob *tables, struct bq_error *error)
{
	int err;

	while ((err = copy_tables(kind, id, tables)) == -EAGAIN)
		free(tables->data);
	if (!err)
		return 0;
	free(tables->data);
	*tables = (struct bq_blob){ 0 };
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot read the tables of %s: %s",
		       kind->q->name, strerror(-err));
}
