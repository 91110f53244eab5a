// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attachment/instances.h"
#include "bpf/pin.h"
#include "bpf/range.h"
#include "bpf/range_map.h"
#include "bpf/slots.h"
#include "user/globals.h"

struct bq_instance *bq_instances_find(const struct bq_kind *kind,
				      const struct bq_attach_point *point, uint32_t handle)
{
	struct bq_instance *id = bq_kind_at(kind, point);

	return id && id->parent == point->parent && id->handle == handle ? id : NULL;
}

int bq_instances_find_kind(struct bq_catalog *catalog, const char *name,
			   const struct bq_attach_point *point, uint32_t handle,
			   struct bq_loaded **loaded, struct bq_instance **id,
			   struct bq_error *error)
{
	int err, ret = -ENOENT;
	struct bq_loaded *l;

	for (l = bq_catalog_first(catalog); l; l = l->next) {
		if (strcmp(l->name, name) || (l->superseded && !bq_catalog_may_be_at(l, point)))
			continue;
		err = bq_catalog_open(l, error);
		if (err && err != -ENOENT)
			return err;
		*id = err ? NULL : bq_instances_find(&l->kind, point, handle);
		if (!*id)
			continue;
		*loaded = l;
		return bq_catalog_describe(catalog, l, error);
	}
	return ret;
}

uint64_t bq_instances_new_cookie(void)
{
	uint64_t cookie = 0;

	while (!cookie)
		if (getrandom(&cookie, sizeof(cookie), 0) != sizeof(cookie))
			cookie = 0;
	return cookie;
}

/* Reserve memory of the instance besides its slots. */
static int alloc_memory(struct bq_kind *kind, struct bq_instance *id, const void *config,
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
	return err ? err : bq_range_alloc_tables(kind, id, 0, config, tables, error);
}

/* Write where the instance is going to be, for a sweep after an interrupted command. */
static void write_place(struct bq_instance *id, const struct bq_attach_point *point, uint32_t set)
{
	id->net_cookie = point->net_cookie;
	id->ifindex = point->ifindex;
	id->parent = point->parent;
	id->handle = 0;
	id->set = set;
	id->set_next = 0;
}

int bq_instances_prepare(struct bq_kind *kind, const struct bq_attach_point *point, uint32_t set,
			 const void *config, const struct bq_blob *tables, uint32_t slots,
			 uint32_t most_units, struct bq_error *error)
{
	struct bq_instance *id = bq_kind_take_free(kind);
	uint32_t index;
	int err;

	if (!id)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
			       "all %u instances of %s are in use; detach one",
			       bq_kind_size(kind).prepared, kind->q->name);
	index = bq_kind_index(kind, id);
	err = alloc_memory(kind, id, config, tables, slots, most_units, error);
	if (!err)
		err = bq_slots_alloc(kind, BQ_SLOTS_KEY(index, 0), slots, error);
	if (err)
		return err;
	id->index = index;
	id->cookie = bq_instances_new_cookie();
	id->expires_ns = 0;
	id->egress = 0;
	id->egress_pin = 0;
	write_place(id, point, set);
	id->slots_map = BQ_SLOTS_KEY(index, 0);
	id->slots_base = 0;
	id->slots = slots;
	id->slots_step = 0;
	bq_instance_set_state(id, BQ_PREPARED);
	return (int)index;
}

/* Return the number of slots to allocate for an instance that needs SLOTS and has fewer. */
static uint32_t next_slots(const struct bq_instance *id, uint32_t slots)
{
	uint32_t least = id->slots * BQ_SLOTS_GROWTH;

	return slots < least ? least : slots;
}

uint64_t bq_instances_growth(const struct bq_kind *kind, const struct bq_instance *id,
			     uint32_t slots)
{
	if (kind->slots_fd < 0 || slots <= id->slots)
		return 0;
	slots = next_slots(id, slots);
	return slots * sizeof(uint64_t) + (kind->q->growth ? kind->q->growth(slots) : 0);
}

/* Add slots. The programs use them once they see the step, so that is written last. */
static int grow_alone(struct bq_kind *kind, struct bq_instance *id, uint32_t slots,
		      struct bq_error *error)
{
	uint32_t step = id->slots_step + 1, key = BQ_SLOTS_KEY(bq_kind_index(kind, id), step);
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
static int grow(struct bq_kind *kind, struct bq_instance *id, uint32_t slots,
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
	       bq_slots_exist(kind, BQ_SLOTS_KEY(bq_kind_index(kind, id), step));
}

int bq_instances_change(struct bq_kind *kind, struct bq_instance *id, const void *config,
			const struct bq_blob *tables, uint32_t slots, struct bq_error *error)
{
	bool more = kind->slots_fd >= 0 && (slots > id->slots || is_half_grown(kind, id));
	int err;

	if (kind->plain)
		return bq_globals_change(kind, id, config, error);
	if (more && bq_qdisc_has_memory(kind->q) && !kind->q->growth)
		return bq_fail(error, BQDISC_ERROR_USAGE, ENOSPC,
			       "%s: has room for %u packets since attach and cannot grow; detach "
			       "it and attach it with the larger limit",
			       kind->q->name, id->slots);
	err = more ? grow(kind, id, slots, error) : 0;
	return err ? err : bq_kind_change(kind, id, config, tables, error);
}

/* Take an instance out of the ring of its set. */
static void leave_set(const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_instance *before = id;
	uint32_t n, index = bq_kind_index(kind, id);

	for (n = 0; id->set_next && n < kind->entries && before->set_next != index; n++)
		before = bq_kind_instance(kind, before->set_next % kind->entries);
	if (before->set_next == index)
		before->set_next = id->set_next;
	id->set_next = 0;
}

void bq_instances_free(struct bq_kind *kind, uint32_t index)
{
	uint32_t step;

	leave_set(kind, bq_kind_instance(kind, index));
	bq_range_free_all(kind, bq_kind_instance(kind, index));
	for (step = 0; step < BQ_SLOTS_STEPS && kind->slots_fd >= 0; step++)
		bq_slots_free(kind, BQ_SLOTS_KEY(index, step));
	bq_instance_set_state(bq_kind_instance(kind, index), BQ_FREE);
	bq_kind_set_free(kind, bq_kind_instance(kind, index));
}

void bq_instances_set_expiry(const struct bq_kind *kind, struct bq_instance *id, uint64_t ns)
{
	const struct bq_instance *head = kind->table;

	if (ns && (!head->expires_ns || ns < head->expires_ns))
		bq_kind_set_expiry(kind, ns);
	__atomic_store_n(&id->expires_ns, ns, __ATOMIC_RELEASE);
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
	bq_instance_set_state(bq_kind_instance(kind, index), BQ_LIVE);
}
