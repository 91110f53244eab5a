// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stamps: transmit time stamps of SO_TIMESTAMPING, for tests in the virtual machine.
 *
 *   stamps send PROTO ADDRESS|DEV COUNT [cmsg]
 *          sends COUNT packets by PROTO (udp, tcp, raw to an address of IPv4 or IPv6, packet to a
 *          device), asks for all software stamps of each with setsockopt(), or with a control
 *          message, and waits for them before the next; prints
 *          {"sched":N,"snd":N,"ack":N,"least_us":N}: how many of each came, and the least time
 *          from a packet's SCHED to its SND
 *   stamps flood ADDRESS MS [stamped]
 *          sends UDP for MS milliseconds as fast as the socket allows; prints {"sent":N}
 *   stamps sink
 *          takes in what comes to TCP port 9 until it is killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <time.h> /* linux/errqueue.h needs it first */
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/control.h"

#define PROTOCOL 253 /* for experiments, RFC 3692 */
#define ETHERTYPE 0x88b5
#define PORT 9
#define WAIT_MS 3000
#define SIZE 100

static const uint32_t asked =
	SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK;
static const uint32_t reported =
	SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A whole frame of no protocol of the peer's: its destination and type are in the data. */
static int open_packet(const char *dev)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		die(dev);
	return fd;
}

static socklen_t parse(const char *address, struct sockaddr_storage *to)
{
	struct sockaddr_in *in = (struct sockaddr_in *)to;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(PORT);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
		die(address);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(PORT);
	return sizeof(*in6);
}

static int open_inet(const char *proto, const char *address)
{
	bool raw = !strcmp(proto, "raw"), tcp = !strcmp(proto, "tcp");
	struct sockaddr_storage to = { 0 };
	socklen_t len = parse(address, &to);
	int fd, one = 1;

	fd = raw ? socket(to.ss_family, SOCK_RAW, PROTOCOL)
		 : socket(to.ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, len))
		die(address);
	if (tcp && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("TCP_NODELAY");
	return fd;
}

struct came {
	unsigned int n[3]; /* by type: SCM_TSTAMP_SND, _SCHED, _ACK */
	int64_t at[3];     /* of the packet that was sent last, ns */
};

/* Takes one stamp out of the error queue; false: there is none. */
static bool take(int fd, struct came *came)
{
	char control[512], data[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct sock_extended_err *err = NULL;
	struct scm_timestamping *t = NULL;
	struct cmsghdr *c;

	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING)
			t = (struct scm_timestamping *)CMSG_DATA(c);
		else
			err = (struct sock_extended_err *)CMSG_DATA(c);
	}
	if (t && err && err->ee_origin == SO_EE_ORIGIN_TIMESTAMPING && err->ee_info < 3) {
		came->n[err->ee_info]++;
		came->at[err->ee_info] = t->ts[0].tv_sec * 1000000000ll + t->ts[0].tv_nsec;
	}
	return true;
}

static void send_one(int fd, bool cmsg)
{
	/* Build a broadcast frame of ETHERTYPE for a packet socket. */
	char data[SIZE] = { 255, 255, 255, 255, 255, 255, [12] = (char)0x88, [13] = (char)0xb5 };
	char control[CMSG_SPACE(sizeof(asked))] = { 0 };
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (cmsg)
		put_control(&m, control, SO_TIMESTAMPING, &asked, sizeof(asked));
	/* The answer to a packet before is reported once, and nothing was sent. */
	while (sendmsg(fd, &m, 0) < 0)
		if (errno != ECONNREFUSED && errno != ENOPROTOOPT)
			die("sendmsg");
}

static int send_all(int fd, bool tcp, unsigned int count, bool cmsg)
{
	uint32_t flags = reported | (cmsg ? 0 : asked);
	struct pollfd p = { .fd = fd };
	struct came came = { 0 };
	int64_t least = INT64_MAX;
	unsigned int i;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)))
		die("SO_TIMESTAMPING");
	for (i = 1; i <= count; i++) {
		send_one(fd, cmsg);
		while (came.n[SCM_TSTAMP_SCHED] < i || came.n[SCM_TSTAMP_SND] < i ||
		       (tcp && came.n[SCM_TSTAMP_ACK] < i))
			if (!take(fd, &came) && poll(&p, 1, WAIT_MS) <= 0)
				break;
		if (came.n[SCM_TSTAMP_SND] == i &&
		    came.at[SCM_TSTAMP_SND] - came.at[SCM_TSTAMP_SCHED] < least)
			least = came.at[SCM_TSTAMP_SND] - came.at[SCM_TSTAMP_SCHED];
		if (came.n[SCM_TSTAMP_SND] < i)
			break;
	}
	printf("{\"sched\":%u,\"snd\":%u,\"ack\":%u,\"least_us\":%lld}\n", came.n[SCM_TSTAMP_SCHED],
	       came.n[SCM_TSTAMP_SND], came.n[SCM_TSTAMP_ACK], (long long)least / 1000);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static int flood(const char *address, int ms, bool stamped)
{
	uint32_t flags = reported | (stamped ? asked : 0);
	int64_t end = now_ms() + ms;
	int fd = open_inet("udp", address);
	struct came came = { 0 };
	unsigned int sent = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)))
		die("SO_TIMESTAMPING");
	for (; now_ms() < end; sent++) {
		send_one(fd, false);
		while (stamped && take(fd, &came))
			;
	}
	printf("{\"sent\":%u}\n", sent);
	return 0;
}

static int sink(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), peer;
	char data[4096];

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 8))
		die("sink");
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		while (read(peer, data, sizeof(data)) > 0)
			;
		close(peer);
	}
	return 0;
}

int main(int argc, char *argv[])
{
	bool packet, tcp;

	if (argc == 2 && !strcmp(argv[1], "sink"))
		return sink();
	if (argc >= 4 && !strcmp(argv[1], "flood"))
		return flood(argv[2], atoi(argv[3]), argc > 4);
	if (argc < 5 || strcmp(argv[1], "send"))
		return fputs("usage: see the top of stamps.c\n", stderr), 1;
	packet = !strcmp(argv[2], "packet");
	tcp = !strcmp(argv[2], "tcp");
	return send_all(packet ? open_packet(argv[3]) : open_inet(argv[2], argv[3]), tcp,
			(unsigned int)atoi(argv[4]), argc > 5);
}
