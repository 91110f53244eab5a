// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "counters.h"
#include "delta.h"
#include "instance_json.h"
#include "output.h"
#include "watch.h"

/* --- all counters --- */

struct shown {
	const struct globals *g;
	bool all; /* groups that are zero too */
	size_t n; /* printed instances */
};

static int print_instance(const struct bqdisc_instance *inst, void *arg)
{
	struct shown *s = arg;

	if (s->n++)
		putchar('\n');
	counters_print(inst, s->all, s->g);
	return 0;
}

/* --- one counter, for pipes --- */

#define NEAREST_MAX 80 /* bytes; longer names are near to nothing */

struct sum {
	const char *key;
	/* The most similar key, as a copy: the keys of a user object end with the session. */
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
		return usage_not_attached(dev);
	if (!sum.found && *sum.nearest)
		return usage_error("%s: unknown counter '%s'; the nearest is '%s'", dev, key,
				   sum.nearest);
	if (!sum.found)
		return usage_error("%s: unknown counter '%s'; 'bqdisc stats %s --all' lists them",
				   dev, key, dev);
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
	double seconds = 0, delta_seconds = 0;
	bool per_queue = false;
	struct shown shown = { .g = g };
	const struct flag flags[] = {
		{ .name = "--all", .set = &shown.all },
		PER_QUEUE_FLAG(&per_queue),
		{ .name = "--watch",
		  .parse = watch_parse,
		  .value = &seconds,
		  .wants = "a number of seconds, at least 0.1" },
		{ .name = "--delta",
		  .parse = watch_parse,
		  .value = &delta_seconds,
		  .wants = "a number of seconds, at least 0.1" },
	};
	struct bqdisc *bq;
	const char *dev;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 3)
		return usage_unexpected("stats", argv[3]);
	if (argc == 3 && seconds > 0)
		return usage_error("stats: --watch shows all counters; leave out '%s'", argv[2]);
	if (seconds > 0 && delta_seconds > 0)
		return usage_error("stats: --watch and --delta exclude each other");
	if (argc == 3 && delta_seconds > 0)
		return usage_error("stats: --delta shows all counters; leave out '%s'", argv[2]);
	if (argc == 3 && per_queue)
		return usage_error("stats: --per-queue shows all counters; leave out '%s'",
				   argv[2]);
	dev = argc > 1 ? argv[1] : NULL;
	bq = session_open(g);
	if (seconds > 0)
		return watch(bq, dev, per_queue, shown.all, seconds, g);
	if (delta_seconds > 0)
		return delta(bq, dev, per_queue, shown.all, delta_seconds, g);
	if (argc == 3)
		return one_counter(bq, dev, argv[2], g);
	if (g->json)
		return instances_print_json(bq, dev, per_queue);
	return output_text(bq, dev, per_queue, print_instance, &shown);
}
