// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Flows of an instance. Takes no lock. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <bqdisc/memory.h>

#include "bpf/arena.h"
#include "instance.h"
#include "qdisc/flows.h"
#include "util/system.h"

bool bqdisc_qdisc__has_flows(const struct bqdisc_qdisc *q)
{
	return q->flows || q->rules;
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

/* --- rules --- */

struct rules {
	bqdisc_flow_fn fn;
	void *arg;
	uint32_t n;
};

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	struct bqdisc_flow *flow = arg;

	if (!strcmp(v->key, "packets"))
		flow->packets = v->value;
	else if (!strcmp(v->key, "bytes"))
		flow->bytes = v->value;
	else if (!strcmp(v->key, "dropped") || !strcmp(v->key, "drops"))
		flow->drops = v->value;
	else if (!strcmp(v->key, "backlog_packets"))
		flow->backlog_packets = v->value;
	else if (!strcmp(v->key, "backlog_bytes"))
		flow->backlog_bytes = v->value;
}

static void emit(const struct rules *rules, struct bqdisc_flow *flow)
{
	flow->id = flow->rule;
	flow->state = flow->backlog_packets ? BQDISC_FLOW_THROTTLED : BQDISC_FLOW_IDLE;
	rules->fn(flow, rules->arg);
}

static void read_rule(const struct bqdisc_rule *rule, void *arg)
{
	struct bqdisc_flow flow = { .rule = bqdisc_rule__number(rule) };
	struct rules *rules = arg;

	if (bqdisc_rule__class(rule))
		snprintf(flow.class_name, sizeof(flow.class_name), "%s", bqdisc_rule__class(rule));
	rules->n++;
	bqdisc_rule__each_counter(rule, add_counter, &flow);
	emit(rules, &flow);
}

/* The core counts the packets of a rule that matches all. */
static int read_rules(const struct bqdisc_instance *inst, bqdisc_flow_fn fn, void *arg)
{
	struct rules rules = { .fn = fn, .arg = arg };
	struct bqdisc_flow only = { .rule = 1 };

	bqdisc_instance__each_rule(inst, read_rule, &rules);
	if (rules.n)
		return 0;
	bqdisc_instance__each_counter(inst, add_counter, &only);
	emit(&rules, &only);
	return 0;
}

/* --- flows --- */

static void read_flows(const struct bq_instance_info *info, const char *arena, bqdisc_flow_fn fn,
		       void *arg)
{
	const struct bq_flow_reader *reader = info->kind->q->flows;
	uint64_t now = bq_system_now();
	struct bqdisc_flow flow;
	uint32_t n;

	/* A qdisc that is gone has freed its pages, and reading would allocate them again. */
	for (n = 0; bq_instance_state(info->id) == BQ_LIVE && n < reader->count(info->id); n++)
		if (reader->read(info->id, arena, n, now, &flow))
			fn(&flow, arg);
}

int bqdisc_instance__each_flow(const struct bqdisc_instance *inst, bqdisc_flow_fn fn, void *arg)
{
	const struct bq_kind *kind = inst->v[0]->kind;
	char *arena;
	size_t i;

	if (!bqdisc_qdisc__has_flows(kind->q))
		return -ENOTSUP;
	if (!kind->q->flows)
		return read_rules(inst, fn, arg);
	arena = bq_arena_map(kind->memory_fd);
	if (!arena)
		return -errno;
	for (i = 0; i < inst->n; i++)
		read_flows(inst->v[i], arena, fn, arg);
	munmap(arena, BQ_MEMORY_BYTES);
	return 0;
}
