// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds the instance at a place. Programs enter instances (bqdisc/table.bpf.h). */
#include <linux/pkt_sched.h>

#include <bpf/bpf.h>

#include "bpf/kind.h"

/* Return true if ID is live at PLACE. A set is also at the root of its device. */
static bool is_at(const struct bq_instance *id, const struct bq_place *place)
{
	return id->state == BQ_LIVE && id->net_cookie == place->net_cookie &&
	       id->ifindex == place->ifindex &&
	       (id->parent == place->parent || (id->set && place->parent == TC_H_ROOT));
}

/* Return a live instance of the set of ID, which may be gone, or NULL. */
static struct bq_instance *live_in_set(const struct bq_kind *kind, struct bq_instance *id,
				       const struct bq_place *place)
{
	struct bq_instance *member = id;
	uint32_t n;

	for (n = 0; n < BQ_QUEUES_MOST && member->set_next; n++) {
		if (member->set == id->set && is_at(member, place))
			return member;
		member = bq_kind_instance(kind, member->set_next % kind->entries);
		if (member == id)
			break;
	}
	return NULL;
}

static struct bq_instance *find_in_plain(const struct bq_kind *kind, const struct bq_place *place)
{
	struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		if (is_at(id, place))
			return id;
	return NULL;
}

struct bq_instance *bq_kind_at(const struct bq_kind *kind, const struct bq_place *place)
{
	struct bq_instance *id;
	uint32_t index;

	if (kind->places_fd < 0)
		return find_in_plain(kind, place);
	if (bpf_map_lookup_elem(kind->places_fd, place, &index) || !index || index >= kind->entries)
		return NULL;
	id = bq_kind_instance(kind, index);
	return is_at(id, place) ? id : live_in_set(kind, id, place);
}

void bq_kind_enter_set(const struct bq_kind *kind, const struct bq_instance *id)
{
	struct bq_place place = { id->net_cookie, id->ifindex, TC_H_ROOT };
	const struct bq_instance *there = bq_kind_at(kind, &place);
	uint32_t index = bq_kind_index(kind, id);

	if (kind->places_fd >= 0 && (!there || there->set != id->set))
		bpf_map_update_elem(kind->places_fd, &place, &index, BPF_ANY);
}

void bq_kind_tidy_place(const struct bq_kind *kind, const struct bq_place *place)
{
	if (kind->places_fd >= 0 && !bq_kind_at(kind, place))
		bpf_map_delete_elem(kind->places_fd, place);
}
