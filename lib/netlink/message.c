// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Access to the parts of tc messages. */
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"

struct tcmsg *bq_message_tcm(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload(nlh);
}

struct nlattr *bq_message_attr(const struct nlmsghdr *nlh, unsigned int type)
{
	return bq_attr_find(bq_message_tcm(nlh) + 1,
			    mnl_nlmsg_get_payload_len(nlh) - sizeof(struct tcmsg), type);
}

const char *bq_message_kind(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = bq_message_attr(nlh, TCA_KIND);

	return attr ? mnl_attr_get_str(attr) : "";
}

struct nlattr *bq_attr_find(const void *attrs, unsigned long len, unsigned int type)
{
	struct nlattr *attr;

	mnl_attr_for_each_payload((void *)(uintptr_t)attrs,
				  len) if (mnl_attr_get_type(attr) == type) return attr;
	return NULL;
}

struct nlattr *bq_attr_find_in(const struct nlattr *nest, unsigned int type)
{
	return bq_attr_find(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), type);
}
