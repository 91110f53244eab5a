// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bqdisc/pool.h>

#include "netlink/link.h"
#include "util/system.h"
#include "attachment/pool.h"

/* Return the number of pool instances of a kind. */
static uint32_t pool_size(const struct bq_kind *kind)
{
	const struct bqdisc_qdisc *q = kind->q;
	uint32_t all = bq_kind_size(kind).pool;
	uint64_t ranges = all;

	if (bq_qdisc_has_memory(q) && q->pool_memory)
		ranges = (BQ_POOL_RANGES_END - BQ_POOL_RANGES) / BQ_POOL_STRIDE(q->pool_memory);
	return ranges < all ? (uint32_t)ranges : all;
}

/* Return the number of used pool instances that belong to network namespaces other than COOKIE. */
static uint32_t used_elsewhere(const struct bq_kind *kind, uint64_t cookie)
{
	uint32_t n = 0, pool = bq_kind_size(kind).pool;
	const struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		n += bq_kind_index(kind, id) < BQ_POOL_FIRST + pool && id->net_cookie != cookie;
	return n;
}

static void warn_too_few(const struct bqdisc_qdisc *q, uint32_t queues, uint32_t left,
			 struct bq_error *error)
{
	bq_warn(error,
		"%s: the devices here have %u transmit queues, but %u instances are left; %s",
		q->name, queues, left,
		bq_qdisc_is_user(q) ? "the kernel refuses the others"
				    : "the others get a plain queue of 64 packets");
}

void bq_pool_check(struct bq_catalog *catalog, const struct bqdisc_qdisc *q, struct bq_error *error)
{
	struct bq_loaded *l = bq_catalog_loaded(catalog, q);
	uint32_t queues, used, left;
	uint64_t cookie;

	if (!l || bq_dev_count_queues(&queues, NULL) || bq_system_net_cookie(&cookie, NULL) ||
	    bq_catalog_describe(catalog, l, NULL))
		return;
	left = pool_size(&l->kind);
	used = used_elsewhere(&l->kind, cookie);
	left = used < left ? left - used : 0;
	if (queues > left)
		warn_too_few(q, queues, left, error);
}
