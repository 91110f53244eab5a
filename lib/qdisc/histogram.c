// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms: bounds of their buckets, and percentiles. */
#include "bqdisc.h"

/* ns: upper bound of the first bucket; each further bucket is twice as large. */
#define FIRST_BOUND 1024ull

uint64_t bqdisc_value__bound(const struct bqdisc_value *v, size_t n)
{
	return n + 1 < v->count ? FIRST_BOUND << n : UINT64_MAX;
}

uint64_t bqdisc_value__percentile(const struct bqdisc_value *v, unsigned int per_mille)
{
	uint64_t rank = (v->value * per_mille + 999) / 1000, seen = 0;
	size_t n;

	for (n = 0; n < v->count; n++) {
		seen += v->values[n];
		if (seen && seen >= rank)
			return bqdisc_value__bound(v, n);
	}
	return 0;
}
