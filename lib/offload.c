// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "offload.h"

/* --- checksums --- */

static int ask(uint32_t ifindex, struct ethtool_value *value)
{
	struct ifreq req = { .ifr_data = (char *)value };
	int fd, err;

	if (!if_indextoname(ifindex, req.ifr_name))
		return -errno;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = ioctl(fd, SIOCETHTOOL, &req) ? -errno : 0;
	close(fd);
	return err;
}

/* --- segments --- */

/* A request about a link, with room for one attribute of 32 bits. */
struct request {
	struct nlmsghdr nlh;
	struct ifinfomsg link;
	struct rtattr attr;
	uint32_t value;
};

/* Sends REQ and takes the first answer. Returns its length in bytes, or -errno. */
static int exchange(struct request *req, void *answer, size_t size)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), len;

	if (fd < 0)
		return -errno;
	len = send(fd, req, req->nlh.nlmsg_len, 0) < 0 ? -1 : (int)recv(fd, answer, size, 0);
	if (len < 0)
		len = -errno;
	close(fd);
	return len;
}

/* The error that the kernel answered with, 0 for none. */
static int error_of(const struct nlmsghdr *nlh, int len)
{
	if (len < 0)
		return len;
	if (!NLMSG_OK(nlh, (unsigned int)len))
		return -EBADMSG;
	return nlh->nlmsg_type == NLMSG_ERROR ? ((const struct nlmsgerr *)NLMSG_DATA(nlh))->error
					      : 0;
}

static int get_segments(uint32_t ifindex, uint32_t *most)
{
	struct request req = {
		.nlh = { .nlmsg_len = NLMSG_LENGTH(sizeof(req.link)),
			 .nlmsg_type = RTM_GETLINK,
			 .nlmsg_flags = NLM_F_REQUEST },
		.link = { .ifi_index = (int)ifindex },
	};
	union {
		struct nlmsghdr nlh;
		char bytes[32768];
	} answer;
	int len = exchange(&req, &answer, sizeof(answer)), err = error_of(&answer.nlh, len), rest;
	struct rtattr *attr;

	if (err)
		return err;
	attr = IFLA_RTA(NLMSG_DATA(&answer.nlh));
	rest = (int)IFLA_PAYLOAD(&answer.nlh);
	for (; RTA_OK(attr, rest); attr = RTA_NEXT(attr, rest)) {
		if (attr->rta_type != IFLA_GSO_MAX_SEGS)
			continue;
		memcpy(most, RTA_DATA(attr), sizeof(*most));
		return 0;
	}
	return -EOPNOTSUPP;
}

static int set_segments(uint32_t ifindex, uint32_t most)
{
	struct request req = {
		.nlh = { .nlmsg_len = sizeof(req),
			 .nlmsg_type = RTM_SETLINK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = (int)ifindex },
		.attr = { .rta_len = RTA_LENGTH(sizeof(most)), .rta_type = IFLA_GSO_MAX_SEGS },
		.value = most,
	};
	union {
		struct nlmsghdr nlh;
		char bytes[1024];
	} answer;

	return error_of(&answer.nlh, exchange(&req, &answer, sizeof(answer)));
}

/* --- both --- */

int bq_offload_get(uint32_t ifindex, struct bq_offload *offload)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GTXCSUM };
	int err = ask(ifindex, &value);

	if (err)
		return err;
	offload->checksums = value.data != 0;
	return get_segments(ifindex, &offload->segments);
}

int bq_offload_set(uint32_t ifindex, const struct bq_offload *offload)
{
	struct ethtool_value value = { .cmd = ETHTOOL_STXCSUM, .data = offload->checksums };
	int err = ask(ifindex, &value);

	return err ? err : set_segments(ifindex, offload->segments);
}
