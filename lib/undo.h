/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was on a device before us, recorded in the kernel (a pinned map) and put back at detach.
 */
#ifndef BQ_UNDO_H
#define BQ_UNDO_H

#include "tc.h"

/* A place for a qdisc: a device of a network namespace, and a parent on it. */
struct bq_place {
	uint64_t net_cookie;
	uint32_t ifindex;
	uint32_t parent;
};

/* Whether detach can put WAS back exactly. If not, WHY says in a few words what is lost. */
bool bq_undo_is_exact(const struct bq_tc_qdisc *was, const char **why);

/* Records WAS as what was at PLACE. Replaces an older record. */
int bq_undo_record(const struct bq_place *place, const struct bq_tc_qdisc *was,
		   struct bq_report *rep);
/* Removes the record; none is fine. */
void bq_undo_forget(const struct bq_place *place);
/* Replaces what is at PLACE by what is recorded: by the device's default when that is recorded. */
int bq_undo_restore(const struct bq_place *place, struct bq_report *rep);
/* Removes the records of all places of which ALIVE says no, and the map when it is empty. */
void bq_undo_sweep(bool (*alive)(const struct bq_place *place, void *arg), void *arg);

#endif
