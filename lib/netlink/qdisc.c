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
#include "util/array.h"

/* With CAP_ACK an answer does not quote the request, and stays small. */
static struct mnl_socket *open_socket(struct bq_error *error)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int one = 1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot open a netlink socket: %s",
			strerror(errno));
		if (nl)
			mnl_socket_close(nl);
		return NULL;
	}
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &one, sizeof(one));
	return nl;
}

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

/* --- the kernel's message (extack) --- */

static int find_message(const struct nlattr *attr, void *arg)
{
	const char **message = arg;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		*message = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

/* With CAP_ACK an error quotes the header of the request only; the attributes follow it. */
static const char *extack(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*err);
	const char *message = NULL;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += err->msg.nlmsg_len - sizeof(err->msg);
	if (mnl_nlmsg_get_payload_len(nlh) <= offset)
		return NULL;
	mnl_attr_parse(nlh, (unsigned int)offset, find_message, &message);
	return message;
}

/* Return the error in the answer NLH, or 0. WHAT is the subject of the message. */
static int check_answer(const struct nlmsghdr *nlh, const char *what, struct bq_error *error)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const char *message;

	if (!err->error)
		return 0;
	message = extack(nlh);
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err->error, "%s: %s%s%s%s", what,
		       strerror(-err->error), message ? " (" : "", message ? message : "",
		       message ? ")" : "");
}

int bq_tc_send(struct nlmsghdr *nlh, const char *what, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct mnl_socket *nl = open_socket(error);
	struct nlmsghdr *reply = (struct nlmsghdr *)buf;
	ssize_t n;
	int err;

	if (!nl)
		return -EIO;
	nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	n = mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	if (n > 0)
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0 || !mnl_nlmsg_ok(reply, (int)n) || reply->nlmsg_type != NLMSG_ERROR)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, n < 0 ? errno : EPROTO,
			      "%s: no answer from the kernel", what);
	else
		err = check_answer(reply, what, error);
	mnl_socket_close(nl);
	return err;
}

int bq_tc_delete(uint32_t ifindex, uint32_t parent, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	put_header(nlh, RTM_DELQDISC, 0, ifindex, parent);
	return bq_tc_send(nlh, "the kernel refused to delete the qdisc", error);
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
	return bq_tc_send(nlh, "the kernel refused to change gso_max_segs", error);
}

/* --- reading one qdisc --- */

struct search {
	uint32_t ifindex, parent;
	struct bq_tc_qdisc *found;
};

static int read_attr(const struct nlattr *attr, void *arg)
{
	struct bq_tc_qdisc *qdisc = arg;

	if (mnl_attr_get_type(attr) == TCA_KIND)
		snprintf(qdisc->kind, sizeof(qdisc->kind), "%s", mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static int match_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct search *search = arg;

	if (nlh->nlmsg_type != RTM_NEWQDISC || (uint32_t)tcm->tcm_ifindex != search->ifindex ||
	    tcm->tcm_parent != search->parent)
		return MNL_CB_OK;
	search->found->handle = tcm->tcm_handle;
	return mnl_attr_parse(nlh, sizeof(*tcm), read_attr, search->found);
}

/* Both kinds of last message begin with an error. A dump that fails has it there only. */
static int check_end(const struct nlmsghdr *nlh, void *arg)
{
	int err = 0;

	(void)arg;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof(err));
	if (err >= 0)
		return MNL_CB_STOP;
	errno = -err;
	return MNL_CB_ERROR;
}

/* libmnl takes no const array. */
static mnl_cb_t control[] = {
	[NLMSG_ERROR] = check_end,
	[NLMSG_DONE] = check_end,
};

/* The buffer must hold the largest part of a dump. */
int bq_tc_dump(uint16_t type, uint32_t ifindex, uint32_t parent, bq_tc_dump_fn fn, void *arg,
	       struct bq_error *error)
{
	char buf[32768], request[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct mnl_socket *nl = open_socket(error);
	int more = MNL_CB_OK, err = 0;
	ssize_t n;

	if (!nl)
		return -EIO;
	put_header(nlh, type, NLM_F_DUMP, ifindex, parent);
	nlh->nlmsg_seq = 1;
	n = mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	while (n > 0 && more > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n > 0)
			more = mnl_cb_run2(buf, (size_t)n, nlh->nlmsg_seq,
					   mnl_socket_get_portid(nl), fn, arg, control,
					   ARRAY_SIZE(control));
	}
	if (n < 0 || more < 0)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot read the qdiscs: %s",
			      strerror(errno));
	mnl_socket_close(nl);
	return err;
}

int bq_tc_get(uint32_t ifindex, uint32_t parent, struct bq_tc_qdisc *qdisc, struct bq_error *error)
{
	struct search search = { ifindex, parent, qdisc };

	memset(qdisc, 0, sizeof(*qdisc));
	qdisc->ifindex = ifindex;
	qdisc->parent = parent;
	return bq_tc_dump(RTM_GETQDISC, ifindex, 0, match_qdisc, &search, error);
}

/* --- a free handle --- */

/* The kernel allocates handles from 8001: on too. */
#define FIRST_MAJOR 0x8001u
#define N_MAJORS (0x10000u - FIRST_MAJOR)

struct majors {
	uint32_t ifindex;
	bool taken[N_MAJORS];
};

static int mark_major(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct majors *majors = arg;
	uint32_t major = tcm->tcm_handle >> 16;

	if ((uint32_t)tcm->tcm_ifindex == majors->ifindex && major >= FIRST_MAJOR)
		majors->taken[major - FIRST_MAJOR] = true;
	return MNL_CB_OK;
}

/*
 * The kernel changes an attached qdisc of the same kind instead of replacing it. A new handle makes
 * it replace the qdisc.
 */
int bq_tc_free_handles(uint32_t ifindex, bool (*reserved)(uint32_t handle, const void *arg),
		       const void *arg, uint32_t *handles, size_t n, struct bq_error *error)
{
	struct majors majors = { .ifindex = ifindex };
	int err = bq_tc_dump(RTM_GETQDISC, ifindex, 0, mark_major, &majors, error);
	uint32_t i, handle;
	size_t found = 0;

	for (i = 0; !err && i < N_MAJORS && found < n; i++) {
		handle = (FIRST_MAJOR + i) << 16;
		if (!majors.taken[i] && !(reserved && reserved(handle, arg)))
			handles[found++] = handle;
	}
	if (!err && found < n)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC, "all handles are in use");
	return err;
}

struct taken {
	uint32_t ifindex, handle;
	bool is;
};

static int match_handle(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct taken *taken = arg;

	if ((uint32_t)tcm->tcm_ifindex == taken->ifindex && tcm->tcm_handle == taken->handle)
		taken->is = true;
	return MNL_CB_OK;
}

bool bq_tc_handle_is_taken(uint32_t ifindex, uint32_t handle)
{
	struct taken taken = { ifindex, handle, false };

	return bq_tc_dump(RTM_GETQDISC, ifindex, 0, match_handle, &taken, NULL) || taken.is;
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
		one = check_answer(nlh, what, err ? &later : error);
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
	struct mnl_socket *nl = requests ? open_socket(error) : NULL;
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
	err = bq_tc_send(nlh, "", NULL);
	return err == -EINVAL || err == -EOPNOTSUPP;
}
