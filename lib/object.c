// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loading and registering. The objects are embedded as bpftool skeletons; only their bytes are
 * used, because one function loads them all. skeletons.h is generated: for every bpf/NAME.bpf.c it
 * includes the skeleton and has a line SKELETON(NAME).
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

#include <bqdisc/memory.h>

#include "object.h"

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

/* libbpf's print hook takes no argument of ours. */
static struct bq_report *log_report;

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

void bq_object_log_to(struct bq_report *rep)
{
	log_report = rep;
	libbpf_set_print(print_libbpf);
}

struct bq_support bq_object_support(void)
{
	struct bq_support s = { 0 };
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return s;
	s.btf = true;
	s.qdisc_ops =
		btf__find_by_name_kind(btf, "bpf_struct_ops_Qdisc_ops", BTF_KIND_STRUCT) > 0 &&
		btf__find_by_name_kind(btf, "bpf_qdisc_skb_drop", BTF_KIND_FUNC) > 0;
	btf__free(btf);
	return s;
}

const char *bq_object_libbpf_version(void)
{
	static char text[32];

	snprintf(text, sizeof(text), "%u.%u", libbpf_major_version(), libbpf_minor_version());
	return text;
}

bool bq_object_libbpf_is_new(void)
{
	return libbpf_major_version() > 1 || libbpf_minor_version() >= 5;
}

static struct bpf_object *open_embedded(const char *name)
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

/* An object may define several kinds. Only the one that is wanted is made. */
static void select_ops(struct bpf_object *obj, const char *ops)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), ops));
	}
}

static int pin_maps(struct bpf_object *obj, const char *dir)
{
	static const struct {
		const char *name;
		bool optional;
	} pins[] = { { "instances", false },
		     { "slots", false },
		     { "slots_pool", false },
		     { "memory", true } };
	struct bpf_map *map;
	char path[256];
	size_t i;
	int err;

	for (i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		map = bpf_object__find_map_by_name(obj, pins[i].name);
		if (!map && pins[i].optional)
			continue;
		if (!map)
			return -ENOENT;
		snprintf(path, sizeof(path), "%s/%s", dir, pins[i].name);
		err = bpf_map__pin(map, path);
		if (err)
			return err;
	}
	return 0;
}

/* The arena is as large as it can be whatever a page is; only what is used has pages. */
static void size_memory(struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "memory");

	if (map)
		bpf_map__set_max_entries(
			map, (uint32_t)(BQ_MEMORY_BYTES / (uint64_t)sysconf(_SC_PAGESIZE)));
}

/* Pages for the instances that nobody will prepare. */
static int fill_pool_memory(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "memory");

	return map ? bq_arena_populate(bpf_map__fd(map), 0, bq_arena_pool_end(q)) : 0;
}

/* Registers the kind and pins the link. Closing our own fd of it then changes nothing. */
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

int bq_object_load(const struct bqdisc_qdisc *q, const char *dir, struct bq_report *rep)
{
	struct bpf_object *obj = open_embedded(q->object);
	int err;

	if (!obj)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, errno, "cannot open the object of %s: %s",
			       q->name, strerror(errno));
	select_ops(obj, q->ops);
	size_memory(obj);
	err = bpf_object__load(obj);
	if (err) {
		bq_fail(rep, BQDISC_FAULT_REFUSED, -err,
			"the kernel refused the programs of %s: %s; -v shows its log", q->name,
			strerror(-err));
		goto out;
	}
	err = fill_pool_memory(obj, q);
	if (err) {
		bq_fail(rep, BQDISC_FAULT_REFUSED, -err, "no memory for %s: %s", q->name,
			strerror(-err));
		goto out;
	}
	err = pin_maps(obj, dir);
	if (err) {
		bq_fail(rep, BQDISC_FAULT_REFUSED, -err, "cannot pin the maps of %s in %s: %s",
			q->name, dir, strerror(-err));
		goto out;
	}
	err = register_kind(obj, q, dir);
	if (err)
		bq_fail(rep, BQDISC_FAULT_REFUSED, -err, "the kernel refused to register %s: %s",
			q->kind, strerror(-err));
out:
	bpf_object__close(obj);
	return err;
}

/*
 * Removing a pin leaves the rest to a worker, and registering the name again could come before it.
 * Closing the last fd of a link unregisters at once: so hold one over the removal.
 */
void bq_object_unregister(const char *link_path)
{
	int fd = bpf_obj_get(link_path);

	unlink(link_path);
	if (fd >= 0)
		close(fd);
}

/*
 * The slots' kptr must be described by a BTF that this process may name, and finding the loaded one
 * by its id would need CAP_SYS_ADMIN. Any BTF with the same struct will do: use the object's.
 */
int bq_kind_give_slots(const struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_report *rep)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_INNER_MAP);
	struct bpf_object *obj = open_embedded(kind->q->object);
	struct btf *btf;
	int err = 0, fd;

	if (!obj)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, errno, "cannot open the object of %s: %s",
			       kind->q->name, strerror(errno));
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
		return bq_fail(rep, BQDISC_FAULT_REFUSED, -err, "cannot make %u slots for %s: %s",
			       n, kind->q->name, strerror(-err));
	return 0;
}

bool bq_kind_has_slots(const struct bq_kind *kind, uint32_t key)
{
	uint32_t id;

	return !bpf_map_lookup_elem(kind->slots_fd, &key, &id);
}

void bq_kind_take_slots(const struct bq_kind *kind, uint32_t key)
{
	bpf_map_delete_elem(kind->slots_fd, &key);
}
