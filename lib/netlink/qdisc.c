// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Changes and dumps of qdiscs by libmnl. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "netlink/qdisc.h"

static struct tcmsg *put_header(struct nlmsghdr *nlh, uint16_t type, uint16_t flags,
				uint32_t ifindex, uint32_t parent)
{
	struct tcmsg *tcm;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_family = AF_UNSPEC;
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = parent;
	return tcm;
}

int bq_tc_delete(uint32_t ifindex, uint32_t parent, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	put_header(nlh, RTM_DELQDISC, 0, ifindex, parent);
	return bq_netlink_send(nlh, "the kernel refused to delete the qdisc", error);
}

int bq_tc_set_segments(uint32_t ifindex, uint32_t most, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;

	nlh->nlmsg_type = RTM_SETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_index = (int)ifindex;
	mnl_attr_put_u32(nlh, IFLA_GSO_MAX_SEGS, most);
	return bq_netlink_send(nlh, "the kernel refused to change gso_max_segs", error);
}

/* --- reading --- */

int bq_tc_dump(uint16_t type, uint32_t ifindex, uint32_t parent, bq_netlink_fn fn, void *arg,
	       struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	put_header(nlh, type, NLM_F_DUMP, ifindex, parent);
	return bq_netlink_dump(nlh, "cannot read the qdiscs", fn, arg, error);
}

/* Return true if there is no such qdisc, by ERR. EINVAL stands for noop, which is never shown. */
static bool is_absent(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -EINVAL;
}

/*
 * Ask for one qdisc: a dump would list those of all devices. Without NLM_F_ECHO the kernel sends it
 * only to the listeners of RTNLGRP_TC, who get it in either case.
 */
static int get(uint32_t ifindex, uint32_t parent, uint32_t handle, struct bq_tc_qdisc *qdisc,
	       struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	put_header(nlh, RTM_GETQDISC, NLM_F_ECHO, ifindex, parent)->tcm_handle = handle;
	return bq_netlink_get(nlh, "cannot read the qdisc", is_absent, bq_tc_read, qdisc, error);
}

int bq_tc_get(uint32_t ifindex, uint32_t parent, struct bq_tc_qdisc *qdisc, struct bq_error *error)
{
	int err;

	memset(qdisc, 0, sizeof(*qdisc));
	qdisc->ifindex = ifindex;
	qdisc->parent = parent;
	err = get(ifindex, parent, 0, qdisc, error);
	return is_absent(err) ? 0 : err;
}

/* --- a free handle --- */

/* The kernel allocates handles from 8001: on too. */
#define FIRST_MAJOR 0x8001u
#define N_MAJORS (0x10000u - FIRST_MAJOR)

bool bq_tc_handle_is_taken(uint32_t ifindex, uint32_t handle)
{
	struct bq_tc_qdisc qdisc;

	return !is_absent(get(ifindex, 0, handle, &qdisc, NULL));
}

/*
 * The kernel changes an attached qdisc of the same kind instead of replacing it. A new handle makes
 * it replace the qdisc. Ask for one handle after the other: most devices have few qdiscs, and a
 * dump would list those of all devices.
 */
int bq_tc_free_handles(uint32_t ifindex, bq_reserved_fn reserved, const void *arg,
		       uint32_t *handles, size_t n, struct bq_error *error)
{
	uint32_t i, handle;
	size_t found = 0;

	for (i = 0; i < N_MAJORS && found < n; i++) {
		handle = (FIRST_MAJOR + i) << 16;
		if (!(reserved && reserved(handle, arg)) && !bq_tc_handle_is_taken(ifindex, handle))
			handles[found++] = handle;
	}
	if (found == n)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC, "all handles are in use");
}

/* --- creating, many in one system call --- */

/* Bytes of the largest request: headers, kind and options. */
#define CREATE_MAX (256 + BQ_TC_OPTIONS_MAX)
/* Bytes of socket buffer for an answer, with the kernel's overhead. */
#define ANSWER_BYTES 1024

static struct nlmsghdr *put_create(void *buf, const struct bq_tc_qdisc *qdisc, uint32_t seq,
				   enum bq_tc_mode mode)
{
	uint16_t flag = mode == BQ_TC_ADD ? NLM_F_EXCL : NLM_F_REPLACE;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	tcm = put_header(nlh, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_ACK | flag, qdisc->ifindex,
			 qdisc->parent);
	nlh->nlmsg_seq = seq;
	tcm->tcm_handle = qdisc->handle;
	mnl_attr_put_strz(nlh, TCA_KIND, qdisc->kind);
	if (qdisc->options_len)
		mnl_attr_put(nlh, TCA_OPTIONS, qdisc->options_len, qdisc->options);
	return nlh;
}

/* Send LEN bytes of N requests in one system call, with buffers for N answers. */
static int send_all(struct mnl_socket *nl, const void *requests, size_t len, size_t n)
{
	int bytes = (int)(len + n * ANSWER_BYTES);

	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ||
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		return -errno;
	return mnl_socket_sendto(nl, requests, len) < 0 ? -errno : 0;
}

/* Read N answers. Return the first error, or 0. Set TOOK if any request succeeded. */
static int read_answers(struct mnl_socket *nl, const struct bq_tc_qdisc *qdiscs, size_t n,
			bool *took, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE], what[64];
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	struct bq_error later = { 0 };
	int one, err = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		snprintf(what, sizeof(what), "the kernel refused the qdisc %s", qdiscs[i].kind);
		if (len < 0 || !mnl_nlmsg_ok(nlh, (int)len) || nlh->nlmsg_type != NLMSG_ERROR)
			return bq_fail(error, BQDISC_ERROR_REFUSED, len < 0 ? errno : EPROTO,
				       "%s: no answer from the kernel", what);
		one = bq_netlink_check(nlh, what, err ? &later : error);
		if (!one && took)
			*took = true;
		if (!err)
			err = one;
	}
	return err;
}

int bq_tc_create(const struct bq_tc_qdisc *qdiscs, size_t n, enum bq_tc_mode mode, bool *took,
		 struct bq_error *error)
{
	char *requests = calloc(n, CREATE_MAX);
	struct mnl_socket *nl = requests ? bq_netlink_open(error) : NULL;
	size_t i, len = 0;
	int err;

	if (!requests)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	if (!nl) {
		free(requests);
		return -EIO;
	}
	for (i = 0; i < n; i++)
		len += NLMSG_ALIGN(put_create(requests + len, &qdiscs[i], (uint32_t)i + 1,
					      i ? BQ_TC_REPLACE : mode)
					   ->nlmsg_len);
	err = send_all(nl, requests, len, n);
	if (err)
		bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot send to the kernel: %s",
			strerror(-err));
	else
		err = read_answers(nl, qdiscs, n, took, error);
	mnl_socket_close(nl);
	free(requests);
	return err;
}

/* The kernel refuses a block with index 0 after it looked up the kind, and creates nothing. */
bool bq_tc_has_kind(const char *kind)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	uint32_t loopback = 1;
	int err;

	put_header(nlh, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, loopback, BQDISC_PARENT_ROOT);
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	mnl_attr_put_u32(nlh, TCA_INGRESS_BLOCK, 0);
	err = bq_netlink_send(nlh, "", NULL);
	return err == -EINVAL || err == -EOPNOTSUPP;
}
