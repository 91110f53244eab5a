// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/tc_filter.h"
#include "snapshot/tc_qdisc.h"
#include "snapshot/tc_command.h"

static void say_place(struct bq_tc_line *w, uint32_t parent)
{
	if (parent == TC_H_ROOT)
		bq_tc_print(w, "root");
	else if (TC_H_MIN(parent))
		bq_tc_print_classid(w, "parent", parent);
	else
		bq_tc_print(w, "parent %x:", parent >> 16);
}

static void say_qdisc(struct bq_tc_line *w, const struct nlmsghdr *request, uint32_t handle)
{
	const struct nlattr *stab = bq_message_attr(request, TCA_STAB);

	say_place(w, bq_message_tcm(request)->tcm_parent);
	bq_tc_print(w, "handle %x:", handle >> 16);
	if (stab)
		bq_tc_print_stab(w, stab);
	bq_tc_print_qdisc(w, bq_message_kind(request), bq_message_attr(request, TCA_OPTIONS));
}

/* A class without a parent is said to be the qdisc's. */
static void say_class(struct bq_tc_line *w, const struct nlmsghdr *request)
{
	const struct tcmsg *tcm = bq_message_tcm(request);

	say_place(w, tcm->tcm_parent == TC_H_ROOT ? TC_H_MAJ(tcm->tcm_handle) : tcm->tcm_parent);
	bq_tc_print_classid(w, "classid", tcm->tcm_handle);
	bq_tc_print_class(w, bq_message_kind(request), bq_message_attr(request, TCA_OPTIONS));
}

static bool has_only_known(const struct nlmsghdr *request)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, sizeof(struct tcmsg)) switch (mnl_attr_get_type(attr))
	{
	case TCA_KIND:
	case TCA_OPTIONS:
	case TCA_STAB:
	case TCA_CHAIN:
		break;
	default:
		return false;
	}
	return true;
}

bool bq_tc_command(const struct nlmsghdr *request, const char *dev, uint32_t handle, bool replace,
		   char *buf, size_t size)
{
	struct bq_tc_line w = { .text = buf, .size = size, .unsaid = !has_only_known(request) };
	const char *verb = replace ? "replace" : "add";

	switch (request->nlmsg_type) {
	case RTM_NEWQDISC:
		bq_tc_print(&w, "tc qdisc %s dev %s", verb, dev);
		say_qdisc(&w, request, handle);
		break;
	case RTM_NEWTCLASS:
		bq_tc_print(&w, "tc class %s dev %s", verb, dev);
		say_class(&w, request);
		break;
	case RTM_NEWTFILTER:
		bq_tc_print(&w, "tc filter %s dev %s", verb, dev);
		say_place(&w, bq_message_tcm(request)->tcm_parent);
		bq_tc_print_filter(&w, request);
		break;
	default:
		return false;
	}
	return !w.unsaid;
}
