/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of the qdiscs of bqdisc in the namespace, as monitor last saw it. */
#ifndef BQ_MONITOR_STATE_H
#define BQ_MONITOR_STATE_H

#include "session.h"
#include "util/system.h"

struct bq_seen;

struct bq_monitor_state {
	struct bqdisc *bq;
	int (*event)(const struct bqdisc_monitor_event *event, void *arg);
	void *arg;
	struct bq_seen *seen; /* instances */
	size_t n;
	char def[BQ_DEFAULT_MAX]; /* default qdisc; "": not visible in this namespace */
	uint64_t next_expiry_ns;  /* CLOCK_MONOTONIC; 0: none */
	bool silent;              /* emit no events: the state is read for the first time */
};

/*
 * Read the state again, and emit an event for each difference. Return 0, the first value other than
 * 0 that the callback returned, or -errno.
 */
int bq_monitor_refresh(struct bq_monitor_state *state);
/* Do the same for the default qdisc alone. */
int bq_monitor_refresh_default(struct bq_monitor_state *state);
void bq_monitor_free(struct bq_monitor_state *state);

#endif
