/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Access to the parts of a netlink message about a qdisc, a class or a filter. */
#ifndef BQ_NETLINK_MESSAGE_H
#define BQ_NETLINK_MESSAGE_H

struct nlattr;
struct nlmsghdr;
struct tcmsg;

/* Return the tc header of the message. */
struct tcmsg *bq_message_tcm(const struct nlmsghdr *nlh);
/* Return the first attribute of TYPE (TCA_KIND ...), or NULL. */
struct nlattr *bq_message_attr(const struct nlmsghdr *nlh, unsigned int type);
/* Return the kind, or an empty string if there is none. */
const char *bq_message_kind(const struct nlmsghdr *nlh);

/* Return the first attribute of TYPE in LEN bytes of attributes, or NULL. */
struct nlattr *bq_attr_find(const void *attrs, unsigned long len, unsigned int type);
/* Return the first attribute of TYPE in NEST, or NULL. */
struct nlattr *bq_attr_find_in(const struct nlattr *nest, unsigned int type);

#endif
