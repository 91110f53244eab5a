// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flows: an open-loop sender of numbered UDP datagrams, and the receiver that writes down when each
 * came, for tests of fq.
 *
 *   flows send SCRIPT        sends what the lines of SCRIPT say:
 *                            AT FLOW SIZE [prio N] [time T] [rate R]
 *                            AT is when to send, ns after the start; T the packet's time stamp, ns
 *                            after the start (SO_TXTIME); R sets the socket's SO_MAX_PACING_RATE in
 *                            bytes a second. Each flow is a connected socket of its own. Prints
 *                            {"sent":N,"refused":N,"late_ns":MOST}
 *   flows receive DEV COUNT MS
 *                            from DEV until COUNT came or MS passed without one; prints a line a
 *                            packet: its number, its flow, nanoseconds since its sender started
 *
 * A datagram carries its number, its flow and the start of its sender: both ends are on one machine
 * and share CLOCK_MONOTONIC. Times of arrival are the kernel's (SO_TIMESTAMPNS_NEW would be
 * CLOCK_REALTIME; the receiver takes the difference of both clocks at its start).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/mman.h>
#include <time.h>

#define PORT 9000
#define MAX_FLOWS 1024
#define MAX_PACKETS 200000

struct datagram {
	uint64_t start;
	uint32_t number;
	uint32_t flow;
	char rest[1400];
};

struct order {
	uint64_t at, time, rate;
	uint32_t flow, size, prio;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int open_flow(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 26;

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		die("flow");
	return fd;
}

static size_t read_script(const char *path, struct order *orders)
{
	char line[256], *word, *value;
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (!f)
		die(path);
	while (n < MAX_PACKETS && fgets(line, sizeof(line), f)) {
		struct order *o = &orders[n];

		memset(o, 0, sizeof(*o));
		o->rate = UINT64_MAX;
		o->prio = UINT32_MAX;
		o->at = strtoull(strtok(line, " \n"), NULL, 10);
		o->flow = (uint32_t)atoi(strtok(NULL, " \n")) % MAX_FLOWS;
		o->size = (uint32_t)atoi(strtok(NULL, " \n"));
		while ((word = strtok(NULL, " \n")) && (value = strtok(NULL, " \n"))) {
			uint64_t v = strtoull(value, NULL, 10);

			if (!strcmp(word, "prio"))
				o->prio = (uint32_t)v;
			else if (!strcmp(word, "time"))
				o->time = v;
			else
				o->rate = v;
		}
		n++;
	}
	fclose(f);
	return n;
}

static ssize_t send_one(int fd, const struct order *o, struct datagram *d)
{
	char control[CMSG_SPACE(sizeof(uint64_t))] = { 0 };
	struct iovec iov = { d, o->size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint64_t time = d->start + o->time;
	struct cmsghdr *c;

	if (o->rate != UINT64_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &o->rate, sizeof(o->rate)))
		die("SO_MAX_PACING_RATE");
	if (o->prio != UINT32_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &o->prio, sizeof(o->prio)))
		die("SO_PRIORITY");
	if (o->time) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_TXTIME;
		c->cmsg_len = CMSG_LEN(sizeof(time));
		memcpy(CMSG_DATA(c), &time, sizeof(time));
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT);
}

static int send_script(const char *path)
{
	struct order *orders = calloc(MAX_PACKETS, sizeof(*orders));
	static int fds[MAX_FLOWS];
	size_t i, n = read_script(path, orders), sent = 0;
	uint64_t late, most_late = 0;
	struct datagram d = { 0 };

	for (i = 0; i < n; i++)
		if (!fds[orders[i].flow])
			fds[orders[i].flow] = open_flow();
	mlockall(MCL_CURRENT);
	d.start = now_of(CLOCK_MONOTONIC) + 10000000;
	for (i = 0; i < n; i++) {
		d.number = (uint32_t)i;
		d.flow = orders[i].flow;
		/* To the instant: a sleep ends late. */
		while (now_of(CLOCK_MONOTONIC) < d.start + orders[i].at)
			;
		late = now_of(CLOCK_MONOTONIC) - d.start - orders[i].at;
		if (late > most_late)
			most_late = late;
		sent += send_one(fds[orders[i].flow], &orders[i], &d) >= 0;
	}
	printf("{\"sent\":%zu,\"refused\":%zu,\"late_ns\":%llu}\n", sent, n - sent,
	       (unsigned long long)most_late);
	return 0;
}

/* The kernel's time of arrival, CLOCK_REALTIME. */
static uint64_t arrival(struct msghdr *msg)
{
	struct timespec ts = { 0 };
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int receive(const char *dev, size_t count, int timeout)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	static struct {
		uint32_t number, flow;
		uint64_t time;
	} got[MAX_PACKETS];
	uint64_t clocks = now_of(CLOCK_REALTIME) - now_of(CLOCK_MONOTONIC);
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), on = 1, room = 1 << 28;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t i, n = 0;

	from.sll_ifindex = (int)if_nametoindex(dev);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		die(dev);
	while (n < count && n < MAX_PACKETS && poll(&p, 1, timeout) > 0) {
		struct {
			struct iphdr ip;
			struct udphdr udp;
			struct datagram d;
		} f;
		char control[128];
		struct iovec iov = { &f, sizeof(f) };
		struct msghdr msg = { .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control) };

		if (recvmsg(fd, &msg, 0) < (ssize_t)sizeof(f.ip) + 24 ||
		    f.ip.protocol != IPPROTO_UDP || f.udp.dest != htons(PORT))
			continue;
		got[n].number = f.d.number;
		got[n].flow = f.d.flow;
		got[n++].time = arrival(&msg) - clocks - f.d.start;
	}
	for (i = 0; i < n; i++)
		printf("%u %u %lld\n", got[i].number, got[i].flow, (long long)got[i].time);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && !strcmp(argv[1], "send"))
		return send_script(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "receive"))
		return receive(argv[2], strtoul(argv[3], NULL, 10), atoi(argv[4]));
	fprintf(stderr, "usage: flows send SCRIPT | receive DEV COUNT MS\n");
	return 1;
}
