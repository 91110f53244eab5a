// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms: bounds of their buckets, and percentiles. */
#include <bqdisc/histogram.h>

#include "bqdisc.h"

uint64_t bqdisc_value__bound(const struct bqdisc_value *v, size_t n)
{
	return n + 1 < v->count ? bq_bucket_from((uint32_t)n + 1) : UINT64_MAX;
}

/* Return the middle of bucket N, which has whole numbers. */
static uint64_t middle(const struct bqdisc_value *v, size_t n)
{
	uint64_t from = bq_bucket_from((uint32_t)n), bound = bqdisc_value__bound(v, n);

	return bound == UINT64_MAX ? UINT64_MAX : from + (bound - 1 - from) / 2;
}

uint64_t bqdisc_value__percentile(const struct bqdisc_value *v, unsigned int per_mille)
{
	uint64_t rank = (v->value * per_mille + 999) / 1000, seen = 0;
	size_t n;

	for (n = 0; n < v->count; n++) {
		seen += v->values[n];
		if (seen && seen >= rank)
			return middle(v, n);
	}
	return 0;
}
