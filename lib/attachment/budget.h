/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Compares the kernel memory of a command with the limit before any allocation. Memory of BPF maps
 * cannot be swapped or reclaimed, so without free memory the kernel kills processes.
 */
#ifndef BQ_ATTACHMENT_BUDGET_H
#define BQ_ATTACHMENT_BUDGET_H

#include "qdisc/qdisc.h"

/* Divisor: instances may take at most this fraction of the available memory. */
#define BQ_BUDGET_SHARE 2

/* Kernel memory of a command, in bytes. */
struct bq_need {
	const struct bqdisc_qdisc *q;
	uint32_t queues;     /* number of instances; 0: one, not under an mq */
	uint64_t now;        /* memory of the present instances that the command changes */
	uint64_t all;        /* memory of the same instances after the command */
	uint64_t new_bytes;  /* allocations; replaced memory is freed only afterwards */
	uint64_t load_bytes; /* memory for loading the kind; 0 if it is loaded */
	uint64_t most;       /* --memory: limit of `all`, unless that does not exceed `now` */
	uint64_t planned;    /* memory that earlier devices of the command will allocate */
	uint64_t available;  /* bq_budget_available(), read once */
};

/*
 * Return the memory available without swapping, in bytes, as limited by the system and the cgroups
 * of this process. UINT64_MAX: unknown.
 */
uint64_t bq_budget_available(void);
/* Return the least memory that cgroup v2 PATH and its ancestors below ROOT leave, in bytes. */
uint64_t bq_budget_cgroup(const char *root, const char *path);

/*
 * Return -ENOSPC, with both numbers, if NEED and the memory for loading the kind exceed the limit.
 */
int bq_budget_check(const struct bq_need *need, struct bq_error *error);
/* Return -ENOMEM if BYTES, the memory for loading Q's kind, exceed the limit. */
int bq_budget_check_load(const struct bqdisc_qdisc *q, uint64_t bytes, struct bq_error *error);

/*
 * Return the number of units that each of QUEUES instances may grow to. All instances together stay
 * within their share of the AVAILABLE memory and within a quarter of the arena.
 */
uint32_t bq_budget_units(const struct bqdisc_qdisc *q, const void *config,
			 const struct bq_dev_params *dev, uint32_t queues, uint64_t available);

#endif
