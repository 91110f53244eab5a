// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bqdisc/egress.h>

#include "attachment/egress_offload.h"
#include "attachment/egress_program.h"
#include "bpf/object.h"
#include "bpf/pin.h"

#define PREFIX "egress_"
#define NAME_MAX_LEN 32

/* Value from linux/bpf.h, which lacks it on older systems. */
#define TCX_EGRESS ((enum bpf_attach_type)47)
#define BEFORE_ALL (1U << 3) /* BPF_F_BEFORE, and before nothing in particular */
#define MAX_ON_HOOK 64       /* programs; BPF_MPROG_MAX */

bool bq_egress_is_needed(const struct bqdisc_qdisc *q, const void *config)
{
	return q->egress && q->needs_egress(config);
}

static const char *name_of(uint64_t key, char buf[NAME_MAX_LEN])
{
	snprintf(buf, NAME_MAX_LEN, PREFIX "%016llx", (unsigned long long)key);
	return buf;
}

static int fail(const struct bq_kind *kind, const char *what, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot %s the egress program of %s: %s",
		       what, kind->q->name, strerror(-err));
}

/* Use the kind's own maps where the egress program has maps of the same names. */
static int share_maps(struct bpf_object *obj, const struct bq_kind *kind)
{
	static const char *const shared[] = { "instances", "memory", "locks" };
	char path[BQ_PIN_PATH_MAX + 16];
	struct bpf_map *map;
	int fd, err = 0;
	size_t i;

	for (i = 0; !err && i < sizeof(shared) / sizeof(shared[0]); i++) {
		map = bpf_object__find_map_by_name(obj, shared[i]);
		if (!map)
			continue;
		snprintf(path, sizeof(path), "%s/%s", kind->dir, shared[i]);
		fd = bpf_obj_get(path);
		if (fd < 0)
			return -errno;
		err = bpf_map__reuse_fd(map, fd);
		close(fd);
	}
	return err;
}

/* Exclude the maps of queued packets, which no egress program uses. */
static void drop_maps(struct bpf_object *obj)
{
	static const char *const unused[] = { "slots", "slots_pool", "pool", "spares" };
	struct bpf_map *map;
	size_t i;

	for (i = 0; i < sizeof(unused) / sizeof(unused[0]); i++) {
		map = bpf_object__find_map_by_name(obj, unused[i]);
		if (map)
			bpf_map__set_autocreate(map, false);
	}
}

/* Write the state for the object's single program. Its id is known only after loading. */
static int write_state(struct bpf_object *obj, struct bq_egress state)
{
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".data.egress");
	struct bpf_prog_info info = { 0 };
	uint32_t zero = 0, len = sizeof(info);
	int err;

	if (!prog || !map)
		return -ENOENT;
	err = bpf_prog_get_info_by_fd(bpf_program__fd(prog), &info, &len);
	state.prog_id = info.id;
	return err ? err : bpf_map_update_elem(bpf_map__fd(map), &zero, &state, BPF_ANY);
}

static int pin_state(struct bpf_object *obj, const char *dir)
{
	char path[BQ_PIN_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/state", dir);
	return bpf_map__pin(bpf_object__find_map_by_name(obj, ".data.egress"), path);
}

/*
 * Pin the link last, so that a directory with a link is complete. Until then the link is removed
 * when this process exits.
 */
static int attach(struct bpf_object *obj, uint32_t ifindex, const char *dir)
{
	LIBBPF_OPTS(bpf_tcx_opts, opts, .flags = BEFORE_ALL);
	char path[BQ_PIN_PATH_MAX + 8];
	struct bpf_link *link;
	int err;

	link = bpf_program__attach_tcx(bpf_object__next_program(obj, NULL), (int)ifindex, &opts);
	if (!link)
		return -errno;
	snprintf(path, sizeof(path), "%s/link", dir);
	err = bpf_link__pin(link, path);
	bpf_link__destroy(link);
	return err;
}

static int load(const struct bq_kind *kind, const struct bq_egress *state, uint32_t ifindex,
		const char *dir, struct bq_error *error)
{
	struct bpf_object *obj = bq_object_open_embedded(kind->q->egress);
	int err;

	if (!obj)
		return fail(kind, "open", -errno, error);
	drop_maps(obj);
	err = share_maps(obj, kind);
	if (!err)
		err = bpf_object__load(obj);
	if (!err)
		err = write_state(obj, *state);
	if (err) {
		fail(kind, "load", err, error);
		goto out;
	}
	err = pin_state(obj, dir);
	if (!err)
		err = attach(obj, ifindex, dir);
	if (err)
		fail(kind, "attach", err, error);
out:
	bpf_object__close(obj);
	return err;
}

int bq_egress_add(const struct bq_kind *kind, uint32_t index, uint32_t n, uint32_t ifindex,
		  uint64_t key, struct bq_error *error)
{
	struct bq_egress state = { .key = key, .index = index, .instances = n };
	char name[NAME_MAX_LEN], dir[BQ_PIN_PATH_MAX];
	int err;

	err = bq_pin_begin(name_of(key, name), dir, error);
	if (err)
		return err;
	err = load(kind, &state, ifindex, dir, error);
	if (!err)
		err = bq_pin_commit(name, error);
	if (err)
		bq_pin_abort(name);
	return err;
}

/* --- segments per packet --- */

uint32_t bq_egress_segments(uint64_t key)
{
	char name[NAME_MAX_LEN];

	return key ? bq_offload_recorded(name_of(key, name)) : 0;
}

bool bq_egress_needs_segments(const struct bqdisc_qdisc *q, const void *config)
{
	return q->needs_segments && q->needs_segments(config);
}

int bq_egress_offload_disable(const struct bqdisc_qdisc *q, const void *config, uint64_t key,
			      uint32_t ifindex, struct bq_error *error)
{
	char name[NAME_MAX_LEN];

	if (!bq_egress_needs_segments(q, config))
		return 0;
	return bq_offload_disable(name_of(key, name), ifindex, error);
}

void bq_egress_offload_restore(const struct bqdisc_qdisc *q, const void *config, uint64_t key)
{
	char name[NAME_MAX_LEN];

	if (key && !bq_egress_needs_segments(q, config))
		bq_offload_restore(name_of(key, name));
}

void bq_egress_remove(uint64_t key)
{
	char name[NAME_MAX_LEN];

	if (!key)
		return;
	bq_offload_restore(name_of(key, name));
	bq_pin_remove(name);
}

void bq_egress_switch(struct bq_instance *id, uint64_t key)
{
	__atomic_store_n(&id->egress, key, __ATOMIC_RELEASE);
}

/* --- queries --- */

/* Members of struct bpf_link_info that are used. An older linux/bpf.h lacks links of this hook. */
union link_info {
	struct bpf_link_info all;
	struct {
		uint32_t type, id, prog_id, reserved;
		uint32_t ifindex; /* 0: the device is gone */
	} tcx;
};

/* Return information on the link of the egress program; all 0 if there is none. */
static union link_info query_link(const char *name)
{
	char dir[BQ_PIN_PATH_MAX], path[BQ_PIN_PATH_MAX + 8];
	union link_info info = { 0 }, none = { 0 };
	uint32_t len = sizeof(info);
	int fd, err;

	snprintf(path, sizeof(path), "%s/link", bq_pin_kind(name, dir));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return none;
	err = bpf_link_get_info_by_fd(fd, &info.all, &len);
	close(fd);
	return err ? none : info;
}

static uint32_t link_id(uint64_t key)
{
	char name[NAME_MAX_LEN];

	return query_link(name_of(key, name)).tcx.id;
}

/* Return the position of the link on the device's hook, or -1 if it is not there. */
static int place_on_hook(uint32_t ifindex, uint32_t id)
{
	uint32_t progs[MAX_ON_HOOK] = { 0 }, links[MAX_ON_HOOK] = { 0 };
	LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = progs, .link_ids = links,
		    .count = MAX_ON_HOOK);
	uint32_t i;

	if (!id || bpf_prog_query_opts((int)ifindex, TCX_EGRESS, &opts))
		return -1;
	for (i = 0; i < opts.count && i < MAX_ON_HOOK; i++)
		if (links[i] == id)
			return (int)i;
	return -1;
}

bool bq_egress_is_attached(uint64_t key, uint32_t ifindex)
{
	return place_on_hook(ifindex, link_id(key)) >= 0;
}

enum bqdisc_egress bq_egress_query(const struct bq_kind *kind, const struct bq_instance *id)
{
	int point;

	/* A pool instance never has an egress program. */
	if (!id->slots_map || !bq_egress_is_needed(kind->q, bq_kind_config(kind, id)))
		return BQDISC_EGRESS_NONE;
	point = place_on_hook(id->ifindex, link_id(id->egress));
	return point < 0    ? BQDISC_EGRESS_DETACHED
	       : point == 0 ? BQDISC_EGRESS_ACTIVE
			    : BQDISC_EGRESS_SHADOWED;
}

/* --- sweep --- */

/*
 * Remove a program, unless its device exists in another namespace: a command there removes it.
 * Return true if it is gone.
 */
static bool remove_program(const char *name)
{
	if (!bq_offload_restore(name) && query_link(name).tcx.ifindex)
		return false;
	bq_pin_remove(name);
	return true;
}

void bq_egress_sweep(struct bq_pins *pins, bool (*alive)(uint64_t key, void *arg), void *arg)
{
	uint64_t key;
	size_t i;

	for (i = 0; i < pins->n; i++) {
		char *name = pins->names[i];

		if (strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		key = strtoull(name + strlen(PREFIX), NULL, 16);
		if (!alive(key, arg) && remove_program(name))
			*name = '\0';
	}
}
