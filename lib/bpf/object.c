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

#include "user/user_object.h"
#include "user/globals.h"
#include "bpf/object.h"

/* Values from linux/bpf.h, which lacks them on Debian 12. */
#define KERNEL_F_LINK (1u << 13) /* BPF_F_LINK */
#define KERNEL_STRUCT_OPS 44     /* BPF_STRUCT_OPS, of enum bpf_attach_type */

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
	char text[4096];

	(void)level;
	if (!log_report || !log_report->verbose || !log_report->log)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_report->log(text);
	return 0;
}

void bq_object_log_to(struct bq_error *error)
{
	log_report = error;
	libbpf_set_print(print_libbpf);
}

struct bpf_object *bq_object_open(const void *bytes, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "brought");

	return bpf_object__open_mem(bytes, size, &opts);
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

	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (strcmp(objects[i].name, name))
			continue;
		bytes = objects[i].bytes(&size);
		return bpf_object__open_mem(bytes, size, &opts);
	}
	errno = ENOENT;
	return NULL;
}

struct bpf_object *bq_object_open_for(const struct bqdisc_qdisc *q)
{
	return q->user ? bq_object_open(q->user->bytes, q->user->size)
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

/* Pin the maps. A missing one is reported when the pins are opened. */
static int pin_maps(struct bpf_object *obj, const char *dir)
{
	static const char *const names[] = { "instances", "slots",   "slots_pool", "memory",
					     "locks",     "growing", "pool" };
	struct bpf_map *map;
	char path[256];
	int err = 0;
	size_t i;

	for (i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
		map = bpf_object__find_map_by_name(obj, names[i]);
		if (!map)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		err = bpf_map__pin(map, path);
	}
	return err;
}

/* --- user objects --- */

/* Replace the object's own name of the kind with the requested one. */
static void write_kind(struct bpf_object *obj, struct bpf_map *ops, const char *kind)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *t = btf__type_by_id(btf, bpf_map__btf_value_type_id(ops));
	char *data = bpf_map__initial_value(ops, NULL);
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), "id"))
			strncpy(data + btf_member_bit_offset(t, i) / 8, kind, BQ_KIND_MAX);
}

/*
 * Adapt a user object. It is always registered by a link, whatever it requests. None of its maps is
 * pinned elsewhere, so that removing the kind removes everything.
 */
static void adapt_user_object(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map, *ops = bpf_object__find_map_by_name(obj, q->ops);

	bpf_object__for_each_map(map, obj)
		bpf_map__set_pin_path(map, NULL);
	bpf_map__set_map_flags(ops, bpf_map__map_flags(ops) | KERNEL_F_LINK);
	write_kind(obj, ops, q->kind);
	if (q->user->plain)
		bq_globals_write(obj, q->user);
}

/*
 * Write the limits of the options into instance 0, which no qdisc uses. .init checks against them.
 */
static int write_ranges(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "instances");
	char *value = calloc(1, q->instance_size), *config;
	uint32_t key = 0;
	int err;

	if (!value)
		return -ENOMEM;
	config = value + q->config_offset;
	memcpy(config, q->user->min, q->config_size);
	memcpy(config + q->config_size, q->user->max, q->config_size);
	memcpy(config + 2 * q->config_size, q->user->defaults, q->config_size);
	err = bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY);
	free(value);
	return err;
}

/* Pin the instances, ops and descriptor of a user object. Return 0 or -errno. */
static int pin_user_object(struct bpf_object *obj, const struct bqdisc_qdisc *q, const char *dir,
			   struct bq_error *error)
{
	char path[256];
	int err;

	snprintf(path, sizeof(path), "%s/instances", dir);
	err = q->user->plain ? bq_kind_create_instances(path, q->instance_size)
			     : write_ranges(obj, q);
	if (!err && q->user->plain)
		err = bq_globals_pin(obj, q->user, dir);
	if (!err) {
		snprintf(path, sizeof(path), "%s/ops", dir);
		err = bpf_map__pin(bpf_object__find_map_by_name(obj, q->ops), path);
	}
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot pin the maps of %s in %s: %s", q->name, dir, strerror(-err));
	return bq_user_object_save(q, dir, error);
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

/* Shrink the pool of the map of instances if an instance is large. */
static void size_table(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "instances");

	if (map)
		bpf_map__set_max_entries(map, bq_kind_entries(q));
}

/* Populate the page of offset 0. .init initializes the memory of pool instances. */
static int populate_first_page(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map =
		bq_user_object_is_plain(q) ? NULL : bpf_object__find_map_by_name(obj, "memory");

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

static int load_and_pin(struct bpf_object *obj, const struct bqdisc_qdisc *q, const char *dir,
			struct bq_error *error)
{
	int err = bpf_object__load(obj);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "the kernel refused the programs of %s: %s; -v shows its log",
			       q->name, strerror(-err));
	err = populate_first_page(obj, q);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "no memory for %s: %s", q->name,
			       strerror(-err));
	/* A plain object may use these names for maps of its own. */
	err = q->user && q->user->plain ? 0 : pin_maps(obj, dir);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot pin the maps of %s in %s: %s", q->name, dir, strerror(-err));
	return q->user ? pin_user_object(obj, q, dir, error) : 0;
}

int bq_object_load(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object **obj,
		   struct bq_error *error)
{
	*obj = bq_object_open_for(q);
	if (!*obj)
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno,
			       "cannot open the object of %s: %s", q->name, strerror(errno));
	select_ops(*obj, q->ops);
	if (!bq_user_object_is_plain(q)) {
		size_memory(*obj);
		size_table(*obj, q);
	}
	if (q->user)
		adapt_user_object(*obj, q);
	return load_and_pin(*obj, q, dir, error);
}

int bq_object_register(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object *obj,
		       struct bq_error *error)
{
	int err = register_kind(obj, q, dir);

	if (err)
		bq_fail(error, BQDISC_ERROR_REFUSED, -err, "the kernel refused to register %s: %s",
			q->kind, strerror(-err));
	return err;
}

/*
 * Hold a descriptor of the link while removing its pin. Closing the last descriptor unregisters at
 * once. Removing only the pin would defer that to a worker, too late for registering the name
 * again.
 */
void bq_object_unregister(const char *link_path)
{
	int fd = bpf_obj_get(link_path);

	unlink(link_path);
	if (fd >= 0)
		close(fd);
}

/*
 * Use the object's BTF for the kptr in the slots. Finding the loaded BTF by id requires
 * CAP_SYS_ADMIN, and any BTF with the same struct is accepted.
 */
int bq_slots_alloc(const struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_INNER_MAP);
	struct bpf_object *obj = bq_object_open_for(kind->q);
	struct btf *btf;
	int err = 0, fd;

	if (kind->slots_fd < 0) {
		bpf_object__close(obj);
		return 0;
	}
	if (!obj)
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno,
			       "cannot open the object of %s: %s", kind->q->name, strerror(errno));
	btf = bpf_object__btf(obj);
	err = btf__load_into_kernel(btf);
	if (err)
		goto out;
	opts.btf_fd = (uint32_t)btf__fd(btf);
	opts.btf_key_type_id = (uint32_t)btf__find_by_name_kind(btf, "unsigned int", BTF_KIND_INT);
	opts.btf_value_type_id = (uint32_t)btf__find_by_name_kind(btf, "bq_slot", BTF_KIND_STRUCT);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "slots_own", sizeof(uint32_t), sizeof(uint64_t), n,
			    &opts);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = bpf_map_update_elem(kind->slots_fd, &key, &fd, BPF_ANY);
	close(fd);
out:
	bpf_object__close(obj);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot make %u slots for %s: %s",
			       n, kind->q->name, strerror(-err));
	return 0;
}

bool bq_slots_exist(const struct bq_kind *kind, uint32_t key)
{
	uint32_t id;

	return !bpf_map_lookup_elem(kind->slots_fd, &key, &id);
}

void bq_slots_free(const struct bq_kind *kind, uint32_t key)
{
	bpf_map_delete_elem(kind->slots_fd, &key);
}
