// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Table of the words that iproute2's tc/q_*.c has for classes. tests/live/undo_kinds.sh checks each
 * row: the dump of what the tc command creates must equal the recorded dump.
 */
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>

#include "netlink/message.h"
#include "snapshot/tc_burst.h"
#include "snapshot/tc_class.h"
#include "util/array.h"

/* Print the overhead of a packet, which tc sets for both rates of a class. */
static void print_ratespec(struct bq_tc_line *w, const struct tc_ratespec *rate)
{
	if (rate->overhead)
		bq_tc_print(w, "overhead %u", rate->overhead);
	if (rate->mpu)
		bq_tc_print(w, "mpu %u", rate->mpu);
	if (rate->linklayer == TC_LINKLAYER_ATM)
		bq_tc_print(w, "linklayer atm");
	else if (rate->linklayer != TC_LINKLAYER_ETHERNET)
		w->incomplete = true;
}

static void print_htb_class(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_htb_opt *opt = value;
	uint64_t rate = bq_tc_rate64(&opt->rate, options, TCA_HTB_RATE64);
	uint64_t top = bq_tc_rate64(&opt->ceil, options, TCA_HTB_CEIL64);

	if (opt->rate.overhead != opt->ceil.overhead || opt->rate.mpu != opt->ceil.mpu ||
	    opt->rate.linklayer != opt->ceil.linklayer)
		w->incomplete = true;
	bq_tc_print_rate(w, "rate", rate);
	bq_tc_print_burst(w, "burst", bq_tc_burst_of_ticks(rate, opt->buffer));
	bq_tc_print_rate(w, "ceil", top);
	bq_tc_print_burst(w, "cburst", bq_tc_burst_of_ticks(top, opt->cbuffer));
	bq_tc_print(w, "prio %u quantum %u", opt->prio, opt->quantum);
	print_ratespec(w, &opt->rate);
}

static const struct bq_tc_row htb_class[] = {
	BQ_TC_CUSTOM(TCA_HTB_PARMS, sizeof(struct tc_htb_opt), print_htb_class),
	BQ_TC_IGNORED(TCA_HTB_RATE64),
	BQ_TC_IGNORED(TCA_HTB_CEIL64),
};

static const struct bq_tc_row drr_class[] = {
	BQ_TC_WORD("quantum", TCA_DRR_QUANTUM, COUNT, 4),
};

static const struct bq_tc_row qfq_class[] = {
	BQ_TC_WORD("weight", TCA_QFQ_WEIGHT, COUNT, 4),
	BQ_TC_WORD("maxpkt", TCA_QFQ_LMAX, COUNT, 4),
};

static void print_curve(struct bq_tc_line *w, const char *word, const struct tc_service_curve *sc)
{
	bq_tc_print(w, "%s", word);
	bq_tc_print_rate(w, "m1", sc->m1);
	bq_tc_print_us(w, "d", sc->d);
	bq_tc_print_rate(w, "m2", sc->m2);
}

static void print_rt(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	print_curve(w, "rt", value);
}

static void print_ls(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	print_curve(w, "ls", value);
}

static void print_ul(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	print_curve(w, "ul", value);
}

static const struct bq_tc_row hfsc_class[] = {
	BQ_TC_CUSTOM(TCA_HFSC_RSC, sizeof(struct tc_service_curve), print_rt),
	BQ_TC_CUSTOM(TCA_HFSC_FSC, sizeof(struct tc_service_curve), print_ls),
	BQ_TC_CUSTOM(TCA_HFSC_USC, sizeof(struct tc_service_curve), print_ul),
};

static const struct bq_tc_kind classes[] = {
	{ "drr", &(const struct bq_tc_rows)BQ_TC_ROWS(drr_class) },
	{ "hfsc", &(const struct bq_tc_rows)BQ_TC_ROWS(hfsc_class) },
	{ "htb", &(const struct bq_tc_rows)BQ_TC_ROWS(htb_class) },
	{ "qfq", &(const struct bq_tc_rows)BQ_TC_ROWS(qfq_class) },
};

void bq_tc_print_class(struct bq_tc_line *w, const char *kind, const struct nlattr *options)
{
	bq_tc_print(w, "%s", kind);
	bq_tc_print_kind(w, classes, ARRAY_SIZE(classes), kind, options);
}
