// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <limits.h>

#include "output.h"

#define SHORTEST_FOR 1000000 /* ns, of attach --for */

/* Options as one would type them: "limit 100p". There can be 64 rules. */
struct line {
	char text[64 * 512];
	size_t len;
};

static void add_text(struct line *l, const char *text)
{
	int n = snprintf(l->text + l->len, sizeof(l->text) - l->len, "%s%s", l->len ? " " : "",
			 text);

	if (n > 0 && l->len + (size_t)n < sizeof(l->text))
		l->len += (size_t)n;
}

static void add_time_left(const struct bqdisc_instance *inst, struct line *l)
{
	char text[32];
	uint64_t ns;
	int n;

	if (!bqdisc_instance__expires(inst, &ns))
		return;
	/* Of long times the milliseconds say nothing. */
	ns -= ns % (ns < 1000000000 ? 1000000 : 100000000);
	n = snprintf(l->text + l->len, sizeof(l->text) - l->len, "%s(%s)", l->len ? " " : "",
		     ns ? bqdisc_unit__format(BQDISC_UNIT_TIME, ns, text, sizeof(text)) : "over");
	if (n > 0 && l->len + (size_t)n < sizeof(l->text))
		l->len += (size_t)n;
}

/* What it changed of the device, for its time. */
static void add_offload(const struct bqdisc_instance *inst, struct line *l)
{
	struct bqdisc_disabled_offloads off = bqdisc_instance__disabled_offloads(inst);
	int n;

	if (!off.segments)
		return;
	n = snprintf(l->text + l->len, sizeof(l->text) - l->len, " (segmentation offload is off)");
	if (n > 0 && l->len + (size_t)n < sizeof(l->text))
		l->len += (size_t)n;
}

static void add_option(const struct bqdisc_value *v, void *arg)
{
	char option[512];

	if (!v->none)
		add_text(arg, bqdisc_value__format(v, option, sizeof(option)));
}

static void add_set_option(const struct bqdisc_value *v, void *arg)
{
	if (v->is_set)
		add_option(v, arg);
}

/* The options of the first rule have been added already. What a default says tells nothing here. */
static void add_rule(const struct bqdisc_rule *rule, void *arg)
{
	char match[256];

	if (bqdisc_rule__number(rule) > 1) {
		add_text(arg, "rule");
		bqdisc_rule__each_option(rule, add_set_option, arg);
	}
	if (*bqdisc_rule__match(rule, match, sizeof(match)))
		add_text(arg, match);
}

static int add_row(const struct bqdisc_instance *inst, void *arg)
{
	uint32_t queues = bqdisc_instance__queues(inst);
	char handle[TC_ID_MAX], parent[32], memory[32];
	struct line options = { .len = 0 };

	if (queues)
		snprintf(parent, sizeof(parent), "mq, %u queues", queues);
	else
		output_tc_id(bqdisc_instance__parent(inst), parent);
	bqdisc_instance__each_option(inst, add_option, &options);
	bqdisc_instance__each_rule(inst, add_rule, &options);
	add_time_left(inst, &options);
	add_offload(inst, &options);
	return json_array_append_new(
		arg,
		json_pack("[ssssss]", bqdisc_instance__dev(inst),
			  bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)),
			  output_tc_id(bqdisc_instance__handle(inst), handle), parent,
			  bqdisc_size__round(bqdisc_instance__memory(inst), memory, sizeof(memory)),
			  options.text));
}

/* --memory where all take more than is taken without a question. */
static void print_memory(const struct bqdisc_instance *inst)
{
	uint64_t all = bqdisc_instance__memory(inst);

	if (all > BQDISC_MEMORY)
		printf(" --memory %" PRIu64 "mb", (all >> 20) + 1);
}

static void print_flags(const struct bqdisc_instance *inst)
{
	uint32_t parent = bqdisc_instance__parent(inst);
	char class[TC_ID_MAX], text[32];
	uint64_t left;

	print_memory(inst);
	if (bqdisc_instance__expires(inst, &left))
		printf(" --for %s", bqdisc_unit__format(BQDISC_UNIT_TIME,
							left > SHORTEST_FOR ? left : SHORTEST_FOR,
							text, sizeof(text)));
	if (bqdisc_instance__queues(inst))
		printf(" --mq");
	if (bqdisc_instance__is_alone(inst))
		printf(" --root");
	if (parent != BQDISC_PARENT_ROOT)
		printf(" --parent %s", output_tc_id(parent, class));
}

/* The command that makes this instance as it is. What was not given is left to its default. */
static int print_command(const struct bqdisc_instance *inst, void *arg)
{
	const struct globals *g = arg;
	struct line options = { .len = 0 };
	char words[2 * PATH_MAX + 256];

	bqdisc_instance__each_option(inst, add_set_option, &options);
	bqdisc_instance__each_rule(inst, add_rule, &options);
	printf("bqdisc%s%s attach %s %s", g->netns ? " -n " : "", g->netns ? g->netns : "",
	       bqdisc_instance__dev(inst),
	       bqdisc_qdisc__words(bqdisc_instance__qdisc(inst), words, sizeof(words)));
	if (options.len)
		printf(" %s", options.text);
	print_flags(inst);
	putchar('\n');
	return 0;
}

static int show_commands(struct bqdisc *bq, const char *dev, const struct globals *g)
{
	if (bqdisc__each_instance(bq, dev, print_command, (void *)g))
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

static int show_text(struct bqdisc *bq, const char *dev, bool queues, const struct globals *g)
{
	json_t *rows =
		json_pack("[[ssssss]]", "DEV", "QDISC", "HANDLE", "PARENT", "MEMORY", "OPTIONS");

	if (queues ? bqdisc__each_queue(bq, dev, add_row, rows)
		   : bqdisc__each_instance(bq, dev, add_row, rows)) {
		json_decref(rows);
		return session_fail(bq);
	}
	if (json_array_size(rows) > 1)
		output_table(g, rows, true);
	else
		json_decref(rows);
	bqdisc__close(bq);
	return 0;
}

int show_main(int argc, char *argv[], const struct globals *g)
{
	bool commands_only = false, queues = false;
	const struct flag flags[] = {
		{ .name = "--commands", .set = &commands_only },
		PER_QUEUE_FLAG(&queues),
	};
	struct bqdisc *bq;
	const char *dev;
	json_t *all;

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 2)
		return usage_error("show: '%s' is one word too many", argv[2]);
	dev = argc > 1 ? argv[1] : NULL;
	bq = session_open(g);
	if (commands_only)
		return show_commands(bq, dev, g);
	if (!g->json)
		return show_text(bq, dev, queues, g);
	all = output_instances(bq, dev, queues);
	if (!all)
		return session_fail(bq);
	bqdisc__close(bq);
	output_json(all);
	return 0;
}
