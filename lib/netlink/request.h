/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Requests to rtnetlink and their answers. An error message contains the kernel's own (extack). */
#ifndef BQ_NETLINK_REQUEST_H
#define BQ_NETLINK_REQUEST_H

#include "util/error.h"

struct mnl_socket;
struct nlmsghdr;

/* Open a socket. The caller closes it with mnl_socket_close(). Return NULL on failure. */
struct mnl_socket *bq_netlink_open(struct bq_error *error);
/* Return the error in the answer NLH, or 0. WHAT is the subject of the message. */
int bq_netlink_check(const struct nlmsghdr *nlh, const char *what, struct bq_error *error);
/* Send a request and wait for the answer. WHAT starts the error message. Return 0 or -errno. */
int bq_netlink_send(struct nlmsghdr *nlh, const char *what, struct bq_error *error);

/* Callback for a message. Return a value as callbacks of libmnl do. */
typedef int (*bq_netlink_fn)(const struct nlmsghdr *nlh, void *arg);

/* Send the request for a dump and call FN for each message. Return as bq_netlink_send(). */
int bq_netlink_dump(struct nlmsghdr *nlh, const char *what, bq_netlink_fn fn, void *arg,
		    struct bq_error *error);
/* The same for another protocol of netlink, such as NETLINK_SOCK_DIAG. */
int bq_netlink_dump_bus(int bus, struct nlmsghdr *nlh, const char *what, bq_netlink_fn fn,
			void *arg, struct bq_error *error);
/*
 * Send the request for one object and call FN for it. Return as bq_netlink_send(). There is no
 * message for an error for which IS_ABSENT returns true.
 */
int bq_netlink_get(struct nlmsghdr *nlh, const char *what, bool (*is_absent)(int err),
		   bq_netlink_fn fn, void *arg, struct bq_error *error);

#endif
