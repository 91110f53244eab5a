// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "drop_output.h"
#include "histogram.h"
#include "instance_json.h"

/* --- values --- */

static void put_number(struct json_writer *w, const char *key, enum bqdisc_unit unit,
		       uint64_t value)
{
	char text[32];

	if (unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER)
		jsonw_int(w, key, (int64_t)value);
	else if (unit == BQDISC_UNIT_PERCENT)
		jsonw_real(w, key,
			   strtod(bqdisc_unit__format(unit, value, text, sizeof(text)), NULL));
	else
		jsonw_uint(w, key, value);
}

static void put_array(struct json_writer *w, const struct bqdisc_value *v)
{
	size_t i;

	jsonw_begin(w, v->key, '[');
	for (i = 0; i < v->count; i++)
		put_number(w, NULL, v->unit, v->values[i]);
	jsonw_end(w, ']');
}

void jsonw_value(struct json_writer *w, const struct bqdisc_value *v)
{
	if (v->unit == BQDISC_UNIT_FLAG || v->unit == BQDISC_UNIT_BOOL)
		jsonw_bool(w, v->key, v->value);
	else if (v->none)
		jsonw_string(w, v->key, NULL);
	else if (v->unit == BQDISC_UNIT_NAME || (v->unit == BQDISC_UNIT_CHOICE && v->word))
		jsonw_string(w, v->key, v->word);
	else if (v->histogram)
		jsonw_histogram(w, v);
	else if (v->count == 1)
		put_number(w, v->key, v->unit, v->value);
	else
		put_array(w, v);
}

static void put_value(const struct bqdisc_value *v, void *w)
{
	jsonw_value(w, v);
}

/* --- rules --- */

/* Write into {"not": true, "dst": "10.0.0.0/8", ...}. */
static void put_field(const char *field, const char *value, void *w)
{
	if (value)
		jsonw_string(w, field, value);
	else
		jsonw_bool(w, field, true);
}

struct rules {
	struct json_writer *w;
	bool any;
};

static void put_rule(const struct bqdisc_rule *rule, void *arg)
{
	struct rules *rules = arg;
	struct json_writer *w = rules->w;

	const char *class = bqdisc_rule__class(rule);

	if (!rules->any)
		jsonw_begin(w, class ? "classes" : "rules", '[');
	rules->any = true;
	jsonw_begin(w, NULL, '{');
	if (class)
		jsonw_string(w, "name", class);
	jsonw_begin(w, "match", '{');
	bqdisc_rule__each_field(rule, put_field, w);
	jsonw_end(w, '}');
	jsonw_begin(w, "options", '{');
	bqdisc_rule__each_option(rule, put_value, w);
	jsonw_end(w, '}');
	jsonw_begin(w, "stats", '{');
	bqdisc_rule__each_counter(rule, put_value, w);
	jsonw_end(w, '}');
	jsonw_end(w, '}');
}

/* The library calls back only if there is a rule besides the one for all packets. */
static void put_rules(struct json_writer *w, const struct bqdisc_instance *inst)
{
	struct rules rules = { .w = w };

	bqdisc_instance__each_rule(inst, put_rule, &rules);
	if (rules.any)
		jsonw_end(w, ']');
}

/* --- instances --- */

static void put_place(struct json_writer *w, const struct bqdisc_instance *inst)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	uint32_t queues = bqdisc_instance__queues(inst);
	char id[TC_ID_MAX];
	uint64_t left;

	jsonw_string(w, "dev", bqdisc_instance__dev(inst));
	jsonw_int(w, "ifindex", bqdisc_instance__ifindex(inst));
	jsonw_string(w, "qdisc", bqdisc_qdisc__name(q));
	jsonw_string(w, "kind", bqdisc_qdisc__kind(q));
	jsonw_string(w, "handle", output_tc_id(bqdisc_instance__handle(inst), id));
	jsonw_string(w, "parent", output_tc_id(bqdisc_instance__parent(inst), id));
	if (queues)
		jsonw_int(w, "queues", queues);
	if (bqdisc_instance__expires(inst, &left))
		jsonw_int(w, "expires_in_ns", (int64_t)left);
	jsonw_int(w, "memory_bytes", (int64_t)bqdisc_instance__memory(inst));
}

static int put_instance(const struct bqdisc_instance *inst, void *arg)
{
	struct json_writer *w = arg;

	jsonw_begin(w, NULL, '{');
	put_place(w, inst);
	jsonw_begin(w, "options", '{');
	bqdisc_instance__each_option(inst, put_value, w);
	jsonw_end(w, '}');
	jsonw_string(w, "egress_program", bqdisc_egress__name(bqdisc_instance__egress(inst)));
	if (bqdisc_instance__disabled_offloads(inst).segments)
		jsonw_string(w, "segmentation_offload", "off");
	jsonw_begin(w, "stats", '{');
	bqdisc_instance__each_counter(inst, put_value, w);
	jsonw_end(w, '}');
	drops_put(w, inst);
	put_rules(w, inst);
	jsonw_end(w, '}');
	return 0;
}

static int write_instances(struct json_writer *w, struct bqdisc *bq, const char *dev,
			   bool per_queue)
{
	return per_queue ? bqdisc__each_queue(bq, dev, put_instance, w)
			 : bqdisc__each_instance(bq, dev, put_instance, w);
}

/* Nothing is printed before all was read: a reader of stdout gets all of it, or nothing. */
int instances_print_json(struct bqdisc *bq, const char *dev, bool per_queue)
{
	struct json_buffer buffer;
	int err = write_instances(json_buffer_open(&buffer), bq, dev, per_queue);

	json_buffer_print(&buffer, !err);
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

json_t *instances_to_json(struct bqdisc *bq, const char *dev, bool per_queue)
{
	struct json_buffer buffer;
	int err = write_instances(json_buffer_open(&buffer), bq, dev, per_queue);
	json_t *all;

	json_buffer_close(&buffer);
	all = err ? NULL : json_loadb(buffer.text, buffer.size, 0, NULL);
	free(buffer.text);
	return all;
}
