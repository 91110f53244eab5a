// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Information that needs no privileges: qdiscs by name, and the presets. */
#include "attachment/kinds.h"
#include "qdisc/preset.h"
#include "session.h"

const struct bqdisc_qdisc *bqdisc__qdisc(struct bqdisc *bq, const char *word)
{
	return bq_catalog_find_word(&bq->catalog, word, NULL, &bq->error);
}

const struct bqdisc_qdisc *bqdisc__next_qdisc(struct bqdisc *bq, const struct bqdisc_qdisc *prev)
{
	return bq_catalog_next(&bq->catalog, prev);
}

const struct bqdisc_qdisc *bqdisc__find_qdisc(struct bqdisc *bq, const char *name)
{
	return bq_catalog_find(&bq->catalog, name);
}

const char *bqdisc__nearest_qdisc(struct bqdisc *bq, const char *word)
{
	return bq_catalog_nearest(&bq->catalog, word);
}

bool bqdisc__is_loaded(struct bqdisc *bq, const struct bqdisc_qdisc *q)
{
	const struct bq_loaded *l = bq_catalog_loaded(&bq->catalog, q);

	return l && bq_kinds_is_registered(l);
}

int bqdisc__each_preset(struct bqdisc *bq, bqdisc_preset_fn fn, void *arg)
{
	return bq_presets_each(fn, arg, &bq->error);
}
