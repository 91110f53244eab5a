// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "brought.h"
#include "companion.h"
#include "former.h"
#include "machine.h"
#include "pin.h"
#include "table.h"

/* The name of the directory of Q's pins. */
static const char *dir_of(const struct bqdisc_qdisc *q)
{
	return q->brought ? bq_brought_dir(q) : q->kind;
}

int bq_table_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	char dir[BQ_PIN_PATH_MAX];

	return bq_kind_open(kind, q, bq_pin_kind(dir_of(q), dir), rep);
}

bool bq_table_is_loaded(const struct bqdisc_qdisc *q)
{
	char dir[BQ_PIN_PATH_MAX], link[BQ_PIN_PATH_MAX + 8];

	if (q->brought && !q->brought->present)
		return false;
	snprintf(link, sizeof(link), "%s/link", bq_pin_kind(dir_of(q), dir));
	return !access(link, F_OK);
}

static int fail_name_taken(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	if (bq_pin_out_of_sight(dir_of(q)))
		return bq_fail(rep, BQDISC_FAULT_REFUSED, EEXIST,
			       "%s is registered by bqdisc, but its pins are out of sight here, as "
			       "inside 'ip netns exec': use 'bqdisc -n NETNS' from outside instead",
			       q->kind);
	if (q->brought)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, EEXIST,
			       "the kernel has a qdisc kind '%s' already, its own or another "
			       "program's: --as NAME gives yours another name",
			       q->kind);
	return bq_fail(rep, BQDISC_FAULT_REFUSED, EEXIST,
		       "another program has registered a qdisc kind '%s': unregister it "
		       "('bpftool struct_ops list' shows it)",
		       q->kind);
}

/* Nobody sees the kind until it is registered: whoever has its name keeps it until then. */
static int load_into(const struct bqdisc_qdisc *q, const struct bqdisc_qdisc *rival,
		     const char *dir, struct bq_report *rep)
{
	struct bpf_object *obj;
	int err = bq_object_load(q, dir, &obj, rep);

	if (!err)
		err = bq_kind_stamp(dir, rep);
	if (!err && rival)
		err = bq_brought_retire(rival, rep);
	if (!err) {
		err = bq_object_register(q, dir, obj, rep);
		if (err == -EEXIST)
			fail_name_taken(q, rep);
	}
	bq_object_close(obj);
	return err;
}

/* Q has its name now. Whoever loaded RIVAL on purpose wants the name to stay. */
static void take_over(const struct bqdisc_qdisc *q, const struct bqdisc_qdisc *rival,
		      struct bq_report *rep)
{
	bq_brought_loaded(q);
	if (rival && bq_table_unmark(rival, BQ_MARK_KEPT))
		bq_table_mark(q, BQ_MARK_KEPT, rep);
	/* The kernel holds the operations that had the name when it was set: it is set again. */
	if (rival && bq_table_unmark(rival, BQ_MARK_DEFAULT) &&
	    bq_table_mark(q, BQ_MARK_DEFAULT, rep) >= 0)
		bq_machine_set_default(q->kind, rep);
}

static int load(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	const struct bqdisc_qdisc *rival = q->brought ? bq_brought_rival(q) : NULL;
	const char *name = dir_of(q);
	char dir[BQ_PIN_PATH_MAX];
	int err = bq_pin_begin(name, dir, rep);

	if (err)
		return err;
	err = load_into(q, rival, dir, rep);
	if (!err)
		err = bq_pin_commit(name, rep);
	if (err)
		bq_pin_abort(name);
	else if (q->brought)
		take_over(q, rival, rep);
	return err;
}

int bq_table_load(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	/* One that was brought and is not loaded has no pins, but its rival may. */
	bool fresh = q->brought && !q->brought->present;
	int err = fresh ? -ENOENT : bq_table_open(kind, q, rep);

	if (!err && bq_table_is_loaded(q))
		return 0;
	if (!err) {
		bq_kind_close(kind);
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOENT,
			       "the registration of %s is gone while qdiscs use it: detach them "
			       "first",
			       q->kind);
	}
	if (err != -ENOENT)
		return err;
	err = load(q, rep);
	return err ? err : bq_table_open(kind, q, rep);
}

void bq_table_remove(const struct bqdisc_qdisc *q)
{
	bq_pin_remove(dir_of(q));
}

static const char *const marks[] = { [BQ_MARK_KEPT] = "kept", [BQ_MARK_DEFAULT] = "default" };

int bq_table_mark(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_report *rep)
{
	char dir[BQ_PIN_PATH_MAX];

	return bq_kind_mark(bq_pin_kind(dir_of(q), dir), marks[mark], rep);
}

static const char *mark_path(const struct bqdisc_qdisc *q, enum bq_mark mark,
			     char buf[BQ_PIN_PATH_MAX + 8])
{
	char dir[BQ_PIN_PATH_MAX];

	snprintf(buf, BQ_PIN_PATH_MAX + 8, "%s/%s", bq_pin_kind(dir_of(q), dir), marks[mark]);
	return buf;
}

bool bq_table_is_marked(const struct bqdisc_qdisc *q, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !access(mark_path(q, mark, path), F_OK);
}

int bq_table_unmark(const struct bqdisc_qdisc *q, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !unlink(mark_path(q, mark, path));
}

struct bq_instance *bq_table_find(const struct bq_kind *kind, const struct bq_place *place,
				  uint32_t handle)
{
	struct bq_instance *id;
	uint32_t i;

	for (i = 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_LIVE && id->net_cookie == place->net_cookie &&
		    id->ifindex == place->ifindex && id->parent == place->parent &&
		    id->handle == handle)
			return id;
	}
	return NULL;
}

int bq_table_find_kind(struct bq_kind *kind, const char *name, const struct bq_place *place,
		       uint32_t handle, struct bq_instance **id, struct bq_report *rep)
{
	const struct bqdisc_qdisc *q;
	int err = -ENOENT;

	for (q = bqdisc_qdisc__next(NULL); q && err == -ENOENT; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->kind, name) != 0)
			continue;
		err = bq_table_open(kind, q, rep);
		if (err)
			continue;
		*id = bq_table_find(kind, place, handle);
		if (*id)
			return 0;
		bq_kind_close(kind);
		err = -ENOENT;
	}
	return err;
}

/* A token of 0 is the pool's, and 64 random bits are not 0. */
static uint64_t new_token(void)
{
	uint64_t token = 0;

	while (!token)
		if (getrandom(&token, sizeof(token), 0) != sizeof(token))
			token = 0;
	return token;
}

/* What the instance needs besides its slots. */
static int give_memory(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		       const struct bq_blob *annex, uint32_t slots, struct bq_report *rep)
{
	uint64_t bytes;
	int err;

	if (!bq_qdisc_has_memory(kind->q))
		return 0;
	bytes = bq_qdisc_memory(kind->q, config, slots, &id->units);
	err = bq_kind_give_memory(kind, id, bytes, rep);
	return err ? err : bq_kind_give_annex(kind, id, 0, annex, rep);
}

int bq_table_prepare(const struct bq_kind *kind, const void *config, const struct bq_blob *annex,
		     uint32_t slots, struct bq_report *rep)
{
	struct bq_instance *id;
	uint32_t i;
	int err;

	for (i = BQ_POOL_INSTANCES + 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state != BQ_FREE)
			continue;
		err = give_memory(kind, id, config, annex, slots, rep);
		if (!err)
			err = bq_kind_give_slots(kind, i, slots, rep);
		if (err)
			return err;
		id->token = new_token();
		id->until_ns = 0;
		id->companion = 0;
		id->set = 0;
		id->slots_map = i;
		id->slots_base = 0;
		id->slots = slots;
		id->slots_step = 0;
		__atomic_store_n(&id->state, BQ_PREPARED, __ATOMIC_RELEASE);
		return (int)i;
	}
	return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOSPC, "all %d instances of %s are in use",
		       BQ_INSTANCES - BQ_POOL_INSTANCES - 1, kind->q->name);
}

static uint32_t index_of(const struct bq_kind *kind, const struct bq_instance *id)
{
	return (uint32_t)(((const char *)id - (const char *)kind->table) / (long)kind->stride);
}

/* The programs go over to the new slots when they see the step: what belongs to it comes first. */
static int grow(const struct bq_kind *kind, struct bq_instance *id, uint32_t slots,
		struct bq_report *rep)
{
	uint32_t step = id->slots_step + 1, key = step * BQ_INSTANCES + index_of(kind, id);
	int err;

	if (step == BQ_SLOTS_STEPS)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOSPC,
			       "%s has grown too often: detach and attach it", kind->q->name);
	if (slots < id->slots * BQ_SLOTS_GROWTH)
		slots = id->slots * BQ_SLOTS_GROWTH;
	err = kind->q->growth ? bq_kind_give_more(kind, id, step, kind->q->growth(slots), rep) : 0;
	if (!err)
		err = bq_kind_give_slots(kind, key, slots, rep);
	if (err)
		return err;
	id->slots_map = key;
	id->slots_base = 0;
	id->slots = slots;
	__atomic_store_n(&id->slots_step, step, __ATOMIC_RELEASE);
	return 0;
}

/* A run killed while it grew left slots at the next step, and perhaps half of the words changed. */
static bool is_half_grown(const struct bq_kind *kind, const struct bq_instance *id)
{
	uint32_t step = id->slots_step + 1;

	return step < BQ_SLOTS_STEPS &&
	       bq_kind_has_slots(kind, step * BQ_INSTANCES + index_of(kind, id));
}

int bq_table_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		    const struct bq_blob *annex, uint32_t slots, struct bq_report *rep)
{
	bool more = kind->slots_fd >= 0 && (slots > id->slots || is_half_grown(kind, id));
	int err;

	if (more && bq_qdisc_has_memory(kind->q) && !kind->q->growth)
		return bq_fail(rep, BQDISC_FAULT_USAGE, ENOSPC,
			       "%s was attached with room for %u packets and cannot grow: detach "
			       "it, and attach it with the larger limit",
			       kind->q->name, id->slots);
	err = more ? grow(kind, id, slots, rep) : 0;
	return err ? err : bq_kind_change(kind, id, config, annex, rep);
}

/* Whether all have the same companion, and it is on the hook. */
static bool is_accompanied(struct bq_instance *const v[], size_t n, uint32_t ifindex)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i]->companion != v[0]->companion)
			return false;
	return bq_companion_is_attached(v[0]->companion, ifindex);
}

int bq_table_accompany(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
		       uint32_t ifindex, const void *config, struct bq_report *rep)
{
	uint32_t lowest = BQ_INSTANCES;
	uint64_t key = new_token();
	size_t i;
	int err;

	if (!bq_companion_is_needed(kind->q, config))
		return 0;
	if (is_accompanied(v, n, ifindex))
		return bq_companion_fit(kind->q, config, v[0]->companion, ifindex, rep);
	bq_table_part(v, n);
	for (i = 0; i < n; i++)
		if (index_of(kind, v[i]) < lowest)
			lowest = index_of(kind, v[i]);
	err = bq_companion_add(kind, lowest, (uint32_t)n, ifindex, key, rep);
	if (err)
		return err;
	err = bq_companion_fit(kind->q, config, key, ifindex, rep);
	if (err)
		bq_companion_remove(key);
	for (i = 0; !err && i < n; i++)
		bq_companion_switch(v[i], key);
	return err ? err : 1;
}

void bq_table_part(struct bq_instance *const v[], size_t n)
{
	uint64_t key;
	size_t i;

	for (i = 0; i < n; i++) {
		key = v[i]->companion;
		bq_companion_switch(v[i], 0);
		bq_companion_remove(key);
	}
}

void bq_table_dismiss(const struct bq_kind *kind, struct bq_instance *const v[], size_t n)
{
	const void *config = bq_kind_config(kind, v[0]);

	if (bq_companion_is_needed(kind->q, config))
		bq_companion_unfit(kind->q, config, v[0]->companion);
	else
		bq_table_part(v, n);
}

void bq_table_discard(const struct bq_kind *kind, uint32_t index)
{
	uint32_t step;

	for (step = 0; step < BQ_SLOTS_STEPS && kind->slots_fd >= 0; step++)
		bq_kind_take_slots(kind, step * BQ_INSTANCES + index);
	__atomic_store_n(&bq_kind_instance(kind, index)->state, BQ_FREE, __ATOMIC_RELEASE);
}

void bq_table_announce(const struct bq_kind *kind, uint32_t index, const struct bq_place *place,
		       uint32_t handle)
{
	struct bq_instance *id = bq_kind_instance(kind, index);

	id->net_cookie = place->net_cookie;
	id->ifindex = place->ifindex;
	id->parent = place->parent;
	id->handle = handle;
}

void bq_table_confirm(const struct bq_kind *kind, uint32_t index)
{
	__atomic_store_n(&bq_kind_instance(kind, index)->state, BQ_LIVE, __ATOMIC_RELEASE);
}

/*
 * Of a plain kind nobody says when a qdisc has come to be or is gone: we look. What is in another
 * namespace can only be seen from there.
 */
static void look_after(const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_report ignored = { 0 };
	struct bq_tc_qdisc now = { 0 };
	uint64_t here;

	if (id->state == BQ_FREE || bq_machine_net_cookie(&here, &ignored) ||
	    (id->handle && id->net_cookie != here) ||
	    bq_tc_get(id->ifindex, id->parent, &now, &ignored))
		return;
	id->state = id->handle && now.handle == id->handle && !strcmp(now.kind, kind->q->kind)
			    ? BQ_LIVE
			    : BQ_FREE;
	if (id->state == BQ_FREE)
		id->handle = 0;
}

/* Under the lock a PREPARED instance has no owner that still runs. */
static void discard_leftovers(const struct bq_kind *kind)
{
	const struct bq_instance *id;
	uint32_t i;

	for (i = 1; i < BQ_INSTANCES && bq_brought_is_plain(kind->q); i++)
		look_after(kind, bq_kind_instance(kind, i));
	if (bq_brought_is_plain(kind->q))
		return;

	for (i = 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_PREPARED || id->state == BQ_SPENT)
			bq_table_discard(kind, i);
	}
}

static bool place_is_alive(const struct bq_place *place, void *arg)
{
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool alive = false;
	uint32_t i;
	int err;

	for (q = bqdisc_qdisc__next(NULL); q && !alive; q = bqdisc_qdisc__next(q)) {
		err = bq_table_open(&kind, q, arg);
		/* What cannot be read may be in use: its record is kept. */
		if (err)
			alive = err != -ENOENT;
		for (i = 1; !err && i < BQ_INSTANCES && !alive; i++) {
			const struct bq_instance *id = bq_kind_instance(&kind, i);

			alive = id->state == BQ_LIVE && id->net_cookie == place->net_cookie &&
				id->ifindex == place->ifindex &&
				(id->set ? TC_H_ROOT : id->parent) == place->parent;
		}
		bq_kind_close(&kind);
	}
	return alive;
}

/* Whether an instance of KIND works with the companion of that key. */
static bool works_with(const struct bq_kind *kind, uint64_t key)
{
	const struct bq_instance *id;
	uint32_t i;

	for (i = 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(kind, i);
		if (id->state == BQ_LIVE && id->companion == key &&
		    bq_companion_is_needed(kind->q, bq_kind_config(kind, id)))
			return true;
	}
	return false;
}

static bool companion_is_alive(uint64_t key, void *arg)
{
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool alive = false;

	for (q = bqdisc_qdisc__next(NULL); q && !alive; q = bqdisc_qdisc__next(q)) {
		if (!q->companion || bq_table_open(&kind, q, arg))
			continue;
		alive = works_with(&kind, key);
		bq_kind_close(&kind);
	}
	return alive;
}

/*
 * The default may have been set by others, too, and a run of ours killed before it set it. Where it
 * is out of sight, in another network namespace, nothing is judged.
 */
static void sweep_default(struct bq_report *ignored)
{
	const struct bqdisc_qdisc *q;
	char now[BQ_DEFAULT_MAX];

	if (bq_machine_default(now, ignored))
		return;
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->kind, now) != 0)
			bq_table_unmark(q, BQ_MARK_DEFAULT);
		else if (bq_table_is_loaded(q))
			bq_table_mark(q, BQ_MARK_DEFAULT, ignored);
	}
	if (!bq_registry_find_kind(now))
		bq_former_forget();
}

void bq_table_sweep(void)
{
	/* What cannot be swept now is no fault of the command at hand. */
	struct bq_report ignored = { 0 };
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	bool idle;

	sweep_default(&ignored);
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (bq_table_open(&kind, q, &ignored))
			continue;
		discard_leftovers(&kind);
		idle = !bq_kind_in_use(&kind) && !bq_table_is_marked(q, BQ_MARK_KEPT) &&
		       !bq_table_is_marked(q, BQ_MARK_DEFAULT);
		bq_kind_close(&kind);
		if (idle)
			bq_pin_remove(dir_of(q));
	}
	bq_companion_sweep(companion_is_alive, &ignored);
	bq_brought_refresh();
	bq_brought_reinstate();
	bq_undo_sweep(place_is_alive, &ignored);
}

void bq_table_each_lost(bq_lost_fn fn, void *arg)
{
	struct bq_report ignored = { 0 };

	bq_undo_each_lost(place_is_alive, &ignored, fn, arg);
}
