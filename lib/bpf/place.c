// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds the instance at an attach point. Programs enter instances (bqdisc/table.bpf.h). */
#include <linux/pkt_sched.h>

#include <bpf/bpf.h>

#include "bpf/kind.h"

/* Return true if ID is live at POINT. A set is also at the root of its device. */
static bool is_at(const struct bq_instance *id, const struct bq_attach_point *point)
{
	return bq_instance_state(id) == BQ_LIVE && id->net_cookie == point->net_cookie &&
	       id->ifindex == point->ifindex &&
	       (id->parent == point->parent || (id->set && point->parent == TC_H_ROOT));
}

/* Return a live instance of the set of ID, which may be gone, or NULL. */
static struct bq_instance *live_in_set(const struct bq_kind *kind, struct bq_instance *id,
				       const struct bq_attach_point *point)
{
	struct bq_instance *member = id;
	uint32_t n;

	for (n = 0; n < BQ_QUEUES_MOST && member->set_next; n++) {
		if (member->set == id->set && is_at(member, point))
			return member;
		member = bq_kind_instance(kind, member->set_next % kind->entries);
		if (member == id)
			break;
	}
	return NULL;
}

static struct bq_instance *find_in_plain(const struct bq_kind *kind,
					 const struct bq_attach_point *point)
{
	struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		if (is_at(id, point))
			return id;
	return NULL;
}

struct bq_instance *bq_kind_at(const struct bq_kind *kind, const struct bq_attach_point *point)
{
	struct bq_instance *id;
	uint32_t index;

	if (kind->places_fd < 0)
		return find_in_plain(kind, point);
	if (bpf_map_lookup_elem(kind->places_fd, point, &index) || !index || index >= kind->entries)
		return NULL;
	id = bq_kind_instance(kind, index);
	return is_at(id, point) ? id : live_in_set(kind, id, point);
}

void bq_kind_enter_set(const struct bq_kind *kind, const struct bq_instance *id)
{
	struct bq_attach_point point = { id->net_cookie, id->ifindex, TC_H_ROOT };
	const struct bq_instance *there = bq_kind_at(kind, &point);
	uint32_t index = bq_kind_index(kind, id);

	if (kind->places_fd >= 0 && (!there || there->set != id->set))
		bpf_map_update_elem(kind->places_fd, &point, &index, BPF_ANY);
}

void bq_kind_tidy_place(const struct bq_kind *kind, const struct bq_attach_point *point)
{
	if (kind->places_fd >= 0 && !bq_kind_at(kind, point))
		bpf_map_delete_elem(kind->places_fd, point);
}
