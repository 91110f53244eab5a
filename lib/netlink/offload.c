// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/link.h"
#include "netlink/offload.h"
#include "netlink/qdisc.h"

/* Of checksums, which rtnetlink does not tell. */
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

int bq_offload_get(uint32_t ifindex, struct bq_offload *offload)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GTXCSUM };
	int err = ask(ifindex, &value);

	if (err)
		return err;
	offload->checksums = value.data != 0;
	return bq_dev_gso_max_segs(ifindex, &offload->segments);
}

int bq_offload_set(uint32_t ifindex, const struct bq_offload *offload)
{
	struct ethtool_value value = { .cmd = ETHTOOL_STXCSUM, .data = offload->checksums };
	struct bq_error ignored = { 0 };
	int err = ask(ifindex, &value);

	return err ? err : bq_tc_set_segments(ifindex, offload->segments, &ignored);
}
