// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "record_line.h"
#include "recording.h"

#define NS 1e9

static char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return check_memory(strdup(text ? text : ""));
}

/* From 2^63 on a number is a string of digits: see output_value(). */
static uint64_t number_of(const json_t *value)
{
	return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
				     : (uint64_t)json_integer_value(value);
}

/* --- counters --- */

static struct recorded_counter *find(const struct recording *r, const char *key)
{
	struct recorded_counter *c;

	for (c = r->counters; c < r->counters + r->n_counters; c++)
		if (!strcmp(c->key, key))
			return c;
	return NULL;
}

const struct recorded_counter *recording_counter(const struct recording *r, const char *key)
{
	return find(r, key);
}

static void read_bounds(struct recorded_counter *c, const json_t *bounds)
{
	const json_t *bound;
	size_t i;

	for (i = 0; i < c->count && (bound = json_array_get(bounds, i)); i++)
		c->bounds[i] = json_is_null(bound) ? UINT64_MAX : number_of(bound);
}

/* Add a counter. It was 0 at all points so far. */
static void add_counter(struct recording *r, const char *key, const json_t *description)
{
	const json_t *bounds = json_object_get(description, "bounds");
	size_t count = (size_t)json_integer_value(json_object_get(description, "count"));
	json_t *ns = json_string(bqdisc_unit__name(BQDISC_UNIT_TIME));
	struct recorded_counter *c;

	count = count ? count : 1;
	r->counters =
		check_memory(reallocarray(r->counters, r->n_counters + 1, sizeof(*r->counters)));
	c = &r->counters[r->n_counters++];
	*c = (struct recorded_counter){
		.key = check_memory(strdup(key)),
		.group = text_of(description, "group"),
		.count = count,
		.bounds = bounds ? check_memory(calloc(count, sizeof(*c->bounds))) : NULL,
		.is_time = json_equal(json_object_get(description, "unit"), ns),
		.base = check_memory(calloc(count, sizeof(*c->base))),
		.now = check_memory(calloc(count, sizeof(*c->now))),
		.at = check_memory(calloc(count * POINTS_MAX, sizeof(*c->at))),
	};
	json_decref(ns);
	if (bounds)
		read_bounds(c, bounds);
}

/* Counters of the next instance begin at 0. */
static void end_instance(struct recording *r)
{
	struct recorded_counter *c;
	size_t i;

	for (c = r->counters; c < r->counters + r->n_counters; c++)
		for (i = 0; i < c->count; i++) {
			c->base[i] += c->now[i];
			c->now[i] = 0;
		}
}

static void begin_instance(struct recording *r, json_t *line)
{
	json_t *description;
	const char *key;

	end_instance(r);
	json_object_foreach(json_object_get(line, "counters"), key, description) if (!find(r, key))
		add_counter(r, key, description);
	free(r->qdisc);
	r->qdisc = text_of(line, "qdisc");
}

static void read_values(struct recorded_counter *c, json_t *value)
{
	const char *index;
	json_t *one;

	if (!json_is_object(value)) {
		c->now[0] = number_of(value);
		return;
	}
	json_object_foreach(value, index, one)
	{
		size_t n = strtoul(index, NULL, 10);

		if (n < c->count)
			c->now[n] = number_of(one);
	}
}

/* --- flows --- */

/* Return the counter of a flow. Add it if it is new. */
static struct recorded_counter *get_flow(struct recording *r, const char *name)
{
	struct recorded_counter *c = find(r, name);
	json_t *description;

	if (!c && r->n_flows >= RECORDED_FLOWS_MAX) {
		name = "others";
		c = find(r, name);
	}
	if (c)
		return c;
	description = json_pack("{ss}", "group", RECORDED_FLOW);
	add_counter(r, name, description);
	json_decref(description);
	r->n_flows++;
	return &r->counters[r->n_counters - 1];
}

static void read_flows(struct recording *r, const json_t *flows)
{
	const char *name;
	json_t *pair;
	size_t i;

	json_array_foreach(flows, i, pair) {
		name = json_string_value(json_array_get(pair, 0));
		if (name)
			get_flow(r, name)->now[0] += number_of(json_array_get(pair, 1));
	}
}

/* --- points --- */

static uint64_t now_of(const struct recording *r, const char *key)
{
	const struct recorded_counter *c = find(r, key);

	return c ? c->now[0] : 0;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Drop every second point but the first, and double the stride. */
static void halve(struct recording *r)
{
	struct recorded_counter *c;
	size_t i, n = 1;

	for (i = 2; i < r->n_points; i += 2, n++) {
		const struct recorded_point *dropped = &r->points[i - 1];
		struct recorded_point *p = &r->points[n];

		*p = r->points[i];
		p->gone |= dropped->gone;
		p->backlog_bytes = greater(p->backlog_bytes, dropped->backlog_bytes);
		p->backlog_packets = greater(p->backlog_packets, dropped->backlog_packets);
		for (c = r->counters; c < r->counters + r->n_counters; c++)
			memcpy(c->at + n * c->count, c->at + i * c->count,
			       c->count * sizeof(*c->at));
	}
	r->n_points = n;
	r->stride *= 2;
}

/* Store the counters after a line in the point that it belongs to. */
static void add_sample(struct recording *r, double seconds, bool gone)
{
	struct recorded_point *p = &r->points[r->n_points];
	struct recorded_counter *c;
	size_t i;

	if (!r->skipped)
		*p = (struct recorded_point){ 0 };
	p->seconds = seconds;
	p->gone |= gone;
	p->change = r->n_changes;
	p->backlog_bytes = greater(p->backlog_bytes, now_of(r, "backlog_bytes"));
	p->backlog_packets = greater(p->backlog_packets, now_of(r, "backlog_packets"));
	for (c = r->counters; c < r->counters + r->n_counters; c++)
		for (i = 0; i < c->count; i++)
			c->at[r->n_points * c->count + i] = c->base[i] + c->now[i];
	r->samples++;
	if (++r->skipped < r->stride && r->n_points)
		return;
	r->skipped = 0;
	if (++r->n_points == POINTS_MAX)
		halve(r);
}

/* --- lines --- */

static void add_change(struct recording *r, double seconds, const json_t *line)
{
	struct recorded_change *c;

	r->changes = check_memory(reallocarray(r->changes, r->n_changes + 1, sizeof(*c)));
	c = &r->changes[r->n_changes++];
	c->seconds = seconds;
	c->words = text_of(line, "words");
	c->options = json_incref(json_object_get(line, "options"));
}

static void take_line(struct recording *r, json_t *line)
{
	double seconds = (double)json_integer_value(json_object_get(line, "t_ns")) / NS;
	bool gone = json_is_true(json_object_get(line, "gone"));
	struct recorded_counter *c;
	const char *key;
	json_t *value;

	if (json_object_get(line, "counters"))
		begin_instance(r, line);
	if (json_object_get(line, "words"))
		add_change(r, seconds, line);
	json_object_foreach(json_object_get(line, "stats"), key, value)
	{
		c = find(r, key);
		if (c)
			read_values(c, value);
	}
	read_flows(r, json_object_get(line, "flows"));
	if (gone)
		end_instance(r);
	add_sample(r, seconds, gone);
}

static int fail(const struct recording *r, size_t line, const char *problem)
{
	return usage_error("%s:%zu: %s; give a file of 'bqdisc record'", r->path, line, problem);
}

/* Read line N. Return 0, or the exit status after printing an error. */
static int read_line(struct recording *r, size_t n, const char *text, bool complete)
{
	json_t *line = json_loads(text, 0, NULL);
	int format = (int)json_integer_value(json_object_get(line, "bqdisc_record"));
	int status = 0;

	if (!line && !complete && n > 1)
		r->cut = true;
	else if (!line)
		status = fail(r, n, "not JSON");
	else if (n == 1 && format != RECORD_FORMAT)
		status = fail(r, n, "not the first line of a recording of this format");
	else if (n > 1 && !json_is_integer(json_object_get(line, "t_ns")))
		status = fail(r, n, "a sample without t_ns");
	else if (n == 1)
		r->head = json_incref(line);
	else
		take_line(r, line);
	json_decref(line);
	return status;
}

static int read_lines(struct recording *r, FILE *in)
{
	char *text = NULL;
	size_t room = 0, n = 0;
	int status = 0;
	ssize_t len;

	while (!status && (len = getline(&text, &room, in)) > 0)
		status = read_line(r, ++n, text, text[len - 1] == '\n');
	free(text);
	if (!status && r->n_points + r->skipped < 2)
		status = fail(r, n ? n : 1, "fewer than two samples");
	return status;
}

int recording_read(struct recording *r, const char *path)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int status;

	*r = (struct recording){ .path = path, .stride = 1 };
	if (!in)
		return usage_error("%s: %s", path, strerror(errno));
	status = read_lines(r, in);
	/* The last point may stand for fewer samples than the others. */
	if (r->skipped)
		r->n_points++;
	if (in != stdin)
		fclose(in);
	return status;
}

void recording_free(struct recording *r)
{
	size_t i;

	for (i = 0; i < r->n_counters; i++) {
		struct recorded_counter *c = &r->counters[i];

		free(c->key);
		free(c->group);
		free(c->bounds);
		free(c->base);
		free(c->now);
		free(c->at);
	}
	for (i = 0; i < r->n_changes; i++) {
		free(r->changes[i].words);
		json_decref(r->changes[i].options);
	}
	free(r->counters);
	free(r->changes);
	free(r->qdisc);
	json_decref(r->head);
}

/* --- values between two points --- */

static uint64_t grown(const struct recorded_counter *c, size_t n, size_t before, size_t after)
{
	return c->at[after * c->count + n] - c->at[before * c->count + n];
}

uint64_t recorded_growth(const struct recorded_counter *c, size_t before, size_t after)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < c->count; i++)
		sum += grown(c, i, before, after);
	return sum;
}

uint64_t recorded_percentile(const struct recorded_counter *c, size_t before, size_t after,
			     unsigned int per_mille)
{
	uint64_t all = recorded_growth(c, before, after), seen = 0, low;
	size_t i;

	if (!all)
		return 0;
	for (i = 0; i + 1 < c->count; i++) {
		seen += grown(c, i, before, after);
		if (seen * 1000 >= all * per_mille)
			break;
	}
	low = i ? c->bounds[i - 1] : 0;
	return c->bounds[i] == UINT64_MAX ? low : low + (c->bounds[i] - 1 - low) / 2;
}
