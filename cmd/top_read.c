// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One reading of bqdisc top is one walk over the instances. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "memory.h"
#include "output.h"
#include "top_read.h"

struct walk {
	struct top_model *model;
	const struct top_place *place;
	const struct bqdisc_instance *inst; /* whose flows are read */
};

bool top_level_has(enum top_level level, enum top_column column)
{
	return level != TOP_FLOWS || (column != TOP_QDISC && column != TOP_P50);
}

/* Replace bytes that are not one column wide. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* Copy the counts, which live during the callback only. */
static void take_delays(struct top_reading *reading, const struct bqdisc_value *v)
{
	reading->delays = *v;
	reading->counts = check_memory(calloc(v->count, sizeof(*v->values)));
	memcpy(reading->counts, v->values, v->count * sizeof(*v->values));
}

/* The first histogram of times has the delays. */
static void take_counter(const struct bqdisc_value *v, void *arg)
{
	struct top_reading *reading = arg;

	if (!strcmp(v->key, "bytes"))
		reading->bytes = v->value;
	else if (!strcmp(v->key, "packets"))
		reading->packets = v->value;
	else if (!strcmp(v->key, "drops"))
		reading->drops = v->value;
	else if (!strcmp(v->key, "backlog_bytes"))
		reading->backlog_bytes = v->value;
	else if (v->histogram && v->unit == BQDISC_UNIT_TIME && !reading->counts)
		take_delays(reading, v);
}

static void write_name(struct top_reading *reading, enum top_level level)
{
	char class[TC_ID_MAX];

	output_tc_id(reading->key.parent, class);
	if (level == TOP_QUEUES)
		snprintf(reading->name, sizeof(reading->name), "%s", class);
	else if (reading->key.parent == BQDISC_PARENT_ROOT)
		snprintf(reading->name, sizeof(reading->name), "%s", reading->dev);
	else
		snprintf(reading->name, sizeof(reading->name), "%s %s", reading->dev, class);
	make_printable(reading->name);
}

static struct top_key key_of(const struct bqdisc_instance *inst)
{
	return (struct top_key){
		.ifindex = bqdisc_instance__ifindex(inst),
		.parent = bqdisc_instance__parent(inst),
		.handle = bqdisc_instance__handle(inst),
	};
}

static int add_instance(const struct bqdisc_instance *inst, void *arg)
{
	const struct walk *walk = arg;
	enum top_level level = walk->place->level;
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	struct top_reading reading = {
		.key = key_of(inst),
		.has_queues = level == TOP_DEVICES && bqdisc_instance__queues(inst),
		.has_flows = bqdisc_qdisc__has_flows(q),
	};

	snprintf(reading.dev, sizeof(reading.dev), "%s", bqdisc_instance__dev(inst));
	write_name(&reading, level);
	snprintf(reading.qdisc, sizeof(reading.qdisc), "%s", bqdisc_qdisc__name(q));
	make_printable(reading.qdisc);
	bqdisc_instance__each_counter(inst, take_counter, &reading);
	top_model_add(walk->model, &reading);
	return 0;
}

static void add_flow(const struct bqdisc_flow *flow, void *arg)
{
	const struct walk *walk = arg;
	struct top_reading reading = {
		.key = key_of(walk->inst),
		.bytes = flow->bytes,
		.packets = flow->packets,
		.drops = flow->drops,
		.backlog_bytes = flow->backlog_bytes,
		.waited_ns = flow->delay_ns,
	};

	reading.key.flow = flow->id;
	if (*flow->class_name)
		snprintf(reading.name, sizeof(reading.name), "class %s", flow->class_name);
	else if (flow->rule)
		snprintf(reading.name, sizeof(reading.name), "rule %u", flow->rule);
	else
		bqdisc_flow_key__format(&flow->key, reading.name, sizeof(reading.name));
	top_model_add(walk->model, &reading);
}

/* End the walk at the qdisc that is meant. */
static int add_flows(const struct bqdisc_instance *inst, void *arg)
{
	struct walk *walk = arg;
	struct top_key key = key_of(inst);

	if (top_key_compare(&key, &walk->place->key) != 0)
		return 0;
	walk->inst = inst;
	bqdisc_instance__each_flow(inst, add_flow, walk);
	return 1;
}

int top_read(struct bqdisc *bq, const struct top_place *place, struct top_model *model)
{
	struct walk walk = { .model = model, .place = place };
	int ret;

	top_model_begin(model, clock_seconds());
	if (place->level == TOP_DEVICES)
		ret = bqdisc__each_instance(bq, place->devs, add_instance, &walk);
	else
		ret = bqdisc__each_queue(bq, place->devs,
					 place->level == TOP_FLOWS ? add_flows : add_instance,
					 &walk);
	top_model_end(model);
	return ret < 0 ? ret : 0;
}
