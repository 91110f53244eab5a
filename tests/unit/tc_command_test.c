// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lib/snapshot/tc_*.c: conversion of requests to tc commands. Includes tc_burst.c, whose static
 * functions it tests. tests/live/undo_kinds.sh tests that tc accepts the commands.
 */
#include "suites.h"
#include "snapshot/tc_burst.c"

#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "snapshot/tc_command.h"

static union {
	char bytes[8192];
	struct nlmsghdr header;
} buf;

static char text[2048];

static struct nlmsghdr *begin(uint16_t type, uint32_t handle, uint32_t parent, const char *kind)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));

	nlh->nlmsg_type = type;
	tcm->tcm_handle = handle;
	tcm->tcm_parent = parent;
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	return nlh;
}

static const char *command(const struct nlmsghdr *nlh)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	if (!bq_tc_command(nlh, "eth0", tcm->tcm_handle, false, text, sizeof(text)))
		return "";
	return text;
}

START_TEST(tc_command_qdisc)
{
	struct nlmsghdr *nlh = begin(RTM_NEWQDISC, 0x200000, 0x10020, "codel");
	struct nlattr *nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	mnl_attr_put_u32(nlh, TCA_CODEL_TARGET, 7001);
	mnl_attr_put_u32(nlh, TCA_CODEL_INTERVAL, 100000);
	mnl_attr_put_u32(nlh, TCA_CODEL_ECN, 0);
	mnl_attr_nest_end(nlh, nest);
	ck_assert_str_eq(command(nlh), "tc qdisc add dev eth0 parent 1:20 handle 20: codel "
				       "target 7001us interval 100ms noecn");
	ck_assert(bq_tc_command(nlh, "eth0", 0x200000, true, text, sizeof(text)));
	ck_assert_int_eq(strncmp(text, "tc qdisc replace ", 17), 0);
	ck_assert(!bq_tc_command(nlh, "eth0", 0x200000, true, text, 60));
}
END_TEST

/* An unknown attribute, one of another size, and a value without a name. */
START_TEST(tc_command_unsaid)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	int i;

	for (i = 0; i < 4; i++) {
		nlh = begin(RTM_NEWQDISC, 0x200000, TC_H_ROOT, "codel");
		nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
		mnl_attr_put_u32(nlh, TCA_CODEL_LIMIT, 9);
		if (i == 1)
			mnl_attr_put_u32(nlh, 99, 0);
		if (i == 2)
			mnl_attr_put_u64(nlh, TCA_CODEL_TARGET, 5);
		if (i == 3)
			mnl_attr_put_u32(nlh, TCA_CODEL_ECN, 2);
		mnl_attr_nest_end(nlh, nest);
		ck_assert_str_eq(command(nlh), i ? ""
						 : "tc qdisc add dev eth0 root handle 20: "
						   "codel limit 9");
	}
	nlh = begin(RTM_NEWQDISC, 0x200000, TC_H_ROOT, "fq");
	mnl_attr_put_u32(nlh, TCA_RATE, 1);
	ck_assert_str_eq(command(nlh), "");
	nlh = begin(RTM_NEWQDISC, 0x200000, TC_H_ROOT, "unknown_kind");
	ck_assert_str_eq(command(nlh), "tc qdisc add dev eth0 root handle 20: unknown_kind");
	mnl_attr_put_u32(nlh, TCA_OPTIONS, 1);
	ck_assert_str_eq(command(nlh), "");
}
END_TEST

static const char *print_htb(uint32_t buffer)
{
	struct tc_htb_opt opt = {
		.rate = { .rate = 12500000, .linklayer = 1 },
		.ceil = { .rate = UINT32_MAX, .linklayer = 1 },
		.buffer = buffer,
		.cbuffer = 15,
		.quantum = 3000,
	};
	struct nlmsghdr *nlh = begin(RTM_NEWTCLASS, 0x10020, TC_H_ROOT, "htb");
	struct nlattr *nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	mnl_attr_put(nlh, TCA_HTB_PARMS, sizeof(opt), &opt);
	mnl_attr_put_u64(nlh, TCA_HTB_CEIL64, 5000000000);
	mnl_attr_nest_end(nlh, nest);
	return command(nlh);
}

/* 38390 ticks are what tc 6.1 makes of 30k at 100mbit; of 38391 it and newer ones make nothing. */
START_TEST(tc_command_class)
{
	ck_assert_str_eq(print_htb(38390), "tc class add dev eth0 parent 1: classid 1:20 htb "
					   "rate 100mbit burst 30713 ceil 40gbit cburst 5000 "
					   "prio 0 quantum 3000");
	ck_assert_str_eq(print_htb(38391), "");
}
END_TEST

/* A burst in ticks, from tc or the kernel, is converted to a size that gives the same ticks. */
START_TEST(tc_command_bursts)
{
	int i;

	for (i = 0; i < 20000; i++) {
		uint64_t rate = 125 + random_magnitude() % 12500000000;
		uint64_t size = 1 + random_below(1 << 20), ticks, found;

		ticks = ticks_of_whole_us(rate, size);
		if (ticks <= UINT32_MAX) {
			found = bq_tc_burst_of_ticks(rate, (uint32_t)ticks);
			ck_assert_uint_ne(found, 0);
			ck_assert_uint_eq(ticks_of_whole_us(rate, found), ticks);
		}
		ticks = ticks_rounded_up(rate, size);
		if (ticks <= UINT32_MAX) {
			found = bq_tc_burst_of_ticks(rate, (uint32_t)ticks);
			ck_assert(found && (ticks_rounded_up(rate, found) == ticks ||
					    ticks_of_whole_us(rate, found) == ticks));
		}
		ticks = ticks_of_kernel(rate, size);
		if (ticks <= UINT32_MAX) {
			found = bq_tc_burst_of_kernel(rate, (uint32_t)ticks);
			ck_assert_uint_ne(found, 0);
			ck_assert_uint_eq(ticks_of_kernel(rate, found), ticks);
		}
	}
}
END_TEST

static const char *print_u32(uint8_t flags, uint32_t off)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key keys[2];
	} sel = {
		.sel = { .flags = flags, .nkeys = 2 },
		.keys = { { .mask = htonl(0xffff), .val = htonl(22), .off = 20 },
			  { .mask = htonl(0xff), .val = htonl(6), .off = (int)off } },
	};
	struct nlmsghdr *nlh = begin(RTM_NEWTFILTER, 0x80000800, 0x10000, "u32");
	struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct nlattr *nest;

	tcm->tcm_info = 5 << 16 | htons(0x0800);
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_U32_CLASSID, 0x10020);
	mnl_attr_put_u32(nlh, TCA_U32_HASH, 0x80000000);
	mnl_attr_put(nlh, TCA_U32_SEL, sizeof(sel), &sel);
	mnl_attr_nest_end(nlh, nest);
	return command(nlh);
}

/* No command for a filter that tc would make terminal, or whose two keys tc would merge. */
START_TEST(tc_command_filter)
{
	ck_assert_str_eq(print_u32(TC_U32_TERMINAL, 8),
			 "tc filter add dev eth0 parent 1: protocol ip prio 5 handle 800:0:800 "
			 "u32 ht 800: match u32 0x16 0xffff at 20 match u32 0x6 0xff at 8 "
			 "classid 1:20");
	ck_assert_str_eq(print_u32(0, 8), "");
	ck_assert_str_eq(print_u32(TC_U32_TERMINAL, 20), "");
}
END_TEST

/* --- forms, one row each --- */

enum { VALUE = 1, MASK };

/* Print VALUE of BYTES by ROW, with a MASK of the row's size, and an attribute OTHER, unless 0. */
static const char *print_options(const struct bq_tc_row *row, const void *value, size_t bytes,
				 const void *mask, uint16_t other)
{
	struct bq_tc_line w = { .text = text, .size = sizeof(text) };
	struct bq_tc_rows rows = { .v = row, .n = 1 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);
	struct nlattr *nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	mnl_attr_put(nlh, VALUE, bytes, value);
	if (mask)
		mnl_attr_put(nlh, MASK, row->bytes, mask);
	if (other)
		mnl_attr_put_u32(nlh, other, 0);
	mnl_attr_nest_end(nlh, nest);
	memset(text, 0, sizeof(text));
	bq_tc_print_rows(&w, &rows, nest);
	return w.incomplete ? "incomplete" : text;
}

/* Print VALUE, of the row's size, with a MASK of the same size unless it is NULL. */
static const char *print_form(const struct bq_tc_row *row, const void *value, const void *mask)
{
	return print_options(row, value, row->of ? row->of : row->bytes, mask, 0);
}

static const char *const form_names[] = { "zero", "", NULL, "three" };

static const struct {
	enum bq_tc_form form;
	uint8_t bytes;
	uint64_t value;
	const char *expected;
} number_forms[] = {
	{ BQ_TC_FORM_COUNT, 1, 200, "w 200" },
	{ BQ_TC_FORM_COUNT, 2, 60000, "w 60000" },
	{ BQ_TC_FORM_COUNT, 4, 4000000000, "w 4000000000" },
	{ BQ_TC_FORM_COUNT, 8, UINT64_MAX, "w 18446744073709551615" },
	{ BQ_TC_FORM_SIGNED, 4, (uint32_t)-5, "w -5" },
	{ BQ_TC_FORM_HEX, 4, 0xbeef, "w 0xbeef" },
	{ BQ_TC_FORM_CLASSID, 4, 0x1a0020, "w 1a:20" },
	{ BQ_TC_FORM_RATE, 8, 125000000, "w 1gbit" },
	{ BQ_TC_FORM_RATE, 8, 125125000, "w 1001mbit" },
	{ BQ_TC_FORM_RATE, 8, 125125, "w 1001kbit" },
	{ BQ_TC_FORM_RATE, 8, 3, "w 24bit" },
	{ BQ_TC_FORM_RATE, 8, 0, "w 0bit" },
	{ BQ_TC_FORM_RATE, 8, 1ULL << 50, "w 9007199254740992bit" },
	{ BQ_TC_FORM_RATE, 8, (1ULL << 50) + 1, "incomplete" },
	{ BQ_TC_FORM_RATE, 8, 1ULL << 53, "incomplete" },
	{ BQ_TC_FORM_US, 4, 7000, "w 7ms" },
	{ BQ_TC_FORM_US, 4, 7001, "w 7001us" },
	{ BQ_TC_FORM_US, 4, 0, "w 0us" },
	{ BQ_TC_FORM_NS, 8, 77, "w 77ns" },
	{ BQ_TC_FORM_LOG2, 1, 31, "w 2147483648" },
	{ BQ_TC_FORM_LOG2, 1, 32, "incomplete" },
	{ BQ_TC_FORM_NAME, 4, 0, "zero" },
	{ BQ_TC_FORM_NAME, 4, 1, "" },
	{ BQ_TC_FORM_NAME, 4, 2, "incomplete" },
	{ BQ_TC_FORM_NAME, 4, 3, "three" },
	{ BQ_TC_FORM_NAME, 4, 4, "incomplete" },
};

START_TEST(tc_command_form_number)
{
	size_t i;

	for (i = 0; i < N(number_forms); i++) {
		struct bq_tc_row row = { .word = "w",
					 .form = number_forms[i].form,
					 .attr = VALUE,
					 .bytes = number_forms[i].bytes,
					 .names = form_names,
					 .n_names = 4 };

		/* The machine that runs this is little-endian, as the guests are. */
		ck_assert_str_eq(print_form(&row, &number_forms[i].value, NULL),
				 number_forms[i].expected);
	}
}
END_TEST

/* A field in the middle of a struct is read where it is, and a struct of another size is not. */
START_TEST(tc_command_form_field)
{
	uint32_t fields[3] = { 11, 22, 33 };
	struct bq_tc_row row = {
		.word = "w", .form = BQ_TC_FORM_COUNT, .attr = VALUE, .of = 12, .bytes = 4
	};

	ck_assert_str_eq(print_form(&row, fields, NULL), "w 11");
	row.at = 4;
	ck_assert_str_eq(print_form(&row, fields, NULL), "w 22");
	row.at = 8;
	ck_assert_str_eq(print_form(&row, fields, NULL), "w 33");
	row.omit_default = true;
	row.default_value = 33;
	ck_assert_str_eq(print_form(&row, fields, NULL), "");
	row.default_value = 22;
	ck_assert_str_eq(print_form(&row, fields, NULL), "w 33");
	ck_assert_str_eq(print_options(&row, fields, 8, NULL, 0), "incomplete");
	row.at = 0;
	ck_assert_str_eq(print_options(&row, fields, 8, NULL, 0), "incomplete");
}
END_TEST

START_TEST(tc_command_form_address)
{
	static const uint8_t ip[] = { 192, 0, 2, 129 }, mac[] = { 2, 0x10, 0x20, 0x30, 0x40, 0x5f };
	static const struct {
		uint8_t mask[4];
		const char *expected;
	} prefixes[] = {
		{ { 255, 255, 255, 255 }, "w 192.0.2.129/32" },
		{ { 255, 255, 255, 254 }, "w 192.0.2.129/31" },
		{ { 255, 255, 255, 0 }, "w 192.0.2.129/24" },
		{ { 255, 254, 0, 0 }, "w 192.0.2.129/15" },
		{ { 128, 0, 0, 0 }, "w 192.0.2.129/1" },
		{ { 0, 0, 0, 0 }, "w 192.0.2.129/0" },
		{ { 255, 0, 255, 0 }, "incomplete" },
		{ { 255, 255, 255, 1 }, "incomplete" },
		{ { 254, 128, 0, 0 }, "incomplete" },
	};
	static const uint8_t whole[6] = { 255, 255, 255, 255, 255, 255 },
			     some[6] = { 1, 2, 3, 4, 5, 0xf6 };
	struct bq_tc_row row = {
		.word = "w", .form = BQ_TC_FORM_IP, .attr = VALUE, .bytes = 4, .mask = MASK
	};
	uint8_t ip6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		mask6[16] = { 255, 255, 255, 255, 0xfe };
	size_t i;

	for (i = 0; i < N(prefixes); i++)
		ck_assert_str_eq(print_form(&row, ip, prefixes[i].mask), prefixes[i].expected);
	ck_assert_str_eq(print_form(&row, ip, NULL), "w 192.0.2.129/32");
	/* A row with a mask does not make other attributes known. */
	ck_assert_str_eq(print_options(&row, ip, 4, prefixes[0].mask, 99), "incomplete");
	row.bytes = 16;
	ck_assert_str_eq(print_form(&row, ip6, mask6), "w 2001:db8::1/39");
	row.form = BQ_TC_FORM_MAC;
	row.bytes = 6;
	ck_assert_str_eq(print_form(&row, mac, NULL), "w 02:10:20:30:40:5f");
	ck_assert_str_eq(print_form(&row, mac, whole), "w 02:10:20:30:40:5f");
	ck_assert_str_eq(print_form(&row, mac, some), "w 02:10:20:30:40:5f/01:02:03:04:05:f6");
}
END_TEST

START_TEST(tc_command_form_port)
{
	static const uint8_t port[] = { 0x12, 0x34 }, whole[] = { 255, 255 }, half[] = { 255, 0 };
	struct bq_tc_row row = {
		.word = "w", .form = BQ_TC_FORM_PORT, .attr = VALUE, .bytes = 2, .mask = MASK
	};

	ck_assert_str_eq(print_form(&row, port, NULL), "w 4660");
	ck_assert_str_eq(print_form(&row, port, whole), "w 4660");
	ck_assert_str_eq(print_form(&row, port, half), "incomplete");
}
END_TEST

START_TEST(tc_command_form_bands)
{
	static const uint8_t priomap[] = { 1, 2, 0, 3 };
	struct bq_tc_line w = { .text = text, .size = sizeof(text) };

	memset(text, 0, sizeof(text));
	bq_tc_print_bands(&w, 4, priomap, 4);
	ck_assert_str_eq(text, "bands 4 priomap 1 2 0 3");
}
END_TEST

/* Every kind of a table is found, the first one and one whose options are a plain struct too. */
START_TEST(tc_command_kinds)
{
	static const struct bq_tc_row plain = { .word = "w", .form = BQ_TC_FORM_COUNT, .bytes = 4 };
	static const struct bq_tc_rows rows = { .v = &plain, .n = 1 };
	static const struct bq_tc_kind kinds[] = { { "a", &rows }, { "b", &rows }, { "c", NULL } };
	static const char *const expected[] = { "w 7", "w 7", "", "incomplete" };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);
	char kind[] = "a";
	size_t i;

	mnl_attr_put_u32(nlh, TCA_OPTIONS, 7);
	for (i = 0; i < N(expected); i++) {
		struct bq_tc_line w = { .text = text, .size = sizeof(text) };

		memset(text, 0, sizeof(text));
		kind[0] = (char)('a' + i);
		bq_tc_print_kind(&w, kinds, N(kinds), kind, mnl_nlmsg_get_payload(nlh));
		ck_assert_str_eq(w.incomplete ? "incomplete" : text, expected[i]);
	}
}
END_TEST

/* A line that is too long, by one byte or more, is incomplete, and ends inside of its buffer. */
START_TEST(tc_command_line_of_any_size)
{
	size_t size;

	for (size = 1; size < 16; size++) {
		struct bq_tc_line w = { .text = text, .size = size };

		memset(text, '#', sizeof(text));
		bq_tc_print(&w, "%s", "three");
		bq_tc_print(&w, "%s", "words");
		ck_assert_msg(w.incomplete == (size < sizeof("three words")), "in %zu bytes", size);
		ck_assert_uint_lt(w.len, size);
		ck_assert_int_eq(text[size], '#');
	}
}
END_TEST

/* The line goes to a shell. */
START_TEST(tc_command_harmless)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	int i;

	for (i = 0; i < 2; i++) {
		nlh = begin(RTM_NEWTFILTER, 7, 0x10000, "fw");
		nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
		mnl_attr_put_strz(nlh, TCA_FW_INDEV, i ? "a;b" : "a.b");
		mnl_attr_nest_end(nlh, nest);
		ck_assert_str_eq(command(nlh), i ? ""
						 : "tc filter add dev eth0 parent 1: "
						   "protocol 0x0000 prio 0 handle 0x7 fw "
						   "indev a.b");
	}
}
END_TEST

Suite *tc_command_suite(void)
{
	Suite *suite = suite_create("tc_command");

	ADD_TEST(suite, tc_command_qdisc);
	ADD_TEST(suite, tc_command_unsaid);
	ADD_TEST(suite, tc_command_class);
	ADD_TEST(suite, tc_command_bursts);
	ADD_TEST(suite, tc_command_filter);
	ADD_TEST(suite, tc_command_form_number);
	ADD_TEST(suite, tc_command_form_field);
	ADD_TEST(suite, tc_command_form_address);
	ADD_TEST(suite, tc_command_form_port);
	ADD_TEST(suite, tc_command_form_bands);
	ADD_TEST(suite, tc_command_kinds);
	ADD_TEST(suite, tc_command_line_of_any_size);
	ADD_TEST(suite, tc_command_harmless);
	return suite;
}
