// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes of the in-tree netem (linux/pkt_sched.h, whose older versions lack some of them). */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "netem.h"
#include "qdisc/rule.h"
#include "qdisc/tables.h"
#include "tc/attrs.h"

enum {
	ATTR_CORR = 1,
	ATTR_DELAY_DIST,
	ATTR_REORDER,
	ATTR_CORRUPT,
	ATTR_LOSS,
	ATTR_RATE,
	ATTR_ECN,
	ATTR_RATE64,
	ATTR_LATENCY64 = 10,
	ATTR_JITTER64,
	ATTR_SLOT,
	ATTR_SLOT_DIST,
	ATTR_PRNG_SEED,
};

enum { LOSS_STATE = 1, LOSS_GEMODEL };

#define TICK 64u /* ns */

static uint32_t saturate(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* --- parts --- */

/* The first part has no header. Times that are no ticks follow in attributes of 64 bits. */
static void put_qopt(const struct netem_config *c, struct bq_attrs *attrs)
{
	const struct netem_impairment *w = &c->all;
	const struct {
		uint32_t latency, limit, loss, gap, duplicate, jitter;
	} qopt = {
		.latency = saturate(w->delay / TICK),
		.limit = c->limit,
		.loss = w->model == NETEM_LOSS_RANDOM ? w->loss : 0,
		.gap = w->gap,
		.duplicate = w->duplicate,
		.jitter = saturate(w->jitter / TICK),
	};

	bq_attrs_raw(attrs, &qopt, sizeof(qopt));
	if (w->delay)
		bq_attrs_u64(attrs, ATTR_LATENCY64, w->delay);
	if (w->jitter)
		bq_attrs_u64(attrs, ATTR_JITTER64, w->jitter);
}

static void put_correlations(const struct netem_impairment *w, struct bq_attrs *attrs)
{
	const uint32_t corr[] = { w->delay_corr, w->loss_corr, w->duplicate_corr };

	if (corr[0] || corr[1] || corr[2])
		bq_attrs_put(attrs, ATTR_CORR, corr, sizeof(corr));
}

static void put_chance(uint16_t type, uint32_t probability, uint32_t correlation,
		       struct bq_attrs *attrs)
{
	const uint32_t chance[] = { probability, correlation };

	if (probability)
		bq_attrs_put(attrs, type, chance, sizeof(chance));
}

/* Write a model of N probabilities. */
static void put_model(uint16_t model, const uint32_t *values, size_t n, struct bq_attrs *attrs)
{
	struct {
		struct rtattr header;
		uint32_t values[5];
	} nest = { .header = { .rta_len = (unsigned short)RTA_LENGTH(n * 4), .rta_type = model } };
	size_t i;

	for (i = 0; i < n; i++)
		nest.values[i] = values[i];
	bq_attrs_put(attrs, ATTR_LOSS, &nest, RTA_LENGTH(n * 4));
}

/* Loss in bursts is a Gilbert-Elliott model that loses all packets in its bad state. */
static void put_loss(const struct netem_impairment *w, struct bq_attrs *attrs)
{
	const uint32_t state[] = { w->p13, w->p31, w->p32, w->p14, w->p23 };
	const uint32_t gemodel[] = { w->ge_p, w->ge_r, NETEM_ALWAYS - w->ge_bad, w->ge_good };
	const uint32_t burst[] = { w->burst_begin, w->burst_end, 0, 0 };

	if (w->model == NETEM_LOSS_STATE)
		put_model(LOSS_STATE, state, 5, attrs);
	else if (w->model == NETEM_LOSS_GEMODEL)
		put_model(LOSS_GEMODEL, gemodel, 4, attrs);
	else if (w->model == NETEM_LOSS_BURST)
		put_model(LOSS_GEMODEL, burst, 4, attrs);
}

static void put_rate(const struct netem_impairment *w, struct bq_attrs *attrs)
{
	const struct {
		uint32_t rate;
		int32_t overhead;
		uint32_t cell_size;
		int32_t cell_overhead;
	} rate = {
		.rate = saturate(w->rate),
		.overhead = w->overhead,
		.cell_size = w->cell_size,
		.cell_overhead = w->cell_overhead,
	};

	if (!w->rate)
		return;
	bq_attrs_put(attrs, ATTR_RATE, &rate, sizeof(rate));
	if (w->rate >= UINT32_MAX)
		bq_attrs_u64(attrs, ATTR_RATE64, w->rate);
}

static void put_slots(const struct netem_config *c, struct bq_attrs *attrs)
{
	const struct {
		int64_t min, max;
		int32_t packets, bytes;
		int64_t delay, jitter;
	} slot = {
		.min = (int64_t)c->slot_min,
		.max = (int64_t)c->slot_max,
		.packets = (int32_t)c->slot_packets,
		.bytes = (int32_t)c->slot_bytes,
		.delay = (int64_t)c->slot_delay,
		.jitter = (int64_t)c->slot_jitter,
	};

	if (netem_is_set(&c->all, NETEM_SLOT_MIN) || netem_is_set(&c->all, NETEM_SLOT_TABLE))
		bq_attrs_put(attrs, ATTR_SLOT, &slot, sizeof(slot));
}

static void put_table(uint16_t type, enum netem_option option, const struct bq_blob *tables,
		      struct bq_attrs *attrs)
{
	uint32_t size = 0;
	const void *table = bq_tables_get(tables, 0, option, &size);

	if (table && size)
		bq_attrs_put(attrs, type, table, size);
}

/* --- all --- */

/* Refuse options without an attribute. */
static int check(const struct bqdisc_qdisc *q, const struct netem_config *c,
		 const struct bq_blob *tables, struct bq_error *error)
{
	size_t i;

	if (bq_rules_count(q, tables) > 1 || bq_rules_match(q, tables, 0))
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "netem: tc cannot give it rules or a match; use 'bqdisc attach'");
	for (i = 0; i < q->n_options; i++)
		if (bq_option_is_set(c, i) && q->options[i].not_in_tc && !q->options[i].follows &&
		    (i != NETEM_ORDERED || c->all.ordered))
			return bq_attrs_fail(q, i, "tc cannot give it", error);
	return 0;
}

int bq_attrs_netem(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		   struct bq_attrs *attrs, struct bq_error *error)
{
	const struct netem_config *c = config;
	const struct netem_impairment *w = &c->all;
	int err = check(q, c, tables, error);

	if (err)
		return err;
	put_qopt(c, attrs);
	put_correlations(w, attrs);
	put_chance(ATTR_REORDER, w->reorder, w->reorder_corr, attrs);
	put_chance(ATTR_CORRUPT, w->corrupt, w->corrupt_corr, attrs);
	put_loss(w, attrs);
	put_rate(w, attrs);
	put_slots(c, attrs);
	if (w->ecn)
		bq_attrs_u32(attrs, ATTR_ECN, w->ecn);
	if (netem_is_set(w, NETEM_SEED))
		bq_attrs_u64(attrs, ATTR_PRNG_SEED, c->seed);
	put_table(ATTR_DELAY_DIST, NETEM_DISTRIBUTION, tables, attrs);
	put_table(ATTR_SLOT_DIST, NETEM_SLOT_TABLE, tables, attrs);
	return 0;
}
