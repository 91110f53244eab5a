// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Differences between two readings of the state. They do not depend on which notifications came, or
 * in which order, so none is missed if the kernel drops some.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "monitor_state.h"
#include "unmanaged.h"

/* An instance at an attach point. */
struct bq_seen {
	char dev[BQ_DEV_MAX];
	char kind[BQ_TC_KIND_MAX];
	uint32_t ifindex, parent, handle;
	uint64_t created_ns;
	uint64_t options; /* hash */
	bool expired;
	bool current; /* seen by this reading */
	bool lost;
};

/* --- one instance --- */

/* FNV-1a of the configuration. The version differs if only tables do, such as rules. */
static uint64_t hash_options(const struct bq_instance_info *first)
{
	const unsigned char *byte = bq_kind_config(first->kind, first->id);
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ first->id->generation;
	size_t i;

	for (i = 0; i < first->kind->q->config_size; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static struct bq_seen read_instance(const struct bqdisc_instance *inst)
{
	struct bq_seen seen = {
		.ifindex = bqdisc_instance__ifindex(inst),
		.parent = bqdisc_instance__parent(inst),
		.handle = bqdisc_instance__handle(inst),
		.created_ns = bqdisc_instance__created(inst),
		.options = hash_options(inst->v[0]),
		.current = true,
	};
	uint64_t left;

	seen.expired = bqdisc_instance__expires(inst, &left) && !left;
	snprintf(seen.dev, sizeof(seen.dev), "%s", bqdisc_instance__dev(inst));
	snprintf(seen.kind, sizeof(seen.kind), "%s",
		 bqdisc_qdisc__kind(bqdisc_instance__qdisc(inst)));
	return seen;
}

static bool is_same(const struct bq_seen *a, const struct bq_seen *b)
{
	return a->handle == b->handle && a->created_ns == b->created_ns &&
	       !strcmp(a->kind, b->kind);
}

static struct bq_seen *find(const struct bq_monitor_state *state, uint32_t ifindex, uint32_t parent)
{
	struct bq_seen *s;

	for (s = state->seen; s < state->seen + state->n; s++)
		if (s->ifindex == ifindex && s->parent == parent)
			return s;
	return NULL;
}

static int add(struct bq_monitor_state *state, const struct bq_seen *new)
{
	struct bq_seen *grown = reallocarray(state->seen, state->n + 1, sizeof(*grown));

	if (!grown)
		return bq_fail(&state->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	state->seen = grown;
	grown[state->n++] = *new;
	return 0;
}

/* --- events --- */

static int emit(const struct bq_monitor_state *state, enum bqdisc_event type,
		const struct bq_seen *seen, const struct bqdisc_instance *inst)
{
	const struct bqdisc_monitor_event event = {
		.type = type,
		.dev = seen->dev,
		.parent = seen->parent,
		.handle = seen->handle,
		.kind = seen->kind,
		.instance = inst,
	};

	return state->silent ? 0 : state->event(&event, state->arg);
}

static void note_expiry(struct bq_monitor_state *state, uint64_t ns)
{
	if (!state->next_expiry_ns || ns < state->next_expiry_ns)
		state->next_expiry_ns = ns;
}

/* A qdisc may come and expire between two readings. */
static int emit_new(const struct bq_monitor_state *state, const struct bq_seen *new,
		    const struct bqdisc_instance *inst)
{
	int ret = emit(state, BQDISC_EVENT_ATTACHED, new, inst);

	return !ret && new->expired ? emit(state, BQDISC_EVENT_EXPIRED, new, inst) : ret;
}

/* Compare with what was at the attach point before. */
static int visit(const struct bqdisc_instance *inst, void *arg)
{
	struct bq_seen new = read_instance(inst), before, *at;
	struct bq_monitor_state *state = arg;
	uint64_t left;
	int ret = 0;

	if (bqdisc_instance__expires(inst, &left) && left)
		note_expiry(state, bq_system_now() + left);
	at = find(state, new.ifindex, new.parent);
	if (!at) {
		ret = add(state, &new);
		return ret ? ret : emit_new(state, &new, inst);
	}
	before = *at;
	*at = new;
	if (!is_same(&before, &new)) {
		ret = emit(state, BQDISC_EVENT_DETACHED, &before, NULL);
		return ret ? ret : emit_new(state, &new, inst);
	}
	if (before.options != new.options)
		ret = emit(state, BQDISC_EVENT_CHANGED, &new, inst);
	if (!ret && new.expired && !before.expired)
		ret = emit(state, BQDISC_EVENT_EXPIRED, &new, inst);
	return ret;
}

/* The walk calls this before visit(). */
static void note_lost(const struct bq_unmanaged *qdisc, void *arg)
{
	struct bq_monitor_state *state = arg;
	struct bq_seen *s;

	for (s = state->seen; s < state->seen + state->n; s++)
		if (qdisc->lost && !strcmp(s->dev, qdisc->dev))
			s->lost = true;
}

/* Report and drop the instances that the walk did not find. */
static int drop_gone(struct bq_monitor_state *state)
{
	size_t i, n = 0;
	int one, ret = 0;

	for (i = 0; i < state->n; i++) {
		struct bq_seen *s = &state->seen[i];

		if (s->current) {
			state->seen[n++] = *s;
			continue;
		}
		one = emit(state, s->lost ? BQDISC_EVENT_LOST : BQDISC_EVENT_DETACHED, s, NULL);
		ret = ret ? ret : one;
	}
	state->n = n;
	return ret;
}

int bq_monitor_refresh_default(struct bq_monitor_state *state)
{
	struct bqdisc_monitor_event event = { .type = BQDISC_EVENT_DEFAULT, .kind = state->def };
	char now[BQ_DEFAULT_MAX] = "";

	/* Only the initial network namespace has it. */
	if (bq_system_get_default(now, NULL) || !strcmp(now, state->def))
		return 0;
	memcpy(state->def, now, sizeof(now));
	return state->silent ? 0 : state->event(&event, state->arg);
}

int bq_monitor_refresh(struct bq_monitor_state *state)
{
	size_t i;
	int ret;

	for (i = 0; i < state->n; i++)
		state->seen[i].current = state->seen[i].lost = false;
	state->next_expiry_ns = 0;
	ret = bq_each_state(state->bq, note_lost, visit, state);
	if (!ret)
		ret = drop_gone(state);
	return ret ? ret : bq_monitor_refresh_default(state);
}

void bq_monitor_free(struct bq_monitor_state *state)
{
	free(state->seen);
}
