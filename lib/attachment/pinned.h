/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * State of bqdisc in the pin directory, as one command sees it: the catalog of loaded kinds, and
 * the undo records. Each is opened once.
 */
#ifndef BQ_ATTACHMENT_PINNED_H
#define BQ_ATTACHMENT_PINNED_H

#include "attachment/undo.h"
#include "user/catalog.h"

struct bq_pinned {
	struct bq_catalog *catalog;
	struct bq_undo undo;
	int lock;      /* negative: the command only reads */
	bool thorough; /* the sweep looks at every undo record */
};

/* Open the state for reading, without the lock. The catalog is read again. */
void bq_pinned_open(struct bq_pinned *pinned, struct bq_catalog *catalog);
/*
 * Take the lock, open the state, and sweep it. CREATE creates the pin directory. Return 0,
 * -BQ_PIN_NONE without a message if there is no directory and CREATE is false, or another -errno.
 */
int bq_pinned_lock(struct bq_pinned *pinned, struct bq_catalog *catalog, bool create,
		   struct bq_error *error);
/* Close the state. If it is locked, sweep it first and release the lock. */
void bq_pinned_close(struct bq_pinned *pinned);

/*
 * Free unused state: instances, egress programs, undo records, and idle kinds. Look at the
 * instances that were prepared or have lost their qdisc since the last sweep, and at their records.
 * A thorough sweep looks at all records: some may have lost their device in another way.
 */
void bq_pinned_sweep(struct bq_pinned *pinned);
/* Call FN if POINT is lost (undo.h). */
void bq_pinned_check_lost(struct bq_pinned *pinned, const struct bq_attach_point *point,
			  bq_lost_fn fn, void *arg);
/* Call FN for each lost attach point of the current namespace (undo.h). */
void bq_pinned_each_lost(struct bq_pinned *pinned, bq_lost_fn fn, void *arg);

#endif
