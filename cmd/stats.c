// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "watch.h"

/* --- all counters --- */

static void add_counter(const char *key, const json_t *value, json_t *rows)
{
	char text[512];
	const json_t *one;
	size_t i, len = 0;

	text[0] = '\0';
	if (!json_is_array(value))
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	/* More than JSON's whole numbers hold. */
	if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	for (i = 0; (one = json_array_get(value, i)) && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%" JSON_INTEGER_FORMAT,
					i ? " " : "", json_integer_value(one));
	json_array_append_new(rows, json_pack("[ss]", key, text));
}

static void print_instance(json_t *inst, const struct globals *g)
{
	const char *dev, *qdisc, *handle, *parent, *key;
	json_t *rows, *stats, *value;
	char title[64], place[64];

	json_unpack(inst, "{ss ss ss ss so}", "dev", &dev, "qdisc", &qdisc, "handle", &handle,
		    "parent", &parent, "stats", &stats);
	snprintf(title, sizeof(title), "%s %s", dev, qdisc);
	snprintf(place, sizeof(place), "%s %s", handle, parent);
	rows = json_pack("[[ss]]", title, place);
	json_object_foreach(stats, key, value) add_counter(key, value, rows);
	output_table(g, rows, true);
}

static void warn_of(const struct bqdisc_value *v, void *arg)
{
	if (v->warning && v->value)
		fprintf(stderr, "bqdisc: warning: %s: %" PRIu64 " %s\n", (const char *)arg,
			v->value, v->warning);
}

/* What people should know of, when they look. */
static int warn_about(const struct bqdisc_instance *inst, void *arg)
{
	(void)arg;
	bqdisc_instance__each_counter(inst, warn_of, (void *)bqdisc_instance__dev(inst));
	return 0;
}

static int all_counters(struct bqdisc *bq, const char *dev, bool queues, const struct globals *g)
{
	json_t *all = output_instances(bq, dev, queues), *inst;
	size_t i;

	if (!all)
		return session_fail(bq);
	if (!g->json)
		bqdisc__each_instance(bq, dev, warn_about, NULL);
	bqdisc__close(bq);
	if (g->json) {
		output_json(all);
		return 0;
	}
	json_array_foreach(all, i, inst)
		print_instance(inst, g);
	json_decref(all);
	return 0;
}

/* --- one counter, for pipes --- */

#define NEAREST_MAX 80 /* bytes; longer names are near to nothing */

struct sum {
	const char *key;
	/* A key that looks like it: a copy, as those of a user's object end with the session. */
	char nearest[NEAREST_MAX];
	bool found;
	enum bqdisc_unit unit;
	uint64_t value;
	size_t instances;
};

static void note_nearest(struct sum *sum, const char *key)
{
	const char *both[] = { key, sum->nearest };
	const char *nearest = bqdisc_word__nearest(sum->key, both, *sum->nearest ? 2 : 1);

	if (nearest == key)
		snprintf(sum->nearest, sizeof(sum->nearest), "%s", key);
}

static void add_up(const struct bqdisc_value *v, void *arg)
{
	struct sum *sum = arg;

	if (strcmp(v->key, sum->key) != 0) {
		note_nearest(sum, v->key);
		return;
	}
	sum->value = sum->found ? bqdisc_fold(v->fold, sum->value, v->value) : v->value;
	sum->unit = v->unit;
	sum->found = true;
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
	if (!sum.found && *sum.nearest)
		return usage_error("%s has no counter '%s'; did you mean '%s'?", dev, key,
				   sum.nearest);
	if (!sum.found)
		return usage_error("%s has no counter '%s'; 'bqdisc stats %s' lists them", dev, key,
				   dev);
	if (g->json)
		output_json(
			json_pack("{ss so}", "dev", dev, key, output_value(sum.unit, sum.value)));
	else if (sum.unit == BQDISC_UNIT_INTEGER)
		printf("%" PRId64 "\n", (int64_t)sum.value);
	else
		printf("%" PRIu64 "\n", sum.value);
	return 0;
}

int stats_main(int argc, char *argv[], const struct globals *g)
{
	double seconds = 0;
	bool queues = false;
	const struct flag flags[] = {
		PER_QUEUE_FLAG(&queues),
		{ .name = "--watch",
		  .parse = watch_parse,
		  .value = &seconds,
		  .wants = "a number of seconds from 0.1 on" },
	};
	struct bqdisc *bq;
	const char *dev;

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 3)
		return usage_error("stats: '%s' is one word too many", argv[3]);
	if (argc == 3 && seconds > 0)
		return usage_error("stats: --watch shows all counters, not one");
	if (argc == 3 && queues)
		return usage_error("stats: --per-queue shows all counters, not one");
	dev = argc > 1 ? argv[1] : NULL;
	bq = session_open(g);
	if (seconds > 0)
		return watch(bq, dev, queues, seconds, g);
	if (argc == 3)
		return one_counter(bq, dev, argv[2], g);
	return all_counters(bq, dev, queues, g);
}
