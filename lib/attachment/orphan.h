/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Orphans: qdiscs of bqdisc without pins, because the pins were removed or are in another bpf
 * filesystem.
 */
#ifndef BQ_ATTACHMENT_ORPHAN_H
#define BQ_ATTACHMENT_ORPHAN_H

#include "attachment/instances.h"
#include "netlink/qdisc.h"

typedef void (*bq_orphan_fn)(const struct bq_tc_qdisc *orphan, void *arg);

/*
 * Call FN, unless NULL, for the qdisc WAS at POINT if it is an orphan. If WAS is a root mq, call it
 * for the orphans under its QUEUES classes. ANY: include every BPF kind, as the name of a user
 * object is unknown without its pins. Copy the first orphan to FIRST. Return their number.
 */
int bq_orphan_each(struct bq_catalog *catalog, const struct bq_attach_point *point,
		   const struct bq_tc_qdisc *was, uint32_t queues, bool any,
		   struct bq_tc_qdisc *first, bq_orphan_fn fn, void *arg);

/* Delete QDISC. Under mq, replace it with the default qdisc, as the queue would stop otherwise. */
int bq_orphan_remove_one(const struct bq_tc_qdisc *qdisc, struct bq_error *error);
/* Remove all orphans, of any BPF kind. Return 1, or -errno. */
int bq_orphan_remove(struct bq_catalog *catalog, const struct bq_attach_point *point,
		     const struct bq_tc_qdisc *was, uint32_t queues, struct bq_error *error);

/* Write the kind that replaces an orphan under mq: the kernel's default. */
void bq_orphan_successor(char kind[BQ_TC_KIND_MAX]);

#endif
