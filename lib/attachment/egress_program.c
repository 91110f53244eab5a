// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bqdisc/egress.h>

#include "attachment/egress_link.h"
#include "attachment/egress_offload.h"
#include "attachment/egress_program.h"
#include "bpf/object.h"
#include "bpf/pin.h"

#define PREFIX BQ_EGRESS_PREFIX
#define NAME_MAX_LEN 32

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
	static const char *const unused[] = { "slots",  "slots_pool", "fronts", "pool",
					      "spares", "usage",      "places" };
	struct bpf_map *map;
	size_t i;

	for (i = 0; i < sizeof(unused) / sizeof(unused[0]); i++) {
		map = bpf_object__find_map_by_name(obj, unused[i]);
		if (map)
			bpf_map__set_autocreate(map, false);
	}
}

/* Tell the program its id, which is known only after loading. */
static int write_id(struct bpf_object *obj, int prog)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".data.egress");
	struct bpf_prog_info info = { 0 };
	struct bq_egress state = { 0 };
	uint32_t zero = 0, len = sizeof(info);
	int err;

	if (!map)
		return -ENOENT;
	err = bpf_prog_get_info_by_fd(prog, &info, &len);
	state.prog_id = info.id;
	return err ? err : bpf_map_update_elem(bpf_map__fd(map), &zero, &state, BPF_ANY);
}

/* Load the object's single program and pin it at PATH. Return a descriptor or -errno. */
static int load_object(struct bpf_object *obj, const struct bq_kind *kind, const char *path)
{
	int err, prog;

	drop_maps(obj);
	err = share_maps(obj, kind);
	if (!err)
		err = bpf_object__load(obj);
	if (err)
		return err;
	prog = bpf_program__fd(bpf_object__next_program(obj, NULL));
	err = write_id(obj, prog);
	if (!err && bpf_obj_pin(prog, path))
		err = -errno;
	if (err)
		return err;
	prog = dup(prog);
	return prog < 0 ? -errno : prog;
}

static int load(const struct bq_kind *kind, const char *path, struct bq_error *error)
{
	struct bpf_object *obj = bq_object_open_embedded(kind->q->egress);
	int prog;

	if (!obj)
		return fail(kind, "open", -errno, error);
	prog = load_object(obj, kind, path);
	bpf_object__close(obj);
	return prog < 0 ? fail(kind, "load", prog, error) : prog;
}

/* Return a descriptor of the kind's egress program, after loading it if it is the first time. */
static int open_program(const struct bq_kind *kind, struct bq_error *error)
{
	char path[BQ_PIN_PATH_MAX + 8];
	int prog;

	snprintf(path, sizeof(path), "%s/egress", kind->dir);
	prog = bpf_obj_get(path);
	if (prog >= 0)
		return prog;
	return errno == ENOENT ? load(kind, path, error) : fail(kind, "open", -errno, error);
}

int bq_egress_load(const struct bq_kind *kind, struct bq_error *error)
{
	int prog = open_program(kind, error);

	if (prog < 0)
		return prog;
	close(prog);
	return 0;
}

/* --- link --- */

static int add_link(const struct bq_kind *kind, int prog, uint32_t ifindex, uint64_t key,
		    struct bq_error *error)
{
	char name[NAME_MAX_LEN], dir[BQ_PIN_PATH_MAX];
	int err;

	mkdir(bq_pin_kind(BQ_EGRESS_DIR, dir), 0700);
	err = bq_pin_begin(name_of(key, name), dir, error);
	if (err)
		return err;
	err = bq_egress_link_pin(prog, ifindex, dir);
	if (err)
		fail(kind, "attach", err, error);
	else
		err = bq_pin_commit(name, error);
	if (err)
		bq_pin_abort(name);
	return err;
}

int bq_egress_add(const struct bq_kind *kind, uint32_t ifindex, uint64_t key,
		  struct bq_error *error)
{
	int err, prog = open_program(kind, error);

	if (prog < 0)
		return prog;
	err = add_link(kind, prog, ifindex, key, error);
	close(prog);
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

static int place_on_hook(uint64_t key, uint32_t ifindex)
{
	char name[NAME_MAX_LEN];
	struct bq_egress_link link;

	return bq_egress_link_query(name_of(key, name), &link)
		       ? -1
		       : bq_egress_link_place(ifindex, link.id);
}

bool bq_egress_is_attached(uint64_t key, uint32_t ifindex)
{
	return place_on_hook(key, ifindex) >= 0;
}

enum bqdisc_egress bq_egress_query(const struct bq_kind *kind, const struct bq_instance *id)
{
	int point;

	if (!bq_egress_is_needed(kind->q, bq_kind_config(kind, id)))
		return BQDISC_EGRESS_NONE;
	/* Only a qdisc of another program never had one. */
	if (!id->egress)
		return BQDISC_EGRESS_MISSING;
	point = place_on_hook(id->egress, id->ifindex);
	return point < 0    ? BQDISC_EGRESS_DETACHED
	       : point == 0 ? BQDISC_EGRESS_ACTIVE
			    : BQDISC_EGRESS_SHADOWED;
}

/* --- sweep --- */

/*
 * Remove a link, unless its device exists in another namespace: a command there removes it. Return
 * true if it is gone.
 */
static bool remove_link(const char *name)
{
	struct bq_egress_link link;

	if (!bq_offload_restore(name) && !bq_egress_link_query(name, &link) && link.ifindex)
		return false;
	bq_pin_remove(name);
	return true;
}

bool bq_egress_drop(uint64_t key)
{
	char name[NAME_MAX_LEN];

	return remove_link(name_of(key, name));
}

void bq_egress_sweep(bool (*alive)(uint64_t key, void *arg), void *arg)
{
	struct bq_pins pins = { 0 };
	size_t i;

	bq_pins_read(&pins, BQ_EGRESS_DIR);
	for (i = 0; i < pins.n; i++) {
		char *name = pins.names[i], *end;
		uint64_t key = strtoull(name + strlen(PREFIX), &end, 16);

		*end = '\0'; /* that of a command that was killed has a suffix */
		if (!alive(key, arg))
			remove_link(name);
	}
	bq_pins_free(&pins);
}

void bq_egress_tidy(void)
{
	char dir[BQ_PIN_PATH_MAX];

	rmdir(bq_pin_kind(BQ_EGRESS_DIR, dir));
}
