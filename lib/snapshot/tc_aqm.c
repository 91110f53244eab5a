// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Table of the words that iproute2's tc/q_*.c has for qdiscs that manage a queue or flows. */
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>

#include "netlink/message.h"
#include "snapshot/tc_aqm.h"

static const char *const ecn[] = { "noecn", "ecn" };
static const char *const bytemode[] = { "nobytemode", "bytemode" };
static const char *const dq_rate_estimator[] = { "no_dq_rate_estimator", "dq_rate_estimator" };

/* --- queue management --- */

static const struct bq_tc_row codel[] = {
	BQ_TC_WORD("limit", TCA_CODEL_LIMIT, COUNT, 4),
	BQ_TC_WORD("target", TCA_CODEL_TARGET, US, 4),
	BQ_TC_WORD("interval", TCA_CODEL_INTERVAL, US, 4),
	BQ_TC_WORD("ce_threshold", TCA_CODEL_CE_THRESHOLD, US, 4),
	BQ_TC_NAMED(TCA_CODEL_ECN, 4, ecn),
};

/* Print the selector with its mask, TCA_FQ_CODEL_CE_THRESHOLD_MASK. */
static void print_selector(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nlattr *mask = bq_attr_find_in(options, TCA_FQ_CODEL_CE_THRESHOLD_MASK);
	const uint8_t selector = *(const uint8_t *)value;

	if (!mask || mnl_attr_get_payload_len(mask) != 1)
		w->incomplete = true;
	else if (selector || mnl_attr_get_u8(mask))
		bq_tc_print(w, "ce_threshold_selector 0x%x/0x%x", selector, mnl_attr_get_u8(mask));
}

static const struct bq_tc_row fq_codel[] = {
	BQ_TC_WORD("limit", TCA_FQ_CODEL_LIMIT, COUNT, 4),
	BQ_TC_WORD("flows", TCA_FQ_CODEL_FLOWS, COUNT, 4),
	BQ_TC_WORD("quantum", TCA_FQ_CODEL_QUANTUM, COUNT, 4),
	BQ_TC_WORD("target", TCA_FQ_CODEL_TARGET, US, 4),
	BQ_TC_WORD("interval", TCA_FQ_CODEL_INTERVAL, US, 4),
	BQ_TC_WORD("ce_threshold", TCA_FQ_CODEL_CE_THRESHOLD, US, 4),
	BQ_TC_CUSTOM(TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR, 1, print_selector),
	BQ_TC_IGNORED(TCA_FQ_CODEL_CE_THRESHOLD_MASK),
	BQ_TC_WORD("memory_limit", TCA_FQ_CODEL_MEMORY_LIMIT, COUNT, 4),
	BQ_TC_WORD("drop_batch", TCA_FQ_CODEL_DROP_BATCH_SIZE, COUNT, 4),
	BQ_TC_NAMED(TCA_FQ_CODEL_ECN, 4, ecn),
};

static const struct bq_tc_row pie[] = {
	BQ_TC_WORD("limit", TCA_PIE_LIMIT, COUNT, 4),
	BQ_TC_WORD("target", TCA_PIE_TARGET, US, 4),
	BQ_TC_WORD("tupdate", TCA_PIE_TUPDATE, US, 4),
	BQ_TC_WORD("alpha", TCA_PIE_ALPHA, COUNT, 4),
	BQ_TC_WORD("beta", TCA_PIE_BETA, COUNT, 4),
	BQ_TC_NAMED(TCA_PIE_ECN, 4, ecn),
	BQ_TC_NAMED(TCA_PIE_BYTEMODE, 4, bytemode),
	BQ_TC_NAMED(TCA_PIE_DQ_RATE_ESTIMATOR, 4, dq_rate_estimator),
};

static const struct bq_tc_row fq_pie[] = {
	BQ_TC_WORD("limit", TCA_FQ_PIE_LIMIT, COUNT, 4),
	BQ_TC_WORD("flows", TCA_FQ_PIE_FLOWS, COUNT, 4),
	BQ_TC_WORD("target", TCA_FQ_PIE_TARGET, US, 4),
	BQ_TC_WORD("tupdate", TCA_FQ_PIE_TUPDATE, US, 4),
	BQ_TC_WORD("alpha", TCA_FQ_PIE_ALPHA, COUNT, 4),
	BQ_TC_WORD("beta", TCA_FQ_PIE_BETA, COUNT, 4),
	BQ_TC_WORD("quantum", TCA_FQ_PIE_QUANTUM, COUNT, 4),
	BQ_TC_WORD("memory_limit", TCA_FQ_PIE_MEMORY_LIMIT, COUNT, 4),
	BQ_TC_WORD("ecn_prob", TCA_FQ_PIE_ECN_PROB, COUNT, 4),
	BQ_TC_NAMED(TCA_FQ_PIE_ECN, 4, ecn),
	BQ_TC_NAMED(TCA_FQ_PIE_BYTEMODE, 4, bytemode),
	BQ_TC_NAMED(TCA_FQ_PIE_DQ_RATE_ESTIMATOR, 4, dq_rate_estimator),
};

static const struct bq_tc_row hhf[] = {
	BQ_TC_WORD("limit", TCA_HHF_BACKLOG_LIMIT, COUNT, 4),
	BQ_TC_WORD("quantum", TCA_HHF_QUANTUM, COUNT, 4),
	BQ_TC_WORD("hh_limit", TCA_HHF_HH_FLOWS_LIMIT, COUNT, 4),
	BQ_TC_WORD("reset_timeout", TCA_HHF_RESET_TIMEOUT, US, 4),
	BQ_TC_WORD("admit_bytes", TCA_HHF_ADMIT_BYTES, COUNT, 4),
	BQ_TC_WORD("evict_timeout", TCA_HHF_EVICT_TIMEOUT, US, 4),
	BQ_TC_WORD("non_hh_weight", TCA_HHF_NON_HH_WEIGHT, COUNT, 4),
};

/* --- fq --- */

/* Older system headers lack these. */
#define FQ_PRIOMAP 16
#define FQ_WEIGHTS 17
#define FQ_OFFLOAD_HORIZON 18
#define FQ_BANDS 3

/* Older tc lacks these words. Omit the defaults of net/sched/sch_fq.c, which need none. */
static void print_fq_priomap(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	static const struct tc_prio_qopt defaults = {
		.bands = FQ_BANDS,
		.priomap = { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 },
	};

	const struct tc_prio_qopt *qopt = value;

	(void)options;
	if (memcmp(qopt, &defaults, sizeof(defaults)) != 0)
		bq_tc_print_bands(w, qopt->bands, qopt->priomap, sizeof(qopt->priomap));
}

static void print_fq_weights(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	static const int32_t defaults[FQ_BANDS] = { 589824, 196608, 65536 };
	const int32_t *weights = value;

	(void)options;
	if (memcmp(weights, defaults, sizeof(defaults)) != 0)
		bq_tc_print(w, "weights %d %d %d", weights[0], weights[1], weights[2]);
}

static const char *const pacing[] = { "nopacing", "pacing" };
static const char *const horizon[] = { "horizon_cap", "horizon_drop" };

static const struct bq_tc_row fq[] = {
	BQ_TC_WORD("limit", TCA_FQ_PLIMIT, COUNT, 4),
	BQ_TC_WORD("flow_limit", TCA_FQ_FLOW_PLIMIT, COUNT, 4),
	BQ_TC_WORD("buckets", TCA_FQ_BUCKETS_LOG, LOG2, 4),
	BQ_TC_WORD("orphan_mask", TCA_FQ_ORPHAN_MASK, COUNT, 4),
	BQ_TC_NAMED(TCA_FQ_RATE_ENABLE, 4, pacing),
	BQ_TC_WORD("quantum", TCA_FQ_QUANTUM, COUNT, 4),
	BQ_TC_WORD("initial_quantum", TCA_FQ_INITIAL_QUANTUM, COUNT, 4),
	BQ_TC_WORD("low_rate_threshold", TCA_FQ_LOW_RATE_THRESHOLD, RATE, 4),
	BQ_TC_WORD_UNLESS("maxrate", TCA_FQ_FLOW_MAX_RATE, RATE, 4, UINT32_MAX),
	BQ_TC_WORD("refill_delay", TCA_FQ_FLOW_REFILL_DELAY, US, 4),
	BQ_TC_WORD_UNLESS("ce_threshold", TCA_FQ_CE_THRESHOLD, US, 4, UINT32_MAX),
	BQ_TC_WORD("timer_slack", TCA_FQ_TIMER_SLACK, NS, 4),
	BQ_TC_WORD("horizon", TCA_FQ_HORIZON, US, 4),
	BQ_TC_NAMED(TCA_FQ_HORIZON_DROP, 1, horizon),
	BQ_TC_CUSTOM(FQ_PRIOMAP, sizeof(struct tc_prio_qopt), print_fq_priomap),
	BQ_TC_CUSTOM(FQ_WEIGHTS, FQ_BANDS * sizeof(int32_t), print_fq_weights),
	BQ_TC_WORD_UNLESS("offload_horizon", FQ_OFFLOAD_HORIZON, US, 4, 0),
};

/* --- cake --- */

static const char *const cake_flows[] = { "flowblind",    "srchost",       "dsthost",
					  "hosts",        "flows",         "dual-srchost",
					  "dual-dsthost", "triple-isolate" };
static const char *const cake_tins[] = { "diffserv3", "diffserv4", "diffserv8", "besteffort",
					 "precedence" };
static const char *const cake_cells[] = { "noatm", "atm", "ptm" };
static const char *const cake_acks[] = { "no-ack-filter", "ack-filter", "ack-filter-aggressive" };
static const char *const cake_autorate[] = { "", "autorate-ingress" };
static const char *const cake_nat[] = { "nonat", "nat" };
static const char *const cake_wash[] = { "nowash", "wash" };
static const char *const cake_ingress[] = { "egress", "ingress" };
static const char *const cake_gso[] = { "no-split-gso", "split-gso" };

static void print_bandwidth(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	uint64_t rate;

	(void)options;
	memcpy(&rate, value, sizeof(rate));
	if (rate)
		bq_tc_print_rate(w, "bandwidth", rate);
	else
		bq_tc_print(w, "unlimited");
}

/* tc sets the target to a twentieth of the round trip time. */
static void print_rtt(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nlattr *target = bq_attr_find_in(options, TCA_CAKE_TARGET);
	uint32_t rtt = *(const uint32_t *)value;

	if (!target || mnl_attr_get_payload_len(target) != sizeof(rtt) ||
	    mnl_attr_get_u32(target) != (rtt < 20 ? 1 : rtt / 20))
		w->incomplete = true;
	bq_tc_print_us(w, "rtt", rtt);
}

/* "raw" resets the overhead, so it must come first. */
static void print_overhead(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	int32_t overhead = *(const int32_t *)value;

	if (bq_attr_find_in(options, TCA_CAKE_RAW))
		bq_tc_print(w, "raw");
	if (overhead || !bq_attr_find_in(options, TCA_CAKE_RAW))
		bq_tc_print(w, "overhead %d", overhead);
}

static const struct bq_tc_row cake[] = {
	BQ_TC_CUSTOM(TCA_CAKE_BASE_RATE64, 8, print_bandwidth),
	BQ_TC_NAMED(TCA_CAKE_AUTORATE, 4, cake_autorate),
	BQ_TC_NAMED(TCA_CAKE_DIFFSERV_MODE, 4, cake_tins),
	BQ_TC_NAMED(TCA_CAKE_FLOW_MODE, 4, cake_flows),
	BQ_TC_NAMED(TCA_CAKE_NAT, 4, cake_nat),
	BQ_TC_NAMED(TCA_CAKE_WASH, 4, cake_wash),
	BQ_TC_NAMED(TCA_CAKE_ACK_FILTER, 4, cake_acks),
	BQ_TC_NAMED(TCA_CAKE_SPLIT_GSO, 4, cake_gso),
	BQ_TC_NAMED(TCA_CAKE_INGRESS, 4, cake_ingress),
	BQ_TC_CUSTOM(TCA_CAKE_RTT, 4, print_rtt),
	BQ_TC_IGNORED(TCA_CAKE_TARGET),
	BQ_TC_CUSTOM(TCA_CAKE_OVERHEAD, 4, print_overhead),
	BQ_TC_IGNORED(TCA_CAKE_RAW),
	BQ_TC_NAMED(TCA_CAKE_ATM, 4, cake_cells),
	BQ_TC_WORD_UNLESS("mpu", TCA_CAKE_MPU, COUNT, 4, 0),
	BQ_TC_WORD_UNLESS("memlimit", TCA_CAKE_MEMORY, COUNT, 4, 0),
	{
		.word = "fwmark",
		.form = BQ_TC_FORM_HEX,
		.attr = TCA_CAKE_FWMARK,
		.bytes = 4,
		.omit_default = true,
	},
};

const struct bq_tc_rows bq_rows_codel = BQ_TC_ROWS(codel);
const struct bq_tc_rows bq_rows_fq_codel = BQ_TC_ROWS(fq_codel);
const struct bq_tc_rows bq_rows_pie = BQ_TC_ROWS(pie);
const struct bq_tc_rows bq_rows_fq_pie = BQ_TC_ROWS(fq_pie);
const struct bq_tc_rows bq_rows_hhf = BQ_TC_ROWS(hhf);
const struct bq_tc_rows bq_rows_fq = BQ_TC_ROWS(fq);
const struct bq_tc_rows bq_rows_cake = BQ_TC_ROWS(cake);
