// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fields of a configuration that rows of options describe, and the mask of those that are set. */
#include <string.h>

#include "qdisc/option.h"

/* Return true if only one of both clauses can be set. */
static bool excludes(const struct bq_option *a, const struct bq_option *b)
{
	return !a->follows && !b->follows &&
	       (!strcmp(a->name, b->name) || (a->excludes && !strcmp(a->excludes, b->name)));
}

size_t bq_option_head(const struct bqdisc_qdisc *q, size_t n)
{
	while (q->options[n].follows)
		n--;
	return n;
}

size_t bq_option_count(const struct bq_option *row)
{
	return row->count ? row->count : 1;
}

uint64_t bq_option_scale(const struct bq_option *row)
{
	return row->scale ? row->scale : 1;
}

/* Return the bytes of all elements of the row's field. */
static size_t field_size(const struct bq_option *row)
{
	return row->size * bq_option_count(row);
}

void bq_option_set(const struct bq_option *row, void *config, size_t n, uint64_t value)
{
	char *field = (char *)config + row->offset + n * row->size;
	uint32_t narrow;

	value /= bq_option_scale(row);
	narrow = (uint32_t)value;
	if (row->size == sizeof(narrow))
		memcpy(field, &narrow, sizeof(narrow));
	else
		memcpy(field, &value, sizeof(value));
}

uint64_t bq_option_get(const struct bq_option *row, const void *config, size_t n)
{
	const char *field = (const char *)config + row->offset + n * row->size;
	uint32_t narrow;
	uint64_t value;

	if (row->size == sizeof(narrow)) {
		memcpy(&narrow, field, sizeof(narrow));
		if (row->unit == BQDISC_UNIT_SIGNED)
			return (uint64_t)(int32_t)narrow;
		return narrow * bq_option_scale(row);
	}
	memcpy(&value, field, sizeof(value));
	return row->may_be_none && value == UINT64_MAX ? value : value * bq_option_scale(row);
}

static uint64_t read_set_mask(const void *config)
{
	uint64_t set_mask;

	memcpy(&set_mask, config, sizeof(set_mask));
	return set_mask;
}

bool bq_option_is_set(const void *config, size_t n)
{
	return read_set_mask(config) >> n & 1;
}

void bq_option_mark_set(void *config, size_t n)
{
	uint64_t set_mask = read_set_mask(config) | UINT64_C(1) << n;

	memcpy(config, &set_mask, sizeof(set_mask));
}

const char *bq_option_name(const struct bq_option *row, const void *config)
{
	return row->unit == BQDISC_UNIT_NAME ? (const char *)config + row->offset : NULL;
}

const char *bq_choice_name(const struct bq_option *row, uint64_t value)
{
	const struct bq_choice *c;

	for (c = row->choices; c && c->name; c++)
		if (c->value == value)
			return c->name;
	return NULL;
}

void bq_options_apply_defaults(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!bq_option_is_set(config, i))
			memcpy((char *)config + q->options[i].offset,
			       (const char *)from + q->options[i].offset,
			       field_size(&q->options[i]));
}

bool bq_option_is_excluded(const struct bqdisc_qdisc *q, const struct bq_option *head,
			   const void *config)
{
	uint64_t left;

	for (left = read_set_mask(config); left; left &= left - 1)
		if (excludes(head, &q->options[__builtin_ctzll(left)]))
			return true;
	return false;
}

void bq_options_drop_idle(const struct bqdisc_qdisc *q, void *config, const void *own)
{
	uint64_t set_mask = read_set_mask(config);
	const struct bq_option *o;

	for (o = q->options; o < q->options + q->n_options; o++) {
		uint64_t bit = UINT64_C(1) << (o - q->options);

		if (!o->modifies || set_mask & UINT64_C(1) << (o->modifies - 1) ||
		    read_set_mask(own) & bit)
			continue;
		memset((char *)config + o->offset, 0, field_size(o));
		set_mask &= ~bit;
	}
	memcpy(config, &set_mask, sizeof(set_mask));
}

/* A named clause replaces the earlier one as a whole, with all its values. */
void bq_options_merge(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	uint64_t set_mask = read_set_mask(config), from_mask = read_set_mask(from);
	bool replaced = false;
	size_t i;

	for (i = 0; i < q->n_options; i++) {
		const struct bq_option *row = &q->options[i];

		/* The rows of a clause follow its head. */
		if (!row->follows)
			replaced = bq_option_is_excluded(q, row, config);
		if (replaced)
			continue;
		memcpy((char *)config + row->offset, (const char *)from + row->offset,
		       field_size(row));
		set_mask |= from_mask & UINT64_C(1) << i;
	}
	memcpy(config, &set_mask, sizeof(set_mask));
}

bool bq_options_same(const struct bqdisc_qdisc *q, const void *a, const void *b)
{
	const struct bq_option *row;
	uint64_t left;

	if (!q->n_options)
		return true;
	if (read_set_mask(a) != read_set_mask(b))
		return false;
	for (left = read_set_mask(a); left; left &= left - 1) {
		row = &q->options[__builtin_ctzll(left)];
		if (memcmp((const char *)a + row->offset, (const char *)b + row->offset,
			   field_size(row)))
			return false;
	}
	return true;
}
