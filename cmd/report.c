// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* report: a recording as a page with charts, or its data as JSON. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "report.h"

/* --- JSON --- */

/* Return the values of a series; null: none. */
static json_t *values_of(const struct series *s, size_t n)
{
	json_t *values = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(values, isnan(s->y[i]) ? json_null() : json_real(s->y[i]));
	return values;
}

static json_t *chart_json(const struct chart *c, size_t n_points)
{
	json_t *series = json_array();
	size_t i;

	for (i = 0; i < c->n; i++)
		json_array_append_new(series,
				      json_pack("{ss so}", "name", c->series[i].name, "values",
						values_of(&c->series[i], n_points)));
	return json_pack("{ss ss so}", "title", c->title, "unit", c->unit, "series", series);
}

static json_t *changes_json(const struct recording *recording)
{
	json_t *changes = json_array();
	const struct recorded_change *c = recording->changes;

	for (; c < recording->changes + recording->n_changes; c++)
		json_array_append_new(
			changes, json_pack("{sf ss}", "seconds", c->seconds, "words", c->words));
	return changes;
}

static void print_json(const struct report *r)
{
	const struct recording *recording = &r->recording;
	json_t *charts = json_array(), *seconds = json_array();
	size_t i;

	for (i = 0; i < recording->n_points; i++)
		json_array_append_new(seconds, json_real(recording->points[i].seconds));
	for (i = 0; i < r->n; i++)
		json_array_append_new(charts, chart_json(&r->charts[i], recording->n_points));
	output_json(json_pack("{sO sI sb so so so}", "head", recording->head, "samples",
			      (json_int_t)recording->samples, "cut", recording->cut, "changes",
			      changes_json(recording), "seconds", seconds, "charts", charts));
}

/* --- the command --- */

/* Write the page to PATH; NULL: to standard output. Return the exit status. */
static int write_page(const struct report *r, const char *path)
{
	FILE *out = path ? fopen(path, "we") : stdout;
	bool failed;

	if (!out)
		return usage_error("%s: %s", path, strerror(errno));
	report_page(out, r);
	failed = fflush(out) || ferror(out);
	if (failed)
		usage_error("%s: cannot write: %s", path ? path : "standard output",
			    strerror(errno));
	if (path)
		fclose(out);
	return failed ? BQDISC_ERROR_REFUSED : 0;
}

int report_main(int argc, char *argv[], const struct globals *g)
{
	const char *page = NULL;
	const struct flag flags[] = {
		{ .name = "-o", .parse = parse_text, .value = &page, .wants = "a file" },
	};
	struct report r = { .n = 0 };
	int status;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 2)
		return usage_missing("report", "FILE");
	if (argc > 2)
		return usage_unexpected("report", argv[2]);
	status = recording_read(&r.recording, argv[1]);
	if (!status && r.recording.cut)
		fprintf(stderr,
			"bqdisc: warning: %s: its last line is incomplete and is left out\n",
			argv[1]);
	if (!status) {
		report_charts(&r);
		if (g->json)
			print_json(&r);
		else
			status = write_page(&r, page);
	}
	report_free(&r);
	return status;
}
