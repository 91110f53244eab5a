// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Join, load and store of abstract states. */
#include <string.h>

#include "verify/opt_state.h"

struct bq_opt_value bq_opt_join_values(struct bq_opt_value a, struct bq_opt_value b)
{
	if (!a.may)
		return b;
	if (!b.may)
		return a;
	a.moved |= b.moved || a.off != b.off || a.frame != b.frame;
	a.may |= b.may;
	return a;
}

void bq_opt_join_slots(struct bq_opt_state *a, const struct bq_opt_state *b)
{
	size_t i, j;

	for (i = 0; i < BQ_OPT_FRAMES; i++)
		for (j = 0; j < BQ_OPT_SLOTS; j++)
			a->slot[i][j] |= b->slot[i][j];
}

bool bq_opt_join_states(struct bq_opt_state *a, const struct bq_opt_state *b)
{
	struct bq_opt_state before = *a;
	size_t i;

	if (!a->reached) {
		*a = *b;
		a->reached = true;
		return true;
	}
	for (i = 0; i < BQ_OPT_REGISTERS; i++)
		a->reg[i] = bq_opt_join_values(a->reg[i], b->reg[i]);
	bq_opt_join_slots(a, b);
	return memcmp(&before, a, sizeof(before)) != 0;
}

uint8_t bq_opt_all_slots(const struct bq_opt_state *s)
{
	uint8_t may = 0;
	size_t i, j;

	for (i = 0; i < BQ_OPT_FRAMES; i++)
		for (j = 0; j < BQ_OPT_SLOTS; j++)
			may |= s->slot[i][j];
	return may;
}

/* Return the slot at P + OFF, or NULL if the address is unknown or outside of the frame. */
static uint8_t *slot_at(struct bq_opt_state *s, struct bq_opt_value p, int off)
{
	int64_t at = BQ_OPT_STACK_BYTES + (int64_t)p.off + off;

	if (p.moved || at < 0 || at >= BQ_OPT_STACK_BYTES)
		return NULL;
	return &s->slot[p.frame][at / BQ_OPT_SLOT_BYTES];
}

uint8_t bq_opt_load_slot(struct bq_opt_state *s, struct bq_opt_value p, int off)
{
	const uint8_t *slot = slot_at(s, p, off);

	return slot ? *slot : bq_opt_all_slots(s);
}

void bq_opt_store_slot(struct bq_opt_state *s, struct bq_opt_value p, int off, uint8_t may,
		       bool whole)
{
	uint8_t *slot = slot_at(s, p, off);
	size_t i, j;

	if (slot) {
		*slot = whole ? may : *slot | may;
		return;
	}
	for (i = 0; i < BQ_OPT_FRAMES; i++)
		for (j = 0; j < BQ_OPT_SLOTS; j++)
			s->slot[i][j] |= may;
}
