// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an instance is and how it fares: all that is neither an option nor a counter. */
#include "attachment/egress_program.h"
#include "instance.h"
#include "util/system.h"

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst)
{
	return inst->v[0]->dev;
}

uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst)
{
	return inst->v[0]->link.ifindex;
}

uint32_t bqdisc_instance__queues(const struct bqdisc_instance *inst)
{
	return inst->is_set ? (uint32_t)inst->n : 0;
}

bool bqdisc_instance__is_alone(const struct bqdisc_instance *inst)
{
	struct bq_error ignored = { 0 };
	struct bq_dev link;

	return !inst->is_set && inst->v[0]->kind->q->per_queue &&
	       inst->v[0]->link.parent == BQDISC_PARENT_ROOT &&
	       !bq_dev_find(inst->v[0]->dev, &link, &ignored) && link.real_queues > 1;
}

uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst)
{
	return inst->is_set ? inst->v[0]->id->set : inst->v[0]->link.handle;
}

uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst)
{
	return inst->is_set ? BQDISC_PARENT_ROOT : inst->v[0]->link.parent;
}

const struct bqdisc_qdisc *bqdisc_instance__qdisc(const struct bqdisc_instance *inst)
{
	return inst->v[0]->kind->q;
}

enum bqdisc_egress bqdisc_instance__egress(const struct bqdisc_instance *inst)
{
	return bq_egress_query(inst->v[0]->kind, inst->v[0]->id);
}

struct bqdisc_disabled_offloads
bqdisc_instance__disabled_offloads(const struct bqdisc_instance *inst)
{
	struct bq_offload before = bq_egress_disabled_offload(inst->v[0]->id->egress);

	return (struct bqdisc_disabled_offloads){ before.checksums, before.segments > 1 };
}

const char *bqdisc_egress__name(enum bqdisc_egress egress)
{
	static const char *const names[] = {
		[BQDISC_EGRESS_ACTIVE] = "first",
		[BQDISC_EGRESS_SHADOWED] = "behind",
		[BQDISC_EGRESS_DETACHED] = "gone",
	};

	return names[egress];
}

/* What earlier steps had is not written down: at most a fourth each. */
static uint64_t all_slots(const struct bq_instance *id)
{
	uint64_t all = id->slots, step = id->slots;
	uint32_t i;

	for (i = 0; i < id->slots_step; i++) {
		step /= BQ_SLOTS_GROWTH;
		all += step;
	}
	return all;
}

/* Of the arena. */
static uint64_t all_ranges(const struct bq_instance *id)
{
	uint64_t all = (uint64_t)id->memory_size + id->tables[0].size + id->tables[1].size;
	uint32_t i;

	for (i = 0; i < BQ_SLOTS_STEPS; i++)
		all += id->more[i].size;
	return all;
}

static uint64_t memory_of(const struct bq_instance_info *f)
{
	const struct bqdisc_qdisc *q = f->kind->q;
	const struct bq_instance *id = f->id;

	if (!id->slots_map)
		return bq_qdisc_cost(q, id->slots, q->pool_memory);
	return bq_qdisc_cost(q, all_slots(id), all_ranges(id));
}

uint64_t bqdisc_instance__memory(const struct bqdisc_instance *inst)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < inst->n; i++)
		sum += memory_of(inst->v[i]);
	return sum;
}

uint64_t bq_time_until(uint64_t ns)
{
	uint64_t now = bq_system_now();

	return ns > now ? ns - now : 0;
}

bool bqdisc_instance__expires(const struct bqdisc_instance *inst, uint64_t *ns)
{
	uint64_t until = inst->v[0]->id->expires_ns;

	*ns = bq_time_until(until);
	return until;
}
