// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/kind.h"
#include "bpf/map.h"

/* Limit of bytes for the pool in the map of instances, and the least number of pool instances. */
#define POOL_TABLE_MAX (20u << 20)
#define POOL_LEAST 64u
#define PATH_MAX_BYTES 128

static int open_pin(const char *dir, const char *name)
{
	char path[PATH_MAX_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return bpf_obj_get(path);
}

static bool has_pin(const char *dir, const char *name)
{
	char path[PATH_MAX_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !access(path, F_OK);
}

/* --- open --- */

/*
 * Map the table. The kernel aligns values of an mmapable array to 8 bytes, and the array to pages.
 */
static int map_table(struct bq_kind *kind, int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_map_get_info_by_fd(fd, &info, &len);

	if (err)
		return err;
	kind->entries = info.max_entries;
	kind->stride = (info.value_size + 7ull) & ~7ull;
	kind->table_size = (kind->stride * kind->entries + page - 1) & ~(page - 1);
	kind->table = mmap(NULL, kind->table_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (kind->table != MAP_FAILED)
		return 0;
	kind->table = NULL;
	return -errno;
}

static const char *layout_name(char buf[16])
{
	snprintf(buf, 16, "layout%d", BQ_LAYOUT);
	return buf;
}

static int fail_open(const char *dir, const char *name, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, err, "cannot open %s/%s: %s", dir, name,
		       strerror(err));
}

static int fail_layout(const char *name, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
		       "%s: loaded by another release of bqdisc; run 'bqdisc detach', which "
		       "restores the previous qdisc, then 'bqdisc unload %s'",
		       name, name);
}

/* Open a map that not every kind has. A plain kind may use the names for maps of its own. */
static int open_optional(const struct bq_kind *kind, const char *name, int *fd,
			 struct bq_error *error)
{
	*fd = kind->plain ? -1 : open_pin(kind->dir, name);
	return kind->plain || *fd >= 0 || errno == ENOENT
		       ? 0
		       : fail_open(kind->dir, name, errno, error);
}

static int open_maps(struct bq_kind *kind, struct bq_error *error)
{
	const char *dir = kind->dir;
	int err, fd = open_pin(dir, "instances");
	char layout[16];

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return fail_open(dir, "instances", errno, error);
	if (!has_pin(dir, layout_name(layout))) {
		close(fd);
		return fail_layout(kind->q ? kind->q->name : kind->name, error);
	}
	err = map_table(kind, fd);
	close(fd);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot map %s/instances: %s",
			       dir, strerror(-err));
	kind->plain = has_pin(dir, "plain");
	err = open_optional(kind, "slots", &kind->slots_fd, error);
	if (!err && kind->slots_fd >= 0)
		err = open_optional(kind, "slots_pool", &kind->pool_fd, error);
	if (!err)
		err = open_optional(kind, "memory", &kind->memory_fd, error);
	return err;
}

int bq_kind_open(struct bq_kind *kind, const char *name, const struct bqdisc_qdisc *q,
		 const char *dir, struct bq_error *error)
{
	int err;

	*kind = (struct bq_kind){ .q = q, .slots_fd = -1, .pool_fd = -1, .memory_fd = -1 };
	snprintf(kind->name, sizeof(kind->name), "%s", name);
	bq_pin_kind(dir, kind->dir);
	err = open_maps(kind, error);
	if (!err && q)
		err = bq_kind_describe(kind, q, error);
	if (err)
		bq_kind_close(kind);
	return err;
}

static int read_counters(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error)
{
	int err;

	kind->counters = calloc(q->n_counters, sizeof(*kind->counters));
	err = kind->counters ? q->user_ops->read_counters(q, kind->dir, kind->counters) : -ENOMEM;
	return err ? bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			     "cannot read the variables of %s: %s", q->name, strerror(-err))
		   : 0;
}

int bq_kind_describe(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error)
{
	const char *dir = kind->dir;

	if (kind->stride != ((q->instance_size + 7) & ~(size_t)7) ||
	    kind->entries != bq_kind_entries(q))
		return fail_layout(q->name, error);
	if (q->slots && kind->slots_fd < 0)
		return fail_open(dir, "slots", ENOENT, error);
	if (q->slots && kind->pool_fd < 0)
		return fail_open(dir, "slots_pool", ENOENT, error);
	if (q->memory && kind->memory_fd < 0)
		return fail_open(dir, "memory", ENOENT, error);
	kind->q = q;
	return q->plain && q->n_counters && !kind->counters ? read_counters(kind, q, error) : 0;
}

void bq_kind_close(struct bq_kind *kind)
{
	if (kind->table)
		munmap(kind->table, kind->table_size);
	if (kind->slots_fd >= 0)
		close(kind->slots_fd);
	if (kind->pool_fd >= 0)
		close(kind->pool_fd);
	if (kind->memory_fd >= 0)
		close(kind->memory_fd);
	free(kind->counters);
	if (kind->object)
		bpf_object__close(kind->object);
	*kind = (struct bq_kind){ .slots_fd = -1, .pool_fd = -1, .memory_fd = -1 };
}

/* --- marks --- */

/* Pin a map of the kind once more as a mark, as bpffs has no plain files. */
int bq_kind_mark(const char *dir, const char *name, struct bq_error *error)
{
	int err, fd = open_pin(dir, "instances");
	char path[PATH_MAX_BYTES];

	if (fd < 0)
		return fail_open(dir, "instances", errno, error);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = bq_map_pin(fd, path);
	if (!err)
		return 1;
	return err == -EEXIST ? 0
			      : bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s",
					path, strerror(-err));
}

int bq_kind_write_layout(const char *dir, struct bq_error *error)
{
	char name[16];
	int err = bq_kind_mark(dir, layout_name(name), error);

	return err < 0 ? err : 0;
}

int bq_kind_create_instances(const char *path, size_t instance_size)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	return bq_map_pin(bpf_map_create(BPF_MAP_TYPE_ARRAY, "instances", sizeof(uint32_t),
					 (uint32_t)instance_size, BQ_POOL_FIRST + BQ_POOL_INSTANCES,
					 &opts),
			  path);
}

/* --- instances --- */

uint32_t bq_kind_entries(const struct bqdisc_qdisc *q)
{
	size_t n = POOL_TABLE_MAX / q->instance_size;

	n = n < POOL_LEAST ? POOL_LEAST : n > BQ_POOL_INSTANCES ? BQ_POOL_INSTANCES : n;
	return BQ_POOL_FIRST + (uint32_t)n;
}

struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index)
{
	return (struct bq_instance *)((char *)kind->table + index * kind->stride);
}

uint32_t bq_kind_index(const struct bq_kind *kind, const struct bq_instance *id)
{
	return (uint32_t)(((const char *)id - (const char *)kind->table) / (long)kind->stride);
}

struct bq_instance *bq_kind_next(const struct bq_kind *kind, const struct bq_instance *prev)
{
	const volatile struct bq_instance *zero = kind->table, *id;
	uint32_t i = prev ? bq_kind_index(kind, prev) + 1 : 1;
	uint32_t end = zero->high < kind->entries ? zero->high : kind->entries;

	for (;; i++) {
		if (i < BQ_POOL_FIRST && i >= zero->prepared_end)
			i = BQ_POOL_FIRST;
		if (i >= BQ_POOL_FIRST && i >= end)
			return NULL;
		id = (const volatile void *)((char *)kind->table + i * kind->stride);
		if (id->state != BQ_FREE || id->growing)
			return (struct bq_instance *)id;
	}
}

struct bq_instance *bq_kind_take_free(const struct bq_kind *kind)
{
	struct bq_instance *zero = kind->table, *id;
	uint32_t i;

	for (i = 1; i < BQ_POOL_FIRST; i++) {
		id = (struct bq_instance *)((char *)kind->table + i * kind->stride);
		if (id->state != BQ_FREE || id->growing)
			continue;
		if (i >= zero->prepared_end)
			__atomic_store_n(&zero->prepared_end, i + 1, __ATOMIC_RELEASE);
		return id;
	}
	return NULL;
}

bool bq_kind_in_use(const struct bq_kind *kind)
{
	const struct bq_instance *id;

	for (id = bq_kind_next(kind, NULL); id; id = bq_kind_next(kind, id))
		if (id->state == BQ_LIVE || id->state == BQ_CLAIMED || id->growing)
			return true;
	return false;
}

const void *bq_kind_config(const struct bq_kind *kind, const struct bq_instance *id)
{
	const struct bqdisc_qdisc *q = kind->q;

	return (const char *)id + q->config_offset + (id->generation & 1) * q->config_size;
}

const void *bq_kind_defaults(const struct bq_kind *kind, const struct bq_instance *id)
{
	const struct bqdisc_qdisc *q = kind->q;

	return (const char *)id + q->config_offset + 2 * q->config_size;
}

uint64_t bq_kind_counter(const struct bq_kind *kind, const struct bq_instance *id,
			 const struct bq_counter *counter, size_t n)
{
	const char *stats = (const char *)id + kind->q->stats_offset;

	if (kind->counters)
		return kind->counters[counter->offset / sizeof(uint64_t)];
	return *(const volatile uint64_t *)(const void *)(stats + counter->offset +
							  n * sizeof(uint64_t));
}
