// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lib/netlink/request.c and qdisc.c: answers of the kernel, composed here. Includes the sources,
 * whose static functions it tests.
 */
#include <linux/gen_stats.h>

#include "suites.h"
#include "netlink/request.c"
#include "netlink/qdisc.c"

#define IFINDEX 3
#define MESSAGE "Exclusivity flag on, cannot modify"

static union {
	char bytes[8192]; /* room for options of BQ_TC_OPTIONS_MAX and more */
	struct nlmsghdr header;
} buf;

/* An NLMSG_ERROR about a request with PAYLOAD bytes behind its header, CAPPED or quoted whole. */
static struct nlmsghdr *error_message(int error, size_t payload, bool capped)
{
	struct nlmsghdr *nlh;
	struct nlmsgerr *err;

	memset(&buf, 0xee, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf.bytes);
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = capped ? NLM_F_CAPPED : 0;
	err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err) + (capped ? 0 : payload));
	err->error = error;
	err->msg.nlmsg_len = (uint32_t)(sizeof(err->msg) + payload);
	return nlh;
}

static void add_message(struct nlmsghdr *nlh, const char *message)
{
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, 44);
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, message);
}

START_TEST(tc_answer_success)
{
	struct bq_error error = { 0 };

	ck_assert_int_eq(bq_netlink_check(error_message(0, 36, true), "adding", &error), 0);
	ck_assert_str_eq(error.text, "");
}
END_TEST

START_TEST(tc_answer_without_message)
{
	struct bq_error error = { 0 };

	ck_assert_int_eq(bq_netlink_check(error_message(-EPERM, 36, true), "adding", &error),
			 -EPERM);
	ck_assert_int_eq(error.error_class, BQDISC_ERROR_REFUSED);
	ck_assert_str_eq(error.text, "adding: Operation not permitted");
}
END_TEST

static void check_message(size_t payload, bool capped)
{
	struct nlmsghdr *nlh = error_message(-EEXIST, payload, capped);
	struct bq_error error = { 0 };

	add_message(nlh, MESSAGE);
	ck_assert_int_eq(bq_netlink_check(nlh, "adding", &error), -EEXIST);
	ck_assert_str_eq(error.text, "adding: File exists (" MESSAGE ")");
}

START_TEST(tc_answer_with_message)
{
	check_message(36, true);
	check_message(2000, true);
	check_message(0, true);
}
END_TEST

/* A kernel that does not know CAP_ACK quotes the request before its message. */
START_TEST(tc_answer_that_quotes_the_request)
{
	check_message(0, false);
	check_message(36, false);
	check_message(2000, false);
}
END_TEST

START_TEST(tc_answer_with_other_attributes)
{
	struct nlmsghdr *nlh = error_message(-EINVAL, 36, true);
	struct bq_error error = { 0 };

	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, 44);
	ck_assert_int_eq(bq_netlink_check(nlh, "adding", &error), -EINVAL);
	ck_assert_str_eq(error.text, "adding: Invalid argument");
}
END_TEST

START_TEST(tc_answer_promises_and_has_none)
{
	struct nlmsghdr *nlh = error_message(-EINVAL, 36, true);

	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	ck_assert_ptr_null(extack(nlh));
}
END_TEST

/* Without the flag the bytes behind the header are the request. */
START_TEST(tc_answer_without_the_flag)
{
	struct nlmsghdr *nlh = error_message(-EINVAL, 36, true);

	add_message(nlh, MESSAGE);
	nlh->nlmsg_flags &= (uint16_t)~NLM_F_ACK_TLVS;
	ck_assert_ptr_null(extack(nlh));
}
END_TEST

static struct bq_tc_qdisc found;

/* Message about a qdisc, with N bytes of options. */
static void read_message(const char *kind, size_t n)
{
	static const uint8_t options[BQ_TC_OPTIONS_MAX + 1] = { 1, 2, 3 };
	const struct gnet_stats_basic basic = { .bytes = 1 << 20, .packets = 17 };
	const struct gnet_stats_queue queue = { .qlen = 3, .backlog = 300, .drops = 2 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);
	struct nlattr *stats;

	memset(&found, 0, sizeof(found));
	put_header(nlh, RTM_NEWQDISC, 0, IFINDEX, 0xffffffff)->tcm_handle = 0x10000;
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	mnl_attr_put(nlh, TCA_OPTIONS, n, options);
	stats = mnl_attr_nest_start(nlh, TCA_STATS2);
	mnl_attr_put(nlh, TCA_STATS_BASIC, sizeof(basic), &basic);
	mnl_attr_put(nlh, TCA_STATS_QUEUE, sizeof(queue), &queue);
	mnl_attr_nest_end(nlh, stats);
	ck_assert_int_eq(bq_tc_read(nlh, &found), MNL_CB_OK);
}

START_TEST(tc_reads_a_qdisc)
{
	read_message("fq", 3);
	ck_assert_str_eq(found.kind, "fq");
	ck_assert_uint_eq(found.handle, 0x10000);
	ck_assert_uint_eq(found.stats.bytes, 1 << 20);
	ck_assert_uint_eq(found.stats.packets, 17);
	ck_assert_uint_eq(found.stats.backlog_packets, 3);
	ck_assert_uint_eq(found.stats.backlog_bytes, 300);
	ck_assert_uint_eq(found.stats.drops, 2);
}
END_TEST

START_TEST(tc_long_kind_is_cut)
{
	read_message("a_kind_that_no_kernel_has", 0);
	ck_assert_str_eq(found.kind, "a_kind_that_no_");
}
END_TEST

Suite *tc_suite(void)
{
	Suite *s = suite_create("tc");

	ADD_TEST(s, tc_answer_success);
	ADD_TEST(s, tc_answer_without_message);
	ADD_TEST(s, tc_answer_with_message);
	ADD_TEST(s, tc_answer_that_quotes_the_request);
	ADD_TEST(s, tc_answer_with_other_attributes);
	ADD_TEST(s, tc_answer_promises_and_has_none);
	ADD_TEST(s, tc_answer_without_the_flag);
	ADD_TEST(s, tc_reads_a_qdisc);
	ADD_TEST(s, tc_long_kind_is_cut);
	return s;
}
