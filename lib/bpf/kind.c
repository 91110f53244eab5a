// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Access to a loaded kind through its pinned maps, and pinned stores of records. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "user/user_object.h"
#include "user/globals.h"
#include "bpf/object.h"

/* Limit of bytes for the pool in the map of instances, and the least number of pool instances. */
#define POOL_TABLE_MAX (20u << 20)
#define POOL_LEAST 64u

static int open_pin(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return bpf_obj_get(path);
}

uint32_t bq_kind_entries(const struct bqdisc_qdisc *q)
{
	size_t n = POOL_TABLE_MAX / q->instance_size;

	n = n < POOL_LEAST ? POOL_LEAST : n > BQ_POOL_INSTANCES ? BQ_POOL_INSTANCES : n;
	return BQ_POOL_FIRST + (uint32_t)n;
}

/*
 * Map the table. The kernel aligns values of an mmapable array to 8 bytes, and the array to pages.
 */
static int map_table(struct bq_kind *kind, int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	kind->stride = (kind->q->instance_size + 7) & ~(size_t)7;
	kind->table_size = (kind->stride * bq_kind_entries(kind->q) + page - 1) & ~(page - 1);
	kind->table = mmap(NULL, kind->table_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (kind->table != MAP_FAILED)
		return 0;
	kind->table = NULL;
	return -errno;
}

static const char *stamp_name(char buf[16])
{
	snprintf(buf, 16, "layout%d", BQ_LAYOUT);
	return buf;
}

static bool same_layout(const struct bqdisc_qdisc *q, const char *dir, int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	char path[256], name[16];

	snprintf(path, sizeof(path), "%s/%s", dir, stamp_name(name));
	return !access(path, F_OK) && !bpf_map_get_info_by_fd(fd, &info, &len) &&
	       info.value_size == q->instance_size && info.max_entries == bq_kind_entries(q);
}

static int fail_open(const char *dir, const char *name, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, err, "cannot open %s/%s: %s", dir, name,
		       strerror(err));
}

static int open_slots(struct bq_kind *kind, const char *dir, struct bq_error *error)
{
	if (kind->q->user && !kind->q->user->has_slots)
		return 0;
	kind->slots_fd = open_pin(dir, "slots");
	if (kind->slots_fd < 0)
		return fail_open(dir, "slots", errno, error);
	kind->pool_fd = open_pin(dir, "slots_pool");
	if (kind->pool_fd < 0)
		return fail_open(dir, "slots_pool", errno, error);
	if (!bq_qdisc_has_memory(kind->q))
		return 0;
	kind->memory_fd = open_pin(dir, "memory");
	return kind->memory_fd < 0 ? fail_open(dir, "memory", errno, error) : 0;
}

static int open_globals(struct bq_kind *kind, const char *dir, struct bq_error *error)
{
	const struct bqdisc_qdisc *q = kind->q;
	int err;

	if (!bq_user_object_is_plain(q) || !q->n_counters)
		return 0;
	kind->globals = calloc(q->n_counters, sizeof(*kind->globals));
	err = kind->globals ? bq_globals_read(q->user, dir, kind->globals) : -ENOMEM;
	return err ? bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			     "cannot read the variables of %s: %s", q->name, strerror(-err))
		   : 0;
}

int bq_kind_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, const char *dir,
		 struct bq_error *error)
{
	int err, fd = open_pin(dir, "instances");

	*kind = (struct bq_kind){ .q = q, .slots_fd = -1, .pool_fd = -1, .memory_fd = -1 };
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return fail_open(dir, "instances", errno, error);
	if (!same_layout(q, dir, fd)) {
		close(fd);
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, EPROTO,
			"%s: loaded by another release of bqdisc; run 'bqdisc detach', which "
			"restores the previous qdisc, then 'bqdisc unload %s'",
			q->name, q->name);
	}
	err = map_table(kind, fd);
	close(fd);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot map %s/instances: %s",
			       dir, strerror(-err));
	err = open_slots(kind, dir, error);
	if (!err)
		err = open_globals(kind, dir, error);
	if (err)
		bq_kind_close(kind);
	return err;
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
	free(kind->globals);
	*kind = (struct bq_kind){ .slots_fd = -1, .pool_fd = -1, .memory_fd = -1 };
}

/* Pin a map of the kind once more as a mark, as bpffs has no plain files. */
int bq_kind_mark(const char *dir, const char *name, struct bq_error *error)
{
	int err, fd = open_pin(dir, "instances");
	char path[256];

	if (fd < 0)
		return fail_open(dir, "instances", errno, error);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = bpf_obj_pin(fd, path);
	close(fd);
	if (!err)
		return 1;
	return err == -EEXIST ? 0
			      : bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s",
					path, strerror(-err));
}

int bq_kind_write_layout(const char *dir, struct bq_error *error)
{
	char name[16];
	int err = bq_kind_mark(dir, stamp_name(name), error);

	return err < 0 ? err : 0;
}

struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index)
{
	return (struct bq_instance *)((char *)kind->table + index * kind->stride);
}

uint32_t bq_kind_end(const struct bq_kind *kind)
{
	uint32_t high = __atomic_load_n(&bq_kind_instance(kind, 0)->high, __ATOMIC_ACQUIRE);
	uint32_t all = bq_kind_entries(kind->q);

	return high < BQ_POOL_FIRST ? BQ_POOL_FIRST : high < all ? high : all;
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

/* Wait with a temporary map of maps, as the kind has none. */
static int wait_without_slots(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bqdisc_wait", 4, 8, 1, NULL), outer = inner;
	uint32_t key = 0;
	int err = inner;

	if (inner >= 0) {
		opts.inner_map_fd = (uint32_t)inner;
		outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "bqdisc_wait", 4, 4, 1, &opts);
		err = outer < 0 ? outer : bpf_map_update_elem(outer, &key, &inner, BPF_ANY);
		close(inner);
	}
	if (outer >= 0)
		close(outer);
	return err;
}

/*
 * Wait until every running BPF program has ended. The kernel has no dedicated call, but an update
 * of a map of maps returns only then. Key 0 always holds the pool, so storing it again changes
 * nothing.
 */
static int wait_for_programs(const struct bq_kind *kind)
{
	uint32_t key = 0;

	return kind->slots_fd < 0
		       ? wait_without_slots()
		       : bpf_map_update_elem(kind->slots_fd, &key, &kind->pool_fd, BPF_ANY);
}

/* Wait until no program reads the inactive configuration. */
static int wait_readers(const struct bq_kind *kind, struct bq_instance *id, struct bq_error *error)
{
	int err = wait_for_programs(kind);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot wait for the kernel to leave the old options: %s",
			       strerror(-err));
	id->readers_pending = 0;
	return 0;
}

int bq_kind_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		   const struct bq_blob *tables, struct bq_error *error)
{
	uint32_t next = id->generation + 1;
	const struct bqdisc_qdisc *q = kind->q;
	char *bank = (char *)id + q->config_offset + (next & 1) * q->config_size;
	/* An interrupted command may have stopped while it waited. */
	int err = id->readers_pending ? wait_readers(kind, id, error) : 0;

	if (!err)
		err = bq_range_alloc_tables(kind, id, next & 1, tables, error);
	if (err)
		return err;
	memcpy(bank, config, q->config_size);
	id->readers_pending = 1;
	__atomic_store_n(&id->generation, next, __ATOMIC_RELEASE);
	err = wait_readers(kind, id, error);
	if (!err)
		id->tables[~next & 1] = (struct bq_range){ 0 };
	return err;
}

uint64_t bq_kind_counter(const struct bq_kind *kind, const struct bq_instance *id,
			 const struct bq_counter *counter, size_t n)
{
	const char *stats = (const char *)id + kind->q->stats_offset;

	if (kind->globals)
		return kind->globals[counter->offset / sizeof(uint64_t)];
	return *(const volatile uint64_t *)(const void *)(stats + counter->offset +
							  n * sizeof(uint64_t));
}

bool bq_kind_in_use(const struct bq_kind *kind)
{
	const volatile struct bq_instance *id;
	uint32_t i, end = bq_kind_end(kind);

	for (i = 1; i < end; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_LIVE || id->state == BQ_CLAIMED || id->growing)
			return true;
	}
	return false;
}

/* Pin FD at PATH and close it. */
static int pin_and_close(int fd, const char *path)
{
	int err = fd < 0 ? fd : bpf_obj_pin(fd, path);

	if (fd >= 0)
		close(fd);
	return err;
}

int bq_kind_create_instances(const char *path, size_t instance_size)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	return pin_and_close(bpf_map_create(BPF_MAP_TYPE_ARRAY, "instances", sizeof(uint32_t),
					    (uint32_t)instance_size,
					    BQ_POOL_FIRST + BQ_POOL_INSTANCES, &opts),
			     path);
}

int bq_blob_save(const char *path, const void *bytes, size_t size, struct bq_error *error)
{
	int err, fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bqdisc_object", sizeof(uint32_t),
				     (uint32_t)size, 1, NULL);
	uint32_t key = 0;

	if (fd >= 0 && bpf_map_update_elem(fd, &key, bytes, BPF_ANY)) {
		err = -errno;
		close(fd);
	} else {
		err = pin_and_close(fd, path);
	}
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s", path,
			       strerror(-err));
	return 0;
}

int bq_blob_load(const char *path, void **bytes, size_t *size)
{
	struct bpf_map_info info = { 0 };
	uint32_t key = 0, len = sizeof(info);
	int err, fd = bpf_obj_get(path);

	if (fd < 0)
		return -errno;
	*bytes = NULL;
	err = bpf_map_get_info_by_fd(fd, &info, &len);
	if (!err) {
		*size = info.value_size;
		*bytes = calloc(1, *size + 8);
		err = *bytes ? bpf_map_lookup_elem(fd, &key, *bytes) : -ENOMEM;
	}
	if (err)
		free(*bytes);
	close(fd);
	return err;
}

static bool has_sizes(int fd, size_t key_size, size_t value_size)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return !bpf_map_get_info_by_fd(fd, &info, &len) && info.key_size == key_size &&
	       info.value_size == value_size;
}

static int fail_store(int fd, const char *path, struct bq_error *error)
{
	close(fd);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
		       "%s: written by another release of bqdisc; use that release", path);
}

int bq_store_open(const char *path, const char *name, size_t key_size, size_t value_size,
		  uint32_t max_entries, bool create, struct bq_error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int err, fd = bpf_obj_get(path);

	if (fd >= 0)
		return has_sizes(fd, key_size, value_size) ? fd : fail_store(fd, path, error);
	if (errno != ENOENT || !create)
		return -errno;
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, name, (uint32_t)key_size, (uint32_t)value_size,
			    max_entries, &opts);
	if (fd < 0)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -fd, "cannot make the map '%s': %s",
			       name, strerror(-fd));
	err = bpf_obj_pin(fd, path);
	if (!err)
		return fd;
	close(fd);
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s", path,
		       strerror(-err));
}

int bq_store_get(int fd, const void *key, void *value)
{
	return bpf_map_lookup_elem(fd, key, value);
}

int bq_store_put(int fd, const void *key, const void *value, struct bq_error *error)
{
	int err = bpf_map_update_elem(fd, key, value, BPF_ANY);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot record what was on the device: %s", strerror(-err));
	return 0;
}

int bq_store_delete(int fd, const void *key)
{
	return bpf_map_delete_elem(fd, key);
}

int bq_store_next(int fd, const void *prev, void *next)
{
	return bpf_map_get_next_key(fd, prev, next);
}

/* Return true if the map has that name in its value: a struct Qdisc_ops behind kernel data. */
static bool has_name(int fd, const struct bpf_map_info *info, const char *name)
{
	char *value = calloc(1, info->value_size);
	uint32_t zero = 0;
	bool has;

	has = value && !bpf_map_lookup_elem(fd, &zero, value) &&
	      memmem(value, info->value_size, name, strlen(name) + 1);
	free(value);
	return has;
}

bool bq_kind_is_bpf(const char *name)
{
	struct bpf_map_info info;
	uint32_t id = 0, len;
	bool found = false;
	int fd;

	while (!found && !bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		found = !bpf_map_get_info_by_fd(fd, &info, &len) &&
			info.type == BPF_MAP_TYPE_STRUCT_OPS && has_name(fd, &info, name);
		close(fd);
	}
	return found;
}
