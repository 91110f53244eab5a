// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Information that needs no privileges: qdiscs by name, and the presets. */
#include "attachment/kinds.h"
#include "netlink/link.h"
#include "netlink/links.h"
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

bool bqdisc__is_kept(struct bqdisc *bq, const struct bqdisc_qdisc *q)
{
	const struct bq_loaded *l = bq_catalog_loaded(&bq->catalog, q);

	return l && bq_kinds_is_marked(l, BQ_MARK_KEPT);
}

int bqdisc__each_device(struct bqdisc *bq, bqdisc_device_fn fn, void *arg)
{
	return bq->broken ? bq->broken : bq_links_each(fn, arg, &bq->error);
}

char *bqdisc_device__driver(const char *dev, char *buf, size_t size)
{
	return bq_link_driver(dev, buf, size);
}

uint64_t bqdisc_device__speed(const char *dev)
{
	uint32_t mbit = 0;

	return bq_dev_speed(dev, &mbit) ? 0 : mbit * UINT64_C(1000000);
}

int bqdisc__each_preset(struct bqdisc *bq, bqdisc_preset_fn fn, void *arg)
{
	return bq_presets_each(fn, arg, &bq->error);
}
