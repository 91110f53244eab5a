// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fixups of dumped options, by kind: the kernel does not accept them as it dumps them. */
#include <stdint.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "snapshot/fixup.h"
#include "netlink/message.h"
#include "util/array.h"

/* Return the payload of TYPE in the options, or NULL if it has less than SIZE bytes. */
static void *payload(const struct bq_fixup *fixup, unsigned int type, size_t size)
{
	struct nlattr *attr = fixup->options ? bq_attr_find_in(fixup->options, type) : NULL;

	if (!attr || mnl_attr_get_payload_len(attr) < size)
		return NULL;
	return mnl_attr_get_payload(attr);
}

/* Append to the options. They are the last attribute of the request, which grows with them. */
static void put_option(struct bq_fixup *fixup, uint16_t type, size_t len, const void *data)
{
	mnl_attr_put(fixup->request, type, len, data);
	fixup->options->nla_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(fixup->request) -
					     (char *)fixup->options);
}

/* Truncate the options to LEN bytes. */
static void cut_options(struct bq_fixup *fixup, size_t len)
{
	char *end = (char *)fixup->options + MNL_ATTR_HDRLEN + MNL_ALIGN(len);

	fixup->options->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + len);
	fixup->request->nlmsg_len = (uint32_t)(end - (char *)fixup->request);
}

/* --- times that the kernel stores in units of 2^SHIFT ns and dumps in us, rounded down --- */

static uint64_t dumped_us(uint64_t us, unsigned int shift)
{
	return (((us * 1000) >> shift) << shift) / 1000;
}

/* A dumped time that is sent back loses a microsecond. Send the one that is dumped unchanged. */
static void undo_rounding(struct bq_fixup *fixup, unsigned int type, unsigned int shift)
{
	uint32_t *dumped = payload(fixup, type, sizeof(*dumped));
	uint32_t us;

	if (!dumped)
		return;
	us = *dumped;
	while (us < UINT32_MAX && dumped_us(us, shift) < *dumped)
		us++;
	*dumped = us;
}

#define CODEL_SHIFT 10
#define PSCHED_SHIFT 6

static void fix_codel(struct bq_fixup *fixup)
{
	undo_rounding(fixup, TCA_CODEL_TARGET, CODEL_SHIFT);
	undo_rounding(fixup, TCA_CODEL_INTERVAL, CODEL_SHIFT);
	undo_rounding(fixup, TCA_CODEL_CE_THRESHOLD, CODEL_SHIFT);
}

static void fix_fq_codel(struct bq_fixup *fixup)
{
	undo_rounding(fixup, TCA_FQ_CODEL_TARGET, CODEL_SHIFT);
	undo_rounding(fixup, TCA_FQ_CODEL_INTERVAL, CODEL_SHIFT);
	undo_rounding(fixup, TCA_FQ_CODEL_CE_THRESHOLD, CODEL_SHIFT);
}

static void fix_pie(struct bq_fixup *fixup)
{
	undo_rounding(fixup, TCA_PIE_TARGET, PSCHED_SHIFT);
}

/* Newer parsers require a flag that dumps lack. */
static void fix_nested(struct bq_fixup *fixup)
{
	if (fixup->options)
		fixup->options->nla_type |= NLA_F_NESTED;
}

static void fix_fq_pie(struct bq_fixup *fixup)
{
	fix_nested(fixup);
	undo_rounding(fixup, TCA_FQ_PIE_TARGET, PSCHED_SHIFT);
}

/* --- other kinds --- */

/* The kernel dumps its version as major << 16 | minor, and accepts the major. */
static void fix_htb(struct bq_fixup *fixup)
{
	struct tc_htb_glob *glob = payload(fixup, TCA_HTB_INIT, sizeof(*glob));

	if (glob && glob->version > UINT16_MAX)
		glob->version >>= 16;
}

/* Without offload the kernel refuses the attributes behind the struct that it dumps. */
static void fix_mqprio(struct bq_fixup *fixup)
{
	struct tc_mqprio_qopt *qopt;

	if (!fixup->options || mnl_attr_get_payload_len(fixup->options) < sizeof(*qopt))
		return;
	qopt = mnl_attr_get_payload(fixup->options);
	if (qopt->hw)
		fixup->lost = "the offload of mqprio";
	qopt->hw = 0;
	cut_options(fixup, sizeof(*qopt));
}

/*
 * Decay of the average while the queue is idle. tc computes the table from avpkt and bandwidth; the
 * kernel does not dump it. The dumped unit of its index determines the slope within a factor of
 * two: 31 is reached at index 256 to 512. Take the middle.
 */
#define IDLE_TABLE_SIZE 256
#define IDLE_MAX 31
#define IDLE_MIDDLE 362

static void put_idle_table(struct bq_fixup *fixup, uint16_t type)
{
	uint8_t table[IDLE_TABLE_SIZE];
	unsigned int i;

	if (!fixup->options)
		return;
	for (i = 0; i < IDLE_TABLE_SIZE - 1; i++)
		table[i] = (uint8_t)(i * IDLE_MAX / IDLE_MIDDLE);
	table[i] = IDLE_MAX;
	put_option(fixup, type, sizeof(table), table);
}

/* The kernel dumps the flags twice and accepts them once. */
static void fix_red(struct bq_fixup *fixup)
{
	struct tc_red_qopt *qopt = payload(fixup, TCA_RED_PARMS, sizeof(*qopt));

	if (qopt && payload(fixup, TCA_RED_FLAGS, 0))
		qopt->flags = 0;
	put_idle_table(fixup, TCA_RED_STAB);
	fixup->lost = "the avpkt and bandwidth of red (restored with typical ones)";
	if (payload(fixup, TCA_RED_EARLY_DROP_BLOCK, 0) || payload(fixup, TCA_RED_MARK_BLOCK, 0))
		fixup->lost = "the avpkt, bandwidth and qevents of red";
}

static void fix_choke(struct bq_fixup *fixup)
{
	put_idle_table(fixup, TCA_CHOKE_STAB);
	fixup->lost = "the avpkt and bandwidth of choke (restored with typical ones)";
}

/* The kernel does not dump the distribution table, which affects jitter of delay and slots only. */
static void fix_netem(struct bq_fixup *fixup)
{
	const struct tc_netem_qopt *qopt;
	const struct tc_netem_slot *slot;
	const struct nlattr *attr;
	bool jitter;
	size_t len;

	if (!fixup->options || mnl_attr_get_payload_len(fixup->options) < sizeof(*qopt))
		return;
	qopt = mnl_attr_get_payload(fixup->options);
	len = mnl_attr_get_payload_len(fixup->options) - sizeof(*qopt);
	jitter = qopt->jitter;
	attr = bq_attr_find(qopt + 1, len, TCA_NETEM_JITTER64);
	if (attr && mnl_attr_get_u64(attr))
		jitter = true;
	attr = bq_attr_find(qopt + 1, len, TCA_NETEM_SLOT);
	slot = attr && mnl_attr_get_payload_len(attr) >= sizeof(*slot) ? mnl_attr_get_payload(attr)
								       : NULL;
	if (jitter || (slot && slot->dist_jitter))
		fixup->lost = "the distribution table of netem, if it has one";
}

/* tests/live/undo_kinds.sh tests each row. */
static const struct bq_fixup_kind kinds[] = {
	{ .kind = "bfifo" },
	{ .kind = "cake" },
	{ .kind = "cbs" },
	{ .kind = "choke", .fix = fix_choke },
	{ .kind = "codel", .fix = fix_codel },
	{ .kind = "drr", .has_classes = true },
	{ .kind = "etf" },
	{ .kind = "ets", .fix = fix_nested },
	{ .kind = "fq" },
	{ .kind = "fq_codel", .fix = fix_fq_codel },
	{ .kind = "fq_pie", .fix = fix_fq_pie },
	{ .kind = "hfsc", .has_classes = true },
	{ .kind = "hhf" },
	{ .kind = "htb", .has_classes = true, .fix = fix_htb },
	{ .kind = "mq" },
	{ .kind = "mqprio", .fix = fix_mqprio },
	{ .kind = "multiq" },
	{ .kind = "netem", .fix = fix_netem },
	{ .kind = "noqueue" },
	{ .kind = "pfifo" },
	{ .kind = "pfifo_fast" },
	{ .kind = "pfifo_head_drop" },
	{ .kind = "pie", .fix = fix_pie },
	{ .kind = "prio" },
	{ .kind = "qfq", .has_classes = true },
	{ .kind = "red", .fix = fix_red },
	{ .kind = "sfb" },
	{ .kind = "sfq" },
	{ .kind = "skbprio" },
	{ .kind = "tbf" },
};

const struct bq_fixup_kind *bq_fixup_kind(const char *kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return &kinds[i];
	return NULL;
}

/* --- size tables --- */

#define ATM_CELL 53
#define ATM_PAYLOAD 48
#define STAB_MAX 8192

static uint32_t size_on_wire(uint32_t size, const struct tc_sizespec *spec)
{
	if (size < spec->mpu)
		size = spec->mpu;
	if (spec->linklayer != TC_LINKLAYER_ATM)
		return size;
	return (size + ATM_PAYLOAD - 1) / ATM_PAYLOAD * ATM_CELL;
}

/* The kernel keeps the parameters of the table only. Compute it as tc does. */
bool bq_fixup_put_stab(struct nlmsghdr *request, const struct nlattr *stab)
{
	const struct nlattr *base = bq_attr_find_in(stab, TCA_STAB_BASE);
	const struct tc_sizespec *spec;
	uint16_t table[STAB_MAX];
	struct nlattr *nest;
	uint32_t i;

	if (!base || mnl_attr_get_payload_len(base) < sizeof(*spec))
		return false;
	spec = mnl_attr_get_payload(base);
	if (spec->tsize > STAB_MAX || spec->linklayer > TC_LINKLAYER_ATM || spec->cell_log > 16 ||
	    spec->size_log > 16)
		return false;
	for (i = 0; i < spec->tsize; i++)
		table[i] =
			(uint16_t)(size_on_wire((i + 1) << spec->cell_log, spec) >> spec->size_log);
	nest = mnl_attr_nest_start(request, TCA_STAB);
	mnl_attr_put(request, TCA_STAB_BASE, sizeof(*spec), spec);
	if (spec->tsize)
		mnl_attr_put(request, TCA_STAB_DATA, spec->tsize * sizeof(table[0]), table);
	mnl_attr_nest_end(request, nest);
	return true;
}

/* --- filters --- */

struct filter_row {
	const char *kind;
	unsigned int flags, actions, police; /* attribute types; 0: none */
	const char *lost;                    /* not NULL: the filter cannot be restored */
};

static const struct filter_row filters[] = {
	{ "basic", 0, TCA_BASIC_ACT, TCA_BASIC_POLICE, NULL },
	{ "bpf", 0, 0, 0, "a bpf filter (its program)" },
	{ "flower", TCA_FLOWER_FLAGS, TCA_FLOWER_ACT, 0, NULL },
	{ "fw", 0, TCA_FW_ACT, TCA_FW_POLICE, NULL },
	{ "matchall", TCA_MATCHALL_FLAGS, TCA_MATCHALL_ACT, 0, NULL },
	{ "u32", TCA_U32_FLAGS, TCA_U32_ACT, TCA_U32_POLICE, NULL },
};

/* Actions whose dump restores them. */
static const char *const actions[] = { "gact", "mirred", "skbedit" };

static bool knows_action(const struct nlattr *action)
{
	const struct nlattr *kind = bq_attr_find_in(action, TCA_ACT_KIND);
	size_t i;

	for (i = 0; kind && i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i], mnl_attr_get_str(kind)))
			return true;
	return false;
}

static bool knows_actions(const struct nlattr *list)
{
	const struct nlattr *action;

	mnl_attr_for_each_nested(action, list) if (!knows_action(action)) return false;
	return true;
}

bool bq_fixup_filter(const char *kind, struct bq_fixup *fixup)
{
	const struct filter_row *row = NULL;
	const struct nlattr *list;
	uint32_t *flags;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(filters); i++)
		if (!strcmp(filters[i].kind, kind))
			row = &filters[i];
	fixup->lost = row ? row->lost : "a filter of an unknown kind";
	if (fixup->lost || !fixup->options)
		return !fixup->lost;
	list = bq_attr_find_in(fixup->options, row->actions);
	fixup->lost = "a filter with an action that cannot be restored";
	if ((list && !knows_actions(list)) || (row->police && payload(fixup, row->police, 0)))
		return false;
	fixup->lost = NULL;
	/* The kernel dumps these flags and refuses them in a request. */
	flags = row->flags ? payload(fixup, row->flags, sizeof(*flags)) : NULL;
	if (flags)
		*flags &= ~(uint32_t)(TCA_CLS_FLAGS_IN_HW | TCA_CLS_FLAGS_NOT_IN_HW);
	return true;
}
