// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lib/netlink/devices.c: lists and patterns of devices, and messages about links, composed here.
 * Includes the source, whose static functions it tests.
 */
#include "suites.h"
#include "netlink/devices.c"

static struct bq_error error;

START_TEST(devices_patterns)
{
	static const char *const patterns[] = { "*", "eth*", "veth[0-9]", "du?", "a\\*b" };
	static const char *const names[] = { "eth0", "a.b-c_d@e", "", "]", "br0,br1" };
	size_t i;

	for (i = 0; i < N(patterns); i++) {
		ck_assert_msg(bq_dev_is_pattern(patterns[i]), "%s", patterns[i]);
		ck_assert(bq_dev_is_list(patterns[i]));
	}
	for (i = 0; i < N(names); i++)
		ck_assert_msg(!bq_dev_is_pattern(names[i]), "%s", names[i]);
	ck_assert(!bq_dev_is_list("eth0"));
	ck_assert(bq_dev_is_list("br0,br1"));
}
END_TEST

/* Make a list of devices with these indices, up to 0. */
static struct bq_devs make(const uint32_t *indices)
{
	struct bq_devs devs = { .n = 0 };
	struct bq_dev dev = { .name = "x" };

	for (; *indices; indices++) {
		dev.ifindex = *indices;
		ck_assert_int_eq(bq_devs_add(&devs, &dev, &error), 0);
	}
	return devs;
}

static void check(const struct bq_devs *devs, const uint32_t *indices)
{
	size_t i;

	for (i = 0; indices[i]; i++)
		ck_assert_uint_eq(devs->v[i].ifindex, indices[i]);
	ck_assert_uint_eq(devs->n, i);
}

START_TEST(devices_unique)
{
	static const uint32_t before[] = { 7, 3, 7, 9, 3, 3, 1, 9, 7, 0 },
			      after[] = { 7, 3, 9, 1, 0 };
	struct bq_devs devs = make(before), none = { .n = 0 };

	ck_assert_int_eq(bq_devs_unique(&devs, &error), 0);
	check(&devs, after);
	ck_assert_int_eq(bq_devs_unique(&devs, &error), 0);
	check(&devs, after);
	bq_devs_free(&devs);
	ck_assert_int_eq(bq_devs_unique(&none, &error), 0);
	ck_assert_uint_eq(none.n, 0);
}
END_TEST

START_TEST(devices_search)
{
	static const uint32_t indices[] = { 70, 3, 9, 1, 0 };
	struct bq_devs devs = make(indices);
	uint32_t i, n = 0;

	bq_devs_sort(&devs);
	for (i = 0; i < 100; i++)
		n += bq_devs_has(&devs, i);
	ck_assert_uint_eq(n, 4);
	ck_assert(bq_devs_has(&devs, 1) && bq_devs_has(&devs, 70));
	bq_devs_free(&devs);
}
END_TEST

/* Message about a link with an alternative name. */
static struct nlmsghdr *link_message(void)
{
	static char buf[4096];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *names;

	put_request(nlh, 0)->ifi_index = 5;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "veth5");
	mnl_attr_put_u32(nlh, IFLA_MTU, 1400);
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 1);
	names = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "uplink");
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "a-name-of-more-than-15-characters");
	mnl_attr_nest_end(nlh, names);
	return nlh;
}

static size_t matches(const char *pattern)
{
	struct bq_devs devs = { .n = 0 };
	struct search s = { .pattern = pattern, .devs = &devs, .error = &error };
	size_t n;

	ck_assert_int_eq(match_link(link_message(), &s), MNL_CB_OK);
	ck_assert_int_eq(s.err, 0);
	n = devs.n;
	if (n)
		ck_assert_str_eq(devs.v[0].name, "veth5");
	bq_devs_free(&devs);
	return n;
}

START_TEST(devices_matches)
{
	ck_assert_uint_eq(matches("*"), 1);
	ck_assert_uint_eq(matches("veth[0-9]*"), 1);
	ck_assert_uint_eq(matches("up*"), 1);
	ck_assert_uint_eq(matches("*-15-*"), 1);
	ck_assert_uint_eq(matches("veth"), 0);
	ck_assert_uint_eq(matches("veth[0-4]"), 0);
	ck_assert_uint_eq(matches("?p*k?"), 0);
}
END_TEST

START_TEST(devices_link)
{
	struct bq_dev dev;

	read_link(link_message(), &dev);
	ck_assert_str_eq(dev.name, "veth5");
	ck_assert_uint_eq(dev.ifindex, 5);
	ck_assert_uint_eq(dev.device.mtu, 1400);
	ck_assert_uint_eq(dev.device.tx_queue_len, DEFAULT_QUEUE_LEN);
	ck_assert_uint_eq(dev.queues, 1);
	ck_assert_uint_eq(dev.real_queues, 1);
}
END_TEST

Suite *devices_suite(void)
{
	Suite *s = suite_create("devices");

	ADD_TEST(s, devices_patterns);
	ADD_TEST(s, devices_unique);
	ADD_TEST(s, devices_search);
	ADD_TEST(s, devices_matches);
	ADD_TEST(s, devices_link);
	return s;
}
