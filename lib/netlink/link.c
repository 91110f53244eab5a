// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Properties of devices by libnl-route and ethtool ioctls; counters of all qdiscs. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>

#include "netlink/link.h"

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

static void read_stats(struct rtnl_tc *tc, struct bq_core_stats *stats)
{
	stats->bytes = rtnl_tc_get_stat(tc, RTNL_TC_BYTES);
	stats->packets = rtnl_tc_get_stat(tc, RTNL_TC_PACKETS);
	stats->drops = rtnl_tc_get_stat(tc, RTNL_TC_DROPS);
	stats->overlimits = rtnl_tc_get_stat(tc, RTNL_TC_OVERLIMITS);
	stats->requeues = rtnl_tc_get_stat(tc, RTNL_TC_REQUEUES);
	stats->backlog_bytes = rtnl_tc_get_stat(tc, RTNL_TC_BACKLOG);
	stats->backlog_packets = rtnl_tc_get_stat(tc, RTNL_TC_QLEN);
}

static int each_qdisc(struct nl_cache *links, struct nl_cache *qdiscs,
		      int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg), void *arg)
{
	struct nl_object *o;
	int ret = 0;

	for (o = nl_cache_get_first(qdiscs); o && !ret; o = nl_cache_get_next(o)) {
		struct rtnl_tc *tc = TC_CAST(o);
		char dev[BQ_DEV_MAX] = "?";
		struct bq_dev_qdisc q = {
			.ifindex = (uint32_t)rtnl_tc_get_ifindex(tc),
			.handle = rtnl_tc_get_handle(tc),
			.parent = rtnl_tc_get_parent(tc),
			.dev = dev,
			.kind = rtnl_tc_get_kind(tc),
		};

		if (!q.kind)
			continue;
		rtnl_link_i2name(links, (int)q.ifindex, dev, sizeof(dev));
		read_stats(tc, &q.stats);
		ret = fn(&q, arg);
	}
	return ret;
}

int bq_dev_each_qdisc(int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg), void *arg,
		      struct bq_error *error)
{
	struct nl_cache *links = NULL, *qdiscs = NULL;
	struct nl_sock *sk = open_socket(error);
	int err;

	if (!sk)
		return -EIO;
	err = rtnl_link_alloc_cache(sk, AF_UNSPEC, &links);
	if (!err)
		err = rtnl_qdisc_alloc_cache(sk, &qdiscs);
	if (err)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, EIO, "cannot read the qdiscs: %s",
			      nl_geterror(err));
	else
		err = each_qdisc(links, qdiscs, fn, arg);
	nl_cache_free(qdiscs);
	nl_cache_free(links);
	nl_socket_free(sk);
	return err;
}
