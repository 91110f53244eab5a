// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "output.h"

/* --- all counters, for people --- */

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	char value[32];

	snprintf(value, sizeof(value), "%" PRIu64, v->value);
	json_array_append_new(arg, json_pack("[ss+]", v->key, "  ", value));
}

static int print_instance(const struct bqdisc_instance *inst, void *arg)
{
	char handle[TC_ID_MAX], parent[TC_ID_MAX], title[64];
	const struct globals *g = arg;
	json_t *rows;

	snprintf(title, sizeof(title), "%s %s", bqdisc_instance__dev(inst),
		 bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)));
	rows = json_pack("[[ss++]]", title, output_tc_id(bqdisc_instance__handle(inst), handle),
			 " ", output_tc_id(bqdisc_instance__parent(inst), parent));
	bqdisc_instance__each_counter(inst, add_counter, rows);
	output_table(g, rows, true);
	return 0;
}

/* --- one counter, for pipes --- */

struct sum {
	const char *key;
	const char *nearest; /* a key that looks like it */
	bool found;
	uint64_t value;
	size_t instances;
};

static void add_up(const struct bqdisc_value *v, void *arg)
{
	struct sum *sum = arg;

	if (strcmp(v->key, sum->key)) {
		if (bqdisc_word__nearest(sum->key, &v->key, 1))
			sum->nearest = v->key;
		return;
	}
	sum->found = true;
	if (strncmp(v->key, "peak_", 5))
		sum->value += v->value;
	else if (v->value > sum->value)
		sum->value = v->value;
}

static int add_instance(const struct bqdisc_instance *inst, void *arg)
{
	struct sum *sum = arg;

	sum->instances++;
	bqdisc_instance__each_counter(inst, add_up, sum);
	return 0;
}

static int one_counter(struct bqdisc *bq, const char *dev, const char *key, const struct globals *g)
{
	struct sum sum = { .key = key };

	if (bqdisc__each_instance(bq, dev, add_instance, &sum))
		return session_fail(bq);
	bqdisc__close(bq);
	if (!sum.instances)
		return usage_error("%s has no qdisc of bqdisc", dev);
	if (!sum.found && sum.nearest)
		return usage_error("%s has no counter '%s'; did you mean '%s'?", dev, key,
				   sum.nearest);
	if (!sum.found)
		return usage_error("%s has no counter '%s'; 'bqdisc stats %s' lists them", dev, key,
				   dev);
	if (g->json)
		output_json(json_pack("{ss sI}", "dev", dev, key, (json_int_t)sum.value));
	else
		printf("%" PRIu64 "\n", sum.value);
	return 0;
}

static int all_counters(struct bqdisc *bq, const char *dev, const struct globals *g)
{
	json_t *all = NULL;

	if (g->json)
		all = output_instances(bq, dev);
	if (g->json ? !all : bqdisc__each_instance(bq, dev, print_instance, (void *)g))
		return session_fail(bq);
	bqdisc__close(bq);
	if (all)
		output_json(all);
	return 0;
}

int stats_main(int argc, char *argv[], const struct globals *g)
{
	const char *dev = argc > 1 ? argv[1] : NULL;
	struct bqdisc *bq;

	if (argc > 3)
		return usage_error("stats: '%s' is one word too many", argv[3]);
	bq = session_open(g);
	if (argc == 3)
		return one_counter(bq, dev, argv[2], g);
	return all_counters(bq, dev, g);
}
