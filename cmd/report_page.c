// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The page of report: head, summary, charts and data. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report.h"

/* Colors that people who see few of them can tell apart, for a light and a dark page. */
static const char style[] =
	":root{color-scheme:light dark;--page:#fcfcfb;--text:#0b0b0b;--soft:#52514e;--mute:#76756f;"
	"--grid:#e4e3dc;--axis:#b4b3a8;--c1:#2a78d6;--c2:#d95926;--c3:#15906a;--c4:#b07800;"
	"--c5:#c0478f;--c6:#4a3aa7;--low:#86b6ef;--middle:#2a78d6;--high:#123f79}\n"
	"@media(prefers-color-scheme:dark){:root{--page:#1a1a19;--text:#fff;--soft:#c3c2b7;"
	"--mute:#9a9991;--grid:#2f2f2c;--axis:#55544f;--c1:#3987e5;--c2:#e8703f;--c3:#22a67b;"
	"--c4:#c98500;--c5:#d55181;--c6:#9085e9;--low:#2563b0;--middle:#5598e7;--high:#b7d3f6}}\n"
	"body{background:var(--page);color:var(--text);max-width:60rem;margin:0 auto;"
	"padding:1.5rem;font:15px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:0}p{margin:.2rem 0}\n"
	"code{font:.9em ui-monospace,monospace}.soft,figcaption p,dt{color:var(--soft)}\n"
	"dl{display:flex;flex-wrap:wrap;gap:.5rem 2.2rem;margin:1.2rem 0}dt{font-size:.85rem}"
	"dd{margin:0;font-size:1.25rem}\n"
	"figure{margin:2rem 0}figcaption p{font-size:.85rem}svg{width:100%;height:auto}\n"
	".legend span{margin-right:1.2rem;font-size:.85rem;color:var(--soft);white-space:nowrap}\n"
	".legend svg{width:22px;height:10px;margin-right:.4rem}\n"
	"text{font-size:12px;fill:var(--mute)}.end{text-anchor:end}.middle{text-anchor:middle}\n"
	"path{fill:none;stroke-width:1}.grid{stroke:var(--grid)}.axis{stroke:var(--axis)}\n"
	".change{stroke:var(--mute);stroke-dasharray:2 3}\n"
	".line{stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}\n"
	".asked{stroke:var(--text);stroke-dasharray:6 5;stroke-width:1.3}\n"
	".c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}"
	".c5{stroke:var(--c5)}.c6{stroke:var(--c6)}.low{stroke:var(--low)}"
	"path.middle{stroke:var(--middle)}.high{stroke:var(--high)}\n"
	"details div{overflow-x:auto}table{border-collapse:collapse;font-size:.8rem;"
	"font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.1rem .6rem;"
	"border-bottom:1px solid var(--grid)}\n";

void html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

static const char *head_of(const struct report *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r->recording.head, key));

	return text ? text : "?";
}

static double end_of(const struct report *r)
{
	return r->recording.points[r->recording.n_points - 1].seconds;
}

/* --- head and summary --- */

static void write_title(FILE *out, const struct report *r)
{
	html_text(out, head_of(r, "dev"));
	fputs(": ", out);
	html_text(out, r->recording.n_changes ? r->recording.changes[0].words : "no qdisc");
}

/* List the options from each change on. */
static void write_changes(FILE *out, const struct report *r)
{
	const struct recorded_change *c = r->recording.changes;
	size_t i;

	if (r->recording.n_changes < 2)
		return;
	fputs("<ol>\n", out);
	for (i = 0; i < r->recording.n_changes; i++) {
		fprintf(out, i ? "<li>from %.4g s: <code>" : "<li>at first: <code>", c[i].seconds);
		html_text(out, c[i].words);
		fputs("</code></li>\n", out);
	}
	fputs("</ol>\n", out);
}

static void write_head(FILE *out, const struct report *r)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      out);
	write_title(out, r);
	fprintf(out, "</title>\n<style>\n%s</style>\n<h1><code>", style);
	write_title(out, r);
	fputs("</code></h1>\n<p class=\"soft\">", out);
	html_text(out, head_of(r, "host"));
	fputs(", Linux ", out);
	html_text(out, head_of(r, "kernel"));
	fputs(", ", out);
	html_text(out, head_of(r, "start"));
	fprintf(out, ", %.4g s, %zu samples, bqdisc ", end_of(r), r->recording.samples);
	html_text(out, head_of(r, "version"));
	fprintf(out, "%s</p>\n", r->recording.cut ? "; cut off in its last line" : "");
	write_changes(out, r);
}

static uint64_t total(const struct report *r, const char *key)
{
	const struct recorded_counter *c = recording_counter(&r->recording, key);

	return c ? recorded_growth(c, 0, r->recording.n_points - 1) : 0;
}

static void write_fact(FILE *out, const char *name, const char *value)
{
	fprintf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

/* Write percentiles of all values of a histogram. */
static void write_percentiles(FILE *out, const struct report *r, const struct recorded_counter *c)
{
	static const unsigned int per_mille[] = { 500, 990 };
	size_t i, last = r->recording.n_points - 1;
	char name[TITLE_MAX + 8], title[TITLE_MAX], text[32];

	for (i = 0; i < ARRAY_SIZE(per_mille); i++) {
		uint64_t bound = recorded_percentile(c, 0, last, per_mille[i]);

		snprintf(name, sizeof(name), "%s, p%u", report_title(c->key, title),
			 per_mille[i] / 10);
		write_fact(out, name,
			   bqdisc_unit__round(c->is_time ? BQDISC_UNIT_TIME : BQDISC_UNIT_COUNT,
					      bound, text, sizeof(text)));
	}
}

static void write_summary(FILE *out, const struct report *r)
{
	uint64_t bytes = total(r, "bytes"), drops = total(r, "drops"),
		 packets = total(r, "packets");
	const struct recorded_counter *c = r->recording.counters;
	char text[96], size[32];

	fputs("<dl>\n", out);
	snprintf(text, sizeof(text), "%" PRIu64 " packets", packets);
	write_fact(out, "Sent", text);
	write_fact(out, "Bytes", bqdisc_size__round(bytes, size, sizeof(size)));
	write_fact(out, "Average",
		   bqdisc_unit__round(BQDISC_UNIT_RATE, (uint64_t)((double)bytes * 8 / end_of(r)),
				      text, sizeof(text)));
	snprintf(text, sizeof(text), "%" PRIu64 " packets", drops);
	write_fact(out, "Dropped", text);
	for (; c < r->recording.counters + r->recording.n_counters; c++)
		if (c->bounds && recorded_growth(c, 0, r->recording.n_points - 1))
			write_percentiles(out, r, c);
	fputs("</dl>\n", out);
}

/* --- charts and data --- */

/* Explain the lines of a chart, unless there is but one that its title explains. */
static void write_legend(FILE *out, const struct chart *c)
{
	size_t i;

	fputs("<p class=\"legend\">", out);
	for (i = 0; i < c->n && c->n > 1; i++)
		fprintf(out,
			"<span><svg viewBox=\"0 0 22 10\" aria-hidden=\"true\">"
			"<path class=\"line %s\" d=\"M1 5H21\"/></svg>%s</span>",
			c->series[i].class, c->series[i].name);
	fputs("</p>\n", out);
}

static void write_chart(FILE *out, const struct report *r, const struct chart *c)
{
	fprintf(out, "<figure>\n<figcaption><h2>%s</h2><p>%s.</p>", c->title, c->help);
	write_legend(out, c);
	fputs("</figcaption>\n", out);
	report_svg(out, r, c);
	fputs("</figure>\n", out);
}

static void write_row(FILE *out, const struct report *r, size_t point)
{
	size_t c, s;

	fprintf(out, "<tr><td>%.3f</td>", r->recording.points[point].seconds);
	for (c = 0; c < r->n; c++)
		for (s = 0; s < r->charts[c].n; s++) {
			double y = r->charts[c].series[s].y[point];

			if (isnan(y))
				fputs("<td></td>", out);
			else
				fprintf(out, "<td>%.6g</td>", y);
		}
	fputs("</tr>\n", out);
}

static void write_table(FILE *out, const struct report *r)
{
	size_t c, s, i;

	fputs("<details><summary>Data</summary>\n<div><table>\n<tr><th>s</th>", out);
	for (c = 0; c < r->n; c++)
		for (s = 0; s < r->charts[c].n; s++)
			fprintf(out, "<th>%s: %s, %s</th>", r->charts[c].title,
				r->charts[c].series[s].name, r->charts[c].unit);
	fputs("</tr>\n", out);
	for (i = 0; i < r->recording.n_points; i++)
		write_row(out, r, i);
	fputs("</table></div></details>\n", out);
}

void report_page(FILE *out, const struct report *r)
{
	size_t i;

	write_head(out, r);
	write_summary(out, r);
	for (i = 0; i < r->n; i++)
		write_chart(out, r, &r->charts[i]);
	write_table(out, r);
	fputs("</html>\n", out);
}
