/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Snapshot of a qdisc with its classes, child qdiscs and filters: the netlink requests that restore
 * it. attachment/record.c stores them.
 */
#ifndef BQ_SNAPSHOT_SNAPSHOT_H
#define BQ_SNAPSHOT_SNAPSHOT_H

#include "netlink/qdisc.h"

#define BQ_SNAPSHOT_LOST_MAX 256

struct bq_snapshot {
	size_t n_steps; /* requests */
	size_t len;     /* bytes of all of them */
	uint8_t *bytes;
	/* Text that lists what the requests do not restore; empty: nothing. */
	char lost[BQ_SNAPSHOT_LOST_MAX];
};

void bq_snapshot_free(struct bq_snapshot *snapshot);

/*
 * Send the request of STEP. REPEATED accepts that its object exists, as the request may have been
 * sent before. Return 0 or -errno.
 */
int bq_snapshot_send(struct bq_snapshot *snapshot, size_t step, bool repeated,
		     struct bq_error *error);

/* Write a description of what STEP creates, as "the qdisc fq 8001:", into BUF. Return BUF. */
const char *bq_snapshot_describe(const struct bq_snapshot *snapshot, size_t step, char *buf,
				 size_t size);

/*
 * Write the tc command with the effect of STEP on DEV into BUF. Return false if tc has no words for
 * a part of it.
 */
bool bq_snapshot_command(const struct bq_snapshot *snapshot, size_t step, const char *dev,
			 char *buf, size_t size);

/* Return the kind that STEP creates if it is that of a BPF qdisc and not registered, else NULL. */
const char *bq_snapshot_missing_kind(const struct bq_snapshot *snapshot, size_t step);

/* Return true if QDISC is the one that the first step creates. */
bool bq_snapshot_creates(const struct bq_snapshot *snapshot, const struct bq_tc_qdisc *qdisc);

/* Return true if QDISC is a default of the kernel, or was restored in place of one. */
bool bq_is_default_qdisc(const struct bq_tc_qdisc *qdisc);

/* Return true if a step creates a qdisc with HANDLE. */
bool bq_snapshot_uses(const struct bq_snapshot *snapshot, uint32_t handle);

#endif
