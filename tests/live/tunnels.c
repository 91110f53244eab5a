// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tunnels: both ends of devices whose packets pass a program or are encrypted.
 *
 *   tunnels tun|tap DEV NS PEER-DEV   makes DEV here and PEER-DEV in the namespace NS. Hands each
 *                                     packet that leaves one to the other, until it is killed
 *   tunnels wireguard DEV KEY PORT PEER-KEY PEER-ADDRESS PEER-PORT
 *                                     gives DEV its private key and its port, and one peer, to
 *                                     which all addresses belong; keys as 64 hexadecimal digits
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_tun.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROOM 65536

static char buf[ROOM];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- tun and tap --- */

static int open_tun(const char *dev, short kind)
{
	struct ifreq req = { .ifr_flags = (short)(kind | IFF_NO_PI) };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &req))
		die(dev);
	return fd;
}

static void enter(const char *ns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* The kernel refuses packets of a device that is down; they are lost, as on a wire. */
static void pass(int from, int to)
{
	ssize_t n = read(from, buf, sizeof(buf));

	if (n > 0 && write(to, buf, (size_t)n) < 0)
		return;
}

static int join(short kind, const char *dev, const char *ns, const char *peer_dev)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };

	p[0].fd = open_tun(dev, kind);
	enter(ns);
	p[1].fd = open_tun(peer_dev, kind);
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents & POLLIN)
			pass(p[0].fd, p[1].fd);
		if (p[1].revents & POLLIN)
			pass(p[1].fd, p[0].fd);
		if ((p[0].revents | p[1].revents) & ~POLLIN)
			break;
	}
	return 0;
}

/* --- wireguard --- */

static int read_id(const struct nlmsghdr *nlh, void *id)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) if (mnl_attr_get_type(attr) ==
								    CTRL_ATTR_FAMILY_ID) *
		(uint16_t *)id = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void talk(struct mnl_socket *nl, struct nlmsghdr *nlh, mnl_cb_t fn, void *arg)
{
	static char answer[ROOM];
	ssize_t n;
	int ret = 1;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("generic netlink");
	while (ret > 0) {
		n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		ret = n < 0 ? -1
			    : mnl_cb_run(answer, (size_t)n, nlh->nlmsg_seq,
					 mnl_socket_get_portid(nl), fn, arg);
	}
	if (ret < 0)
		die("generic netlink");
}

static struct nlmsghdr *begin(uint16_t type, uint8_t command, uint8_t version)
{
	static unsigned int seq;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++seq;
	genl->cmd = command;
	genl->version = version;
	return nlh;
}

static void put_key(struct nlmsghdr *nlh, uint16_t type, const char *hex)
{
	uint8_t key[WG_KEY_LEN];
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		if (sscanf(hex + 2 * i, "%2hhx", &key[i]) != 1)
			die("key");
	mnl_attr_put(nlh, type, sizeof(key), key);
}

static void put_peer(struct nlmsghdr *nlh, char *argv[])
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(argv[2])) };
	struct nlattr *peers, *peer, *all, *one;

	inet_pton(AF_INET, argv[1], &at.sin_addr);
	peers = mnl_attr_nest_start(nlh, WGDEVICE_A_PEERS);
	peer = mnl_attr_nest_start(nlh, 0);
	put_key(nlh, WGPEER_A_PUBLIC_KEY, argv[0]);
	mnl_attr_put(nlh, WGPEER_A_ENDPOINT, sizeof(at), &at);
	all = mnl_attr_nest_start(nlh, WGPEER_A_ALLOWEDIPS);
	one = mnl_attr_nest_start(nlh, 0);
	mnl_attr_put_u16(nlh, WGALLOWEDIP_A_FAMILY, AF_INET);
	mnl_attr_put_u32(nlh, WGALLOWEDIP_A_IPADDR, 0);
	mnl_attr_put_u8(nlh, WGALLOWEDIP_A_CIDR_MASK, 0);
	mnl_attr_nest_end(nlh, one);
	mnl_attr_nest_end(nlh, all);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, peers);
}

/* ARGV: DEV KEY PORT PEER-KEY PEER-ADDRESS PEER-PORT */
static int configure_wireguard(char *argv[])
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);
	struct nlmsghdr *nlh;
	uint16_t id = 0;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("generic netlink");
	nlh = begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	talk(nl, nlh, read_id, &id);
	nlh = begin(id, WG_CMD_SET_DEVICE, WG_GENL_VERSION);
	mnl_attr_put_strz(nlh, WGDEVICE_A_IFNAME, argv[0]);
	put_key(nlh, WGDEVICE_A_PRIVATE_KEY, argv[1]);
	mnl_attr_put_u16(nlh, WGDEVICE_A_LISTEN_PORT, (uint16_t)atoi(argv[2]));
	put_peer(nlh, argv + 3);
	talk(nl, nlh, NULL, NULL);
	mnl_socket_close(nl);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && !strcmp(argv[1], "tun"))
		return join(IFF_TUN, argv[2], argv[3], argv[4]);
	if (argc == 5 && !strcmp(argv[1], "tap"))
		return join(IFF_TAP, argv[2], argv[3], argv[4]);
	if (argc == 8 && !strcmp(argv[1], "wireguard"))
		return configure_wireguard(argv + 2);
	fputs("usage: see the top of tunnels.c\n", stderr);
	return 1;
}
