// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Flows as they were at one time, and how much they have sent since another. */
#include <stdlib.h>
#include <string.h>

#include "flow_rows.h"
#include "memory.h"

struct reader {
	struct rows *rows;
	const struct bqdisc_instance *inst;
};

static void add_row(const struct bqdisc_flow *flow, void *arg)
{
	const struct reader *reader = arg;
	struct rows *rows = reader->rows;

	/* Double the room at each power of two. */
	if (!(rows->n & (rows->n - 1)))
		rows->v = check_memory(
			reallocarray(rows->v, rows->n ? rows->n * 2 : 1, sizeof(*rows->v)));
	rows->v[rows->n++] = (struct row){
		.ifindex = bqdisc_instance__ifindex(reader->inst),
		.parent = bqdisc_instance__parent(reader->inst),
		.flow = *flow,
	};
}

void rows_add(struct rows *rows, const struct bqdisc_instance *inst)
{
	struct reader reader = { .rows = rows, .inst = inst };

	if (bqdisc_qdisc__has_flows(bqdisc_instance__qdisc(inst)))
		bqdisc_instance__each_flow(inst, add_row, &reader);
}

static int row_order(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	if (one->parent != other->parent)
		return one->parent < other->parent ? -1 : 1;
	return (one->flow.id > other->flow.id) - (one->flow.id < other->flow.id);
}

void rows_sort(struct rows *rows)
{
	if (rows->n)
		qsort(rows->v, rows->n, sizeof(*rows->v), row_order);
}

uint64_t rows_growth(const struct rows *before, const struct row *row)
{
	const struct row *old =
		before->n ? bsearch(row, before->v, before->n, sizeof(*row), row_order) : NULL;

	/* The identity of a flow that is gone may serve a new one. */
	if (!old || old->flow.bytes > row->flow.bytes ||
	    memcmp(&old->flow.key, &row->flow.key, sizeof(old->flow.key)) != 0)
		return row->flow.bytes;
	return row->flow.bytes - old->flow.bytes;
}

void rows_free(struct rows *rows)
{
	free(rows->v);
	*rows = (struct rows){ 0 };
}
