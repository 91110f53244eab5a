// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Differences are positive for counters; a backlog may shrink. Those of a histogram are a histogram
 * of what came in between.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "delta.h"
#include "histogram.h"
#include "memory.h"
#include "output.h"
#include "table.h"

/* --- samplings --- */

static int add(const struct bqdisc_instance *inst, void *arg)
{
	struct sampling *s = arg;
	struct sampled *one;

	s->v = check_memory(reallocarray(s->v, s->n + 1, sizeof(*one)));
	one = &s->v[s->n++];
	*one = (struct sampled){
		.dev = check_memory(strdup(bqdisc_instance__dev(inst))),
		.qdisc = check_memory(strdup(bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)))),
		.ifindex = bqdisc_instance__ifindex(inst),
		.parent = bqdisc_instance__parent(inst),
		.handle = bqdisc_instance__handle(inst),
		.created_ns = bqdisc_instance__created(inst),
	};
	reading_take(&one->reading, inst);
	return 0;
}

int sampling_take(struct sampling *s, struct bqdisc *bq, const char *dev, bool per_queue)
{
	sampling_free(s);
	s->seconds = clock_seconds();
	return per_queue ? bqdisc__each_queue(bq, dev, add, s)
			 : bqdisc__each_instance(bq, dev, add, s);
}

void sampling_free(struct sampling *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].dev);
		free(s->v[i].qdisc);
		reading_free(&s->v[i].reading);
	}
	free(s->v);
	*s = (struct sampling){ 0 };
}

/* Return the counters of the same instance before; NULL if it was not there. */
static const struct reading *find_before(const struct sampling *before, const struct sampled *one)
{
	const struct sampled *s;

	for (s = before->v; s < before->v + before->n; s++)
		if (s->ifindex == one->ifindex && s->parent == one->parent &&
		    s->handle == one->handle && s->created_ns == one->created_ns &&
		    s->reading.n == one->reading.n)
			return &s->reading;
	return NULL;
}

/* --- text --- */

/* Write a rate for reading: "1.2mbit", "350 packets/s", "5/s". */
static const char *write_rate(const struct bqdisc_value *v, double rate, char *buf, size_t size)
{
	const char *sign = rate < 0 ? "-" : "";
	double absolute = rate < 0 ? -rate : rate;
	char text[32];

	if (v->unit == BQDISC_UNIT_BYTES)
		snprintf(buf, size, "%s%s", sign,
			 bqdisc_unit__round(BQDISC_UNIT_RATE, (uint64_t)(absolute * 8), text,
					    sizeof(text)));
	else if (v->unit == BQDISC_UNIT_PACKETS || v->histogram)
		snprintf(buf, size, "%.*f packets/s", absolute < 10 ? 1 : 0, rate);
	else
		snprintf(buf, size, "%.*f/s", absolute < 10 ? 1 : 0, rate);
	return buf;
}

static void print_percentiles(const struct bqdisc_value *v)
{
	if (!v->histogram || !v->value)
		return;
	fputs(v->key, stdout);
	histogram_print_percentiles(v);
	putchar('\n');
}

/* Print the rows of an instance: TOTALS if not NULL, else the differences, and rates of those. */
static void print_instance(const struct sampled *one, const struct reading *differences,
			   const struct reading *totals, double seconds, bool zeros,
			   const struct globals *g)
{
	const struct reading *shown = totals ? totals : differences;
	char title[64], period[32], count[32], rate[48];
	struct table table = { .columns = 3 };
	size_t i;

	snprintf(title, sizeof(title), "%s %s", one->dev, one->qdisc);
	snprintf(period, sizeof(period), "IN %.3gs", seconds);
	TABLE_ADD(&table, title, totals ? "TOTAL" : period, "PER SECOND");
	for (i = 0; i < shown->n; i++) {
		if (!zeros && !shown->v[i].value)
			continue;
		snprintf(count, sizeof(count), "%" PRId64, (int64_t)shown->v[i].value);
		*rate = '\0';
		if (differences && seconds > 0)
			write_rate(&shown->v[i], (double)(int64_t)differences->v[i].value / seconds,
				   rate, sizeof(rate));
		TABLE_ADD(&table, shown->v[i].key, count, rate);
	}
	table_print(&table, g);
	for (i = 0; differences && i < differences->n; i++)
		print_percentiles(&differences->v[i]);
}

void delta_print_totals(const struct sampling *now, const struct sampling *before, bool zeros,
			const struct globals *g)
{
	struct reading differences = { 0 };
	const struct reading *old;
	size_t i;

	for (i = 0; i < now->n; i++) {
		old = find_before(before, &now->v[i]);
		if (old)
			reading_subtract(&differences, &now->v[i].reading, old);
		print_instance(&now->v[i], old ? &differences : NULL, &now->v[i].reading,
			       now->seconds - before->seconds, zeros, g);
	}
	reading_free(&differences);
}

/* --- JSON --- */

static json_t *histogram_json(const struct bqdisc_value *v)
{
	static const struct {
		const char *key;
		unsigned int per_mille;
	} percentiles[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "p99_9", 999 } };
	json_t *all = json_pack("{sI}", "count", (json_int_t)v->value);
	size_t i;

	for (i = 0; v->value && i < ARRAY_SIZE(percentiles); i++) {
		uint64_t bound = bqdisc_value__percentile(v, percentiles[i].per_mille);

		json_object_set_new(all, percentiles[i].key,
				    bound == UINT64_MAX ? json_null()
							: json_integer((json_int_t)bound));
	}
	return all;
}

static json_t *instance_json(const struct sampled *one, const struct reading *differences,
			     double seconds)
{
	json_t *growth = json_object(), *rates = json_object();
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	const struct bqdisc_value *v;

	for (v = differences->v; v < differences->v + differences->n; v++) {
		json_object_set_new(growth, v->key,
				    v->histogram ? histogram_json(v)
						 : json_integer((json_int_t)v->value));
		json_object_set_new(rates, v->key, json_real((double)(int64_t)v->value / seconds));
	}
	return json_pack("{ss sI ss ss ss sf so so}", "dev", one->dev, "ifindex",
			 (json_int_t)one->ifindex, "qdisc", one->qdisc, "handle",
			 output_tc_id(one->handle, handle), "parent",
			 output_tc_id(one->parent, parent), "seconds", seconds, "delta", growth,
			 "rates", rates);
}

/* --- stats --delta --- */

/* An instance that came in between has counted from zero. */
static void print_all(const struct sampling *now, const struct sampling *before, bool zeros,
		      const struct globals *g)
{
	double seconds = now->seconds - before->seconds;
	struct reading differences = { 0 };
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < now->n; i++) {
		reading_subtract(&differences, &now->v[i].reading, find_before(before, &now->v[i]));
		if (g->json)
			json_array_append_new(all,
					      instance_json(&now->v[i], &differences, seconds));
		else
			print_instance(&now->v[i], &differences, NULL, seconds, zeros, g);
	}
	if (g->json)
		output_json(json_incref(all));
	json_decref(all);
	reading_free(&differences);
}

int delta(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros, double seconds,
	  const struct globals *g)
{
	struct sampling before = { 0 }, now = { 0 };
	int err = sampling_take(&before, bq, dev, per_queue);

	if (!err) {
		clock_wait(before.seconds + seconds);
		err = sampling_take(&now, bq, dev, per_queue);
	}
	if (!err)
		print_all(&now, &before, zeros, g);
	sampling_free(&before);
	sampling_free(&now);
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}
