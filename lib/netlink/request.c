// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Requests to rtnetlink by libmnl, and their answers. */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "netlink/request.h"
#include "util/array.h"

/* Open a socket of the protocol BUS. With CAP_ACK an answer does not quote the request. */
static struct mnl_socket *open_bus(int bus, struct bq_error *error)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
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

struct mnl_socket *bq_netlink_open(struct bq_error *error)
{
	return open_bus(NETLINK_ROUTE, error);
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

int bq_netlink_check(const struct nlmsghdr *nlh, const char *what, struct bq_error *error)
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

int bq_netlink_send(struct nlmsghdr *nlh, const char *what, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct mnl_socket *nl = bq_netlink_open(error);
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
		err = bq_netlink_check(reply, what, error);
	mnl_socket_close(nl);
	return err;
}

/* --- reading --- */

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
#define READ_BYTES 32768

/* Read one part of the answer to sequence number 1. Return as mnl_cb_run(). */
static int read_part(struct mnl_socket *nl, bq_netlink_fn fn, void *arg)
{
	char buf[READ_BYTES];
	ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

	if (n <= 0)
		return (int)n;
	return mnl_cb_run2(buf, (size_t)n, 1, mnl_socket_get_portid(nl), fn, arg, control,
			   ARRAY_SIZE(control));
}

/* Send NLH and read the answer up to its last message. Return 0 or -errno. */
static int read_all(struct mnl_socket *nl, struct nlmsghdr *nlh, bq_netlink_fn fn, void *arg)
{
	int more;

	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do
		more = read_part(nl, fn, arg);
	while (more > MNL_CB_STOP);
	return more < 0 ? -errno : 0;
}

static int fail_to_read(const char *what, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "%s: %s", what, strerror(-err));
}

int bq_netlink_dump(struct nlmsghdr *nlh, const char *what, bq_netlink_fn fn, void *arg,
		    struct bq_error *error)
{
	return bq_netlink_dump_bus(NETLINK_ROUTE, nlh, what, fn, arg, error);
}

int bq_netlink_dump_bus(int bus, struct nlmsghdr *nlh, const char *what, bq_netlink_fn fn,
			void *arg, struct bq_error *error)
{
	struct mnl_socket *nl = open_bus(bus, error);
	int err;

	if (!nl)
		return -EIO;
	err = read_all(nl, nlh, fn, arg);
	mnl_socket_close(nl);
	return err ? fail_to_read(what, err, error) : 0;
}

int bq_netlink_get(struct nlmsghdr *nlh, const char *what, bool (*is_absent)(int err),
		   bq_netlink_fn fn, void *arg, struct bq_error *error)
{
	struct mnl_socket *nl = bq_netlink_open(error);
	int err;

	if (!nl)
		return -EIO;
	/* The kernel may have no message for the object, but it always acknowledges. */
	nlh->nlmsg_flags |= NLM_F_ACK;
	err = read_all(nl, nlh, fn, arg);
	mnl_socket_close(nl);
	return err && !is_absent(err) ? fail_to_read(what, err, error) : err;
}
