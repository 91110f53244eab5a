/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows in the memory of an instance, which a qdisc reads without its lock. */
#ifndef BQ_QDISC_FLOWS_H
#define BQ_QDISC_FLOWS_H

#include <bqdisc/flow_key.h>

#include "qdisc/qdisc.h"

struct bq_flow_reader {
	/* Return the number of records of flows; some may be unused. */
	uint32_t (*count)(const struct bq_instance *id);
	/*
	 * Read record N of ID into FLOW at the time NOW (CLOCK_MONOTONIC ns). ARENA is where the
	 * arena of the kind is mapped. Return false if the record is unused.
	 */
	bool (*read)(const struct bq_instance *id, const char *arena, uint32_t n, uint64_t now,
		     struct bqdisc_flow *flow);
};

extern const struct bq_flow_reader bq_fq_flows;
extern const struct bq_flow_reader bq_fq_codel_flows;

/* Copy a key of the kit. */
void bq_flow_key_copy(const struct bq_flow_key *from, struct bqdisc_flow_key *key);

#endif
