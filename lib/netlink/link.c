// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Properties of devices by libnl-route and ethtool ioctls; all qdiscs with their counters. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "netlink/link.h"
#include "netlink/message.h"

static struct nl_sock *open_socket(struct bq_error *error)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err = sk ? nl_connect(sk, NETLINK_ROUTE) : -NLE_NOMEM;

	if (!err)
		return sk;
	bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot open a netlink socket: %s",
		nl_geterror(err));
	nl_socket_free(sk);
	return NULL;
}

/*
 * Read the speed from ethtool: /sys/class/net/DEV/speed may show another namespace. The kernel
 * answers the first request with the number of words of link modes that it expects.
 */
static int read_speed(const char *name, int fd, uint32_t *mbit)
{
	struct {
		struct ethtool_link_settings head;
		uint32_t modes[3 * 127];
	} s = { .head.cmd = ETHTOOL_GLINKSETTINGS };
	struct ifreq ifr = { .ifr_data = (void *)&s };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return -errno;
	if (s.head.link_mode_masks_nwords >= 0)
		return -EPROTO;
	s.head.cmd = ETHTOOL_GLINKSETTINGS;
	s.head.link_mode_masks_nwords = (int8_t)-s.head.link_mode_masks_nwords;
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return -errno;
	*mbit = s.head.speed;
	return s.head.speed && s.head.speed != (uint32_t)SPEED_UNKNOWN ? 0 : -ENODATA;
}

int bq_dev_speed(const char *name, uint32_t *mbit)
{
	int err, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	err = read_speed(name, fd, mbit);
	close(fd);
	return err;
}

static uint32_t sum_queues(struct nl_cache *links)
{
	struct nl_object *o;
	uint32_t sum = 0;

	for (o = nl_cache_get_first(links); o; o = nl_cache_get_next(o)) {
		struct rtnl_link *l = (struct rtnl_link *)o;

		if (!(rtnl_link_get_flags(l) & IFF_LOOPBACK))
			sum += rtnl_link_get_num_tx_queues(l);
	}
	return sum;
}

int bq_dev_count_queues(uint32_t *queues, struct bq_error *error)
{
	struct nl_sock *sk = open_socket(error);
	struct nl_cache *links = NULL;
	int err;

	if (!sk)
		return -EIO;
	err = rtnl_link_alloc_cache(sk, AF_UNSPEC, &links);
	nl_socket_free(sk);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot read the devices: %s",
			       nl_geterror(err));
	*queues = sum_queues(links);
	nl_cache_free(links);
	return 0;
}

int bq_dev_gso_max_segs(uint32_t ifindex, uint32_t *most)
{
	struct nl_sock *sk = open_socket(NULL);
	struct rtnl_link *l = NULL;
	int err;

	if (!sk)
		return -EIO;
	err = rtnl_link_get_kernel(sk, (int)ifindex, NULL, &l);
	nl_socket_free(sk);
	if (err)
		return -EIO;
	err = rtnl_link_get_gso_max_segs(l, most) ? -EOPNOTSUPP : 0;
	rtnl_link_put(l);
	return err;
}

/* --- qdiscs --- */

struct walk {
	struct nl_cache *links;
	int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg);
	void *arg;
	int ret; /* of FN */
};

static int visit(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = bq_message_tcm(nlh);
	struct bq_tc_qdisc qdisc = { .kind = "" };
	char dev[BQ_DEV_MAX] = "?";
	struct walk *walk = arg;
	struct bq_dev_qdisc q = {
		.ifindex = (uint32_t)tcm->tcm_ifindex,
		.handle = tcm->tcm_handle,
		.parent = tcm->tcm_parent,
		.dev = dev,
		.kind = qdisc.kind,
	};

	if (walk->ret || bq_tc_read(nlh, &qdisc) < 0)
		return 1; /* MNL_CB_OK */
	q.stats = qdisc.stats;
	rtnl_link_i2name(walk->links, (int)q.ifindex, dev, sizeof(dev));
	walk->ret = walk->fn(&q, walk->arg);
	return 1;
}

/*
 * libnl-route would crash: it expects options of each qdisc with the name of an in-tree one, and
 * the kernel dumps none of a BPF qdisc.
 */
int bq_dev_each_qdisc(int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg), void *arg,
		      struct bq_error *error)
{
	struct walk walk = { .fn = fn, .arg = arg };
	struct nl_sock *sk = open_socket(error);
	int err;

	if (!sk)
		return -EIO;
	err = rtnl_link_alloc_cache(sk, AF_UNSPEC, &walk.links);
	nl_socket_free(sk);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot read the devices: %s",
			       nl_geterror(err));
	err = bq_tc_dump(RTM_GETQDISC, 0, 0, visit, &walk, error);
	nl_cache_free(walk.links);
	return err ? err : walk.ret;
}
