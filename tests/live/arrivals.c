// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * arrivals DEV COUNT MS: prints when numbered frames (packets.c) arrive, until COUNT came or
 * MS passed without one: a line "NUMBER NS" each, of CLOCK_REALTIME as the kernel stamps them.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define OUR_ETHERTYPE 0x88b5

static int open_packet(const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(OUR_ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int on = 1, room = 1 << 28, fd = socket(AF_PACKET, SOCK_RAW, htons(OUR_ETHERTYPE));

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		perror(dev);
		exit(1);
	}
	return fd;
}

static void receive(int fd)
{
	char control[256], frame[2048];
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct timespec stamp = { 0 };
	struct cmsghdr *c;
	uint32_t number;

	m.msg_controllen = sizeof(control);
	if (recvmsg(fd, &m, 0) < (long)(sizeof(struct ether_header) + sizeof(number)))
		return;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
	memcpy(&number, frame + sizeof(struct ether_header), sizeof(number));
	printf("%u %lld%09ld\n", ntohl(number), (long long)stamp.tv_sec, stamp.tv_nsec);
}

int main(int argc, char *argv[])
{
	struct pollfd p = { .events = POLLIN };
	int n = argc == 4 ? atoi(argv[2]) : 0;

	if (!n)
		return 1;
	p.fd = open_packet(argv[1]);
	for (; n && poll(&p, 1, atoi(argv[3])) == 1; n--)
		receive(p.fd);
	return 0;
}
