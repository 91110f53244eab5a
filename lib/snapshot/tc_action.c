// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Table of the words that iproute2's tc/m_*.c has for actions of filters.
 * tests/live/undo_kinds.sh checks each row.
 */
#include <net/if.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>

#include "netlink/message.h"
#include "snapshot/tc_action.h"
#include "util/array.h"

/* Return the tc word for a verdict, or NULL if it needs more than a word. */
static const char *control_name(int verdict)
{
	static const char *const names[] = {
		[TC_ACT_OK] = "pass",   [TC_ACT_RECLASSIFY] = "reclassify", [TC_ACT_SHOT] = "drop",
		[TC_ACT_PIPE] = "pipe", [TC_ACT_STOLEN] = "stolen",         [TC_ACT_TRAP] = "trap",
	};

	if (verdict == TC_ACT_UNSPEC)
		return "continue";
	return verdict >= 0 && verdict < (int)ARRAY_SIZE(names) ? names[verdict] : NULL;
}

/* Print the end of an action: the verdict unless it is tc's default, and the action's index. */
static void print_control(struct bq_tc_line *w, int verdict, int default_verdict, uint32_t index)
{
	const char *name = control_name(verdict);

	if (!name)
		w->incomplete = true;
	else if (verdict != default_verdict)
		bq_tc_print(w, "%s", name);
	if (index)
		bq_tc_print(w, "index %u", index);
}

#define NO_VERDICT 0x7fffffff

static void print_gact(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_gact *parms = value;

	(void)options;
	print_control(w, parms->action, NO_VERDICT, parms->index);
}

static const struct bq_tc_row gact[] = {
	BQ_TC_IGNORED(TCA_GACT_TM),
	BQ_TC_CUSTOM(TCA_GACT_PARMS, sizeof(struct tc_gact), print_gact),
};

static void print_mirred(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	static const char *const directions[] = {
		[TCA_EGRESS_REDIR] = "egress redirect",
		[TCA_EGRESS_MIRROR] = "egress mirror",
		[TCA_INGRESS_REDIR] = "ingress redirect",
		[TCA_INGRESS_MIRROR] = "ingress mirror",
	};
	const struct tc_mirred *parms = value;
	char dev[IF_NAMESIZE];
	bool mirrors;

	(void)options;
	if (parms->eaction <= 0 || parms->eaction >= (int)ARRAY_SIZE(directions) ||
	    !if_indextoname(parms->ifindex, dev)) {
		w->incomplete = true;
		return;
	}
	mirrors = parms->eaction == TCA_EGRESS_MIRROR || parms->eaction == TCA_INGRESS_MIRROR;
	/* tc accepts a verdict after a mirror only. */
	if (!mirrors && parms->action != TC_ACT_STOLEN)
		w->incomplete = true;
	bq_tc_print(w, "%s", directions[parms->eaction]);
	bq_tc_print_text(w, "dev", dev);
	print_control(w, parms->action, mirrors ? TC_ACT_PIPE : TC_ACT_STOLEN, parms->index);
}

static const struct bq_tc_row mirred[] = {
	BQ_TC_IGNORED(TCA_MIRRED_TM),
	BQ_TC_CUSTOM(TCA_MIRRED_PARMS, sizeof(struct tc_mirred), print_mirred),
};

static void print_skbedit_mark(struct bq_tc_line *w, const void *value,
			       const struct nlattr *options)
{
	const struct nlattr *mask = bq_attr_find_in(options, TCA_SKBEDIT_MASK);
	uint32_t mark = *(const uint32_t *)value;

	if (mask && mnl_attr_get_payload_len(mask) == sizeof(mark))
		bq_tc_print(w, "mark 0x%x/0x%x", mark, mnl_attr_get_u32(mask));
	else
		bq_tc_print(w, "mark 0x%x", mark);
}

static void print_skbedit_flags(struct bq_tc_line *w, const void *value,
				const struct nlattr *options)
{
	uint64_t flags;

	(void)options;
	memcpy(&flags, value, sizeof(flags));
	if (flags & ~(uint64_t)SKBEDIT_F_INHERITDSFIELD)
		w->incomplete = true;
	else if (flags)
		bq_tc_print(w, "inheritdsfield");
}

static void print_skbedit(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_skbedit *parms = value;

	(void)options;
	print_control(w, parms->action, TC_ACT_PIPE, parms->index);
}

static const char *const ptypes[] = { "ptype host", "ptype broadcast", "ptype multicast",
				      "ptype otherhost" };

static const struct bq_tc_row skbedit[] = {
	BQ_TC_IGNORED(TCA_SKBEDIT_TM),
	BQ_TC_WORD("priority", TCA_SKBEDIT_PRIORITY, CLASSID, 4),
	BQ_TC_WORD("queue_mapping", TCA_SKBEDIT_QUEUE_MAPPING, COUNT, 2),
	BQ_TC_CUSTOM(TCA_SKBEDIT_MARK, 4, print_skbedit_mark),
	BQ_TC_IGNORED(TCA_SKBEDIT_MASK),
	BQ_TC_NAMED(TCA_SKBEDIT_PTYPE, 2, ptypes),
	BQ_TC_CUSTOM(TCA_SKBEDIT_FLAGS, 8, print_skbedit_flags),
	BQ_TC_CUSTOM(TCA_SKBEDIT_PARMS, sizeof(struct tc_skbedit), print_skbedit),
};

static const struct bq_tc_kind actions[] = {
	{ "gact", &(const struct bq_tc_rows)BQ_TC_ROWS(gact) },
	{ "mirred", &(const struct bq_tc_rows)BQ_TC_ROWS(mirred) },
	{ "skbedit", &(const struct bq_tc_rows)BQ_TC_ROWS(skbedit) },
};

static void print_options(struct bq_tc_line *w, const void *value, const struct nlattr *action)
{
	const struct nlattr *kind = bq_attr_find_in(action, TCA_ACT_KIND);

	(void)value;
	bq_tc_print_kind(w, actions, ARRAY_SIZE(actions), kind ? mnl_attr_get_str(kind) : "",
			 bq_attr_find_in(action, TCA_ACT_OPTIONS));
}

/* The kernel requires the hardware flags of an action to equal those of its filter. */
static void print_action_flags(struct bq_tc_line *w, const void *value,
			       const struct nlattr *options)
{
	const struct nla_bitfield32 *flags = value;

	(void)options;
	if (flags->value & ~(uint32_t)(TCA_ACT_FLAGS_SKIP_HW | TCA_ACT_FLAGS_SKIP_SW))
		w->incomplete = true;
}

/* The ignored attributes are counters and the state of hardware offload. */
static const struct bq_tc_row action[] = {
	{ .word = "action", .form = BQ_TC_FORM_TEXT, .attr = TCA_ACT_KIND },
	BQ_TC_CUSTOM(TCA_ACT_OPTIONS, 0, print_options),
	BQ_TC_CUSTOM(TCA_ACT_FLAGS, sizeof(struct nla_bitfield32), print_action_flags),
	BQ_TC_IGNORED(TCA_ACT_STATS),
	BQ_TC_IGNORED(TCA_ACT_PAD),
	BQ_TC_IGNORED(TCA_ACT_USED_HW_STATS),
	BQ_TC_IGNORED(TCA_ACT_IN_HW_COUNT),
};

void bq_tc_print_actions(struct bq_tc_line *w, const struct nlattr *list)
{
	static const struct bq_tc_rows rows = BQ_TC_ROWS(action);
	const struct nlattr *one;

	mnl_attr_for_each_nested(one, list)
	{
		bq_tc_print_rows(w, &rows, one);
	}
}
