/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A qdisc with all that hangs below it (classes, child qdiscs, filters), as the netlink requests
 * that make it again. Of the room of libmnl. Knows nothing of where the requests are kept.
 */
#ifndef BQ_SNAPSHOT_SNAPSHOT_H
#define BQ_SNAPSHOT_SNAPSHOT_H

#include "netlink/qdisc.h"

#define BQ_SNAPSHOT_LOST_MAX 256

struct bq_snapshot {
	size_t n_steps; /* requests */
	size_t len;     /* bytes of all of them */
	uint8_t *bytes;
	/* What of the original they do not make again, in words; empty: nothing. */
	char lost[BQ_SNAPSHOT_LOST_MAX];
};

void bq_snapshot_free(struct bq_snapshot *replay);

/* Sends one request. AGAIN: it may have been sent before, and it is fine if it was. */
int bq_snapshot_send(struct bq_snapshot *replay, size_t step, bool again, struct bq_error *error);
/* What the request makes, for people, into BUF; returns BUF. */
const char *bq_snapshot_describe(const struct bq_snapshot *replay, size_t step, char *buf,
				 size_t size);
/*
 * The tc command that does the same on DEV, into BUF. False: it takes more than we can put in tc's
 * words.
 */
bool bq_snapshot_command(const struct bq_snapshot *replay, size_t step, const char *dev, char *buf,
			 size_t size);
/* The kind of the qdisc that the step makes, if it is a BPF qdisc and not registered; else NULL. */
const char *bq_replay_missing_kind(const struct bq_snapshot *replay, size_t step);
/* Whether the qdisc is the one that the first step makes. */
bool bq_snapshot_creates(const struct bq_snapshot *replay, const struct bq_tc_qdisc *qdisc);
/* Whether the qdisc is one of the kernel's defaults, or one that was put back for such a one. */
bool bq_is_default_qdisc(const struct bq_tc_qdisc *qdisc);
/* Whether a step makes a qdisc of that handle. */
bool bq_snapshot_uses(const struct bq_snapshot *replay, uint32_t handle);

#endif
