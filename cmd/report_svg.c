// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Charts as SVG elements. Colors and fonts are classes of the style in report_page.c. Coordinates
 * are in units of a view box that is as wide as WIDTH.
 */
#include <math.h>
#include <string.h>

#include "report.h"

#define WIDTH 760
#define HEIGHT 220
#define LEFT 62 /* room for the numbers of the vertical axis */
#define RIGHT 14
#define TOP 22    /* room for its unit */
#define BOTTOM 38 /* room for the numbers and the title of the horizontal axis */
#define PLOT_WIDTH (WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)
#define TICKS_X 8 /* at most */
#define TICKS_Y 5

/* Values from 0 to `max`, with a tick at each multiple of `step`. */
struct axis {
	double max, step;
	double divisor; /* of values, for the unit */
	const char *prefix;
};

/* Return the smallest of 1, 2 and 5 times a power of ten with at most TICKS ticks up to MAX. */
static double step_for(double max, int ticks)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double power = pow(10, floor(log10(max / ticks)));
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(steps) && max / (steps[i] * power) > ticks)
		i++;
	return steps[i] * power;
}

/* Scale bits per second so that numbers stay short. All other units have fitting values already. */
static void choose_prefix(struct axis *a, const char *unit, double max)
{
	static const struct {
		double factor;
		const char *prefix;
	} prefixes[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" } };
	size_t i = 0;

	a->divisor = 1;
	a->prefix = "";
	if (strcmp(unit, "bit/s"))
		return;
	while (prefixes[i].factor > 1 && max < prefixes[i].factor)
		i++;
	a->divisor = prefixes[i].factor;
	a->prefix = prefixes[i].prefix;
}

static struct axis make_axis(const char *unit, double max, int ticks)
{
	struct axis a;

	/* Without values the axis still needs a length. */
	max = max > 0 ? max : 1;
	choose_prefix(&a, unit, max);
	a.step = step_for(max / a.divisor, ticks) * a.divisor;
	a.max = ceil(max / a.step - 1e-9) * a.step;
	return a;
}

/* Return the largest value of a chart. */
static double chart_max(const struct chart *c, size_t n_points)
{
	double max = 0;
	size_t i, s;

	for (s = 0; s < c->n; s++)
		for (i = 0; i < n_points; i++)
			if (c->series[s].y[i] > max)
				max = c->series[s].y[i];
	return max;
}

static double x_of(const struct axis *x, double value)
{
	return LEFT + value / x->max * PLOT_WIDTH;
}

static double y_of(const struct axis *y, double value)
{
	return TOP + PLOT_HEIGHT - value / y->max * PLOT_HEIGHT;
}

static void draw_y_axis(FILE *out, const struct axis *a, const char *unit)
{
	double v, y;
	int i;

	fprintf(out, "<text class=\"unit\" x=\"%d\" y=\"%d\">%s%s</text>\n", LEFT, TOP - 9,
		a->prefix, unit);
	for (i = 0; (v = i * a->step) <= a->max * (1 + 1e-9); i++) {
		y = y_of(a, v);
		fprintf(out,
			"<path class=\"%s\" d=\"M%d %.1fH%d\"/>"
			"<text class=\"tick end\" x=\"%d\" y=\"%.1f\">%g</text>\n",
			i ? "grid" : "axis", LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4,
			v / a->divisor);
	}
}

static void draw_x_axis(FILE *out, const struct axis *a, double end)
{
	double v;
	int i;

	for (i = 0; (v = i * a->step) <= end * (1 + 1e-9); i++)
		fprintf(out,
			"<path class=\"axis\" d=\"M%.1f %dv4\"/>"
			"<text class=\"tick middle\" x=\"%.1f\" y=\"%d\">%g</text>\n",
			x_of(a, v), TOP + PLOT_HEIGHT, x_of(a, v), TOP + PLOT_HEIGHT + 17, v);
	fprintf(out, "<text class=\"unit end\" x=\"%d\" y=\"%d\">seconds since the start</text>\n",
		WIDTH - RIGHT, HEIGHT - 5);
}

/* Draw a line at each change of the options, with its number in the page's list. */
static void draw_changes(FILE *out, const struct report *r, const struct axis *x)
{
	size_t i;

	for (i = 1; i < r->recording.n_changes; i++) {
		double at = x_of(x, r->recording.changes[i].seconds);

		fprintf(out,
			"<path class=\"change\" d=\"M%.1f %dV%d\"/>"
			"<text class=\"unit middle\" x=\"%.1f\" y=\"%d\">%zu</text>\n",
			at, TOP, TOP + PLOT_HEIGHT, at, TOP - 4, i + 1);
	}
}

/*
 * Draw a line through the values; options, which change at once, as steps. It has gaps where there
 * are no values; a single one is a dot.
 */
static void draw_series(FILE *out, const struct report *r, const struct series *s,
			const struct axis *x, const struct axis *y)
{
	bool pen = false, steps = !strcmp(s->class, "asked");
	double at_x, at_y;
	size_t i;

	fprintf(out, "<path class=\"line %s\" d=\"", s->class);
	for (i = 0; i < r->recording.n_points; i++) {
		at_x = x_of(x, r->recording.points[i].seconds);
		at_y = y_of(y, s->y[i]);
		if (isnan(s->y[i]))
			pen = false;
		else if (!pen)
			pen = fprintf(out, "M%.1f %.1fh0", at_x, at_y);
		else if (steps)
			fprintf(out, "H%.1fV%.1f", at_x, at_y);
		else
			fprintf(out, "L%.1f %.1f", at_x, at_y);
	}
	fputs("\"/>\n", out);
}

void report_svg(FILE *out, const struct report *r, const struct chart *c)
{
	double end = r->recording.points[r->recording.n_points - 1].seconds;
	struct axis x = make_axis("s", end, TICKS_X),
		    y = make_axis(c->unit, chart_max(c, r->recording.n_points), TICKS_Y);
	size_t i;

	x.max = end > 0 ? end : 1; /* the plot ends with the last sample */
	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s over time\">\n",
		WIDTH, HEIGHT, c->title);
	draw_y_axis(out, &y, c->unit);
	draw_x_axis(out, &x, end);
	draw_changes(out, r, &x);
	for (i = 0; i < c->n; i++)
		draw_series(out, r, &c->series[i], &x, &y);
	fputs("</svg>\n", out);
}
