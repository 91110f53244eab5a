/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Orphans: qdiscs of a kind of bqdisc that no pin tells of, because the pins were removed or lie in
 * another bpf filesystem.
 */
#ifndef BQ_ATTACHMENT_ORPHAN_H
#define BQ_ATTACHMENT_ORPHAN_H

#include "attachment/instances.h"

typedef void (*bq_orphan_fn)(const struct bq_tc_qdisc *orphan, void *arg);

/*
 * Hands to FN, unless NULL, the qdisc WAS at PLACE if it is an orphan, or if it is a root mq, the
 * orphans under its QUEUES classes. ANY: every kind made of BPF counts as ours, since the name of a
 * user object is unknown without its pins. Returns their number, and copies the first to FIRST.
 */
int bq_orphan_each(const struct bq_attach_point *point, const struct bq_tc_qdisc *was,
		   uint32_t queues, bool any, struct bq_tc_qdisc *first, bq_orphan_fn fn,
		   void *arg);

/* Deletes QDISC, or under mq, where the queue would stop, puts the default in its place. */
int bq_orphan_remove_one(const struct bq_tc_qdisc *qdisc, struct bq_error *error);
/* Removes them, of any kind made of BPF. Returns 1, or -errno. */
int bq_orphan_remove(const struct bq_attach_point *point, const struct bq_tc_qdisc *was,
		     uint32_t queues, struct bq_error *error);

/* The kind that takes the place of an orphan under mq: the kernel's default. */
void bq_orphan_successor(char kind[BQ_TC_KIND_MAX]);

#endif
