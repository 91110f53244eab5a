// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Table of the words that iproute2's tc/q_*.c has for qdiscs. tests/live/undo_kinds.sh checks each
 * row: the dump of what the tc command creates must equal the recorded dump.
 */
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/tc_aqm.h"
#include "snapshot/tc_burst.h"
#include "snapshot/tc_qdisc.h"
#include "util/array.h"

/* --- fifos and qdiscs whose options are a struct of counts --- */

static const struct bq_tc_row fifo[] = {
	BQ_TC_FIELD("limit", 0, struct tc_fifo_qopt, limit, COUNT),
};

static const struct bq_tc_row skbprio[] = {
	BQ_TC_FIELD("limit", 0, struct tc_skbprio_qopt, limit, COUNT),
};

static const struct bq_tc_row cbs[] = {
	BQ_TC_FIELD("hicredit", TCA_CBS_PARMS, struct tc_cbs_qopt, hicredit, SIGNED),
	BQ_TC_FIELD("locredit", TCA_CBS_PARMS, struct tc_cbs_qopt, locredit, SIGNED),
	BQ_TC_FIELD("sendslope", TCA_CBS_PARMS, struct tc_cbs_qopt, sendslope, SIGNED),
	BQ_TC_FIELD("idleslope", TCA_CBS_PARMS, struct tc_cbs_qopt, idleslope, SIGNED),
	BQ_TC_FIELD("offload", TCA_CBS_PARMS, struct tc_cbs_qopt, offload, COUNT),
};

static void print_priomap(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_prio_qopt *qopt = value;

	(void)options;
	bq_tc_print_bands(w, qopt->bands, qopt->priomap, sizeof(qopt->priomap));
}

static const struct bq_tc_row prio[] = {
	BQ_TC_CUSTOM(0, sizeof(struct tc_prio_qopt), print_priomap),
};

static void print_mqprio(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_mqprio_qopt *qopt = value;
	size_t i;

	(void)options;
	if (qopt->num_tc > TC_QOPT_MAX_QUEUE) {
		w->incomplete = true;
		return;
	}
	bq_tc_print(w, "num_tc %u", qopt->num_tc);
	bq_tc_print_numbers(w, "map", qopt->prio_tc_map, TC_QOPT_BITMASK + 1);
	bq_tc_print(w, "queues");
	for (i = 0; i < qopt->num_tc; i++)
		bq_tc_print(w, "%u@%u", qopt->count[i], qopt->offset[i]);
	bq_tc_print(w, "hw %u", qopt->hw);
}

static const struct bq_tc_row mqprio[] = {
	BQ_TC_CUSTOM(0, sizeof(struct tc_mqprio_qopt), print_mqprio),
};

/* tc computes a scale for the RED of sfq that no word sets. */
static void print_sfq_red(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_sfq_qopt_v1 *qopt = value;

	(void)options;
	if (qopt->qth_min || qopt->limit)
		w->incomplete = true;
	if (qopt->headdrop)
		bq_tc_print(w, "headdrop");
}

static const struct bq_tc_row sfq[] = {
	BQ_TC_FIELD("quantum", 0, struct tc_sfq_qopt_v1, v0.quantum, COUNT),
	BQ_TC_FIELD("perturb", 0, struct tc_sfq_qopt_v1, v0.perturb_period, SIGNED),
	BQ_TC_FIELD("limit", 0, struct tc_sfq_qopt_v1, v0.limit, COUNT),
	BQ_TC_FIELD("divisor", 0, struct tc_sfq_qopt_v1, v0.divisor, COUNT),
	BQ_TC_FIELD("flows", 0, struct tc_sfq_qopt_v1, v0.flows, COUNT),
	BQ_TC_FIELD("depth", 0, struct tc_sfq_qopt_v1, depth, COUNT),
	BQ_TC_CUSTOM(0, sizeof(struct tc_sfq_qopt_v1), print_sfq_red),
};

static void print_sfb(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_sfb_qopt *qopt = value;

	(void)options;
	bq_tc_print(w, "increment %.7f", (double)qopt->increment / SFB_MAX_PROB);
	bq_tc_print(w, "decrement %.7f", (double)qopt->decrement / SFB_MAX_PROB);
}

static const struct bq_tc_row sfb[] = {
	BQ_TC_FIELD("limit", TCA_SFB_PARMS, struct tc_sfb_qopt, limit, COUNT),
	BQ_TC_FIELD("max", TCA_SFB_PARMS, struct tc_sfb_qopt, max, COUNT),
	BQ_TC_FIELD("target", TCA_SFB_PARMS, struct tc_sfb_qopt, bin_size, COUNT),
	BQ_TC_FIELD("rehash", TCA_SFB_PARMS, struct tc_sfb_qopt, rehash_interval, COUNT),
	BQ_TC_FIELD("db", TCA_SFB_PARMS, struct tc_sfb_qopt, warmup_time, COUNT),
	BQ_TC_FIELD("penalty_rate", TCA_SFB_PARMS, struct tc_sfb_qopt, penalty_rate, COUNT),
	BQ_TC_FIELD("penalty_burst", TCA_SFB_PARMS, struct tc_sfb_qopt, penalty_burst, COUNT),
	BQ_TC_CUSTOM(TCA_SFB_PARMS, sizeof(struct tc_sfb_qopt), print_sfb),
};

/* Indexed by clock id; tc has names for these four. */
static const char *const clocks[] = {
	[0] = "clockid CLOCK_REALTIME",
	[1] = "clockid CLOCK_MONOTONIC",
	[7] = "clockid CLOCK_BOOTTIME",
	[11] = "clockid CLOCK_TAI",
};

static void print_etf(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_etf_qopt *qopt = value;

	(void)options;
	if (qopt->clockid < 0 || qopt->clockid >= (int)ARRAY_SIZE(clocks) || !clocks[qopt->clockid])
		w->incomplete = true;
	else
		bq_tc_print(w, "%s", clocks[qopt->clockid]);
	if (qopt->flags & TC_ETF_DEADLINE_MODE_ON)
		bq_tc_print(w, "deadline_mode");
	if (qopt->flags & TC_ETF_OFFLOAD_ON)
		bq_tc_print(w, "offload");
	if (qopt->flags & TC_ETF_SKIP_SOCK_CHECK)
		bq_tc_print(w, "skip_sock_check");
}

static const struct bq_tc_row etf[] = {
	BQ_TC_FIELD("delta", TCA_ETF_PARMS, struct tc_etf_qopt, delta, SIGNED),
	BQ_TC_CUSTOM(TCA_ETF_PARMS, sizeof(struct tc_etf_qopt), print_etf),
};

/* --- shapers and schedulers --- */

/* tc sends bursts in bytes too; the kernel computes the ticks from them. */
static void print_tbf(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_tbf_qopt *qopt = value;
	uint64_t rate = bq_tc_rate64(&qopt->rate, options, TCA_TBF_RATE64);
	uint64_t peak = bq_tc_rate64(&qopt->peakrate, options, TCA_TBF_PRATE64);

	if (qopt->rate.overhead || qopt->rate.mpu || qopt->rate.linklayer != TC_LINKLAYER_ETHERNET)
		w->incomplete = true;
	bq_tc_print_rate(w, "rate", rate);
	bq_tc_print_burst(w, "burst", bq_tc_burst_of_kernel(rate, qopt->buffer));
	bq_tc_print(w, "limit %u", qopt->limit);
	if (peak) {
		bq_tc_print_rate(w, "peakrate", peak);
		bq_tc_print_burst(w, "mtu", bq_tc_burst_of_kernel(peak, qopt->mtu));
	} else if (qopt->mtu) {
		w->incomplete = true;
	}
}

static const struct bq_tc_row tbf[] = {
	BQ_TC_CUSTOM(TCA_TBF_PARMS, sizeof(struct tc_tbf_qopt), print_tbf),
	BQ_TC_IGNORED(TCA_TBF_RATE64),
	BQ_TC_IGNORED(TCA_TBF_PRATE64),
};

static void print_quanta(struct bq_tc_line *w, const struct nlattr *quanta)
{
	const struct nlattr *band;

	if (mnl_attr_get_payload_len(quanta))
		bq_tc_print(w, "quanta");
	mnl_attr_for_each_nested(band, quanta)
	{
		bq_tc_print(w, "%u", mnl_attr_get_u32(band));
	}
}

static void print_ets_priomap(struct bq_tc_line *w, const struct nlattr *map)
{
	const struct nlattr *band;

	bq_tc_print(w, "priomap");
	mnl_attr_for_each_nested(band, map)
	{
		bq_tc_print(w, "%u", mnl_attr_get_u8(band));
	}
}

static const struct bq_tc_row ets[] = {
	BQ_TC_WORD("bands", TCA_ETS_NBANDS, COUNT, 1),
	BQ_TC_WORD("strict", TCA_ETS_NSTRICT, COUNT, 1),
	BQ_TC_NESTED(TCA_ETS_QUANTA, print_quanta),
	BQ_TC_NESTED(TCA_ETS_PRIOMAP, print_ets_priomap),
};

static const struct bq_tc_row htb[] = {
	{
		.word = "default",
		.form = BQ_TC_FORM_HEX,
		.attr = TCA_HTB_INIT,
		.of = sizeof(struct tc_htb_glob),
		.at = offsetof(struct tc_htb_glob, defcls),
		.bytes = 4,
		.omit_default = true,
	},
	BQ_TC_FIELD("r2q", TCA_HTB_INIT, struct tc_htb_glob, rate2quantum, COUNT),
	BQ_TC_WORD("direct_qlen", TCA_HTB_DIRECT_QLEN, COUNT, 4),
};

static void print_hfsc(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_hfsc_qopt *qopt = value;

	(void)options;
	if (qopt->defcls)
		bq_tc_print(w, "default %x", qopt->defcls);
}

static const struct bq_tc_row hfsc[] = {
	BQ_TC_CUSTOM(0, sizeof(struct tc_hfsc_qopt), print_hfsc),
};

/* --- kinds --- */

/* A kind without rows has options in its dump that no tc word sets. */
static const struct bq_tc_kind qdiscs[] = {
	{ "bfifo", &(const struct bq_tc_rows)BQ_TC_ROWS(fifo) },
	{ "cake", &bq_rows_cake },
	{ "cbs", &(const struct bq_tc_rows)BQ_TC_ROWS(cbs) },
	{ "codel", &bq_rows_codel },
	{ "drr", NULL },
	{ "etf", &(const struct bq_tc_rows)BQ_TC_ROWS(etf) },
	{ "ets", &(const struct bq_tc_rows)BQ_TC_ROWS(ets) },
	{ "fq", &bq_rows_fq },
	{ "fq_codel", &bq_rows_fq_codel },
	{ "fq_pie", &bq_rows_fq_pie },
	{ "hfsc", &(const struct bq_tc_rows)BQ_TC_ROWS(hfsc) },
	{ "hhf", &bq_rows_hhf },
	{ "htb", &(const struct bq_tc_rows)BQ_TC_ROWS(htb) },
	{ "mq", NULL },
	{ "mqprio", &(const struct bq_tc_rows)BQ_TC_ROWS(mqprio) },
	{ "multiq", NULL },
	{ "noqueue", NULL },
	{ "pfifo", &(const struct bq_tc_rows)BQ_TC_ROWS(fifo) },
	{ "pfifo_fast", NULL },
	{ "pfifo_head_drop", &(const struct bq_tc_rows)BQ_TC_ROWS(fifo) },
	{ "pie", &bq_rows_pie },
	{ "prio", &(const struct bq_tc_rows)BQ_TC_ROWS(prio) },
	{ "qfq", NULL },
	{ "sfb", &(const struct bq_tc_rows)BQ_TC_ROWS(sfb) },
	{ "sfq", &(const struct bq_tc_rows)BQ_TC_ROWS(sfq) },
	{ "skbprio", &(const struct bq_tc_rows)BQ_TC_ROWS(skbprio) },
	{ "tbf", &(const struct bq_tc_rows)BQ_TC_ROWS(tbf) },
};

void bq_tc_print_qdisc(struct bq_tc_line *w, const char *kind, const struct nlattr *options)
{
	bq_tc_print(w, "%s", kind);
	bq_tc_print_kind(w, qdiscs, ARRAY_SIZE(qdiscs), kind, options);
}

/* --- size tables --- */

static bool needs_table(const struct tc_sizespec *spec)
{
	return spec->linklayer > TC_LINKLAYER_ETHERNET || spec->mpu;
}

/* Return true if tc computes this cell from the MTU and the size of the table. */
static bool is_default_cell(const struct tc_sizespec *spec)
{
	unsigned int log = 0;

	while (spec->tsize && spec->mtu >> log > spec->tsize - 1 && log < 32)
		log++;
	return spec->tsize && spec->mtu && spec->cell_log == log && !spec->size_log;
}

void bq_tc_print_stab(struct bq_tc_line *w, const struct nlattr *stab)
{
	static const char *const linklayers[] = { "", "linklayer ethernet", "linklayer atm" };
	const struct nlattr *base = bq_attr_find_in(stab, TCA_STAB_BASE);
	const struct tc_sizespec *spec;

	if (!base || mnl_attr_get_payload_len(base) != sizeof(*spec)) {
		w->incomplete = true;
		return;
	}
	spec = mnl_attr_get_payload(base);
	if (spec->linklayer >= ARRAY_SIZE(linklayers) ||
	    (needs_table(spec) ? !is_default_cell(spec) : spec->tsize || spec->cell_log)) {
		w->incomplete = true;
		return;
	}
	bq_tc_print(w, "stab overhead %d", spec->overhead);
	if (*linklayers[spec->linklayer])
		bq_tc_print(w, "%s", linklayers[spec->linklayer]);
	if (needs_table(spec))
		bq_tc_print(w, "mtu %u tsize %u mpu %u", spec->mtu, spec->tsize, spec->mpu);
}
