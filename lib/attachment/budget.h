/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernel memory that a command will take, held against what it may take, before anything is made.
 * Memory of BPF maps cannot be swapped or reclaimed: without room the kernel kills processes.
 */
#ifndef BQ_ATTACHMENT_BUDGET_H
#define BQ_ATTACHMENT_BUDGET_H

#include "qdisc/qdisc.h"

/* Instances may take one part in so many of the memory that is available. */
#define BQ_BUDGET_SHARE 2

/* Memory that a command takes, in bytes. */
struct bq_need {
	const struct bqdisc_qdisc *q;
	uint32_t queues;    /* instances; 0: one, not under an mq */
	uint64_t now;       /* of what is there, that it changes */
	uint64_t all;       /* of the same when the command is done */
	uint64_t new_bytes; /* what it allocates: what it replaces is freed only afterwards */
	uint64_t most;      /* bound on `all`, unless it is no more than `now`: --memory */
};

/*
 * Memory that can be taken without swapping, as the machine and the cgroups of this process have
 * it, in bytes. UINT64_MAX: unknown.
 */
uint64_t bq_budget_available(void);
/* The smallest of what the cgroup v2 PATH and those above it leave, below the directory ROOT. */
uint64_t bq_budget_cgroup(const char *root, const char *path);

/* -ENOSPC, with both figures, if NEED, and loading the kind, is more than is allowed. */
int bq_budget_check(const struct bq_need *need, struct bq_error *error);
/* The same of loading Q's kind alone. */
int bq_budget_check_load(const struct bqdisc_qdisc *q, struct bq_error *error);

/*
 * How many units each of QUEUES instances of Q may grow to, so that all together stay within the
 * share of the memory that is available, and within a quarter of the arena.
 */
uint32_t bq_budget_units(const struct bqdisc_qdisc *q, const void *config,
			 const struct bq_dev_params *dev, uint32_t queues);

#endif
