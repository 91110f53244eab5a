// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Properties of an instance, except options and counters. */
#include "attachment/egress_program.h"
#include "instance.h"
#include "util/system.h"

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst)
{
	return inst->v[0]->dev;
}

uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst)
{
	return inst->v[0]->qdisc.ifindex;
}

uint32_t bqdisc_instance__queues(const struct bqdisc_instance *inst)
{
	return inst->is_set ? (uint32_t)inst->n : 0;
}

bool bqdisc_instance__is_alone(const struct bqdisc_instance *inst)
{
	struct bq_dev dev;

	return !inst->is_set && inst->v[0]->kind->q->per_queue &&
	       inst->v[0]->qdisc.parent == BQDISC_PARENT_ROOT &&
	       !bq_dev_find(inst->v[0]->dev, &dev, NULL) && dev.real_queues > 1;
}

uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst)
{
	return inst->is_set ? inst->v[0]->id->set : inst->v[0]->qdisc.handle;
}

uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst)
{
	return inst->is_set ? BQDISC_PARENT_ROOT : inst->v[0]->qdisc.parent;
}

/* An instance of the pool has no cookie; a plain kind has no pool. */
bool bqdisc_instance__is_attached(const struct bqdisc_instance *inst)
{
	return inst->v[0]->id->cookie;
}

uint64_t bqdisc_instance__created(const struct bqdisc_instance *inst)
{
	return inst->v[0]->id->created_ns;
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
	return (struct bqdisc_disabled_offloads){ bq_egress_segments(inst->v[0]->id->egress) > 1 };
}

const char *bqdisc_egress__name(enum bqdisc_egress egress)
{
	static const char *const names[] = {
		[BQDISC_EGRESS_ACTIVE] = "active",
		[BQDISC_EGRESS_SHADOWED] = "shadowed",
		[BQDISC_EGRESS_DETACHED] = "detached",
		[BQDISC_EGRESS_MISSING] = "missing",
	};

	return names[egress];
}

uint64_t bqdisc_instance__memory(const struct bqdisc_instance *inst)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < inst->n; i++)
		sum += bq_instance_memory(inst->v[i]->kind->q, inst->v[i]->id);
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
