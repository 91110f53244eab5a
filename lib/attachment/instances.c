// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "user/user_object.h"
#include "attachment/egress_program.h"
#include "attachment/saved_default.h"
#include "user/globals.h"
#include "util/system.h"
#include "bpf/pin.h"
#include "attachment/instances.h"

/* Return the name of the directory of Q's pins. */
static const char *dir_of(const struct bqdisc_qdisc *q)
{
	return q->user ? bq_user_object_dir(q) : q->kind;
}

int bq_kinds_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error)
{
	char dir[BQ_PIN_PATH_MAX];

	return bq_kind_open(kind, q, bq_pin_kind(dir_of(q), dir), error);
}

bool bq_kinds_is_loaded(const struct bqdisc_qdisc *q)
{
	char dir[BQ_PIN_PATH_MAX], link[BQ_PIN_PATH_MAX + 8];

	if (q->user && !q->user->present)
		return false;
	snprintf(link, sizeof(link), "%s/link", bq_pin_kind(dir_of(q), dir));
	return !access(link, F_OK);
}

static int fail_name_taken(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	if (bq_pin_out_of_sight(dir_of(q)))
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, EEXIST,
			"%s: registered by bqdisc, but its pins are not visible here, as inside "
			"'ip netns exec'; use 'bqdisc -n NETNS' from outside",
			q->kind);
	if (q->user)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
			       "%s: the kernel has a qdisc kind of this name; use --as NAME to "
			       "register another name",
			       q->kind);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
		       "%s: another program has registered this qdisc kind; unregister it, "
		       "'bpftool struct_ops list' shows it",
		       q->kind);
}

/* Load Q and register it last. Until then the previous owner keeps the name. */
static int load_into(const struct bqdisc_qdisc *q, const struct bqdisc_qdisc *rival,
		     const char *dir, struct bq_error *error)
{
	struct bpf_object *obj;
	int err = bq_object_load(q, dir, &obj, error);

	if (!err)
		err = bq_kind_write_layout(dir, error);
	if (!err && rival)
		err = bq_user_object_supersede(rival, error);
	if (!err) {
		err = bq_object_register(q, dir, obj, error);
		if (err == -EEXIST)
			fail_name_taken(q, error);
	}
	bq_object_close(obj);
	return err;
}

/* Give Q the name, and move the marks of RIVAL to it: the user wants the name to stay loaded. */
static void take_name(const struct bqdisc_qdisc *q, const struct bqdisc_qdisc *rival,
		      struct bq_error *error)
{
	bq_user_object_set_loaded(q);
	if (rival && bq_kinds_unmark(rival, BQ_MARK_KEPT))
		bq_kinds_mark(q, BQ_MARK_KEPT, error);
	/* The kernel still uses the operations of the earlier kind, so set the default again. */
	if (rival && bq_kinds_unmark(rival, BQ_MARK_DEFAULT) &&
	    bq_kinds_mark(q, BQ_MARK_DEFAULT, error) >= 0)
		bq_system_set_default(q->kind, error);
}

static int load(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	const struct bqdisc_qdisc *rival = q->user ? bq_user_object_name_owner(q) : NULL;
	const char *name = dir_of(q);
	char dir[BQ_PIN_PATH_MAX];
	int err = bq_pin_begin(name, dir, error);

	if (err)
		return err;
	err = load_into(q, rival, dir, error);
	if (!err)
		err = bq_pin_commit(name, error);
	if (err)
		bq_pin_abort(name);
	else if (q->user)
		take_name(q, rival, error);
	return err;
}

int bq_kinds_load(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error)
{
	/*
	 * A user object that is not loaded has no pins, but a kind of the same name may have some.
	 */
	bool fresh = q->user && !q->user->present;
	int err = fresh ? -ENOENT : bq_kinds_open(kind, q, error);

	if (!err && bq_kinds_is_loaded(q))
		return 0;
	if (!err) {
		bq_kind_close(kind);
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, ENOENT,
			"%s: unregistered by another program while in use; detach its qdiscs "
			"first",
			q->kind);
	}
	if (err != -ENOENT)
		return err;
	err = load(q, error);
	return err ? err : bq_kinds_open(kind, q, error);
}

void bq_kinds_remove(const struct bqdisc_qdisc *q)
{
	bq_pin_remove(dir_of(q));
}

static const char *const marks[] = { [BQ_MARK_KEPT] = "kept", [BQ_MARK_DEFAULT] = "default" };

int bq_kinds_mark(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_error *error)
{
	char dir[BQ_PIN_PATH_MAX];

	return bq_kind_mark(bq_pin_kind(dir_of(q), dir), marks[mark], error);
}

static const char *mark_path(const struct bqdisc_qdisc *q, enum bq_mark mark,
			     char buf[BQ_PIN_PATH_MAX + 8])
{
	char dir[BQ_PIN_PATH_MAX];

	snprintf(buf, BQ_PIN_PATH_MAX + 8, "%s/%s", bq_pin_kind(dir_of(q), dir), marks[mark]);
	return buf;
}

bool bq_kinds_is_marked(const struct bqdisc_qdisc *q, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !access(mark_path(q, mark, path), F_OK);
}

int bq_kinds_unmark(const struct bqdisc_qdisc *q, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !unlink(mark_path(q, mark, path));
}

struct bq_instance *bq_instances_find(const struct bq_kind *kind,
				      const struct bq_attach_point *point, uint32_t handle)
{
	uint32_t i, end = bq_kind_end(kind);
	struct bq_instance *id;

	for (i = 1; i < end; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_LIVE && id->net_cookie == point->net_cookie &&
		    id->ifindex == point->ifindex && id->parent == point->parent &&
		    id->handle == handle)
			return id;
	}
	return NULL;
}

int bq_instances_find_kind(struct bq_kind *kind, const char *name,
			   const struct bq_attach_point *point, uint32_t handle,
			   struct bq_instance **id, struct bq_error *error)
{
	const struct bqdisc_qdisc *q;
	int err = -ENOENT;

	for (q = bqdisc_qdisc__next(NULL); q && err == -ENOENT; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->kind, name) != 0)
			continue;
		err = bq_kinds_open(kind, q, error);
		if (err)
			continue;
		*id = bq_instances_find(kind, point, handle);
		if (*id)
			return 0;
		bq_kind_close(kind);
		err = -ENOENT;
	}
	return err;
}

/* Return 64 random bits, not 0, as cookie 0 belongs to pool instances. */
static uint64_t new_cookie(void)
{
	uint64_t cookie = 0;

	while (!cookie)
		if (getrandom(&cookie, sizeof(cookie), 0) != sizeof(cookie))
			cookie = 0;
	return cookie;
}

/* Reserve memory of the instance besides its slots. */
static int give_memory(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		       const struct bq_blob *tables, uint32_t slots, uint32_t most_units,
		       struct bq_error *error)
{
	uint64_t bytes;
	int err;

	if (!bq_qdisc_has_memory(kind->q))
		return 0;
	id->units = most_units;
	bytes = bq_qdisc_memory(kind->q, config, slots, &id->units);
	err = bq_range_alloc(kind, id, bytes, slots, error);
	return err ? err : bq_range_alloc_tables(kind, id, 0, tables, error);
}

int bq_instances_prepare(const struct bq_kind *kind, const void *config,
			 const struct bq_blob *tables, uint32_t slots, uint32_t most_units,
			 struct bq_error *error)
{
	struct bq_instance *id;
	uint32_t i;
	int err;

	for (i = 1; i < BQ_POOL_FIRST; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state != BQ_FREE)
			continue;
		err = give_memory(kind, id, config, tables, slots, most_units, error);
		if (!err)
			err = bq_slots_alloc(kind, i, slots, error);
		if (err)
			return err;
		id->index = i;
		id->cookie = new_cookie();
		id->expires_ns = 0;
		id->egress = 0;
		id->set = 0;
		id->slots_map = i;
		id->slots_base = 0;
		id->slots = slots;
		id->slots_step = 0;
		__atomic_store_n(&id->state, BQ_PREPARED, __ATOMIC_RELEASE);
		return (int)i;
	}
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
		       "all %d instances of %s are in use; detach one", BQ_POOL_FIRST - 1,
		       kind->q->name);
}

static uint32_t index_of(const struct bq_kind *kind, const struct bq_instance *id)
{
	return (uint32_t)(((const char *)id - (const char *)kind->table) / (long)kind->stride);
}

/* Return the number of slots to allocate for an instance that needs SLOTS and has fewer. */
static uint32_t next_slots(const struct bq_instance *id, uint32_t slots)
{
	uint32_t least = id->slots * BQ_SLOTS_GROWTH;

	return slots < least ? least : slots;
}

uint64_t bq_table_growth(const struct bq_kind *kind, const struct bq_instance *id, uint32_t slots)
{
	if (kind->slots_fd < 0 || slots <= id->slots)
		return 0;
	slots = next_slots(id, slots);
	return slots * sizeof(uint64_t) + (kind->q->growth ? kind->q->growth(slots) : 0);
}

/* Add slots. The programs use them once they see the step, so that is written last. */
static int grow_alone(const struct bq_kind *kind, struct bq_instance *id, uint32_t slots,
		      struct bq_error *error)
{
	uint32_t step = id->slots_step + 1, key = step * BQ_INSTANCES + index_of(kind, id);
	int err;

	if (step == BQ_SLOTS_STEPS)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
			       "%s: cannot grow again; detach and attach it", kind->q->name);
	slots = next_slots(id, slots);
	err = kind->q->growth ? bq_range_alloc_growth(kind, id, step, kind->q->growth(slots), error)
			      : 0;
	if (!err)
		err = bq_slots_alloc(kind, key, slots, error);
	if (err)
		return err;
	id->slots_map = key;
	id->slots_base = 0;
	id->slots = slots;
	__atomic_store_n(&id->slots_step, step, __ATOMIC_RELEASE);
	return 0;
}

/*
 * Add slots while a pool instance may reserve memory of the pool, which takes microseconds. If the
 * word is still 1 after 10 ms, an interrupted command has left it.
 */
static int grow(const struct bq_kind *kind, struct bq_instance *id, uint32_t slots,
		struct bq_error *error)
{
	int i, err;

	for (i = 0; i < 10 && __atomic_exchange_n(&id->slots_busy, 1, __ATOMIC_ACQUIRE); i++)
		usleep(1000);
	err = grow_alone(kind, id, slots, error);
	__atomic_store_n(&id->slots_busy, 0, __ATOMIC_RELEASE);
	return err;
}

/*
 * Return true if an interrupted command left slots at the next step, or changed only some members.
 */
static bool is_half_grown(const struct bq_kind *kind, const struct bq_instance *id)
{
	uint32_t step = id->slots_step + 1;

	return step < BQ_SLOTS_STEPS &&
	       bq_slots_exist(kind, step * BQ_INSTANCES + index_of(kind, id));
}

int bq_instances_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
			const struct bq_blob *tables, uint32_t slots, struct bq_error *error)
{
	bool more = kind->slots_fd >= 0 && (slots > id->slots || is_half_grown(kind, id));
	char dir[BQ_PIN_PATH_MAX];
	int err;

	if (bq_user_object_is_plain(kind->q))
		return bq_globals_change(kind, id, config, bq_pin_kind(dir_of(kind->q), dir),
					 error);

	if (more && bq_qdisc_has_memory(kind->q) && !kind->q->growth)
		return bq_fail(error, BQDISC_ERROR_USAGE, ENOSPC,
			       "%s: has room for %u packets since attach and cannot grow; detach "
			       "it and attach it with the larger limit",
			       kind->q->name, id->slots);
	err = more ? grow(kind, id, slots, error) : 0;
	return err ? err : bq_kind_change(kind, id, config, tables, error);
}

/* Return true if all have the same egress program, and it is on the hook. */
static bool has_egress_program(struct bq_instance *const v[], size_t n, uint32_t ifindex)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i]->egress != v[0]->egress)
			return false;
	return bq_egress_is_attached(v[0]->egress, ifindex);
}

int bq_instances_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
			       uint32_t ifindex, const void *config, struct bq_error *error)
{
	uint32_t lowest = BQ_INSTANCES;
	uint64_t key = new_cookie();
	size_t i;
	int err;

	if (!bq_egress_is_needed(kind->q, config))
		return 0;
	if (has_egress_program(v, n, ifindex))
		return bq_egress_offload_disable(kind->q, config, v[0]->egress, ifindex, error);
	bq_instances_egress_detach(v, n);
	for (i = 0; i < n; i++)
		if (index_of(kind, v[i]) < lowest)
			lowest = index_of(kind, v[i]);
	err = bq_egress_add(kind, lowest, (uint32_t)n, ifindex, key, error);
	if (err)
		return err;
	err = bq_egress_offload_disable(kind->q, config, key, ifindex, error);
	if (err)
		bq_egress_remove(key);
	for (i = 0; !err && i < n; i++)
		bq_egress_switch(v[i], key);
	return err ? err : 1;
}

void bq_instances_egress_detach(struct bq_instance *const v[], size_t n)
{
	uint64_t key;
	size_t i;

	for (i = 0; i < n; i++) {
		key = v[i]->egress;
		bq_egress_switch(v[i], 0);
		bq_egress_remove(key);
	}
}

void bq_instances_egress_release(const struct bq_kind *kind, struct bq_instance *const v[],
				 size_t n)
{
	const void *config = bq_kind_config(kind, v[0]);

	if (bq_egress_is_needed(kind->q, config))
		bq_egress_offload_restore(kind->q, config, v[0]->egress);
	else
		bq_instances_egress_detach(v, n);
}

void bq_instances_free(const struct bq_kind *kind, uint32_t index)
{
	uint32_t step;

	for (step = 0; step < BQ_SLOTS_STEPS && kind->slots_fd >= 0; step++)
		bq_slots_free(kind, step * BQ_INSTANCES + index);
	__atomic_store_n(&bq_kind_instance(kind, index)->state, BQ_FREE, __ATOMIC_RELEASE);
}

void bq_instances_reserve(const struct bq_kind *kind, uint32_t index,
			  const struct bq_attach_point *point, uint32_t handle)
{
	struct bq_instance *id = bq_kind_instance(kind, index);

	id->net_cookie = point->net_cookie;
	id->ifindex = point->ifindex;
	id->parent = point->parent;
	id->handle = handle;
}

void bq_instances_commit(const struct bq_kind *kind, uint32_t index)
{
	__atomic_store_n(&bq_kind_instance(kind, index)->state, BQ_LIVE, __ATOMIC_RELEASE);
}

/*
 * Objects built without the kit do not report creation or removal, so query the kernel. Instances
 * in another namespace can only be queried there.
 */
static void query_plain(const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_error ignored = { 0 };
	struct bq_tc_qdisc now = { 0 };
	uint64_t here;

	if (id->state == BQ_FREE || bq_system_net_cookie(&here, &ignored) ||
	    (id->handle && id->net_cookie != here) ||
	    bq_tc_get(id->ifindex, id->parent, &now, &ignored))
		return;
	id->state = id->handle && now.handle == id->handle && !strcmp(now.kind, kind->q->kind)
			    ? BQ_LIVE
			    : BQ_FREE;
	if (id->state == BQ_FREE)
		id->handle = 0;
}

/* Free PREPARED instances. Under the lock no running process owns one. */
static void discard_leftovers(const struct bq_kind *kind)
{
	uint32_t i, end = bq_kind_end(kind);
	const struct bq_instance *id;

	for (i = 1; i < end && bq_user_object_is_plain(kind->q); i++)
		query_plain(kind, bq_kind_instance(kind, i));
	if (bq_user_object_is_plain(kind->q))
		return;

	for (i = 1; i < end; i++) {
		id = bq_kind_instance(kind, i);
		/* A worker may still populate its memory, so leave it to the next sweep. */
		if (id->growing)
			continue;
		if (id->state == BQ_PREPARED || id->state == BQ_SPENT)
			bq_instances_free(kind, i);
	}
}

static bool place_is_alive(const struct bq_attach_point *point, void *arg)
{
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool alive = false;
	uint32_t i;
	int err;

	for (q = bqdisc_qdisc__next(NULL); q && !alive; q = bqdisc_qdisc__next(q)) {
		err = bq_kinds_open(&kind, q, arg);
		/* A kind that cannot be read may be in use: keep the record. */
		if (err)
			alive = err != -ENOENT;
		for (i = 1; !err && i < bq_kind_end(&kind) && !alive; i++) {
			const struct bq_instance *id = bq_kind_instance(&kind, i);

			alive = id->state == BQ_LIVE && id->net_cookie == point->net_cookie &&
				id->ifindex == point->ifindex &&
				(id->set ? TC_H_ROOT : id->parent) == point->parent;
		}
		bq_kind_close(&kind);
	}
	return alive;
}

/* Return true if an instance of KIND uses the egress program KEY. */
static bool works_with(const struct bq_kind *kind, uint64_t key)
{
	uint32_t i, end = bq_kind_end(kind);
	const struct bq_instance *id;

	for (i = 1; i < end; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_LIVE && id->egress == key &&
		    bq_egress_is_needed(kind->q, bq_kind_config(kind, id)))
			return true;
	}
	return false;
}

static bool egress_is_alive(uint64_t key, void *arg)
{
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool alive = false;

	for (q = bqdisc_qdisc__next(NULL); q && !alive; q = bqdisc_qdisc__next(q)) {
		if (!q->egress || bq_kinds_open(&kind, q, arg))
			continue;
		alive = works_with(&kind, key);
		bq_kind_close(&kind);
	}
	return alive;
}

/*
 * Remove the mark of a default that is not set any more. Another program may have changed the
 * default, or a command was interrupted before setting it. Skip this where the sysctl is not
 * visible, in another network namespace.
 */
static void sweep_default(struct bq_error *ignored)
{
	const struct bqdisc_qdisc *q;
	char now[BQ_DEFAULT_MAX];

	if (bq_system_get_default(now, ignored))
		return;
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->kind, now) != 0)
			bq_kinds_unmark(q, BQ_MARK_DEFAULT);
		else if (bq_kinds_is_loaded(q))
			bq_kinds_mark(q, BQ_MARK_DEFAULT, ignored);
	}
	if (!bq_qdisc_find_kind(now))
		bq_saved_default_delete();
}

void bq_sweep(void)
{
	/* A failed sweep does not concern the current command. */
	struct bq_error ignored = { 0 };
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool idle;

	sweep_default(&ignored);
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (bq_kinds_open(&kind, q, &ignored))
			continue;
		discard_leftovers(&kind);
		idle = !bq_kind_in_use(&kind) && !bq_kinds_is_marked(q, BQ_MARK_KEPT) &&
		       !bq_kinds_is_marked(q, BQ_MARK_DEFAULT);
		bq_kind_close(&kind);
		if (idle)
			bq_pin_remove(dir_of(q));
	}
	bq_egress_sweep(egress_is_alive, &ignored);
	bq_user_object_refresh();
	bq_user_object_restore_names();
	bq_undo_sweep(place_is_alive, &ignored);
}

void bq_sweep_each_lost(bq_lost_fn fn, void *arg)
{
	struct bq_error ignored = { 0 };

	bq_undo_each_lost(place_is_alive, &ignored, fn, arg);
}
