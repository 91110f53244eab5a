// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bqdisc/pool.h>

#include "netlink/link.h"
#include "util/system.h"
#include "attachment/pool.h"
#include "attachment/instances.h"

uint32_t bq_pool_size(const struct bqdisc_qdisc *q)
{
	uint32_t all = bq_kind_entries(q) - BQ_POOL_FIRST;
	uint64_t ranges = all;

	if (bq_qdisc_has_memory(q) && q->pool_memory)
		ranges = (BQ_POOL_RANGES_END - BQ_POOL_RANGES) / BQ_POOL_STRIDE(q->pool_memory);
	return ranges < all ? (uint32_t)ranges : all;
}

/* Return the number of used pool instances that belong to network namespaces other than COOKIE. */
static uint32_t used_elsewhere(const struct bq_kind *kind, uint64_t cookie)
{
	uint32_t i, n = 0, end = bq_kind_end(kind);
	const struct bq_instance *id;

	for (i = BQ_POOL_FIRST; i < end; i++) {
		id = bq_kind_instance(kind, i);
		n += id->state != BQ_FREE && id->net_cookie != cookie;
	}
	return n;
}

static void warn_too_few(const struct bqdisc_qdisc *q, uint32_t queues, uint32_t left,
			 struct bq_error *error)
{
	bq_warn(error,
		"%s: the devices here have %u transmit queues, but %u instances are left; %s",
		q->name, queues, left,
		q->user ? "the kernel refuses the others"
			: "the others get a plain queue of 64 packets");
}

void bq_pool_check(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	struct bq_error ignored = { 0 };
	uint32_t queues, used, left = bq_pool_size(q);
	struct bq_kind kind;
	uint64_t cookie;

	if (bq_dev_count_queues(&queues, &ignored) || bq_system_net_cookie(&cookie, &ignored) ||
	    bq_kinds_open(&kind, q, &ignored))
		return;
	used = used_elsewhere(&kind, cookie);
	bq_kind_close(&kind);
	left = used < left ? left - used : 0;
	if (queues > left)
		warn_too_few(q, queues, left, error);
}
