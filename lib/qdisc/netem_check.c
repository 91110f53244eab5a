// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks of netem's options in combination. */
#include <errno.h>
#include <string.h>

#include "netem.h"
#include "qdisc/netem_parts.h"

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
	return netem_is_set(w, NETEM_LOSS) || netem_is_set(w, NETEM_P13) ||
	       netem_is_set(w, NETEM_GE_P) || netem_is_set(w, NETEM_BURST);
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
	bool slotted = netem_is_set(w, NETEM_SLOT_MIN) || netem_is_set(w, NETEM_SLOT_TABLE);

	netem_complete(c, dev->mtu);
	if (w->ecn && !may_mark(w))
		return fail_ecn(error);
	if (netem_is_set(w, NETEM_REORDER) && !netem_is_set(w, NETEM_DELAY))
		return fail(error, "'reorder' needs 'delay'; add delay TIME");
	if (netem_is_set(w, NETEM_GAP) && !netem_is_set(w, NETEM_REORDER))
		return fail(error, "'gap' needs 'reorder'; add reorder PERCENT");
	if (has_table(c) && !netem_is_set(w, NETEM_DELAY))
		return fail(error, "'distribution' needs a jitter; use delay TIME JITTER");
	if (!slotted && (netem_is_set(w, NETEM_SLOT_PACKETS) || netem_is_set(w, NETEM_SLOT_BYTES)))
		return fail(error, "'packets' and 'bytes' need 'slot'; add slot MIN");
	if (c->slot_min > c->slot_max)
		return fail(error, "slot: MIN is greater than MAX; swap them");
	if (w->rate && netem_is_set(w, NETEM_TRACE))
		return fail(error,
			    "'rate' and 'trace' exclude each other; the trace sets the rate");
	if (w->reorder && netem_is_set(w, NETEM_TRACE))
		return fail(error, "'reorder' and 'trace' exclude each other; give one");
	if (!netem_is_set(w, NETEM_TRACE) &&
	    (netem_is_set(w, NETEM_QUEUE) || netem_is_set(w, NETEM_QUEUE_BYTES)))
		return fail(error, "'queue' and 'queue_bytes' need 'trace'; add trace FILE");
	if (w->model == NETEM_LOSS_BURST && !netem_burst_is_possible(w))
		return fail(
			error,
			"loss burst: PERCENT is too high for this LENGTH; use a greater LENGTH");
	return 0;
}
