// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks of netem's options in combination. */
#include <errno.h>
#include <string.h>

#include "netem.h"
#include "qdisc/netem_parts.h"
#include "util/array.h"

#define BIT(option) (1ull << (option)) /* in a set_mask */

static int fail(struct bq_error *error, const char *what)
{
	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "netem: %s", what);
}

static bool has_table(const struct netem_config *c)
{
	return netem_is_set(&c->all, NETEM_DISTRIBUTION) && strcmp(c->all.distribution, "uniform");
}

/*
 * Return true if packets may be lost, and so marked. Loss by states loses at its defaults; random
 * loss of 0% does not.
 */
static bool may_mark(const struct netem_impairment *w)
{
	return w->set_mask &
	       (BIT(NETEM_LOSS) | BIT(NETEM_P13) | BIT(NETEM_GE_P) | BIT(NETEM_BURST));
}

/* Options that do nothing without others: GIVEN without one of NEEDS is a mistake. */
static const struct {
	uint64_t given, needs;
	const char *problem;
} needs[] = {
	{ BIT(NETEM_REORDER), BIT(NETEM_DELAY), "'reorder' needs 'delay'; add delay TIME" },
	{ BIT(NETEM_GAP), BIT(NETEM_REORDER), "'gap' needs 'reorder'; add reorder PERCENT" },
	{ BIT(NETEM_SLOT_PACKETS) | BIT(NETEM_SLOT_BYTES),
	  BIT(NETEM_SLOT_MIN) | BIT(NETEM_SLOT_TABLE),
	  "'packets' and 'bytes' need 'slot'; add slot MIN" },
	{ BIT(NETEM_QUEUE) | BIT(NETEM_QUEUE_BYTES), BIT(NETEM_TRACE),
	  "'queue' and 'queue_bytes' need 'trace'; add trace FILE" },
};

static int check_needs(const struct netem_impairment *w, struct bq_error *error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needs); i++)
		if ((w->set_mask & needs[i].given) && !(w->set_mask & needs[i].needs))
			return fail(error, needs[i].problem);
	return 0;
}

static int fail_ecn(struct bq_error *error)
{
	return fail(error, "'ecn' does nothing without a 'loss'");
}

int bq_netem_check_words(const struct netem_config *c, struct bq_error *error)
{
	const struct netem_impairment *w = &c->all;

	if (w->ecn && netem_is_set(w, NETEM_LOSS) && !w->loss)
		return fail_ecn(error);
	if (!netem_is_set(w, NETEM_DELAY))
		return 0;
	if (netem_is_set(w, NETEM_REORDER) && !w->delay)
		return fail(error, "'reorder' needs 'delay'; add delay TIME");
	if (has_table(c) && !w->jitter)
		return fail(error, "'distribution' needs a jitter; use delay TIME JITTER");
	return 0;
}

int bq_netem_complete(void *config, const struct bq_dev_params *dev, struct bq_error *error)
{
	struct netem_config *c = config;
	const struct netem_impairment *w = &c->all;

	netem_complete(c, dev->mtu);
	if (w->ecn && !may_mark(w))
		return fail_ecn(error);
	if (check_needs(w, error))
		return -EINVAL;
	if (has_table(c) && !netem_is_set(w, NETEM_DELAY))
		return fail(error, "'distribution' needs a jitter; use delay TIME JITTER");
	if (c->slot_min > c->slot_max)
		return fail(error, "slot: MIN is greater than MAX; swap them");
	if (w->rate && netem_is_set(w, NETEM_TRACE))
		return fail(error,
			    "'rate' and 'trace' exclude each other; the trace sets the rate");
	if (w->reorder && netem_is_set(w, NETEM_TRACE))
		return fail(error, "'reorder' and 'trace' exclude each other; give one");
	if (w->model == NETEM_LOSS_BURST && !netem_burst_is_possible(w))
		return fail(
			error,
			"loss burst: PERCENT is too high for this LENGTH; use a greater LENGTH");
	return 0;
}
