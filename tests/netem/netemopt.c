// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * netemopt: what older releases of tc cannot say of the in-tree netem.
 *
 *   netemopt DEV seed N        gives the netem at DEV's root that seed, and begins with it
 *   netemopt DEV copy TO KIND  makes a qdisc KIND at TO's root with the options of DEV's netem
 *   netemopt DEV fuzz TO KIND SEED N
 *                              N times the same with options that are damaged at random; prints
 *                              how many of them were taken
 *
 * All take the options as the kernel dumps them: without the tables of distributions, which the
 * first leaves as they are.
 */
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEED 14 /* TCA_NETEM_PRNG_SEED */
#define QOPT NLA_ALIGN(sizeof(struct tc_netem_qopt))
#define ROOM 65536

static char options[ROOM];
static size_t options_len;
static uint32_t handle;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int take_options(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (tc->tcm_ifindex != *(int *)arg || tc->tcm_parent != TC_H_ROOT)
		return MNL_CB_OK;
	handle = tc->tcm_handle;
	mnl_attr_for_each(attr, nlh, sizeof(*tc))
	{
		if (mnl_attr_get_type(attr) != TCA_OPTIONS)
			continue;
		options_len = mnl_attr_get_payload_len(attr);
		memcpy(options, mnl_attr_get_payload(attr), options_len);
	}
	return MNL_CB_OK;
}

/* Send the request and read the answer. Return true on success. */
static bool talk(struct nlmsghdr *nlh, mnl_cb_t fn, void *arg)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	unsigned int seq = nlh->nlmsg_seq = (unsigned int)time(NULL), port;
	static char buf[ROOM];
	ssize_t n;
	int ret = 1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("netlink");
	port = mnl_socket_get_portid(nl);
	while (ret > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			die("netlink");
		ret = mnl_cb_run(buf, (size_t)n, seq, port, fn, arg);
	}
	mnl_socket_close(nl);
	return ret >= 0;
}

static struct nlmsghdr *begin(char *buf, uint16_t type, uint16_t flags, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_ROOT;
	return nlh;
}

static bool set(uint16_t flags, uint32_t to_handle, int ifindex, const char *kind)
{
	static char buf[2 * ROOM];
	struct nlmsghdr *nlh = begin(buf, RTM_NEWQDISC, NLM_F_ACK | flags, ifindex);

	((struct tcmsg *)mnl_nlmsg_get_payload(nlh))->tcm_handle = to_handle;
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	mnl_attr_put(nlh, TCA_OPTIONS, options_len, options);
	return talk(nlh, NULL, NULL);
}

/* Set the seed in place of the present one, or behind the other attributes. */
static void put_seed(uint64_t seed)
{
	struct {
		struct nlattr head;
		uint64_t seed;
	} __attribute__((packed)) attr = { { NLA_HDRLEN + sizeof(seed), SEED }, seed };
	size_t at = QOPT;

	while (at < options_len) {
		const struct nlattr *a = (const struct nlattr *)(options + at);

		if ((a->nla_type & NLA_TYPE_MASK) == SEED)
			break;
		at += NLA_ALIGN(a->nla_len);
	}
	memcpy(options + at, &attr, sizeof(attr));
	if (options_len < at + sizeof(attr))
		options_len = at + sizeof(attr);
}

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % below;
}

/* Change some bytes, most often in attribute headers, and sometimes the length. */
static void damage(void)
{
	uint32_t i, n = 1 + draw(6);

	for (i = 0; i < n; i++)
		options[draw((uint32_t)options_len)] = (char)draw(256);
	if (!draw(3))
		options_len = draw((uint32_t)options_len + 64);
}

static int fuzz(int to, const char *kind, uint64_t seed, int n)
{
	static char whole[ROOM];
	size_t whole_len = options_len;
	int i, taken = 0;

	random_state = (seed + 1) * 0x9e3779b97f4a7c15ull;
	memcpy(whole, options, sizeof(whole));
	for (i = 0; i < n; i++) {
		memcpy(options, whole, sizeof(options));
		options_len = whole_len;
		damage();
		/* Use a new handle each time, so that the kernel makes a new qdisc. */
		taken += set(NLM_F_CREATE | NLM_F_REPLACE, (uint32_t)(0x100 + i % 2) << 16, to,
			     kind);
	}
	printf("%d\n", taken);
	return 0;
}

int main(int argc, char *argv[])
{
	static char buf[1024];
	int ifindex;

	if (argc < 4) {
		fprintf(stderr, "usage: netemopt DEV seed N | netemopt DEV copy TO KIND\n");
		return 1;
	}
	ifindex = (int)if_nametoindex(argv[1]);
	talk(begin(buf, RTM_GETQDISC, NLM_F_DUMP, ifindex), take_options, &ifindex);
	if (!strcmp(argv[2], "seed")) {
		put_seed(strtoull(argv[3], NULL, 10));
		return !set(0, handle, ifindex, "netem");
	}
	if (!strcmp(argv[2], "fuzz") && argc == 7)
		return fuzz((int)if_nametoindex(argv[3]), argv[4], strtoull(argv[5], NULL, 10),
			    atoi(argv[6]));
	return !set(NLM_F_CREATE | NLM_F_REPLACE, 0x00770000, (int)if_nametoindex(argv[3]),
		    argv[4]);
}
