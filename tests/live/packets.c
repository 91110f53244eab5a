// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packets: a sender and a receiver of numbered Ethernet frames, for tests in the virtual machine.
 *
 *   packets send DEV COUNT [SIZE]       sends frames 0 to COUNT - 1, never retries; prints
 *                                       {"sent":N,"refused":N}: refused is ENOBUFS, a qdisc's drop
 *   packets continue DEV FIRST COUNT    the same from frame FIRST on
 *   packets fill DEV COUNT              sends past the qdisc, until the device takes no more
 *   packets stop DEV COUNT              sends COUNT past the qdisc and frame 0, fills the device,
 *                                       and sends frame 1, which has to wait: all in little time
 *   packets receive DEV COUNT MS        until COUNT frames came or MS passed without one; prints
 *                                       {"received":N,"first":N,"last":N,"in_order":true}, the
 *                                       order being that no number is lower than the one before
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Local experimental EtherType 1 (IEEE Std 802): nothing else in the guest sends it. */
#define TEST_ETHERTYPE 0x88b5
#define MIN_SIZE 60
#define MAX_SIZE 65549 /* with the longest MTU of a dummy device */

struct frame {
	struct ether_header eth;
	uint32_t number;
	char rest[MAX_SIZE - sizeof(struct ether_header) - sizeof(uint32_t)];
} __attribute__((packed));

static int open_packet(const char *dev)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(TEST_ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	/* Buffer for all waiting packets, so that the socket itself refuses none. */
	int room = 1 << 28, fd = socket(AF_PACKET, SOCK_RAW, htons(TEST_ETHERTYPE));

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to))) {
		perror(dev);
		exit(1);
	}
	return fd;
}

static int send_frames(const char *dev, uint32_t first, uint32_t count, size_t size)
{
	struct frame f = { .eth.ether_type = htons(TEST_ETHERTYPE) };
	int fd = open_packet(dev);
	uint32_t i, sent = 0, refused = 0;

	memset(f.eth.ether_dhost, 0xff, ETH_ALEN);
	for (i = first; i < first + count; i++) {
		f.number = htonl(i);
		if (send(fd, &f, size, 0) == (ssize_t)size) {
			sent++;
		} else if (errno == ENOBUFS) {
			refused++;
		} else {
			perror("send");
			return 1;
		}
	}
	printf("{\"sent\":%u,\"refused\":%u}\n", sent, refused);
	return 0;
}

/* Open a socket whose packets pass the qdisc by. */
static int open_bypass(const char *dev)
{
	int on = 1, fd = open_packet(dev);

	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on))) {
		perror(dev);
		exit(1);
	}
	return fd;
}

/* The kernel frees a frame that a full device refuses, and returns ENOBUFS. */
static int fill_device(int bypass, uint32_t count)
{
	struct frame f = { .eth.ether_type = htons(TEST_ETHERTYPE) };

	memset(f.eth.ether_dhost, 0xff, ETH_ALEN);
	for (; count; count--)
		if (send(bypass, &f, 100, 0) != 100)
			return errno != ENOBUFS;
	return 0;
}

static int stop_device(const char *dev, uint32_t count)
{
	struct frame f = { .eth.ether_type = htons(TEST_ETHERTYPE) };
	int fd = open_packet(dev), bypass = open_bypass(dev);
	int failed = fill_device(bypass, count);

	memset(f.eth.ether_dhost, 0xff, ETH_ALEN);
	failed |= send(fd, &f, 100, 0) != 100;
	failed |= fill_device(bypass, UINT32_MAX);
	f.number = htonl(1);
	return failed | (send(fd, &f, 100, 0) != 100);
}

static int receive_frames(const char *dev, uint32_t count, int timeout_ms)
{
	struct frame f;
	struct pollfd p = { .fd = open_packet(dev), .events = POLLIN };
	uint32_t n = 0, first = 0, last = 0, number;
	bool in_order = true;

	while (n < count && poll(&p, 1, timeout_ms) == 1) {
		if (recv(p.fd, &f, sizeof(f), 0) < MIN_SIZE)
			continue;
		number = ntohl(f.number);
		if (!n)
			first = number;
		else if (number < last)
			in_order = false;
		last = number;
		n++;
	}
	printf("{\"received\":%u,\"first\":%u,\"last\":%u,\"in_order\":%s}\n", n, first, last,
	       in_order ? "true" : "false");
	return 0;
}

int main(int argc, char *argv[])
{
	size_t size = argc > 4 ? strtoul(argv[4], NULL, 10) : 100;

	if (argc >= 4 && !strcmp(argv[1], "send") && size >= MIN_SIZE && size <= MAX_SIZE)
		return send_frames(argv[2], 0, (uint32_t)strtoul(argv[3], NULL, 10), size);
	if (argc == 4 && !strcmp(argv[1], "fill"))
		return fill_device(open_bypass(argv[2]), (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "stop"))
		return stop_device(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc == 5 && !strcmp(argv[1], "continue"))
		return send_frames(argv[2], (uint32_t)strtoul(argv[3], NULL, 10),
				   (uint32_t)strtoul(argv[4], NULL, 10), 100);
	if (argc == 5 && !strcmp(argv[1], "receive"))
		return receive_frames(argv[2], (uint32_t)strtoul(argv[3], NULL, 10), atoi(argv[4]));
	fputs("usage: see the top of packets.c\n", stderr);
	return 1;
}
