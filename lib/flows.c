// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Flows of an instance. Takes no lock. */
#include <errno.h>
#include <sys/mman.h>

#include <bqdisc/memory.h>

#include "bpf/arena.h"
#include "instance.h"
#include "qdisc/flows.h"
#include "util/system.h"

bool bqdisc_qdisc__has_flows(const struct bqdisc_qdisc *q)
{
	return q->flows;
}

const char *bqdisc_flow_state__name(enum bqdisc_flow_state state)
{
	static const char *const names[] = {
		[BQDISC_FLOW_IDLE] = "idle",
		[BQDISC_FLOW_READY] = "ready",
		[BQDISC_FLOW_THROTTLED] = "throttled",
	};

	return names[state];
}

static void read_flows(const struct bq_instance_info *info, const char *arena, bqdisc_flow_fn fn,
		       void *arg)
{
	const struct bq_flow_reader *reader = info->kind->q->flows;
	uint64_t now = bq_system_now();
	struct bqdisc_flow flow;
	uint32_t n;

	/* A qdisc that is gone has freed its pages, and reading would allocate them again. */
	for (n = 0; info->id->state == BQ_LIVE && n < reader->count(info->id); n++)
		if (reader->read(info->id, arena, n, now, &flow))
			fn(&flow, arg);
}

int bqdisc_instance__each_flow(const struct bqdisc_instance *inst, bqdisc_flow_fn fn, void *arg)
{
	const struct bq_kind *kind = inst->v[0]->kind;
	char *arena;
	size_t i;

	if (!kind->q->flows)
		return -ENOTSUP;
	arena = bq_arena_map(kind->memory_fd);
	if (!arena)
		return -errno;
	for (i = 0; i < inst->n; i++)
		read_flows(inst->v[i], arena, fn, arg);
	munmap(arena, BQ_MEMORY_BYTES);
	return 0;
}
