// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Table of the words that iproute2's tc/f_*.c has for filters. tests/live/undo_kinds.sh checks each
 * row: the dump of what the tc command creates must equal the recorded dump.
 */
#include <arpa/inet.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/tc_action.h"
#include "snapshot/tc_filter.h"
#include "util/array.h"

/* --- attributes of several filters --- */

static void print_flags(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	uint32_t flags = *(const uint32_t *)value;

	(void)options;
	if (flags & ~(uint32_t)(TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW))
		w->incomplete = true;
	if (flags & TCA_CLS_FLAGS_SKIP_HW)
		bq_tc_print(w, "skip_hw");
	if (flags & TCA_CLS_FLAGS_SKIP_SW)
		bq_tc_print(w, "skip_sw");
}

#define FLOWID(a) BQ_TC_WORD("classid", a, CLASSID, 4)
#define INDEV(a)                                                                                   \
	{                                                                                          \
		.word = "indev", .form = BQ_TC_FORM_TEXT, .attr = (a)                              \
	}

static const struct bq_tc_row matchall[] = {
	BQ_TC_CUSTOM(TCA_MATCHALL_FLAGS, 4, print_flags),
	FLOWID(TCA_MATCHALL_CLASSID),
	BQ_TC_IGNORED(TCA_MATCHALL_PCNT),
	BQ_TC_NESTED(TCA_MATCHALL_ACT, bq_tc_print_actions),
};

static const struct bq_tc_row fw[] = {
	INDEV(TCA_FW_INDEV),
	FLOWID(TCA_FW_CLASSID),
	BQ_TC_IGNORED(TCA_FW_MASK), /* print_handle() prints it */
	BQ_TC_NESTED(TCA_FW_ACT, bq_tc_print_actions),
};

/* --- flower --- */

/* tc parses a number here as hexadecimal, and requires the protocol before the ports. */
static void print_ip_proto(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	bq_tc_print(w, "ip_proto %x", *(const uint8_t *)value);
}

#define MASKED(w, a, m, f, n)                                                                      \
	{                                                                                          \
		.word = (w), .form = BQ_TC_FORM_##f, .attr = (a), .mask = (m), .bytes = (n)        \
	}
#define PORT(w, key) MASKED(w, key, key##_MASK, PORT, 2)

static const struct bq_tc_row flower[] = {
	INDEV(TCA_FLOWER_INDEV),
	BQ_TC_CUSTOM(TCA_FLOWER_FLAGS, 4, print_flags),
	BQ_TC_IGNORED(
		TCA_FLOWER_KEY_ETH_TYPE), /* equals the filter's protocol: is_default_eth_type() */
	MASKED("dst_mac", TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK, MAC, 6),
	MASKED("src_mac", TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, MAC, 6),
	BQ_TC_CUSTOM(TCA_FLOWER_KEY_IP_PROTO, 1, print_ip_proto),
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
	BQ_TC_NESTED(TCA_FLOWER_ACT, bq_tc_print_actions),
};

/* --- u32 --- */

/* A handle consists of table, bucket and entry. */
static void print_u32_handle(struct bq_tc_line *w, const char *word, uint32_t handle)
{
	uint32_t table = TC_U32_USERHTID(handle), bucket = TC_U32_HASH(handle);

	if (TC_U32_NODE(handle))
		bq_tc_print(w, "%s %x:%x:%x", word, table, bucket, TC_U32_NODE(handle));
	else if (bucket)
		bq_tc_print(w, "%s %x:%x:", word, table, bucket);
	else
		bq_tc_print(w, "%s %x:", word, table);
}

static void print_table(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	print_u32_handle(w, "ht", *(const uint32_t *)value);
}

static void print_link(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	(void)options;
	print_u32_handle(w, "link", *(const uint32_t *)value);
}

/* Return true if an earlier key has the same offset: tc merges such keys into one. */
static bool is_repeated(const struct tc_u32_sel *sel, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (sel->keys[j].off == sel->keys[i].off &&
		    sel->keys[j].offmask == sel->keys[i].offmask)
			return true;
	return false;
}

static void print_key(struct bq_tc_line *w, const struct tc_u32_key *key)
{
	if ((key->offmask && key->offmask != -1) || key->off % 4 || key->val & ~key->mask)
		w->incomplete = true;
	bq_tc_print(w, "match u32 0x%x 0x%x at %s%d", ntohl(key->val), ntohl(key->mask),
		    key->offmask ? "nexthdr+" : "", key->off);
}

static void print_offset(struct bq_tc_line *w, const struct tc_u32_sel *sel)
{
	if (sel->flags & TC_U32_VAROFFSET)
		bq_tc_print(w, "offset at %d mask 0x%x shift %u", sel->offoff, ntohs(sel->offmask),
			    sel->offshift);
	else if (sel->offoff || sel->offmask || sel->offshift)
		w->incomplete = true;
	if (sel->flags & TC_U32_OFFSET)
		bq_tc_print(w, "offset plus %u", sel->off);
	else if (sel->off)
		w->incomplete = true;
	if (sel->flags & TC_U32_EAT)
		bq_tc_print(w, "offset eat");
}

/* Return true if tc sets the same terminal flag: on a filter with a class or an action. */
static bool is_default_terminal(const struct tc_u32_sel *sel, const struct nlattr *options)
{
	bool terminal =
		bq_attr_find_in(options, TCA_U32_CLASSID) || bq_attr_find_in(options, TCA_U32_ACT);

	return terminal == !!(sel->flags & TC_U32_TERMINAL);
}

static void print_selector(struct bq_tc_line *w, const void *value, const struct nlattr *options)
{
	const struct nlattr *attr = bq_attr_find_in(options, TCA_U32_SEL);
	const struct tc_u32_sel *sel = value;
	size_t i, len = mnl_attr_get_payload_len(attr);

	if (len < sizeof(*sel) || !sel->nkeys ||
	    len != sizeof(*sel) + sel->nkeys * sizeof(sel->keys[0]) ||
	    !is_default_terminal(sel, options)) {
		w->incomplete = true;
		return;
	}
	for (i = 0; i < sel->nkeys; i++) {
		if (is_repeated(sel, i))
			w->incomplete = true;
		print_key(w, &sel->keys[i]);
	}
	print_offset(w, sel);
	if (sel->hmask)
		bq_tc_print(w, "hashkey mask 0x%x at %d", ntohl(sel->hmask), sel->hoff);
	else if (sel->hoff)
		w->incomplete = true;
}

static const struct bq_tc_row u32[] = {
	BQ_TC_WORD("divisor", TCA_U32_DIVISOR, COUNT, 4),
	BQ_TC_CUSTOM(TCA_U32_HASH, 4, print_table),
	BQ_TC_CUSTOM(TCA_U32_LINK, 4, print_link),
	BQ_TC_CUSTOM(TCA_U32_SEL, 0, print_selector),
	INDEV(TCA_U32_INDEV),
	BQ_TC_CUSTOM(TCA_U32_FLAGS, 4, print_flags),
	FLOWID(TCA_U32_CLASSID),
	BQ_TC_IGNORED(TCA_U32_PCNT),
	BQ_TC_NESTED(TCA_U32_ACT, bq_tc_print_actions),
};

/* --- the request --- */

static const struct bq_tc_kind kinds[] = {
	{ "flower", &(const struct bq_tc_rows)BQ_TC_ROWS(flower) },
	{ "fw", &(const struct bq_tc_rows)BQ_TC_ROWS(fw) },
	{ "matchall", &(const struct bq_tc_rows)BQ_TC_ROWS(matchall) },
	{ "u32", &(const struct bq_tc_rows)BQ_TC_ROWS(u32) },
};

static void print_protocol(struct bq_tc_line *w, uint16_t protocol)
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

static void print_handle(struct bq_tc_line *w, const char *kind, uint32_t handle,
			 const struct nlattr *options)
{
	const struct nlattr *mask;

	if (!strcmp(kind, "u32")) {
		print_u32_handle(w, "handle", handle);
		return;
	}
	mask = !strcmp(kind, "fw") && options ? bq_attr_find_in(options, TCA_FW_MASK) : NULL;
	if (mask)
		bq_tc_print(w, "handle 0x%x/0x%x", handle, mnl_attr_get_u32(mask));
	else
		bq_tc_print(w, "handle 0x%x", handle);
}

/* Return true if tc derives the same Ethernet type of flower from the protocol. */
static bool is_default_eth_type(uint16_t protocol, const struct nlattr *options)
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
	print_protocol(w, protocol);
	bq_tc_print(w, "prio %u", tcm->tcm_info >> 16);
	if (tcm->tcm_handle)
		print_handle(w, kind, tcm->tcm_handle, options);
	if (!strcmp(kind, "flower") && (!options || !is_default_eth_type(protocol, options)))
		w->incomplete = true;
	bq_tc_print(w, "%s", kind);
	bq_tc_print_kind(w, kinds, ARRAY_SIZE(kinds), kind, options);
}
