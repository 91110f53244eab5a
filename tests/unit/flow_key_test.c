// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/qdisc/flow_key.c: keys of flows as text. */
#include <arpa/inet.h>
#include <string.h>

#include "bqdisc.h"
#include "suites.h"

static struct bqdisc_flow_key key_of(uint8_t protocol, const char *src, uint16_t sport,
				     const char *dst, uint16_t dport)
{
	struct bqdisc_flow_key key = {
		.family = strchr(src, ':') ? 6 : 4,
		.protocol = protocol,
		.sport = sport,
		.dport = dport,
	};

	inet_pton(key.family == 4 ? AF_INET : AF_INET6, src, key.src);
	inet_pton(key.family == 4 ? AF_INET : AF_INET6, dst, key.dst);
	return key;
}

static void check(struct bqdisc_flow_key key, const char *expected)
{
	char text[128];

	ck_assert_str_eq(bqdisc_flow_key__format(&key, text, sizeof(text)), expected);
}

START_TEST(flow_key_all_parts)
{
	check(key_of(IPPROTO_TCP, "10.0.0.1", 5000, "10.0.0.2", 80),
	      "tcp 10.0.0.1:5000 > 10.0.0.2:80");
	check(key_of(IPPROTO_UDP, "fe80::1", 53, "2001:db8::2", 65535),
	      "udp [fe80::1]:53 > [2001:db8::2]:65535");
}
END_TEST

START_TEST(flow_key_without_ports)
{
	check(key_of(IPPROTO_ICMP, "10.0.0.1", 0, "10.0.0.2", 0), "icmp 10.0.0.1 > 10.0.0.2");
	check(key_of(89, "fe80::1", 0, "ff02::5", 0), "89 fe80::1 > ff02::5");
}
END_TEST

START_TEST(flow_key_not_ip)
{
	struct bqdisc_flow_key key = { .ethertype = 0x0806 };
	char text[48];

	check(key, "0x0806");
	ck_assert_str_eq(bqdisc_flow_key__src(&key, text, sizeof(text)), "");
}
END_TEST

START_TEST(flow_key_longest)
{
	const char *address = "1111:2222:3333:4444:5555:6666:7777:8888";
	char text[128];
	struct bqdisc_flow_key key = key_of(IPPROTO_UDPLITE, address, 65535, address, 65535);

	bqdisc_flow_key__format(&key, text, sizeof(text));
	ck_assert_str_eq(text + strlen(text) - strlen("8888]:65535"), "8888]:65535");
}
END_TEST

Suite *flow_key_suite(void)
{
	Suite *s = suite_create("flow_key");

	ADD_TEST(s, flow_key_all_parts);
	ADD_TEST(s, flow_key_without_ports);
	ADD_TEST(s, flow_key_not_ip);
	ADD_TEST(s, flow_key_longest);
	return s;
}
