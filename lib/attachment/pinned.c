// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "attachment/pinned.h"

void bq_pinned_open(struct bq_pinned *pinned, struct bq_catalog *catalog)
{
	*pinned = (struct bq_pinned){ .catalog = catalog, .lock = -1 };
	bq_catalog_clear(catalog);
	bq_undo_open(&pinned->undo);
}

int bq_pinned_lock(struct bq_pinned *pinned, struct bq_catalog *catalog, bool create,
		   struct bq_error *error)
{
	int lock = bq_catalog_lock(catalog, create, error);

	if (lock < 0)
		return lock;
	*pinned = (struct bq_pinned){ .catalog = catalog, .lock = lock };
	bq_undo_open(&pinned->undo);
	bq_pinned_sweep(pinned);
	return 0;
}

void bq_pinned_close(struct bq_pinned *pinned)
{
	if (pinned->lock >= 0)
		bq_pinned_sweep(pinned);
	bq_undo_close(&pinned->undo);
	if (pinned->lock >= 0)
		bq_catalog_unlock(pinned->catalog, pinned->lock);
	else
		bq_catalog_clear(pinned->catalog);
}
