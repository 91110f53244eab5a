/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of report: a recording becomes charts, and these a page. */
#ifndef REPORT_H
#define REPORT_H

#include "recording.h"

#define SERIES_MAX 12
#define TITLE_MAX 64

struct series {
	char name[128];
	const char *class; /* in the style of the page */
	double *y;         /* a value for each point; NAN: none */
};

/* Values over time. The value of point N is that of the interval before it; of point 0 none. */
struct chart {
	char title[TITLE_MAX];
	char unit[16]; /* of the values in `y` */
	char help[160];
	struct series series[SERIES_MAX];
	size_t n;
};

struct report {
	struct recording recording;
	struct chart *charts;
	size_t n;
};

/* Make the charts of a recording. */
void report_charts(struct report *r);
void report_free(struct report *r);

/* Write the title for a histogram: "Delay given" for "delay_given_ns". Return TITLE. */
const char *report_title(const char *key, char title[TITLE_MAX]);
/* Write a chart as an SVG element. */
void report_svg(FILE *out, const struct report *r, const struct chart *c);
/* Write the page. */
void report_page(FILE *out, const struct report *r);
/* Write TEXT with the special characters of HTML replaced. */
void html_text(FILE *out, const char *text);

#endif
