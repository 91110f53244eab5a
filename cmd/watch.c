// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every counter gets a rate: its difference to the last look, divided by the time between. For what
 * goes up and down (a backlog) that is how fast it grows. An instance is the same one as long as
 * its device, parent and handle are.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "output.h"
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

/* The counters that INST had the last time, or NULL. */
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

/* Adds to each instance an object "rates", with the keys of "stats" and values a second. */
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
			double difference = (double)(json_integer_value(value) -
						     json_integer_value(json_object_get(old, key)));

			json_object_set_new(rates, key, json_real(difference / seconds));
		}
		json_object_set_new(inst, "rates", rates);
	}
}

static void print_instance(json_t *inst, const struct globals *g)
{
	json_t *rates = json_object_get(inst, "rates"), *value, *rows;
	char title[64], count[32], rate[32];
	const char *key;

	snprintf(title, sizeof(title), "%s %s", json_string_value(json_object_get(inst, "dev")),
		 json_string_value(json_object_get(inst, "qdisc")));
	rows = json_pack("[[sss]]", title, "TOTAL", "PER SECOND");
	json_object_foreach(json_object_get(inst, "stats"), key, value)
	{
		snprintf(count, sizeof(count), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		snprintf(rate, sizeof(rate), "%.0f", json_real_value(json_object_get(rates, key)));
		json_array_append_new(rows, json_pack("[sss]", key, count, rate));
	}
	output_table(g, rows, true);
}

static void print_all(json_t *all, const struct globals *g)
{
	json_t *inst;
	size_t i;

	if (g->json) {
		output_json_line(json_incref(all));
		return;
	}
	json_array_foreach(all, i, inst)
		print_instance(inst, g);
	putchar('\n');
	fflush(stdout);
}

int watch(struct bqdisc *bq, const char *dev, bool queues, double seconds, const struct globals *g)
{
	json_t *before = NULL, *all;
	double last = 0, start = now();
	int i = 0;

	/* Until interrupted, or until nobody reads: then the pipe's signal ends it. */
	while ((all = output_instances(bq, dev, queues))) {
		double at = now();

		if (before)
			add_rates(all, before, at - last);
		print_all(all, g);
		json_decref(before);
		before = all;
		last = at;
		wait_until(start + seconds * ++i);
	}
	json_decref(before);
	return session_fail(bq);
}
