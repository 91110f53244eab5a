// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes of the in-tree fq_codel (linux/pkt_sched.h; older versions lack some of them). */
#include <errno.h>

#include "fq_codel.h"
#include "tc/attrs.h"
#include "util/array.h"

enum form {
	AS_WORD, /* 32 bits */
	AS_US,   /* microseconds, in 32 bits */
	AS_BYTE,
};

static const struct {
	uint16_t type;
	enum form form;
} attributes[] = {
	[FQ_CODEL_TARGET] = { 1, AS_US },         [FQ_CODEL_LIMIT] = { 2, AS_WORD },
	[FQ_CODEL_INTERVAL] = { 3, AS_US },       [FQ_CODEL_ECN] = { 4, AS_WORD },
	[FQ_CODEL_FLOWS] = { 5, AS_WORD },        [FQ_CODEL_QUANTUM] = { 6, AS_WORD },
	[FQ_CODEL_CE_THRESHOLD] = { 7, AS_US },   [FQ_CODEL_DROP_BATCH] = { 8, AS_WORD },
	[FQ_CODEL_MEMORY_LIMIT] = { 9, AS_WORD }, [FQ_CODEL_CE_SELECTOR] = { 10, AS_BYTE },
	[FQ_CODEL_CE_MASK] = { 11, AS_BYTE },
};

static void put_option(size_t n, uint64_t value, struct bq_attrs *attrs)
{
	uint8_t byte = (uint8_t)value;

	if (attributes[n].form == AS_BYTE)
		bq_attrs_put(attrs, attributes[n].type, &byte, sizeof(byte));
	else
		bq_attrs_u32(attrs, attributes[n].type,
			     (uint32_t)(attributes[n].form == AS_US ? value / 1000 : value));
}

int bq_attrs_fq_codel(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_blob *tables, struct bq_attrs *attrs, struct bq_error *error)
{
	size_t i;

	_Static_assert(ARRAY_SIZE(attributes) == FQ_CODEL_DROP_BATCH + 1, "a row for each option");
	(void)tables;
	for (i = 0; i < q->n_options; i++) {
		uint64_t value = bq_option_get(&q->options[i], config, 0);

		if (!bq_option_is_set(config, i))
			continue;
		/* It is the default, for which there is no number. */
		if (value == FQ_CODEL_NO_CE_THRESHOLD)
			return bq_attrs_fail(q, i, "tc's request has no value for none", error);
		put_option(i, value, attrs);
	}
	return 0;
}
