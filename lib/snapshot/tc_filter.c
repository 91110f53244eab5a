// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A row is right when what tc makes of its word is dumped as it was recorded: the tests of
 * tests/live/undo_kinds.sh run the words of each kind. The words are those of iproute2's tc/f_*.c
 * and tc/m_*.c.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>

#include "netlink/message.h"
#include "snapshot/tc_filter.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* --- actions --- */

/* NULL: a verdict that takes more than a word. */
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

/* The end of every action: what then, unless it is USUAL, and the action's number. */
static void say_control(struct bq_tc_line *w, int verdict, int usual, uint32_t index)
{
	const char *name = control_name(verdict);

	if (!name)
		w->unsaid = true;
	else if (verdict != usual)
		bq_tc_print(w, "%s", name);
	if (index)
		bq_tc_print(w, "index %u", index);
}

#define NO_VERDICT 0x7fffffff

static void say_gact(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_gact *parms = value;

	(void)options;
	say_control(w, parms->action, NO_VERDICT, parms->index);
}

static const struct bq_tc_row gact[] = {
	BQ_TC_IGNORED(TCA_GACT_TM),
	BQ_TC_CUSTOM(TCA_GACT_PARMS, sizeof(struct tc_gact), say_gact),
};

static void say_mirred(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	static const char *const how[] = {
		[TCA_EGRESS_REDIR] = "egress redirect",
		[TCA_EGRESS_MIRROR] = "egress mirror",
		[TCA_INGRESS_REDIR] = "ingress redirect",
		[TCA_INGRESS_MIRROR] = "ingress mirror",
	};
	const struct tc_mirred *parms = value;
	char dev[IF_NAMESIZE];
	bool mirrors;

	(void)options;
	if (parms->eaction <= 0 || parms->eaction >= (int)ARRAY_SIZE(how) ||
	    !if_indextoname(parms->ifindex, dev)) {
		w->unsaid = true;
		return;
	}
	mirrors = parms->eaction == TCA_EGRESS_MIRROR || parms->eaction == TCA_INGRESS_MIRROR;
	/* tc lets one choose what then only after a mirror. */
	if (!mirrors && parms->action != TC_ACT_STOLEN)
		w->unsaid = true;
	bq_tc_print(w, "%s", how[parms->eaction]);
	bq_tc_print_text(w, "dev", dev);
	say_control(w, parms->action, mirrors ? TC_ACT_PIPE : TC_ACT_STOLEN, parms->index);
}

static const struct bq_tc_row mirred[] = {
	BQ_TC_IGNORED(TCA_MIRRED_TM),
	BQ_TC_CUSTOM(TCA_MIRRED_PARMS, sizeof(struct tc_mirred), say_mirred),
};

static void say_skbedit_mark(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nlattr *mask = bq_attr_find_in(options, TCA_SKBEDIT_MASK);
	uint32_t mark = *(const uint32_t *)value;

	if (mask && mnl_attr_get_payload_len(mask) == sizeof(mark))
		bq_tc_print(w, "mark 0x%x/0x%x", mark, mnl_attr_get_u32(mask));
	else
		bq_tc_print(w, "mark 0x%x", mark);
}

static void say_inherit(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	uint64_t flags;

	(void)options;
	memcpy(&flags, value, sizeof(flags));
	if (flags & ~(uint64_t)SKBEDIT_F_INHERITDSFIELD)
		w->unsaid = true;
	else if (flags)
		bq_tc_print(w, "inheritdsfield");
}

static void say_skbedit(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct tc_skbedit *parms = value;

	(void)options;
	say_control(w, parms->action, TC_ACT_PIPE, parms->index);
}

static const char *const ptypes[] = { "ptype host", "ptype broadcast", "ptype multicast",
				      "ptype otherhost" };

static const struct bq_tc_row skbedit[] = {
	BQ_TC_IGNORED(TCA_SKBEDIT_TM),
	BQ_TC_WORD("priority", TCA_SKBEDIT_PRIORITY, CLASSID, 4),
	BQ_TC_WORD("queue_mapping", TCA_SKBEDIT_QUEUE_MAPPING, COUNT, 2),
	BQ_TC_CUSTOM(TCA_SKBEDIT_MARK, 4, say_skbedit_mark),
	BQ_TC_IGNORED(TCA_SKBEDIT_MASK),
	BQ_TC_NAMED(TCA_SKBEDIT_PTYPE, 2, ptypes),
	BQ_TC_CUSTOM(TCA_SKBEDIT_FLAGS, 8, say_inherit),
	BQ_TC_CUSTOM(TCA_SKBEDIT_PARMS, sizeof(struct tc_skbedit), say_skbedit),
};

static const struct bq_tc_kind actions[] = {
	{ "gact", &(const struct bq_tc_rows)BQ_TC_ROWS(gact) },
	{ "mirred", &(const struct bq_tc_rows)BQ_TC_ROWS(mirred) },
	{ "skbedit", &(const struct bq_tc_rows)BQ_TC_ROWS(skbedit) },
};

static void say_options(struct bq_tc_line *w, const void *value, const struct nlattr *action)
{
	const struct nlattr *kind = bq_attr_find_in(action, TCA_ACT_KIND);

	(void)value;
	bq_tc_print_kind(w, actions, ARRAY_SIZE(actions), kind ? mnl_attr_get_str(kind) : "",
			 bq_attr_find_in(action, TCA_ACT_OPTIONS));
}

/* Whether hardware has it, or hardware alone, is as with the filter: the kernel insists on that. */
static void say_action_flags(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nla_bitfield32 *flags = value;

	(void)options;
	if (flags->value & ~(uint32_t)(TCA_ACT_FLAGS_SKIP_HW | TCA_ACT_FLAGS_SKIP_SW))
		w->unsaid = true;
}

/* What the kernel counts of an action, and what it says of hardware. */
static const struct bq_tc_row action[] = {
	{ .word = "action", .form = BQ_FORM_TEXT, .attr = TCA_ACT_KIND },
	BQ_TC_CUSTOM(TCA_ACT_OPTIONS, 0, say_options),
	BQ_TC_CUSTOM(TCA_ACT_FLAGS, sizeof(struct nla_bitfield32), say_action_flags),
	BQ_TC_IGNORED(TCA_ACT_STATS),
	BQ_TC_IGNORED(TCA_ACT_PAD),
	BQ_TC_IGNORED(TCA_ACT_USED_HW_STATS),
	BQ_TC_IGNORED(TCA_ACT_IN_HW_COUNT),
};

static void say_actions(struct bq_tc_line *w, const struct nlattr *list)
{
	const struct nlattr *one;

	static const struct bq_tc_rows rows = BQ_TC_ROWS(action);

	mnl_attr_for_each_nested(one, list)
	{
		bq_tc_print_rows(w, &rows, one);
	}
}

/* --- what several filters have --- */

static void say_flags(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	uint32_t flags = *(const uint32_t *)value;

	(void)options;
	if (flags & ~(uint32_t)(TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW))
		w->unsaid = true;
	if (flags & TCA_CLS_FLAGS_SKIP_HW)
		bq_tc_print(w, "skip_hw");
	if (flags & TCA_CLS_FLAGS_SKIP_SW)
		bq_tc_print(w, "skip_sw");
}

#define FLOWID(a) BQ_TC_WORD("classid", a, CLASSID, 4)
#define INDEV(a)                                                                                   \
	{                                                                                          \
		.word = "indev", .form = BQ_FORM_TEXT, .attr = (a)                                 \
	}

static const struct bq_tc_row matchall[] = {
	BQ_TC_CUSTOM(TCA_MATCHALL_FLAGS, 4, say_flags),
	FLOWID(TCA_MATCHALL_CLASSID),
	BQ_TC_IGNORED(TCA_MATCHALL_PCNT),
	BQ_TC_NESTED(TCA_MATCHALL_ACT, say_actions),
};

static const struct bq_tc_row fw[] = {
	INDEV(TCA_FW_INDEV),
	FLOWID(TCA_FW_CLASSID),
	BQ_TC_IGNORED(TCA_FW_MASK), /* which stands with the handle */
	BQ_TC_NESTED(TCA_FW_ACT, say_actions),
};

/* --- flower --- */

/* tc reads a number here as hexadecimal; and it wants the protocol before the ports. */
static void say_ip_proto(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	bq_tc_print(w, "ip_proto %x", *(const uint8_t *)value);
}

#define MASKED(w, a, m, f, n)                                                                      \
	{                                                                                          \
		.word = (w), .form = BQ_FORM_##f, .attr = (a), .mask = (m), .bytes = (n)           \
	}
#define PORT(w, key) MASKED(w, key, key##_MASK, PORT, 2)

static const struct bq_tc_row flower[] = {
	INDEV(TCA_FLOWER_INDEV),
	BQ_TC_CUSTOM(TCA_FLOWER_FLAGS, 4, say_flags),
	BQ_TC_IGNORED(TCA_FLOWER_KEY_ETH_TYPE), /* the filter's protocol: say_flower_type() */
	MASKED("dst_mac", TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK, MAC, 6),
	MASKED("src_mac", TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, MAC, 6),
	BQ_TC_CUSTOM(TCA_FLOWER_KEY_IP_PROTO, 1, say_ip_proto),
	MASKED("src_ip", TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK, IP, 4),
	MASKED("dst_ip", TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK, IP, 4),
	MASKED("src_ip", TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK, IP, 16),
	MASKED("dst_ip", TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK, IP, 16),
	PORT("src_port", TCA_FLOWER_KEY_TCP_SRC),
	PORT("dst_port", TCA_FLOWER_KEY_TCP_DST),
	PORT("src_port", TCA_FLOWER_KEY_UDP_SRC),
	PORT("dst_port", TCA_FLOWER_KEY_UDP_DST),
	PORT("src_port", TCA_FLOWER_KEY_SCTP_SRC),
	PORT("dst_port", TCA_FLOWER_KEY_SCTP_DST),
	BQ_TC_IGNORED(TCA_FLOWER_IN_HW_COUNT),
	FLOWID(TCA_FLOWER_CLASSID),
	BQ_TC_NESTED(TCA_FLOWER_ACT, say_actions),
};

/* --- u32 --- */

/* Table, bucket, entry. */
static void say_u32_handle(struct bq_tc_line *w, const char *word, uint32_t handle)
{
	uint32_t table = TC_U32_USERHTID(handle), bucket = TC_U32_HASH(handle);

	if (TC_U32_NODE(handle))
		bq_tc_print(w, "%s %x:%x:%x", word, table, bucket, TC_U32_NODE(handle));
	else if (bucket)
		bq_tc_print(w, "%s %x:%x:", word, table, bucket);
	else
		bq_tc_print(w, "%s %x:", word, table);
}

static void say_table(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	say_u32_handle(w, "ht", *(const uint32_t *)value);
}

static void say_link(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	say_u32_handle(w, "link", *(const uint32_t *)value);
}

/* tc makes one of two keys of the same place: such a pair it did not make. */
static bool is_repeated(const struct tc_u32_sel *sel, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (sel->keys[j].off == sel->keys[i].off &&
		    sel->keys[j].offmask == sel->keys[i].offmask)
			return true;
	return false;
}

static void say_key(struct bq_tc_line *w, const struct tc_u32_key *key)
{
	if ((key->offmask && key->offmask != -1) || key->off % 4 || key->val & ~key->mask)
		w->unsaid = true;
	bq_tc_print(w, "match u32 0x%x 0x%x at %s%d", ntohl(key->val), ntohl(key->mask),
		    key->offmask ? "nexthdr+" : "", key->off);
}

static void say_offset(struct bq_tc_line *w, const struct tc_u32_sel *sel)
{
	if (sel->flags & TC_U32_VAROFFSET)
		bq_tc_print(w, "offset at %d mask 0x%x shift %u", sel->offoff, ntohs(sel->offmask),
			    sel->offshift);
	else if (sel->offoff || sel->offmask || sel->offshift)
		w->unsaid = true;
	if (sel->flags & TC_U32_OFFSET)
		bq_tc_print(w, "offset plus %u", sel->off);
	else if (sel->off)
		w->unsaid = true;
	if (sel->flags & TC_U32_EAT)
		bq_tc_print(w, "offset eat");
}

/* tc says itself whether a filter is the end: when it names a class or has an action. */
static bool is_end_as_tc_says(const struct tc_u32_sel *sel, const struct nlattr *options)
{
	bool is_end =
		bq_attr_find_in(options, TCA_U32_CLASSID) || bq_attr_find_in(options, TCA_U32_ACT);

	return is_end == !!(sel->flags & TC_U32_TERMINAL);
}

static void say_selector(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nlattr *attr = bq_attr_find_in(options, TCA_U32_SEL);
	const struct tc_u32_sel *sel = value;
	size_t i, len = mnl_attr_get_payload_len(attr);

	if (len < sizeof(*sel) || !sel->nkeys ||
	    len != sizeof(*sel) + sel->nkeys * sizeof(sel->keys[0]) ||
	    !is_end_as_tc_says(sel, options)) {
		w->unsaid = true;
		return;
	}
	for (i = 0; i < sel->nkeys; i++) {
		if (is_repeated(sel, i))
			w->unsaid = true;
		say_key(w, &sel->keys[i]);
	}
	say_offset(w, sel);
	if (sel->hmask)
		bq_tc_print(w, "hashkey mask 0x%x at %d", ntohl(sel->hmask), sel->hoff);
	else if (sel->hoff)
		w->unsaid = true;
}

static const struct bq_tc_row u32[] = {
	BQ_TC_WORD("divisor", TCA_U32_DIVISOR, COUNT, 4),
	BQ_TC_CUSTOM(TCA_U32_HASH, 4, say_table),
	BQ_TC_CUSTOM(TCA_U32_LINK, 4, say_link),
	BQ_TC_CUSTOM(TCA_U32_SEL, 0, say_selector),
	INDEV(TCA_U32_INDEV),
	BQ_TC_CUSTOM(TCA_U32_FLAGS, 4, say_flags),
	FLOWID(TCA_U32_CLASSID),
	BQ_TC_IGNORED(TCA_U32_PCNT),
	BQ_TC_NESTED(TCA_U32_ACT, say_actions),
};

/* --- the request --- */

static const struct bq_tc_kind kinds[] = {
	{ "flower", &(const struct bq_tc_rows)BQ_TC_ROWS(flower) },
	{ "fw", &(const struct bq_tc_rows)BQ_TC_ROWS(fw) },
	{ "matchall", &(const struct bq_tc_rows)BQ_TC_ROWS(matchall) },
	{ "u32", &(const struct bq_tc_rows)BQ_TC_ROWS(u32) },
};

static void say_protocol(struct bq_tc_line *w, uint16_t protocol)
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = { { ETH_P_ALL, "all" },
		      { ETH_P_IP, "ip" },
		      { ETH_P_IPV6, "ipv6" },
		      { ETH_P_ARP, "arp" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol) {
			bq_tc_print(w, "protocol %s", names[i].name);
			return;
		}
	bq_tc_print(w, "protocol 0x%04x", protocol);
}

static void say_handle(struct bq_tc_line *w, const char *kind, uint32_t handle,
		       const struct nlattr *options)
{
	const struct nlattr *mask;

	if (!strcmp(kind, "u32")) {
		say_u32_handle(w, "handle", handle);
		return;
	}
	mask = !strcmp(kind, "fw") && options ? bq_attr_find_in(options, TCA_FW_MASK) : NULL;
	if (mask)
		bq_tc_print(w, "handle 0x%x/0x%x", handle, mnl_attr_get_u32(mask));
	else
		bq_tc_print(w, "handle 0x%x", handle);
}

/* tc says flower's type of packet itself, after the protocol. */
static bool is_type_as_tc_says(uint16_t protocol, const struct nlattr *options)
{
	const struct nlattr *type = bq_attr_find_in(options, TCA_FLOWER_KEY_ETH_TYPE);

	if (!type)
		return protocol == ETH_P_ALL;
	return mnl_attr_get_payload_len(type) == 2 && ntohs(mnl_attr_get_u16(type)) == protocol;
}

void bq_tc_print_filter(struct bq_tc_line *w, const struct nlmsghdr *request)
{
	const struct nlattr *options = bq_message_attr(request, TCA_OPTIONS);
	const struct nlattr *chain = bq_message_attr(request, TCA_CHAIN);
	const struct tcmsg *tcm = bq_message_tcm(request);
	const char *kind = bq_message_kind(request);
	uint16_t protocol = ntohs((uint16_t)TC_H_MIN(tcm->tcm_info));

	if (chain && mnl_attr_get_u32(chain))
		bq_tc_print(w, "chain %u", mnl_attr_get_u32(chain));
	say_protocol(w, protocol);
	bq_tc_print(w, "prio %u", tcm->tcm_info >> 16);
	if (tcm->tcm_handle)
		say_handle(w, kind, tcm->tcm_handle, options);
	if (!strcmp(kind, "flower") && (!options || !is_type_as_tc_says(protocol, options)))
		w->unsaid = true;
	bq_tc_print(w, "%s", kind);
	bq_tc_print_kind(w, kinds, ARRAY_SIZE(kinds), kind, options);
}
