// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "memory.h"
#include "reading.h"

/* Add V, with the differences of its values to BEFORE if that is not NULL. */
static void add_difference(struct reading *r, const struct bqdisc_value *v,
			   const struct bqdisc_value *before)
{
	uint64_t *values = check_memory(malloc(v->count * sizeof(*values)));
	size_t i;

	for (i = 0; i < v->count; i++)
		values[i] = v->values[i] - (before ? before->values[i] : 0);
	r->v = check_memory(reallocarray(r->v, r->n + 1, sizeof(*r->v)));
	r->v[r->n] = *v;
	r->v[r->n].value -= before ? before->value : 0;
	r->v[r->n++].values = values;
}

void reading_add(const struct bqdisc_value *v, void *reading)
{
	add_difference(reading, v, NULL);
}

void reading_take(struct reading *r, const struct bqdisc_instance *inst)
{
	reading_free(r);
	bqdisc_instance__each_counter(inst, reading_add, r);
}

void reading_subtract(struct reading *r, const struct reading *now, const struct reading *before)
{
	size_t i;

	reading_free(r);
	for (i = 0; i < now->n; i++)
		add_difference(r, &now->v[i], before ? &before->v[i] : NULL);
}

void reading_free(struct reading *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free((void *)r->v[i].values);
	free(r->v);
	*r = (struct reading){ 0 };
}
