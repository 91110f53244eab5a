/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Owners of names of qdiscs in the kernel. A built-in qdisc may have the name of its in-tree
 * counterpart where the kernel lacks that. Then all programs that configure the in-tree qdisc by
 * netlink get bqdisc's.
 */
#ifndef BQ_ATTACHMENT_NATIVE_H
#define BQ_ATTACHMENT_NATIVE_H

#include "user/catalog.h"

/* Return the owner of the name KIND. Loads no module. */
enum bqdisc_owner bq_native_owner(struct bq_catalog *catalog, const char *kind);
/*
 * Check that Q may be registered. Its name must not be that of an in-tree qdisc, unless that is a
 * module that is not loaded and FORCE is given. Return 0, or -EEXIST with the reason.
 */
int bq_native_check(struct bq_catalog *catalog, const struct bqdisc_qdisc *q, bool force,
		    struct bq_error *error);

#endif
