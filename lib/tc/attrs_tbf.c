// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes of the in-tree tbf. */
#include <linux/pkt_sched.h>

#include "tbf.h"
#include "tc/attrs.h"

static struct tc_ratespec rate_of(const struct tbf_rate *r)
{
	return (struct tc_ratespec){
		.linklayer = (unsigned char)r->linklayer,
		.overhead = (unsigned short)r->overhead,
		.mpu = (unsigned short)r->mpu,
		.rate = r->bytes_per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)r->bytes_per_s,
	};
}

/* Bursts in bytes replace those in ticks. */
int bq_attrs_tbf(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		 struct bq_attrs *attrs, struct bq_error *error)
{
	const struct tbf_config *c = config;
	const struct tc_tbf_qopt qopt = {
		.rate = rate_of(&c->rate),
		.peakrate = rate_of(&c->peak),
		.limit = c->limit,
	};

	(void)q;
	(void)tables;
	(void)error;
	bq_attrs_put(attrs, TCA_TBF_PARMS, &qopt, sizeof(qopt));
	bq_attrs_u32(attrs, TCA_TBF_BURST, c->rate.burst);
	if (c->rate.bytes_per_s > UINT32_MAX)
		bq_attrs_u64(attrs, TCA_TBF_RATE64, c->rate.bytes_per_s);
	if (!c->peak.bytes_per_s)
		return 0;
	bq_attrs_u32(attrs, TCA_TBF_PBURST, c->peak.burst);
	if (c->peak.bytes_per_s > UINT32_MAX)
		bq_attrs_u64(attrs, TCA_TBF_PRATE64, c->peak.bytes_per_s);
	return 0;
}
