// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "netlink/events.h"

#define BUFFER_BYTES (4 << 20) /* for some thousand messages while one is handled */

struct bq_events {
	struct nl_sock *socket;
	bq_event_fn fn;
	void *arg;
};

static void read_qdisc(struct nlmsghdr *nlh, struct bq_qdisc_event *event)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);
	const struct nlattr *kind = nlmsg_find_attr(nlh, sizeof(*tcm), TCA_KIND);

	event->gone = nlh->nlmsg_type == RTM_DELQDISC;
	event->ifindex = (uint32_t)tcm->tcm_ifindex;
	event->parent = tcm->tcm_parent;
	event->handle = tcm->tcm_handle;
	snprintf(event->kind, sizeof(event->kind), "%s", kind ? nla_get_string(kind) : "");
}

static int read_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	const struct bq_events *events = arg;
	struct bq_qdisc_event event = { .gone = true };

	if (nlh->nlmsg_type == RTM_NEWQDISC || nlh->nlmsg_type == RTM_DELQDISC)
		read_qdisc(nlh, &event);
	else if (nlh->nlmsg_type == RTM_DELLINK)
		event.ifindex = (uint32_t)((struct ifinfomsg *)nlmsg_data(nlh))->ifi_index;
	else
		return NL_OK;
	events->fn(&event, events->arg);
	return NL_OK;
}

static int listen_to_kernel(struct bq_events *events)
{
	struct nl_sock *socket = events->socket;
	int err = nl_connect(socket, NETLINK_ROUTE);

	/* Notifications have numbers of their own. */
	nl_socket_disable_seq_check(socket);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, read_message, events);
	if (!err)
		err = nl_socket_set_buffer_size(socket, BUFFER_BYTES, 0);
	/* The qdiscs of a device that is deleted go without a notification of their own. */
	return err ? err : nl_socket_add_memberships(socket, RTNLGRP_TC, RTNLGRP_LINK, 0);
}

struct bq_events *bq_events_open(struct bq_error *error)
{
	struct bq_events *events = calloc(1, sizeof(*events));
	int err = -NLE_NOMEM;

	if (events)
		events->socket = nl_socket_alloc();
	if (events && events->socket)
		err = listen_to_kernel(events);
	if (!err)
		return events;
	bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot listen to the kernel: %s",
		nl_geterror(err));
	bq_events_close(events);
	return NULL;
}

void bq_events_close(struct bq_events *events)
{
	if (events)
		nl_socket_free(events->socket);
	free(events);
}

int bq_events_fd(const struct bq_events *events)
{
	return nl_socket_get_fd(events->socket);
}

int bq_events_read(struct bq_events *events, bq_event_fn fn, void *arg, struct bq_error *error)
{
	int err;

	events->fn = fn;
	events->arg = arg;
	err = nl_recvmsgs_default(events->socket);
	/* libnl has no error of its own for ENOBUFS. */
	if (err == -NLE_NOMEM)
		return -ENOBUFS;
	if (err >= 0 || err == -NLE_INTR)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot listen to the kernel: %s",
		       nl_geterror(err));
}
