/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is in a message about a qdisc, a class or a filter: the kernel's, or one to it. Of the room
 * of libmnl.
 */
#ifndef BQ_NETLINK_MESSAGE_H
#define BQ_NETLINK_MESSAGE_H

struct nlattr;
struct nlmsghdr;
struct tcmsg;

struct tcmsg *bq_message_tcm(const struct nlmsghdr *nlh);
/* First attribute of TYPE (TCA_KIND ...), or NULL. */
struct nlattr *bq_message_attr(const struct nlmsghdr *nlh, unsigned int type);
/* Empty if it names none. */
const char *bq_message_kind(const struct nlmsghdr *nlh);

/* First attribute of TYPE among LEN bytes of them, or NULL. */
struct nlattr *bq_attr_find(const void *attrs, unsigned long len, unsigned int type);
/* The same inside NEST. */
struct nlattr *bq_attr_find_in(const struct nlattr *nest, unsigned int type);

#endif
