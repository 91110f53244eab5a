// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Composition of the tc command of a request. */
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/tc_class.h"
#include "snapshot/tc_filter.h"
#include "snapshot/tc_qdisc.h"
#include "snapshot/tc_command.h"

static void print_parent(struct bq_tc_line *w, uint32_t parent)
{
	if (parent == TC_H_ROOT)
		bq_tc_print(w, "root");
	else if (TC_H_MIN(parent))
		bq_tc_print_classid(w, "parent", parent);
	else
		bq_tc_print(w, "parent %x:", parent >> 16);
}

static void print_qdisc(struct bq_tc_line *w, const struct nlmsghdr *request, uint32_t handle)
{
	const struct nlattr *stab = bq_message_attr(request, TCA_STAB);

	print_parent(w, bq_message_tcm(request)->tcm_parent);
	bq_tc_print(w, "handle %x:", handle >> 16);
	if (stab)
		bq_tc_print_stab(w, stab);
	bq_tc_print_qdisc(w, bq_message_kind(request), bq_message_attr(request, TCA_OPTIONS));
}

/* The parent of a top class is its qdisc. */
static void print_class(struct bq_tc_line *w, const struct nlmsghdr *request)
{
	const struct tcmsg *tcm = bq_message_tcm(request);

	print_parent(w, tcm->tcm_parent == TC_H_ROOT ? TC_H_MAJ(tcm->tcm_handle) : tcm->tcm_parent);
	bq_tc_print_classid(w, "classid", tcm->tcm_handle);
	bq_tc_print_class(w, bq_message_kind(request), bq_message_attr(request, TCA_OPTIONS));
}

static bool has_only_known_attrs(const struct nlmsghdr *request)
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
	struct bq_tc_line w = { .text = buf,
				.size = size,
				.incomplete = !has_only_known_attrs(request) };
	const char *verb = replace ? "replace" : "add";

	switch (request->nlmsg_type) {
	case RTM_NEWQDISC:
		bq_tc_print(&w, "tc qdisc %s dev %s", verb, dev);
		print_qdisc(&w, request, handle);
		break;
	case RTM_NEWTCLASS:
		bq_tc_print(&w, "tc class %s dev %s", verb, dev);
		print_class(&w, request);
		break;
	case RTM_NEWTFILTER:
		bq_tc_print(&w, "tc filter %s dev %s", verb, dev);
		print_parent(&w, bq_message_tcm(request)->tcm_parent);
		bq_tc_print_filter(&w, request);
		break;
	default:
		return false;
	}
	return !w.incomplete;
}
