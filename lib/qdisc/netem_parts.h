/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of netem's descriptor that have files of their own. */
#ifndef BQ_QDISC_NETEM_PARTS_H
#define BQ_QDISC_NETEM_PARTS_H

#include "netem.h"
#include "qdisc/qdisc.h"

extern const struct bq_option bq_netem_options[NETEM_QUEUE_BYTES + 1];

/*
 * Check options of the same command for the combinations that tc requires. Earlier options may
 * become unused: `delay 0s` is accepted although a distribution is set. Return 0 or -EINVAL.
 */
int bq_netem_check_words(const struct netem_config *config, struct bq_error *error);
/* Compute the fields that depend on others. Refuse options without effect, like tc. */
int bq_netem_complete(void *config, const struct bq_dev_params *dev, struct bq_error *error);

/*
 * Read the files that CONFIG names, and add their contents to TABLES: the distribution of RULE,
 * that of the time between slots, and the trace. The trace repeats unless `once` is given too.
 * Return 0 or -errno.
 */
int bq_netem_put_distribution(const struct netem_config *config, uint32_t rule,
			      struct bq_blob *tables, struct bq_error *error);
int bq_netem_put_slots(const struct netem_config *config, struct bq_blob *tables,
		       struct bq_error *error);
int bq_netem_put_trace(struct netem_config *config, struct bq_blob *tables, struct bq_error *error);

/* bqdisc_qdisc.compile of netem: write the ruleset (netem/ruleset.h) of a config version. */
int bq_netem_compile(const struct bq_instance *id, unsigned int bank, const char *memory,
		     const void *config, const struct bq_blob *tables, struct bq_arena_data *data);

#endif
