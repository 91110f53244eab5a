// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes of the in-tree fq (linux/pkt_sched.h, whose older versions lack some of them). */
#include <errno.h>

#include "fq.h"
#include "tc/attrs.h"
#include "util/array.h"

enum form {
	AS_WORD, /* 32 bits */
	AS_US,   /* microseconds, in 32 bits */
	AS_LOG2, /* rounded up */
	AS_BYTE,
	AS_RATE,  /* bytes/s, in 32 bits; ~0 for none */
	AS_BANDS, /* bands, and the band of each priority */
	AS_WEIGHTS,
	AS_NOTHING, /* in the attribute of another option */
};

static const struct {
	uint16_t type;
	enum form form;
} attributes[] = {
	[FQ_LIMIT] = { 1, AS_WORD },        [FQ_FLOW_LIMIT] = { 2, AS_WORD },
	[FQ_QUANTUM] = { 3, AS_WORD },      [FQ_INITIAL_QUANTUM] = { 4, AS_WORD },
	[FQ_PACING] = { 5, AS_WORD },       [FQ_MAXRATE] = { 7, AS_RATE },
	[FQ_BUCKETS] = { 8, AS_LOG2 },      [FQ_REFILL_DELAY] = { 9, AS_US },
	[FQ_ORPHAN_MASK] = { 10, AS_WORD }, [FQ_LOW_RATE_THRESHOLD] = { 11, AS_RATE },
	[FQ_CE_THRESHOLD] = { 12, AS_US },  [FQ_TIMER_SLACK] = { 13, AS_WORD },
	[FQ_HORIZON] = { 14, AS_US },       [FQ_HORIZON_DROP] = { 15, AS_BYTE },
	[FQ_BANDS_ROW] = { 0, AS_NOTHING }, [FQ_PRIOMAP] = { 16, AS_BANDS },
	[FQ_WEIGHTS] = { 17, AS_WEIGHTS },  [FQ_OFFLOAD_HORIZON] = { 18, AS_US },
};

static uint32_t log2_of(uint64_t value)
{
	uint32_t log = 0;

	while (UINT64_C(1) << log < value)
		log++;
	return log;
}

static void put_bands(const struct fq_config *c, struct bq_attrs *attrs)
{
	struct {
		uint32_t bands;
		uint8_t map[FQ_PRIORITIES];
	} priomap = { .bands = FQ_BANDS };
	size_t i;

	for (i = 0; i < FQ_PRIORITIES; i++)
		priomap.map[i] = (uint8_t)c->priomap[i];
	bq_attrs_put(attrs, attributes[FQ_PRIOMAP].type, &priomap, sizeof(priomap));
}

/* Write the number VALUE of an option, in the unit of its field. */
static int put_number(const struct bqdisc_qdisc *q, size_t n, uint64_t value,
		      struct bq_attrs *attrs, struct bq_error *error)
{
	uint16_t type = attributes[n].type;
	uint8_t byte = (uint8_t)value;

	if (attributes[n].form == AS_US)
		value /= 1000;
	else if (attributes[n].form == AS_LOG2)
		value = log2_of(value);
	if (attributes[n].form == AS_RATE && value == FQ_NO_RATE)
		value = UINT32_MAX;
	else if (value > UINT32_MAX)
		return bq_attrs_fail(q, n, "the value is too large for tc's request", error);
	if (attributes[n].form == AS_BYTE)
		bq_attrs_put(attrs, type, &byte, sizeof(byte));
	else
		bq_attrs_u32(attrs, type, (uint32_t)value);
	return 0;
}

static int put_option(const struct bqdisc_qdisc *q, const struct fq_config *c, size_t n,
		      struct bq_attrs *attrs, struct bq_error *error)
{
	const struct bq_option *row = &q->options[n];

	switch (attributes[n].form) {
	case AS_NOTHING:
		return 0;
	case AS_BANDS:
		put_bands(c, attrs);
		return 0;
	case AS_WEIGHTS:
		bq_attrs_put(attrs, attributes[n].type, c->weights,
			     FQ_BANDS * sizeof(c->weights[0]));
		return 0;
	default:
		/* Rates are in bits/s on the command line. */
		return put_number(q, n, bq_option_get(row, c, 0) / (row->scale ? row->scale : 1),
				  attrs, error);
	}
}

int bq_attrs_fq(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		struct bq_attrs *attrs, struct bq_error *error)
{
	size_t i;
	int err = 0;

	_Static_assert(ARRAY_SIZE(attributes) == FQ_OFFLOAD_HORIZON + 1, "a row for each option");
	(void)tables;
	for (i = 0; !err && i < q->n_options; i++)
		if (bq_option_is_set(config, i))
			err = put_option(q, config, i, attrs, error);
	return err;
}
