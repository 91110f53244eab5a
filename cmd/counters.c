// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "output.h"

#define VALUES_MAX 64 /* of one counter */
#define BAR_MAX 40    /* columns */
#define GAP_MIN 3     /* empty buckets that are left out */
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

/* --- histograms --- */

/* "1.024us", or "12" of packets. */
static const char *write_value(const struct counter *c, uint64_t value, char *buf, size_t size)
{
	if (c->v.unit == BQDISC_UNIT_TIME)
		return bqdisc_unit__round(c->v.unit, value, buf, size);
	snprintf(buf, size, "%" PRIu64, value);
	return buf;
}

/* "1.024us to 2.048us": the bounds of bucket N. */
static const char *write_bounds(const struct counter *c, size_t n, char *buf, size_t size)
{
	uint64_t bound = bqdisc_value__bound(&c->v, n);
	char low[32], high[32];

	write_value(c, n ? bqdisc_value__bound(&c->v, n - 1) : 0, low, sizeof(low));
	if (bound == UINT64_MAX)
		snprintf(buf, size, "%s or more", low);
	else
		snprintf(buf, size, "%s to %s", low, write_value(c, bound, high, sizeof(high)));
	return buf;
}

static void print_percentile(const struct counter *c, const char *name, unsigned int per_mille)
{
	uint64_t bound = bqdisc_value__percentile(&c->v, per_mille);
	char text[32];

	if (bound == UINT64_MAX)
		printf("  %s >= %s", name,
		       write_value(c, bqdisc_value__bound(&c->v, c->v.count - 2), text,
				   sizeof(text)));
	else
		printf("  %s < %s", name, write_value(c, bound, text, sizeof(text)));
}

static void print_bar(const struct counter *c, size_t n, uint64_t highest)
{
	static const char bar[BAR_MAX + 1] = "########################################";
	char bounds[72];
	/* A value that is not 0 has one column at least. */
	int columns = (int)((double)c->values[n] / (double)highest * BAR_MAX + 0.5);

	if (c->values[n] && !columns)
		columns = 1;
	printf("    %-22s %11" PRIu64 "%s%.*s\n", write_bounds(c, n, bounds, sizeof(bounds)),
	       c->values[n], columns ? " " : "", columns, bar);
}

/* Return true if bucket N is one of several empty ones in a row: they are printed as one line. */
static bool is_gap(const struct counter *c, size_t n)
{
	size_t first = n, last = n;

	while (first && !c->values[first - 1])
		first--;
	while (last + 1 < c->v.count && !c->values[last + 1])
		last++;
	return last - first + 1 >= GAP_MIN;
}

static void print_histogram(const struct counter *c)
{
	size_t i, first = c->v.count, last = 0;
	uint64_t highest = 0;
	size_t empty = 0;

	for (i = 0; i < c->v.count; i++) {
		if (!c->values[i])
			continue;
		first = i < first ? i : first;
		last = i;
		highest = c->values[i] > highest ? c->values[i] : highest;
	}
	printf("  %s", c->v.key);
	if (highest) {
		print_percentile(c, "p50", 500);
		print_percentile(c, "p90", 900);
		print_percentile(c, "p99", 990);
		print_percentile(c, "p99.9", 999);
		print_percentile(c, "max", 1000);
	}
	putchar('\n');
	for (i = first; i <= last; i++) {
		empty = c->values[i] ? 0 : empty + 1;
		if (!empty || !is_gap(c, i))
			print_bar(c, i, highest);
		else if (empty == 1)
			puts("    ...");
	}
}

/* --- groups --- */

static void print_counter(const struct counter *c)
{
	char text[32];
	size_t i;

	if (c->v.histogram) {
		print_histogram(c);
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
	bqdisc_instance__each_rule(inst, print_rule, NULL);
	print_warnings(&counters, bqdisc_instance__dev(inst));
	free(counters.v);
}
