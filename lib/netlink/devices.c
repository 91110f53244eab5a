// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Devices by name, list or pattern. */
#include <errno.h>
#include <fnmatch.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "netlink/devices.h"
#include "netlink/request.h"
#include "util/array.h"

/* The kernel sets this length on a device with length 0 when a qdisc is attached. */
#define DEFAULT_QUEUE_LEN 1000

/* --- one device --- */

/*
 * Return the number of transmit queues in use. rtnetlink does not report it, and sysfs may show
 * another namespace. A driver without this ioctl uses all of its queues.
 */
static uint32_t read_real_queues(const char *name, uint32_t all)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_data = (void *)&channels };
	uint32_t real = 0;

	if (fd < 0)
		return all;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (!ioctl(fd, SIOCETHTOOL, &ifr))
		real = channels.tx_count + channels.combined_count;
	close(fd);
	return real && real < all ? real : all;
}

static void read_attrs(const struct nlmsghdr *nlh, struct bq_dev *dev)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct ifinfomsg))
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			snprintf(dev->name, sizeof(dev->name), "%s", mnl_attr_get_str(attr));
			break;
		case IFLA_MTU:
			dev->device.mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_TXQLEN:
			if (mnl_attr_get_u32(attr))
				dev->device.tx_queue_len = mnl_attr_get_u32(attr);
			break;
		case IFLA_NUM_TX_QUEUES:
			dev->queues = mnl_attr_get_u32(attr);
			break;
		default:
			break;
		}
	}
}

static int read_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	struct bq_dev *dev = arg;

	*dev = (struct bq_dev){ .ifindex = (uint32_t)link->ifi_index,
				.device.tx_queue_len = DEFAULT_QUEUE_LEN };
	read_attrs(nlh, dev);
	dev->real_queues = dev->queues > 1 ? read_real_queues(dev->name, dev->queues) : dev->queues;
	return MNL_CB_OK;
}

/* Put a request for links without their statistics. */
static struct ifinfomsg *put_request(struct nlmsghdr *nlh, uint16_t flags)
{
	struct ifinfomsg *link;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return link;
}

static bool is_absent(int err)
{
	return err == -ENODEV;
}

int bq_dev_find(const char *name, struct bq_dev *dev, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int err;

	if (!*name || strlen(name) >= BQ_DEV_MAX)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "'%s': not a valid device name",
			       name);
	put_request(nlh, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	err = bq_netlink_get(nlh, "cannot read the device", is_absent, read_link, dev, error);
	if (is_absent(err))
		return bq_fail(error, BQDISC_ERROR_USAGE, ENODEV,
			       "no device '%s'; 'ip link' lists them", name);
	/* NAME may be an alternative name. */
	if (!err)
		snprintf(dev->name, sizeof(dev->name), "%s", name);
	return err;
}

int bq_dev_find_index(uint32_t ifindex, struct bq_dev *dev, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	put_request(nlh, 0)->ifi_index = (int)ifindex;
	return bq_netlink_get(nlh, "cannot read the device", is_absent, read_link, dev, error);
}

/* --- lists --- */

bool bq_dev_is_pattern(const char *word)
{
	return word[strcspn(word, "*?[\\")];
}

bool bq_dev_is_list(const char *word)
{
	return strchr(word, ',') || bq_dev_is_pattern(word);
}

int bq_devs_add(struct bq_devs *devs, const struct bq_dev *dev, struct bq_error *error)
{
	struct bq_dev *v = bq_array_extend(devs->v, devs->n, &devs->room, sizeof(*v));

	if (!v)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	devs->v = v;
	devs->v[devs->n++] = *dev;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct bq_dev *one = a, *other = b;

	return (one->ifindex > other->ifindex) - (one->ifindex < other->ifindex);
}

static int by_place(const void *a, const void *b)
{
	const struct bq_dev *const *one = a, *const *other = b;
	int order = by_index(*one, *other);

	return order ? order : (*one > *other) - (*one < *other);
}

/* Mark repeated devices by an index of 0, then close the gaps. */
int bq_devs_unique(struct bq_devs *devs, struct bq_error *error)
{
	struct bq_dev **sorted = calloc(devs->n + 1, sizeof(struct bq_dev *)); /* not 0 */
	size_t i, n = 0;

	if (!sorted)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; i < devs->n; i++)
		sorted[i] = &devs->v[i];
	qsort(sorted, devs->n, sizeof(struct bq_dev *), by_place);
	for (i = devs->n; i-- > 1;)
		if (sorted[i]->ifindex == sorted[i - 1]->ifindex)
			sorted[i]->ifindex = 0;
	free(sorted);
	for (i = 0; i < devs->n; i++)
		if (devs->v[i].ifindex)
			devs->v[n++] = devs->v[i];
	devs->n = n;
	return 0;
}

void bq_devs_sort(struct bq_devs *devs)
{
	if (devs->n)
		qsort(devs->v, devs->n, sizeof(*devs->v), by_index);
}

bool bq_devs_has(const struct bq_devs *devs, uint32_t ifindex)
{
	const struct bq_dev key = { .ifindex = ifindex };

	return devs->n && bsearch(&key, devs->v, devs->n, sizeof(key), by_index);
}

void bq_devs_free(struct bq_devs *devs)
{
	free(devs->v);
	*devs = (struct bq_devs){ .n = 0 };
}

/* --- patterns --- */

struct search {
	const char *pattern;
	struct bq_devs *devs;
	struct bq_error *error;
	int err;
	bool matches; /* a name of the current link matches */
};

static int match_altname(const struct nlattr *attr, void *arg)
{
	struct search *s = arg;

	if (mnl_attr_get_type(attr) == IFLA_ALT_IFNAME)
		s->matches |= !fnmatch(s->pattern, mnl_attr_get_str(attr), 0);
	return MNL_CB_OK;
}

static int match_name(const struct nlattr *attr, void *arg)
{
	struct search *s = arg;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME)
		s->matches |= !fnmatch(s->pattern, mnl_attr_get_str(attr), 0);
	if (mnl_attr_get_type(attr) == IFLA_PROP_LIST)
		mnl_attr_parse_nested(attr, match_altname, s);
	return MNL_CB_OK;
}

static int match_link(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct bq_dev dev;

	s->matches = false;
	mnl_attr_parse(nlh, sizeof(struct ifinfomsg), match_name, s);
	if (!s->matches || s->err)
		return MNL_CB_OK;
	read_link(nlh, &dev);
	s->err = bq_devs_add(s->devs, &dev, s->error);
	return MNL_CB_OK;
}

/* Add the devices with a name that matches, in the order of their indices. */
static int add_matches(struct bq_devs *devs, const char *pattern, struct bq_error *error)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct search s = { .pattern = pattern, .devs = devs, .error = error };
	size_t first = devs->n;
	int err;

	put_request(nlh, NLM_F_DUMP);
	err = bq_netlink_dump(nlh, "cannot read the devices", match_link, &s, error);
	if (err || s.err)
		return err ? err : s.err;
	if (devs->n == first)
		return bq_fail(error, BQDISC_ERROR_USAGE, ENODEV,
			       "no device matches '%s'; 'ip link' lists them", pattern);
	qsort(devs->v + first, devs->n - first, sizeof(*devs->v), by_index);
	return 0;
}

/* Add the device of that name, even if the name is a pattern too, or those that match. */
static int add_word(struct bq_devs *devs, const char *word, struct bq_error *error)
{
	bool pattern = bq_dev_is_pattern(word);
	struct bq_dev dev;
	int err = bq_dev_find(word, &dev, pattern ? NULL : error);

	if (!err)
		return bq_devs_add(devs, &dev, error);
	return pattern ? add_matches(devs, word, error) : err;
}

static int add_words(struct bq_devs *devs, const char *list, struct bq_error *error)
{
	char *copy = strdup(list), *rest = copy, *word;
	int err = 0;

	if (!copy)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	while (!err && (word = strsep(&rest, ",")))
		err = *word ? add_word(devs, word, error)
			    : bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
				      "'%s': a name is missing in the list of devices", list);
	free(copy);
	return err ? err : bq_devs_unique(devs, error);
}

int bq_devs_find(const char *list, struct bq_devs *devs, struct bq_error *error)
{
	bool several = bq_dev_is_list(list);
	struct bq_dev dev;
	int err = bq_dev_find(list, &dev, several ? NULL : error);

	*devs = (struct bq_devs){ .n = 0 };
	if (!err)
		err = bq_devs_add(devs, &dev, error);
	else if (several)
		err = add_words(devs, list, error);
	if (err)
		bq_devs_free(devs);
	return err;
}
