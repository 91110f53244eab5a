// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The charts of a recording: which there are, and their values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "report.h"

#define NS_PER_MS 1e6
#define FLOWS_MAX 6 /* of a chart */

static struct chart *add_chart(struct report *r, const char *title, const char *unit,
			       const char *help)
{
	struct chart *grown = check_memory(reallocarray(r->charts, r->n + 1, sizeof(*grown))), *c;

	r->charts = grown;
	c = &grown[r->n++];
	*c = (struct chart){ .n = 0 };
	snprintf(c->title, sizeof(c->title), "%s", title);
	snprintf(c->unit, sizeof(c->unit), "%s", unit);
	snprintf(c->help, sizeof(c->help), "%s", help);
	return c;
}

/* Add a series without values. CLASS is NULL for the next color. */
static double *add_series(const struct report *r, struct chart *c, const char *name,
			  const char *class)
{
	static const char *const colors[] = { "c1", "c2", "c3", "c4", "c5", "c6" };
	struct series *s = &c->series[c->n];
	size_t i;

	*s = (struct series){ .class = class ? class : colors[c->n % ARRAY_SIZE(colors)],
			      .y = check_memory(malloc(POINTS_MAX * sizeof(*s->y))) };
	c->n++;
	snprintf(s->name, sizeof(s->name), "%s", name);
	for (i = 0; i < r->recording.n_points; i++)
		s->y[i] = NAN;
	return s->y;
}

/* Return the seconds of the interval before point I; NAN if there was no instance in it. */
static double interval(const struct report *r, size_t i)
{
	const struct recorded_point *p = r->recording.points;
	double seconds = p[i].seconds - p[i - 1].seconds;

	return p[i].gone || seconds <= 0 ? NAN : seconds;
}

static bool is_netem(const struct report *r)
{
	return !strcmp(r->recording.qdisc, "netem");
}

static uint64_t total(const struct report *r, const struct recorded_counter *c)
{
	return c ? recorded_growth(c, 0, r->recording.n_points - 1) : 0;
}

/* Add the growth of a counter per second, times FACTOR. */
static void add_rate(const struct report *r, struct chart *chart, const struct recorded_counter *c,
		     const char *name, double factor)
{
	double *y = add_series(r, chart, name, NULL);
	size_t i;

	for (i = 1; i < r->recording.n_points; i++)
		y[i] = (double)recorded_growth(c, i - 1, i) * factor / interval(r, i);
}

static void add_throughput(struct report *r)
{
	const struct recorded_counter *bytes = recording_counter(&r->recording, "bytes");

	if (bytes)
		add_rate(r,
			 add_chart(r, "Throughput", "bit/s", "Bits of the packets that were sent"),
			 bytes, "sent", 8);
}

static void add_backlog(struct report *r)
{
	struct chart *c = add_chart(r, "Backlog", "packets", "Packets that waited at a sample");
	double *y = add_series(r, c, "waiting", NULL);
	size_t i;

	for (i = 0; i < r->recording.n_points; i++)
		if (!r->recording.points[i].gone)
			y[i] = (double)r->recording.points[i].backlog_packets;
}

/* --- flows --- */

/* Order by what was sent, the greatest first, then by the order in the recording. */
static bool precedes(const struct report *r, const struct recorded_counter *a,
		     const struct recorded_counter *b)
{
	uint64_t one = total(r, a), other = total(r, b);

	return one == other ? a < b : one > other;
}

/* Return the flow that follows LAST in that order, or the first one; NULL: there is none. */
static const struct recorded_counter *next_flow(const struct report *r,
						const struct recorded_counter *last)
{
	const struct recorded_counter *next = NULL, *c = r->recording.counters;

	for (; c < r->recording.counters + r->recording.n_counters; c++) {
		if (strcmp(c->group, RECORDED_FLOW) != 0 || (last && !precedes(r, last, c)))
			continue;
		if (!next || precedes(r, c, next))
			next = c;
	}
	return next;
}

static void add_flows(struct report *r)
{
	const struct recorded_counter *c = next_flow(r, NULL);
	struct chart *chart;

	/* The only rule has the throughput of the qdisc. */
	if (!c || (is_netem(r) && !next_flow(r, c)))
		return;
	chart = add_chart(r, "Flows", "bit/s",
			  "Bits that the busiest flows sent, or that arrived for netem's rules");
	for (; c && chart->n < FLOWS_MAX; c = next_flow(r, c))
		add_rate(r, chart, c, c->key, 8);
}

/* --- delays --- */

/* Return an option in force at point I as a number; NAN if it is not set. */
static double option_at(const struct report *r, size_t i, const char *key)
{
	size_t change = r->recording.points[i].change;
	const json_t *value;

	if (!change)
		return NAN;
	value = json_object_get(r->recording.changes[change - 1].options, key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Add the option KEY beside the values that packets got. */
static void add_asked(const struct report *r, struct chart *c, const char *key, const char *name,
		      double divisor)
{
	bool set = false;
	double *y;
	size_t i;

	for (i = 0; i < r->recording.n_points; i++)
		set |= !isnan(option_at(r, i, key));
	if (!set)
		return;
	y = add_series(r, c, name, "asked");
	for (i = 1; i < r->recording.n_points; i++)
		y[i] = option_at(r, i, key) / divisor;
}

/* Add a percentile of each interval in which a value came. */
static void add_percentile(const struct report *r, struct chart *chart,
			   const struct recorded_counter *c, const char *name, const char *class,
			   unsigned int per_mille)
{
	double *y = add_series(r, chart, name, class);
	size_t i;

	for (i = 1; i < r->recording.n_points; i++)
		if (!r->recording.points[i].gone && recorded_growth(c, i - 1, i))
			y[i] = (double)recorded_percentile(c, i - 1, i, per_mille) /
			       (c->is_time ? NS_PER_MS : 1);
}

const char *report_title(const char *key, char title[TITLE_MAX])
{
	const char *unit = strrchr(key, '_');
	char *c;

	snprintf(title, TITLE_MAX, "%.*s", (int)(unit ? unit - key : TITLE_MAX - 1), key);
	for (c = title; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	if (*title >= 'a' && *title <= 'z')
		*title += 'A' - 'a';
	return title;
}

static void add_histogram(struct report *r, const struct recorded_counter *c)
{
	char title[TITLE_MAX];
	struct chart *chart =
		add_chart(r, report_title(c->key, title), c->is_time ? "ms" : "packets",
			  "Values of each interval, of which 50, 90 and 99 % are at most as long");

	add_percentile(r, chart, c, "p50", "low", 500);
	add_percentile(r, chart, c, "p90", "middle", 900);
	add_percentile(r, chart, c, "p99", "high", 990);
	if (is_netem(r) && !strcmp(c->key, "delay_given_ns"))
		add_asked(r, chart, "delay_ns", "delay asked for", NS_PER_MS);
}

static void add_histograms(struct report *r)
{
	const struct recorded_counter *c = r->recording.counters;

	for (; c < r->recording.counters + r->recording.n_counters; c++)
		if (c->bounds && total(r, c))
			add_histogram(r, c);
}

/* --- drops --- */

/* Emulated loss counts as a reason. Return false for counters that are no drops. */
static bool is_reason(const struct report *r, const struct recorded_counter *c)
{
	return !c->bounds &&
	       (!strcmp(c->group, "drops") || (is_netem(r) && !strcmp(c->key, "dropped")));
}

/* Add each reason that struck, and the other drops of the core's counter if there are any. */
static void add_drops(struct report *r)
{
	struct chart *chart = add_chart(r, "Drops", "packets/s", "Packets dropped, by reason");
	const struct recorded_counter *all = recording_counter(&r->recording, "drops"), *c;

	for (c = r->recording.counters; c < r->recording.counters + r->recording.n_counters; c++)
		if (is_reason(r, c) && total(r, c) && chart->n < SERIES_MAX)
			add_rate(r, chart, c, !strcmp(c->key, "dropped") ? "emulated loss" : c->key,
				 1);
	if (!chart->n && all)
		add_rate(r, chart, all, "drops", 1);
}

/* Return the average of the loss model at point I, in percent; NAN if there is none. */
static double loss_asked(const struct report *r, size_t i)
{
	double random = option_at(r, i, "loss_percent"), p = option_at(r, i, "loss_p_percent"),
	       back = option_at(r, i, "loss_r_percent"), bad = option_at(r, i, "loss_1_h_percent"),
	       good = option_at(r, i, "loss_1_k_percent");

	if (!isnan(random))
		return random;
	if (!isnan(option_at(r, i, "loss_burst_percent")))
		return option_at(r, i, "loss_burst_percent");
	if (isnan(p) || isnan(back) || p + back == 0)
		return NAN;
	return (p * (isnan(bad) ? 100 : bad) + back * (isnan(good) ? 0 : good)) / (p + back);
}

/* Return how much the counter KEY grew in the interval before point I. A backlog may shrink. */
static double growth(const struct report *r, const char *key, size_t i)
{
	const struct recorded_counter *c = recording_counter(&r->recording, key);

	return c ? (double)(int64_t)recorded_growth(c, i - 1, i) : 0;
}

/* Return the share of the packets that arrived before point I that emulation dropped. */
static double loss_given(const struct report *r, size_t i)
{
	double arrived =
		growth(r, "packets", i) + growth(r, "backlog_packets", i) + growth(r, "drops", i);

	return arrived > 0 ? 100 * growth(r, "dropped", i) / arrived : NAN;
}

static void add_loss(struct report *r)
{
	const struct recorded_counter *dropped = recording_counter(&r->recording, "dropped");
	double *given, *asked;
	bool is_asked = false;
	struct chart *c;
	size_t i;

	for (i = 0; i < r->recording.n_points; i++)
		is_asked |= !isnan(loss_asked(r, i));
	if (!is_netem(r) || (!is_asked && !total(r, dropped)))
		return;
	c = add_chart(r, "Emulated loss", "%", "Share of the packets that emulation dropped");
	given = add_series(r, c, "loss given", NULL);
	asked = add_series(r, c, "loss asked for", "asked");
	for (i = 1; i < r->recording.n_points; i++) {
		given[i] = loss_given(r, i);
		asked[i] = loss_asked(r, i);
	}
}

/* --- all --- */

void report_charts(struct report *r)
{
	add_throughput(r);
	add_backlog(r);
	add_histograms(r);
	add_loss(r);
	add_drops(r);
	add_flows(r);
}

void report_free(struct report *r)
{
	size_t i, s;

	for (i = 0; i < r->n; i++)
		for (s = 0; s < r->charts[i].n; s++)
			free(r->charts[i].series[s].y);
	free(r->charts);
	recording_free(&r->recording);
}
