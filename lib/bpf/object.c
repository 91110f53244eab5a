// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads and registers objects. They are embedded as bpftool skeletons, of which only the bytes are
 * used, so that one function loads them all. skeletons.h is generated: it includes the skeleton of
 * each bpf/NAME.bpf.c and has a line SKELETON(NAME).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <bqdisc/egress.h>
#include <bqdisc/memory.h>

#include "bpf/arena.h"
#include "bpf/kind.h"
#include "bpf/object.h"
#include "bpf/range_map.h"
#include "util/array.h"

/* Values from linux/bpf.h, which lacks them on Debian 12. */
#define KERNEL_STRUCT_OPS 44 /* BPF_STRUCT_OPS, of enum bpf_attach_type */

#define SKELETON_INCLUDES
#include "skeletons.h"
#undef SKELETON_INCLUDES

static const struct embedded {
	const char *name;
	const void *(*bytes)(size_t *size);
} objects[] = {
#define SKELETON(name) { #name, name##_bpf__elf_bytes },
#include "skeletons.h"
#undef SKELETON
};

/* Global, as libbpf's print hook has no context argument. */
static struct bq_error *log_report;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text;

	(void)level;
	/* The verifier's log comes as one text, with the reason at its end. */
	if (vasprintf(&text, fmt, ap) < 0)
		return 0;
	log_report->log(text);
	free(text);
	return 0;
}

void bq_object_log_to(struct bq_error *error)
{
	log_report = error;
	libbpf_set_print(error && error->verbose && error->log ? print_libbpf : NULL);
}

struct bpf_object *bq_object_open_image(const struct bq_image *image)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "user");

	return bpf_object__open_mem(image->bytes, image->size, &opts);
}

void bq_object_close(struct bpf_object *obj)
{
	bpf_object__close(obj);
}

struct bpf_object *bq_object_open_embedded(const char *name)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	const void *bytes;
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		if (strcmp(objects[i].name, name))
			continue;
		bytes = objects[i].bytes(&size);
		return bpf_object__open_mem(bytes, size, &opts);
	}
	errno = ENOENT;
	return NULL;
}

struct bpf_object *bq_object_open(const struct bqdisc_qdisc *q)
{
	return q->image.bytes ? bq_object_open_image(&q->image)
			      : bq_object_open_embedded(q->object);
}

/* Exclude all kinds but OPS, as an object may define several. */
static void select_ops(struct bpf_object *obj, const char *ops)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), ops));
	}
}

/* Write the name of the kind, which may differ from the one in the object. */
static void write_kind(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *ops = bpf_object__find_map_by_name(obj, q->ops);
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *t = btf__type_by_id(btf, bpf_map__btf_value_type_id(ops));
	char *data = bpf_map__initial_value(ops, NULL);
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), "id"))
			strncpy(data + btf_member_bit_offset(t, i) / 8, q->kind, BQ_KIND_MAX);
}

/* Pin the maps. A missing one is reported when the pins are opened. */
static int pin_maps(struct bpf_object *obj, const char *dir)
{
	static const char *const names[] = {
		"instances", "usage", "places",  "slots", "slots_pool",
		"memory",    "locks", "growing", "pool",  "followers"
	};
	struct bpf_map *map;
	char path[256];
	int err = 0;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(names); i++) {
		map = bpf_object__find_map_by_name(obj, names[i]);
		if (!map)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		err = bpf_map__pin(map, path);
	}
	return err;
}

int bq_object_register_again(const char *dir)
{
	char path[256];
	int link = -1, err = 0, ops;

	snprintf(path, sizeof(path), "%s/link", dir);
	if (!access(path, F_OK))
		return 0;
	snprintf(path, sizeof(path), "%s/ops", dir);
	ops = bpf_obj_get(path);
	if (ops < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/link", dir);
	link = bpf_link_create(ops, 0, KERNEL_STRUCT_OPS, NULL);
	if (link < 0)
		err = -errno;
	else
		err = bpf_obj_pin(link, path);
	if (link >= 0)
		close(link);
	close(ops);
	return err;
}

/* --- loading --- */

/* Give the arena its largest size for any page size. Only used parts have pages. */
static void size_memory(struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "memory");

	if (map)
		bpf_map__set_max_entries(
			map, (uint32_t)(BQ_MEMORY_BYTES / (uint64_t)sysconf(_SC_PAGESIZE)));
}

/* Populate the page of offset 0. .init initializes the memory of pool instances. */
static int populate_first_page(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map = q->plain ? NULL : bpf_object__find_map_by_name(obj, "memory");

	return map ? bq_arena_populate(bpf_map__fd(map), 0, 1) : 0;
}

/* Register the kind and pin the link, which keeps it registered after its descriptor is closed. */
static int register_kind(struct bpf_object *obj, const struct bqdisc_qdisc *q, const char *dir)
{
	struct bpf_map *ops = bpf_object__find_map_by_name(obj, q->ops);
	struct bpf_link *link;
	char path[256];
	int err;

	link = bpf_map__attach_struct_ops(ops);
	if (!link)
		return -errno;
	snprintf(path, sizeof(path), "%s/link", dir);
	err = bpf_link__pin(link, path);
	bpf_link__destroy(link);
	return err;
}

/* Pin the operations, to register the kind again after its name was given to another one. */
static int pin_ops(struct bpf_object *obj, const struct bqdisc_qdisc *q, const char *dir)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/ops", dir);
	return bpf_map__pin(bpf_object__find_map_by_name(obj, q->ops), path);
}

static int load_and_pin(struct bpf_object *obj, const struct bqdisc_qdisc *q,
			struct bq_table_size size, const char *dir, struct bq_error *error)
{
	int err = bpf_object__load(obj);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "the kernel refused the programs of %s: %s; -v shows its log",
			       q->name, strerror(-err));
	err = populate_first_page(obj, q);
	if (!err && !q->plain && bpf_object__find_map_by_name(obj, "memory"))
		err = bq_range_map_create(dir);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "no memory for %s: %s", q->name,
			       strerror(-err));
	/* A plain object may use these names for maps of its own. */
	err = q->plain ? 0 : pin_maps(obj, dir);
	if (!err)
		err = pin_ops(obj, q, dir);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot pin the maps of %s in %s: %s", q->name, dir, strerror(-err));
	err = q->user_ops ? q->user_ops->pin(q, obj, dir, error) : 0;
	if (err || q->plain)
		return err;
	err = bq_table_size_write(obj, size);
	return err ? bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot write the pool of %s: %s",
			     q->name, strerror(-err))
		   : 0;
}

int bq_object_load(const struct bqdisc_qdisc *q, struct bpf_object *obj, struct bq_table_size size,
		   const char *dir, struct bq_error *error)
{
	select_ops(obj, q->ops);
	if (!q->plain) {
		size_memory(obj);
		bq_table_size_apply(obj, size);
	}
	if (q->user_ops)
		q->user_ops->adapt(q, obj);
	write_kind(obj, q);
	return load_and_pin(obj, q, size, dir, error);
}

int bq_object_register(const struct bqdisc_qdisc *q, struct bpf_object *obj, const char *dir,
		       struct bq_error *error)
{
	int err = register_kind(obj, q, dir);

	if (err)
		bq_fail(error, BQDISC_ERROR_REFUSED, -err, "the kernel refused to register %s: %s",
			q->kind, strerror(-err));
	return err;
}
