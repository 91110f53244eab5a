// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rawtc DEV: the qdiscs, classes and filters of a device as the kernel dumps them, a line each,
 * with their options in hexadecimal. Leaves out what the kernel counts.
 */
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARENTS 256

static unsigned int ifindex;
static uint32_t parents[MAX_PARENTS];
static size_t n_parents;

static void print_hex(const struct nlattr *attr)
{
	const unsigned char *bytes = mnl_attr_get_payload(attr);
	size_t i, n = mnl_attr_get_payload_len(attr);

	printf(" %u=", mnl_attr_get_type(attr));
	for (i = 0; i < n; i++)
		printf("%02x", bytes[i]);
}

/* First attribute of an action's options with its time of use, the same for all kinds. */
#define ACT_TM 1

static void print_action(const struct nlattr *action)
{
	const struct nlattr *attr, *option;

	mnl_attr_for_each_nested(attr, action)
	{
		if (mnl_attr_get_type(attr) == TCA_ACT_KIND)
			printf(" action %s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) != TCA_ACT_OPTIONS)
			continue;
		mnl_attr_for_each_nested(option, attr) if (mnl_attr_get_type(option) != ACT_TM)
			print_hex(option);
	}
}

static const struct {
	const char *kind;
	unsigned int counters, actions;
} kinds[] = {
	{ "u32", TCA_U32_PCNT, TCA_U32_ACT },
	{ "basic", TCA_BASIC_PCNT, TCA_BASIC_ACT },
	{ "fw", 0, TCA_FW_ACT },
	{ "flower", 0, TCA_FLOWER_ACT },
	{ "matchall", TCA_MATCHALL_PCNT, TCA_MATCHALL_ACT },
};

static void print_filter(const char *kind, const struct nlattr *options)
{
	unsigned int counters = 0, actions = 0;
	const struct nlattr *attr, *action;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind))
			continue;
		counters = kinds[i].counters;
		actions = kinds[i].actions;
	}
	mnl_attr_for_each_nested(attr, options)
	{
		if (mnl_attr_get_type(attr) == actions)
			mnl_attr_for_each_nested(action, attr) print_action(action);
		else if (mnl_attr_get_type(attr) != counters)
			print_hex(attr);
	}
}

static int print(const struct nlmsghdr *nlh, void *what)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	bool filter = nlh->nlmsg_type == RTM_NEWTFILTER;
	const struct nlattr *attr;
	const char *kind = "";

	if ((unsigned int)tcm->tcm_ifindex != ifindex)
		return MNL_CB_OK;
	if (!filter && n_parents < MAX_PARENTS)
		parents[n_parents++] = tcm->tcm_handle;
	printf("%s %x %x", (const char *)what, tcm->tcm_parent, tcm->tcm_handle);
	if (filter)
		printf(" %x", tcm->tcm_info);
	mnl_attr_for_each(attr, nlh, sizeof(*tcm))
	{
		if (mnl_attr_get_type(attr) == TCA_KIND)
			printf(" %s", kind = mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == TCA_OPTIONS && filter)
			print_filter(kind, attr);
		else if (mnl_attr_get_type(attr) == TCA_OPTIONS ||
			 mnl_attr_get_type(attr) == TCA_STAB ||
			 mnl_attr_get_type(attr) == TCA_CHAIN)
			print_hex(attr);
	}
	printf("\n");
	return MNL_CB_OK;
}

static void dump(struct mnl_socket *nl, uint16_t type, uint32_t parent, const char *what)
{
	char buf[32768];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;
	int more = MNL_CB_OK;
	ssize_t n;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = parent;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		exit(1);
	while (more > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n <= 0)
			exit(1);
		more = mnl_cb_run(buf, (size_t)n, 0, 0, print, (void *)what);
	}
	if (more < 0)
		exit(1);
}

int main(int argc, char **argv)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	size_t i;

	if (argc != 2 || !(ifindex = if_nametoindex(argv[1])) || !nl ||
	    mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return 1;
	dump(nl, RTM_GETQDISC, 0, "qdisc");
	dump(nl, RTM_GETTCLASS, 0, "class");
	for (i = 0; i < n_parents; i++)
		if (parents[i])
			dump(nl, RTM_GETTFILTER, parents[i], "filter");
	return 0;
}
