// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stats --watch. The rate of a counter is its difference to the value before, divided by the time
 * between; of a backlog it is the growth. An instance is identified by its device, parent and
 * handle.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "instance_json.h"
#include "output.h"
#include "table.h"
#include "watch.h"

#define SHORTEST 0.1 /* seconds */

bool watch_parse(const char *text, void *seconds)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || value < SHORTEST)
		return false;
	*(double *)seconds = value;
	return true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wait_until(double when)
{
	double left = when - now();
	struct timespec t = { .tv_sec = (time_t)left };

	if (left <= 0)
		return;
	t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

static bool is_same(json_t *a, json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* Return the previous counters of INST, or NULL. */
static json_t *find_before(const json_t *before, json_t *inst)
{
	json_t *other;
	size_t i;

	json_array_foreach((json_t *)before, i, other)
		if (is_same(other, inst, "ifindex") && is_same(other, inst, "parent") &&
		    is_same(other, inst, "handle"))
			return json_object_get(other, "stats");
	return NULL;
}

/* The value of a counter, or the sum of its values. */
static json_int_t total_of(const json_t *counter)
{
	json_int_t sum = json_integer_value(counter);
	const json_t *one;
	size_t i;

	for (i = 0; (one = json_array_get(counter, i)); i++)
		sum += json_integer_value(one);
	return sum;
}

/* Add an object "rates" to each instance, with the keys of "stats" and values per second. */
static void add_rates(json_t *all, const json_t *before, double seconds)
{
	json_t *inst, *old, *rates, *value;
	const char *key;
	size_t i;

	json_array_foreach(all, i, inst) {
		old = find_before(before, inst);
		if (!old)
			continue;
		rates = json_object();
		json_object_foreach(json_object_get(inst, "stats"), key, value)
		{
			double difference =
				(double)(total_of(value) - total_of(json_object_get(old, key)));

			json_object_set_new(rates, key, json_real(difference / seconds));
		}
		json_object_set_new(inst, "rates", rates);
	}
}

static void print_instance(json_t *inst, bool zeros, const struct globals *g)
{
	json_t *rates = json_object_get(inst, "rates"), *value;
	struct table table = { .columns = 3 };
	char title[64], count[32], rate[32];
	const char *key;

	snprintf(title, sizeof(title), "%s %s", json_string_value(json_object_get(inst, "dev")),
		 json_string_value(json_object_get(inst, "qdisc")));
	TABLE_ADD(&table, title, "TOTAL", "PER SECOND");
	json_object_foreach(json_object_get(inst, "stats"), key, value)
	{
		if (!zeros && !total_of(value))
			continue;
		snprintf(count, sizeof(count), "%" JSON_INTEGER_FORMAT, total_of(value));
		snprintf(rate, sizeof(rate), "%.0f", json_real_value(json_object_get(rates, key)));
		TABLE_ADD(&table, key, count, rate);
	}
	table_print(&table, g);
}

static void print_all(json_t *all, bool zeros, const struct globals *g)
{
	json_t *inst;
	size_t i;

	if (g->json) {
		output_json_line(json_incref(all));
		return;
	}
	json_array_foreach(all, i, inst)
		print_instance(inst, zeros, g);
	putchar('\n');
	fflush(stdout);
}

int watch(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros, double seconds,
	  const struct globals *g)
{
	json_t *before = NULL, *all;
	double last = 0, start = now();
	int i = 0;

	/* Runs until it is interrupted, or until SIGPIPE when the reader is gone. */
	while ((all = instances_to_json(bq, dev, per_queue))) {
		double at = now();

		if (before)
			add_rates(all, before, at - last);
		print_all(all, zeros, g);
		json_decref(before);
		before = all;
		last = at;
		wait_until(start + seconds * ++i);
	}
	json_decref(before);
	return session_fail(bq);
}
