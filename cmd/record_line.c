// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lines of a recording. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "instance_json.h"
#include "option_words.h"
#include "record_line.h"

#define FLOWS_MAX 8 /* of a line */

static struct json_writer begin_line(FILE *out)
{
	struct json_writer w = { .to = out };

	jsonw_begin(&w, NULL, '{');
	return w;
}

static void end_line(struct json_writer *w)
{
	jsonw_end(w, '}');
	fputc('\n', w->to);
}

void record_head(FILE *out, const char *dev, uint64_t every_ns)
{
	struct json_writer w = begin_line(out);
	time_t now = time(NULL);
	struct utsname system;
	char start[32];
	struct tm utc;

	uname(&system);
	strftime(start, sizeof(start), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	jsonw_uint(&w, "bqdisc_record", RECORD_FORMAT);
	jsonw_string(&w, "version", BQDISC_VERSION);
	jsonw_string(&w, "host", system.nodename);
	jsonw_string(&w, "kernel", system.release);
	jsonw_string(&w, "start", start);
	jsonw_string(&w, "dev", dev);
	jsonw_uint(&w, "every_ns", every_ns);
	end_line(&w);
}

/* --- counters --- */

/* Write the upper bounds of the buckets of a histogram; null: no bound. */
static void write_bounds(struct json_writer *w, const struct bqdisc_value *v)
{
	uint64_t bound;
	size_t i;

	jsonw_begin(w, "bounds", '[');
	for (i = 0; i < v->count; i++) {
		bound = bqdisc_value__bound(v, i);
		if (bound == UINT64_MAX)
			jsonw_string(w, NULL, NULL);
		else
			jsonw_uint(w, NULL, bound);
	}
	jsonw_end(w, ']');
}

/* Describe the counters, so that report needs no descriptor of the qdisc. */
static void describe_counters(struct json_writer *w, const struct reading *r)
{
	const struct bqdisc_value *v;

	jsonw_begin(w, "counters", '{');
	for (v = r->v; v < r->v + r->n; v++) {
		jsonw_begin(w, v->key, '{');
		jsonw_string(w, "group", v->group);
		jsonw_string(w, "unit", bqdisc_unit__name(v->unit));
		if (v->count > 1)
			jsonw_uint(w, "count", v->count);
		if (v->histogram)
			write_bounds(w, v);
		jsonw_end(w, '}');
	}
	jsonw_end(w, '}');
}

static void write_value(struct json_writer *w, const char *key, const struct bqdisc_value *v,
			uint64_t value)
{
	if (v->unit == BQDISC_UNIT_SIGNED || v->unit == BQDISC_UNIT_INTEGER)
		jsonw_int(w, key, (int64_t)value);
	else
		jsonw_uint(w, key, value);
}

/* Write the values that are not zero in DIFFERENCE, by their index. */
static void write_changed_values(struct json_writer *w, const struct bqdisc_value *v,
				 const struct bqdisc_value *difference)
{
	char index[24];
	size_t i;

	jsonw_begin(w, v->key, '{');
	for (i = 0; i < v->count; i++) {
		if (!difference->values[i])
			continue;
		snprintf(index, sizeof(index), "%zu", i);
		write_value(w, index, v, v->values[i]);
	}
	jsonw_end(w, '}');
}

static bool is_changed(const struct bqdisc_value *difference)
{
	size_t i = 0;

	while (i < difference->count && !difference->values[i])
		i++;
	return i < difference->count;
}

/* BEFORE: the same counters, or NULL for zeros. */
static void write_changed(struct json_writer *w, const struct reading *now,
			  const struct reading *before)
{
	struct reading differences = { 0 };
	size_t i;

	reading_subtract(&differences, now, before);
	jsonw_begin(w, "stats", '{');
	for (i = 0; i < now->n; i++) {
		if (!is_changed(&differences.v[i]))
			continue;
		if (now->v[i].count == 1)
			write_value(w, now->v[i].key, &now->v[i], now->v[i].value);
		else
			write_changed_values(w, &now->v[i], &differences.v[i]);
	}
	jsonw_end(w, '}');
	reading_free(&differences);
}

/* --- flows --- */

struct sender {
	const struct bqdisc_flow *flow;
	uint64_t bytes; /* since the previous line */
};

/* Insert one into the N that have sent most, the greatest first. Return the new N. */
static size_t insert(struct sender *most, size_t n, struct sender s)
{
	size_t i = n < FLOWS_MAX ? n++ : FLOWS_MAX - 1;

	if (most[i].flow && most[i].bytes >= s.bytes)
		return n;
	for (; i && most[i - 1].bytes < s.bytes; i--)
		most[i] = most[i - 1];
	most[i] = s;
	return n;
}

static const char *write_name(const struct bqdisc_flow *flow, char *name, size_t size)
{
	if (!flow->rule)
		return bqdisc_flow_key__format(&flow->key, name, size);
	if (*flow->class_name)
		snprintf(name, size, "class %s", flow->class_name);
	else
		snprintf(name, size, "rule %u", flow->rule);
	return name;
}

static void write_flows(struct json_writer *w, const struct rows *now, const struct rows *before)
{
	struct sender most[FLOWS_MAX] = { 0 };
	char name[160];
	size_t i, n = 0;

	for (i = 0; i < now->n; i++) {
		uint64_t bytes = rows_growth(before, &now->v[i]);

		if (bytes)
			n = insert(most, n, (struct sender){ &now->v[i].flow, bytes });
	}
	if (!n)
		return;
	jsonw_begin(w, "flows", '[');
	for (i = 0; i < n; i++) {
		jsonw_begin(w, NULL, '[');
		jsonw_string(w, NULL, write_name(most[i].flow, name, sizeof(name)));
		jsonw_uint(w, NULL, most[i].bytes);
		jsonw_end(w, ']');
	}
	jsonw_end(w, ']');
}

/* --- lines --- */

static void write_instance(struct json_writer *w, const struct bqdisc_instance *inst,
			   const struct reading *reading)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	char handle[TC_ID_MAX], parent[TC_ID_MAX];

	jsonw_string(w, "qdisc", bqdisc_qdisc__name(q));
	jsonw_string(w, "kind", bqdisc_qdisc__kind(q));
	jsonw_string(w, "handle", output_tc_id(bqdisc_instance__handle(inst), handle));
	jsonw_string(w, "parent", output_tc_id(bqdisc_instance__parent(inst), parent));
	describe_counters(w, reading);
}

static void write_option(const struct bqdisc_value *v, void *w)
{
	jsonw_value(w, v);
}

/* Objects without the kit have no time of creation, but another handle. */
static bool is_same(const struct recorded *a, const struct recorded *b)
{
	return a->words && a->qdisc == b->qdisc && a->handle == b->handle &&
	       a->created_ns == b->created_ns;
}

void record_sample(FILE *out, uint64_t t_ns, struct recorded *last,
		   const struct bqdisc_instance *inst)
{
	struct recorded now = {
		.words = option_words(inst),
		.qdisc = bqdisc_instance__qdisc(inst),
		.handle = bqdisc_instance__handle(inst),
		.created_ns = bqdisc_instance__created(inst),
	};
	struct json_writer w = begin_line(out);
	bool same = is_same(last, &now);

	reading_take(&now.reading, inst);
	rows_add(&now.flows, inst);
	rows_sort(&now.flows);
	jsonw_uint(&w, "t_ns", t_ns);
	if (!same)
		write_instance(&w, inst, &now.reading);
	if (!same || strcmp(now.words, last->words) != 0) {
		jsonw_string(&w, "words", now.words);
		jsonw_begin(&w, "options", '{');
		bqdisc_instance__each_option(inst, write_option, &w);
		jsonw_end(&w, '}');
	}
	write_changed(&w, &now.reading, same ? &last->reading : NULL);
	write_flows(&w, &now.flows, same ? &last->flows : &(struct rows){ 0 });
	end_line(&w);
	recorded_free(last);
	*last = now;
}

void record_gone(FILE *out, uint64_t t_ns, struct recorded *last)
{
	struct json_writer w;

	if (!last->words)
		return;
	w = begin_line(out);
	jsonw_uint(&w, "t_ns", t_ns);
	jsonw_bool(&w, "gone", true);
	end_line(&w);
	recorded_free(last);
}

void recorded_free(struct recorded *last)
{
	reading_free(&last->reading);
	rows_free(&last->flows);
	free(last->words);
	*last = (struct recorded){ 0 };
}
