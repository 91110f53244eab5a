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

#define PATH_MAX_BYTES 128

static const struct bq_kind closed = {
	.slots_fd = -1,
	.pool_fd = -1,
	.memory_fd = -1,
	.places_fd = -1,
};

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

/* Map the array FD. The kernel aligns its values to 8 bytes, and the array to pages. */
static void *map_array(int fd, struct bpf_map_info *info, size_t *stride, size_t *size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t len = sizeof(*info);
	void *all;

	*info = (struct bpf_map_info){ 0 };
	if (bpf_map_get_info_by_fd(fd, info, &len))
		return NULL;
	*stride = (info->value_size + 7ull) & ~7ull;
	*size = (*stride * info->max_entries + page - 1) & ~(page - 1);
	all = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return all == MAP_FAILED ? NULL : all;
}

static int map_table(struct bq_kind *kind, int fd)
{
	struct bpf_map_info info;

	kind->table = map_array(fd, &info, &kind->stride, &kind->table_size);
	kind->entries = info.max_entries;
	return kind->table ? 0 : -errno;
}

static int map_usage(struct bq_kind *kind)
{
	struct bpf_map_info info;
	int fd = open_pin(kind->dir, "usage");
	size_t stride;

	if (fd < 0)
		return -errno;
	kind->usage = map_array(fd, &info, &stride, &kind->usage_size);
	close(fd);
	return kind->usage ? 0 : -errno;
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

/*
 * Open a map that not every kind has, unless it is open. A plain kind may use the names for maps of
 * its own.
 */
static int open_optional(const struct bq_kind *kind, const char *name, int *fd,
			 struct bq_error *error)
{
	if (*fd >= 0)
		return 0;
	*fd = kind->plain ? -1 : open_pin(kind->dir, name);
	return kind->plain || *fd >= 0 || errno == ENOENT
		       ? 0
		       : fail_open(kind->dir, name, errno, error);
}

static int open_maps(struct bq_kind *kind, struct bq_error *error)
{
	const char *dir = kind->dir;
	int err, fd = open_pin(dir, "instances");

	if (fd < 0)
		return fail_open(dir, "instances", errno, error);
	err = map_table(kind, fd);
	close(fd);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot map %s/instances: %s",
			       dir, strerror(-err));
	kind->plain = has_pin(dir, "plain");
	err = open_optional(kind, "places", &kind->places_fd, error);
	if (!err)
		err = open_optional(kind, "slots", &kind->slots_fd, error);
	if (!err && kind->slots_fd >= 0)
		err = open_optional(kind, "slots_pool", &kind->pool_fd, error);
	if (!err)
		err = open_optional(kind, "memory", &kind->memory_fd, error);
	return err;
}

int bq_kind_open_usage(struct bq_kind *kind, const char *name, const struct bqdisc_qdisc *q,
		       const char *dir, struct bq_error *error)
{
	char layout[16];
	int err;

	*kind = closed;
	kind->q = q;
	snprintf(kind->name, sizeof(kind->name), "%s", name);
	bq_pin_kind(dir, kind->dir);
	if (!has_pin(kind->dir, layout_name(layout)))
		return has_pin(kind->dir, "instances") ? fail_layout(q ? q->name : name, error)
						       : -ENOENT;
	err = map_usage(kind);
	return err ? fail_open(kind->dir, "usage", -err, error) : 0;
}

bool bq_kind_may_be_at(struct bq_kind *kind, const struct bq_attach_point *point)
{
	uint32_t index;

	return open_optional(kind, "places", &kind->places_fd, NULL) || kind->places_fd < 0 ||
	       !bpf_map_lookup_elem(kind->places_fd, point, &index) || errno != ENOENT;
}

int bq_kind_open(struct bq_kind *kind, struct bq_error *error)
{
	int err = open_maps(kind, error);

	if (!err && kind->q)
		err = bq_kind_describe(kind, kind->q, error);
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

	if (kind->stride != ((q->instance_size + 7) & ~(size_t)7))
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
	const int fds[] = { kind->slots_fd, kind->pool_fd, kind->memory_fd, kind->places_fd };
	size_t i;

	if (kind->table)
		munmap(kind->table, kind->table_size);
	if (kind->usage)
		munmap(kind->usage, kind->usage_size);
	if (kind->ranges)
		munmap(kind->ranges, BQ_RANGE_MAP_BYTES);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(kind->counters);
	if (kind->object)
		bpf_object__close(kind->object);
	*kind = closed;
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

static int create_array(const char *dir, const char *name, size_t value_size, uint32_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	char path[PATH_MAX_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return bq_map_pin(bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t),
					 (uint32_t)value_size, entries, &opts),
			  path);
}

int bq_kind_create_instances(const char *dir, size_t instance_size)
{
	int err = create_array(dir, "instances", instance_size, BQ_INSTANCES);

	return err ? err : create_array(dir, "usage", sizeof(struct bq_usage), BQ_INSTANCES / 64);
}

/* --- instances --- */

struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index)
{
	return (struct bq_instance *)((char *)kind->table + index * kind->stride);
}

uint32_t bq_kind_index(const struct bq_kind *kind, const struct bq_instance *id)
{
	return (uint32_t)(((const char *)id - (const char *)kind->table) / (long)kind->stride);
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
