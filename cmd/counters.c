// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "counters.h"
#include "drop_output.h"
#include "histogram.h"
#include "output.h"
#include "reading.h"

#define KEY_WIDTH 30
#define NUMBER_WIDTH 14

/* --- groups --- */

static void print_counter(const struct bqdisc_value *v)
{
	char text[32];
	size_t i;

	if (v->histogram) {
		histogram_print(v);
		return;
	}
	printf("  %-*s", KEY_WIDTH, v->key);
	for (i = 0; i < v->count; i++) {
		snprintf(text, sizeof(text), "%" PRIu64, v->values[i]);
		if (v->unit == BQDISC_UNIT_TIME)
			bqdisc_unit__round(v->unit, v->values[i], text, sizeof(text));
		printf(" %*s", i ? 0 : NUMBER_WIDTH, text);
	}
	putchar('\n');
}

/* Return true if no counter before V is of its group. */
static bool begins_group(const struct reading *counters, const struct bqdisc_value *v)
{
	const struct bqdisc_value *before;

	for (before = counters->v; before < v; before++)
		if (!strcmp(before->group, v->group))
			return false;
	return true;
}

static bool group_is_zero(const struct reading *counters, const char *group)
{
	const struct bqdisc_value *v;

	for (v = counters->v; v < counters->v + counters->n; v++)
		if (!strcmp(v->group, group) && v->value)
			return false;
	return true;
}

/* Print the counters of the group that FIRST begins. The first group is printed in any case. */
static void print_group(const struct reading *counters, const struct bqdisc_value *first,
			bool also_zero, const struct globals *g)
{
	const struct bqdisc_value *v;

	if (!also_zero && first > counters->v && group_is_zero(counters, first->group))
		return;
	output_bold(g, first->group);
	putchar('\n');
	for (v = first; v < counters->v + counters->n; v++)
		if (!strcmp(v->group, first->group))
			print_counter(v);
}

static void print_rule_counter(const struct bqdisc_value *v, void *arg)
{
	(void)arg;
	printf(", %s %" PRIu64, v->key, v->value);
}

static void print_rule(const struct bqdisc_rule *rule, void *arg)
{
	char match[256];

	(void)arg;
	if (!*bqdisc_rule__match(rule, match, sizeof(match)))
		snprintf(match, sizeof(match), "match all");
	printf("rule %u: %s", bqdisc_rule__number(rule), match);
	bqdisc_rule__each_counter(rule, print_rule_counter, NULL);
	putchar('\n');
}

static void print_warnings(const struct reading *counters, const char *dev)
{
	const struct bqdisc_value *v;

	fflush(stdout);
	for (v = counters->v; v < counters->v + counters->n; v++)
		if (v->warning && v->value)
			fprintf(stderr, "bqdisc: warning: %s: %" PRIu64 " %s\n", dev, v->value,
				v->warning);
}

void counters_print(const struct bqdisc_instance *inst, bool all, const struct globals *g)
{
	struct reading counters = { 0 };
	const struct bqdisc_value *v;

	reading_take(&counters, inst);
	output_title(inst, g);
	putchar('\n');
	for (v = counters.v; v < counters.v + counters.n; v++)
		if (begins_group(&counters, v))
			print_group(&counters, v, all, g);
	drops_print(inst, g);
	bqdisc_instance__each_rule(inst, print_rule, NULL);
	print_warnings(&counters, bqdisc_instance__dev(inst));
	reading_free(&counters);
}
