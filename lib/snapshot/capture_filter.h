/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Capture of the filters of a tree of qdiscs. */
#ifndef BQ_SNAPSHOT_CAPTURE_FILTER_H
#define BQ_SNAPSHOT_CAPTURE_FILTER_H

#include "snapshot/capture_request.h"

/*
 * Append the filters of all qdiscs and classes in the snapshot. Call it last: a filter may name a
 * class of any qdisc of the tree. Set c->err on failure.
 */
void bq_capture_filters(struct bq_capture *c);

#endif
