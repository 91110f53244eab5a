// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

/* From 2^63 on as a string of digits, because most JSON readers have 63 bits. */
static json_t *number(uint64_t value)
{
	char digits[24];

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	return json_string(digits);
}

json_t *output_value(enum bqdisc_unit unit, uint64_t value)
{
	char text[32];

	if (unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER)
		return json_integer((json_int_t)value);
	if (unit != BQDISC_UNIT_PERCENT)
		return number(value);
	return json_real(strtod(bqdisc_unit__format(unit, value, text, sizeof(text)), NULL));
}

static json_t *json_of(const struct bqdisc_value *v)
{
	json_t *all;
	size_t i;

	if (v->unit == BQDISC_UNIT_FLAG || v->unit == BQDISC_UNIT_BOOL)
		return json_boolean(v->value);
	if (v->none)
		return json_null();
	if (v->unit == BQDISC_UNIT_NAME || (v->unit == BQDISC_UNIT_CHOICE && v->word))
		return json_string(v->word);
	if (v->count == 1)
		return output_value(v->unit, v->value);
	all = json_array();
	for (i = 0; i < v->count; i++)
		json_array_append_new(all, output_value(v->unit, v->values[i]));
	return all;
}

static void add_value(const struct bqdisc_value *v, void *arg)
{
	/* The key is a word of a row, or a name in BTF: nothing to check in it. */
	json_object_set_new_nocheck(arg, v->key, json_of(v));
}

const char *output_tc_id(uint32_t id, char buf[TC_ID_MAX])
{
	if (id == BQDISC_PARENT_ROOT)
		snprintf(buf, TC_ID_MAX, "root");
	else if (id & 0xffff)
		snprintf(buf, TC_ID_MAX, "%x:%x", id >> 16, id & 0xffff);
	else
		snprintf(buf, TC_ID_MAX, "%x:", id >> 16);
	return buf;
}

/* Add to {"not": true, "dst": "10.0.0.0/8", ...}. */
static void add_field(const char *field, const char *value, void *match)
{
	json_object_set_new(match, field, value ? json_string(value) : json_true());
}

static void add_rule(const struct bqdisc_rule *rule, void *arg)
{
	json_t *options = json_object(), *stats = json_object(), *match = json_object();

	bqdisc_rule__each_option(rule, add_value, options);
	bqdisc_rule__each_counter(rule, add_value, stats);
	bqdisc_rule__each_field(rule, add_field, match);
	json_array_append_new(
		arg, json_pack("{so so so}", "match", match, "options", options, "stats", stats));
}

/* The library calls back only if there is a rule besides the one for all packets. */
static void add_rules(const struct bqdisc_instance *inst, json_t *object)
{
	json_t *rules = json_array();

	bqdisc_instance__each_rule(inst, add_rule, rules);
	if (json_array_size(rules))
		json_object_set_new(object, "rules", rules);
	else
		json_decref(rules);
}

static int add_instance(const struct bqdisc_instance *inst, void *arg)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	json_t *all, *options = json_object(), *stats = json_object();
	uint32_t queues = bqdisc_instance__queues(inst);
	const char *egress = bqdisc_egress__name(bqdisc_instance__egress(inst));
	struct bqdisc_disabled_offloads off = bqdisc_instance__disabled_offloads(inst);
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	uint64_t left;

	bqdisc_instance__each_option(inst, add_value, options);
	bqdisc_instance__each_counter(inst, add_value, stats);
	output_tc_id(bqdisc_instance__handle(inst), handle);
	output_tc_id(bqdisc_instance__parent(inst), parent);
	all = json_pack("{ss sI ss ss ss ss}", "dev", bqdisc_instance__dev(inst), "ifindex",
			(json_int_t)bqdisc_instance__ifindex(inst), "qdisc", bqdisc_qdisc__name(q),
			"kind", bqdisc_qdisc__kind(q), "handle", handle, "parent", parent);
	if (queues)
		json_object_set_new(all, "queues", json_integer((json_int_t)queues));
	if (bqdisc_instance__expires(inst, &left))
		json_object_set_new(all, "expires_in_ns", json_integer((json_int_t)left));
	json_object_set_new(all, "memory_bytes",
			    json_integer((json_int_t)bqdisc_instance__memory(inst)));
	json_object_set_new(all, "options", options);
	json_object_set_new(all, "egress_program", egress ? json_string(egress) : json_null());
	if (off.segments)
		json_object_set_new(all, "segmentation_offload", json_string("off"));
	json_object_set_new(all, "stats", stats);
	add_rules(inst, all);
	return json_array_append_new(arg, all);
}

json_t *output_instances(struct bqdisc *bq, const char *dev, bool per_queue)
{
	json_t *all = json_array();
	int err = per_queue ? bqdisc__each_queue(bq, dev, add_instance, all)
			    : bqdisc__each_instance(bq, dev, add_instance, all);

	if (!err)
		return all;
	json_decref(all);
	return NULL;
}

static void print_json(json_t *value, size_t how)
{
	/* 15 digits print 0.1 as it was typed. json_dumpf() would write each token alone. */
	char *text = json_dumps(value, how | JSON_REAL_PRECISION(15));

	if (text)
		puts(text);
	free(text);
	json_decref(value);
}

/* Indent what a person reads. Programs get all on one line, as from `tc -j`. */
void output_json(json_t *value)
{
	print_json(value, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
}

void output_json_line(json_t *value)
{
	print_json(value, JSON_COMPACT);
	fflush(stdout);
}

static bool wants_color(const struct globals *g)
{
	if (strcmp(g->color, "auto"))
		return !strcmp(g->color, "always");
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

void output_bold(const struct globals *g, const char *text)
{
	bool color = wants_color(g);

	printf("%s%s%s", color ? "\033[1m" : "", text, color ? "\033[0m" : "");
}

/* Kinds belong to all namespaces. tc's -n takes a name only; nsenter takes a path. */
void output_command(const char *command, const struct globals *g)
{
	if (!g->netns || !strncmp(command, "bqdisc ", strlen("bqdisc ")))
		puts(command);
	else if (strchr(g->netns, '/'))
		printf("nsenter --net=%s %s\n", g->netns, command);
	else if (!strncmp(command, "tc ", strlen("tc ")))
		printf("tc -n %s%s\n", g->netns, command + strlen("tc"));
	else
		printf("ip netns exec %s %s\n", g->netns, command);
}

void output_title(const struct bqdisc_instance *inst, const struct globals *g)
{
	uint32_t queues = bqdisc_instance__queues(inst);
	char handle[TC_ID_MAX], parent[TC_ID_MAX];

	output_bold(g, bqdisc_instance__dev(inst));
	printf(": %s handle %s ", bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)),
	       output_tc_id(bqdisc_instance__handle(inst), handle));
	if (queues)
		printf("mq, %u queues", queues);
	else
		printf("parent %s", output_tc_id(bqdisc_instance__parent(inst), parent));
}

/* Print that nothing is attached, to DEV or anywhere, and the next command. */
static void print_nothing(const char *dev)
{
	if (dev)
		printf("%s: no qdisc of bqdisc is attached; attach one with "
		       "'bqdisc attach %s QDISC'\n",
		       dev, dev);
	else
		puts("No qdisc of bqdisc is attached in this network namespace.\n"
		     "'bqdisc list' lists the qdiscs, 'bqdisc attach DEV QDISC' attaches one.");
}

struct counting {
	bqdisc_instance_fn fn;
	void *arg;
	size_t n;
};

static int call_and_count(const struct bqdisc_instance *inst, void *arg)
{
	struct counting *c = arg;

	c->n++;
	return c->fn(inst, c->arg);
}

int output_text(struct bqdisc *bq, const char *dev, bool per_queue, bqdisc_instance_fn fn,
		void *arg)
{
	struct counting c = { .fn = fn, .arg = arg };

	if (per_queue ? bqdisc__each_queue(bq, dev, call_and_count, &c)
		      : bqdisc__each_instance(bq, dev, call_and_count, &c))
		return session_fail(bq);
	bqdisc__close(bq);
	if (!c.n)
		print_nothing(dev);
	return 0;
}

int output_all_json(struct bqdisc *bq, const char *dev, bool per_queue)
{
	json_t *all = output_instances(bq, dev, per_queue);

	if (!all)
		return session_fail(bq);
	bqdisc__close(bq);
	output_json(all);
	return 0;
}
