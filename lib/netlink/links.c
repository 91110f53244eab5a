// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "netlink/links.h"
#include "netlink/request.h"

#define ALTNAMES_MAX 64 /* of a device; further ones are left out */

/* A device whose attributes are read. */
struct link {
	struct bqdisc_device dev;
	const char *altnames[ALTNAMES_MAX + 1];
	size_t n_altnames;
};

struct walk {
	bqdisc_device_fn fn;
	void *arg;
};

static int read_altname(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_ALT_IFNAME && link->n_altnames < ALTNAMES_MAX)
		link->altnames[link->n_altnames++] = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static int read_info(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		link->dev.kind = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static void write_mac(const struct nlattr *attr, char *buf, size_t size)
{
	const unsigned char *byte = mnl_attr_get_payload(attr);
	size_t i, len = mnl_attr_get_payload_len(attr);

	for (i = 0; i < len && 3 * (i + 1) <= size; i++)
		snprintf(buf + 3 * i, 4, "%02x%s", byte[i], i + 1 < len ? ":" : "");
}

static int read_attr(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		link->dev.name = mnl_attr_get_str(attr);
		break;
	case IFLA_ADDRESS:
		write_mac(attr, link->dev.mac, sizeof(link->dev.mac));
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, read_info, link);
		break;
	case IFLA_PROP_LIST:
		mnl_attr_parse_nested(attr, read_altname, link);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int visit(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct link link = { .dev = { .ifindex = (uint32_t)info->ifi_index, .kind = "" } };
	const struct walk *walk = arg;

	link.dev.altnames = link.altnames;
	mnl_attr_parse(nlh, sizeof(*info), read_attr, &link);
	if (link.dev.name)
		walk->fn(&link.dev, walk->arg);
	return MNL_CB_OK;
}

int bq_links_each(bqdisc_device_fn fn, void *arg, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct walk walk = { .fn = fn, .arg = arg };

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return bq_netlink_dump(nlh, "cannot read the devices", visit, &walk, error);
}

char *bq_link_driver(const char *dev, char *buf, size_t size)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (void *)&info };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &ifr))
		*info.driver = '\0';
	if (fd >= 0)
		close(fd);
	snprintf(buf, size, "%s", info.driver);
	return buf;
}
