// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Classes of hfq in the tables of a configuration, and the tree that they form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/hfq_parts.h"
#include "qdisc/tables.h"

static int fail_class(const struct bq_hfq_class *c, const char *problem, struct bq_error *error)
{
	return bq_fail_word(error, c->config.name, "hfq class %s: %s", c->config.name, problem);
}

/* Find the parent, which precedes the class. */
static int find_parent(struct bq_hfq_classes *classes, uint32_t n, struct bq_error *error)
{
	struct bq_hfq_class *c = &classes->v[n];
	uint32_t i;

	if (!*c->config.parent)
		return 0;
	for (i = 1; i < n; i++)
		if (!strcmp(classes->v[i].config.name, c->config.parent))
			c->parent = i;
	if (c->parent)
		return 0;
	return bq_fail_word(error, c->config.parent,
			    "hfq class %s: no class '%s' can be its parent; name another",
			    c->config.name, c->config.parent);
}

static int check_class(const struct bq_hfq_class *c, struct bq_error *error)
{
	if (c->depth >= HFQ_LEVELS)
		return fail_class(c, "too many classes above it; use at most 6", error);
	if (c->is_inner && c->matched)
		return fail_class(c,
				  "has a match, but packets belong to the classes below it; remove "
				  "the match",
				  error);
	if (c->is_inner && c->config.fifo)
		return fail_class(c, "has no queue, as there are classes below it; remove fifo",
				  error);
	if (c->config.ceil && c->config.ceil < c->rate)
		return fail_class(c, "ceil is below its rate; raise ceil", error);
	return 0;
}

/* Find the default class: the leaf without a match. */
static int find_rest(struct bq_hfq_classes *classes, struct bq_error *error)
{
	uint32_t i;

	for (i = 1; i < classes->n; i++) {
		const struct bq_hfq_class *c = &classes->v[i];

		if (c->is_inner || c->matched)
			continue;
		if (classes->rest)
			return bq_fail_word(
				error, c->config.name,
				"hfq class %s: has no match, as class %s, and only one "
				"class takes the packets that no match holds for; add a "
				"match",
				c->config.name, classes->v[classes->rest].config.name);
		classes->rest = i;
	}
	if (classes->rest)
		return 0;
	return bq_fail_word(error, NULL,
			    "hfq: no class takes the packets that no match holds for; add 'class "
			    "rest'");
}

int bq_hfq_fail_rates(const char *name, uint64_t rates, uint64_t rate, struct bq_error *error)
{
	char sum[32], own[32];

	bqdisc_unit__format(BQDISC_UNIT_RATE, rates * 8, sum, sizeof(sum));
	bqdisc_unit__format(BQDISC_UNIT_RATE, rate * 8, own, sizeof(own));
	return bq_fail_word(error, NULL,
			    "hfq: the classes below %s%s have rates of %s together, more than its "
			    "%s; lower them",
			    *name ? "class " : "the root", name, sum, own);
}

/* Set the rates from the leaves up. A class has at least those of the classes below it. */
static int set_rates(struct bq_hfq_classes *classes, struct bq_error *error)
{
	uint32_t i;

	for (i = classes->n; i--;) {
		struct bq_hfq_class *c = &classes->v[i];

		c->rate = c->config.rate;
		if (i && c->rates > c->rate && c->rate)
			return bq_hfq_fail_rates(c->config.name, c->rates, c->rate, error);
		if (!c->rate)
			c->rate = c->rates;
		if (i)
			classes->v[c->parent].rates += c->rate;
	}
	return 0;
}

/* Set what follows from the other classes, and check all. */
static int set_tree(struct bq_hfq_classes *classes, struct bq_error *error)
{
	uint32_t i;
	int err = 0;

	for (i = 1; !err && i < classes->n; i++) {
		struct bq_hfq_class *c = &classes->v[i];

		err = find_parent(classes, i, error);
		c->depth = classes->v[c->parent].depth + 1;
		classes->v[c->parent].is_inner = true;
	}
	if (!err)
		err = set_rates(classes, error);
	for (i = 1; !err && i < classes->n; i++)
		err = check_class(&classes->v[i], error);
	return err ? err : find_rest(classes, error);
}

int bq_hfq_read(const struct hfq_config *config, const struct bq_blob *tables,
		struct bq_hfq_classes *classes, struct bq_error *error)
{
	struct bq_hfq_class *c;
	const void *data;
	uint32_t size;
	int err;

	*classes = (struct bq_hfq_classes){ 0 };
	classes->v = calloc(HFQ_CLASSES + 1, sizeof(*classes->v));
	if (!classes->v)
		return -ENOMEM;
	classes->v[0].config.rate = config->bandwidth;
	classes->v[0].config.ceil = config->bandwidth;
	for (classes->n = 1; classes->n <= HFQ_CLASSES; classes->n++) {
		c = &classes->v[classes->n];
		data = bq_tables_get(tables, classes->n, HFQ_CLASS, &size);
		if (!data)
			break;
		memcpy(&c->config, data, sizeof(c->config));
		data = bq_tables_get(tables, classes->n, HFQ_MATCH, &size);
		c->matched = data != NULL;
		if (data)
			memcpy(&c->match, data, sizeof(c->match));
	}
	err = set_tree(classes, error);
	if (err)
		free(classes->v);
	return err;
}
