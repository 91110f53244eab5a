// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "drop_output.h"
#include "histogram.h"
#include "output.h"

#define VALUES_MAX 144 /* of one counter */
#define KEY_WIDTH 30
#define NUMBER_WIDTH 14

/* A copy of a struct bqdisc_value, whose values live during the callback only. */
struct counter {
	struct bqdisc_value v;
	uint64_t values[VALUES_MAX];
	bool printed;
};

struct counters {
	struct counter *v;
	size_t n;
};

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	struct counters *all = arg;
	struct counter *grown = reallocarray(all->v, all->n + 1, sizeof(*grown)), *c;

	if (!grown)
		abort();
	all->v = grown;
	c = &grown[all->n++];
	*c = (struct counter){ .v = *v };
	memcpy(c->values, v->values, v->count * sizeof(c->values[0]));
}

/* --- groups --- */

static void print_counter(const struct counter *c)
{
	char text[32];
	size_t i;

	if (c->v.histogram) {
		histogram_print(&c->v);
		return;
	}
	printf("  %-*s", KEY_WIDTH, c->v.key);
	for (i = 0; i < c->v.count; i++) {
		snprintf(text, sizeof(text), "%" PRIu64, c->values[i]);
		if (c->v.unit == BQDISC_UNIT_TIME)
			bqdisc_unit__round(c->v.unit, c->values[i], text, sizeof(text));
		printf(" %*s", i ? 0 : NUMBER_WIDTH, text);
	}
	putchar('\n');
}

static bool group_is_zero(const struct counters *all, const char *group)
{
	const struct counter *c;

	for (c = all->v; c < all->v + all->n; c++)
		if (!strcmp(c->v.group, group) && c->v.value)
			return false;
	return true;
}

/* Print the counters of the group of counter FIRST. */
static void print_group(struct counters *all, size_t first, bool also_zero, const struct globals *g)
{
	const char *group = all->v[first].v.group;
	bool is_zero = first && group_is_zero(all, group);
	size_t i;

	if (!is_zero || also_zero) {
		output_bold(g, group);
		putchar('\n');
	}
	for (i = first; i < all->n; i++) {
		if (strcmp(all->v[i].v.group, group) != 0)
			continue;
		all->v[i].printed = true;
		if (!is_zero || also_zero)
			print_counter(&all->v[i]);
	}
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

static void print_warnings(const struct counters *all, const char *dev)
{
	const struct counter *c;

	fflush(stdout);
	for (c = all->v; c < all->v + all->n; c++)
		if (c->v.warning && c->v.value)
			fprintf(stderr, "bqdisc: warning: %s: %" PRIu64 " %s\n", dev, c->v.value,
				c->v.warning);
}

void counters_print(const struct bqdisc_instance *inst, bool all, const struct globals *g)
{
	struct counters counters = { 0 };
	size_t i;

	bqdisc_instance__each_counter(inst, add_counter, &counters);
	for (i = 0; i < counters.n; i++)
		counters.v[i].v.values = counters.v[i].values;
	output_title(inst, g);
	putchar('\n');
	for (i = 0; i < counters.n; i++)
		if (!counters.v[i].printed)
			print_group(&counters, i, all, g);
	drops_print(inst, g);
	bqdisc_instance__each_rule(inst, print_rule, NULL);
	print_warnings(&counters, bqdisc_instance__dev(inst));
	free(counters.v);
}
