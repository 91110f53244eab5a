// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stats --watch. The rate of a counter is its difference to the value before, divided by the time
 * between; of a backlog it is the growth. An instance is identified by its device, parent and
 * handle.
 */
#include <math.h>
#include <stdlib.h>

#include "clock.h"
#include "delta.h"
#include "instance_json.h"
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

/* The value of a counter, or the sum of its values. A histogram is an object with a count. */
static json_int_t total_of(const json_t *counter)
{
	json_int_t sum = json_integer_value(counter);
	const json_t *one;
	size_t i;

	if (json_is_object(counter))
		return json_integer_value(json_object_get(counter, "count"));
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

/* Print text until interrupted, or until SIGPIPE when the reader is gone. */
static void watch_text(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros,
		       double seconds, const struct globals *g)
{
	struct sampling now = { 0 }, before = { 0 };
	double start = clock_seconds();
	int i = 0;

	while (!sampling_take(&now, bq, dev, per_queue)) {
		delta_print_totals(&now, &before, zeros, g);
		putchar('\n');
		fflush(stdout);
		sampling_free(&before);
		before = now;
		now = (struct sampling){ 0 };
		clock_wait(start + seconds * ++i);
	}
	sampling_free(&before);
}

/* The same with a line of JSON each time. */
static void watch_json(struct bqdisc *bq, const char *dev, bool per_queue, double seconds)
{
	json_t *before = NULL, *all;
	double last = 0, start = clock_seconds();
	int i = 0;

	while ((all = instances_to_json(bq, dev, per_queue))) {
		double at = clock_seconds();

		if (before)
			add_rates(all, before, at - last);
		output_json_line(json_incref(all));
		json_decref(before);
		before = all;
		last = at;
		clock_wait(start + seconds * ++i);
	}
	json_decref(before);
}

int watch(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros, double seconds,
	  const struct globals *g)
{
	if (g->json)
		watch_json(bq, dev, per_queue, seconds);
	else
		watch_text(bq, dev, per_queue, zeros, seconds, g);
	return session_fail(bq);
}
