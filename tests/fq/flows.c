// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flows: an open-loop sender of numbered UDP datagrams, and the watcher that writes down when each
 * left, for tests of fq. scripts.c makes scripts, and compares records.
 *
 *   flows send SCRIPT [in-phase]
 *                            sends what the lines of SCRIPT say:
 *                            AT FLOW SIZE [prio N] [mark N] [tos N] [clock C] [time T] [rate R]
 *                            [gso N]
 *                            AT is when to send, ns after the start; T the packet's time stamp, ns
 *                            after the start (SO_TXTIME), by the clock of number C (default 1,
 *                            CLOCK_MONOTONIC); R sets the socket's SO_MAX_PACING_RATE in
 *                            bytes a second, and the device cuts datagrams into segments of N
 *                            bytes (UDP_SEGMENT), each with the number, the flow and the start of
 *                            the sender. Each flow is a connected socket of its own, from
 *                            port 9001 + FLOW on if that is free. In phase
 *                            with the kernel's timers, it stays a second, until all has left.
 *                            Prints {"sent":N,"refused":N,"late_ns":MOST}
 *   flows watch DEV          what leaves through DEV until SIGTERM; prints a line a packet: its
 *                            number, its flow, nanoseconds since its sender started
 *   flows receive DEV MS     the same of what comes in from DEV within that time
 *   flows span DEV [LEAST]   the same, of any packets, or those of at least LEAST bytes:
 *                            {"packets":N,"ns":FROM-FIRST-TO-LAST,"bytes":N,"gap_sd_ns":N}; bytes
 *                            without those of the first, and the standard deviation of the gaps
 *   flows tai SECONDS        sets how far CLOCK_TAI is ahead of CLOCK_REALTIME
 *
 * A datagram carries its number, its flow and the start of its sender: both are on one machine and
 * share CLOCK_MONOTONIC. The watcher does not look before the end, so that it takes no time from
 * the sender.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <math.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <netinet/ip.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>

#include "../lib/control.h"

#define PORT 9000
#define MAX_FLOWS 1024
#define MAX_PACKETS 200000
#define RING_BYTES (1u << 23)
#define FRAME_BYTES 256u /* truncates packets behind the headers and the datagram */
#define SECOND 1000000000ull
/*
 * Offset of the start of an in-phase sender within a second. The kernel's periodic timers, above
 * all the tick, run at multiples of their periods, most of them at whole seconds. So they meet the
 * same packets in each run.
 */
#define PHASE 300000000ull
/* Sleep only before waits longer than FAR, and wake up EARLY before the end. */
#define FAR 1000000ull
#define EARLY 300000ull

struct datagram {
	uint64_t start;
	uint32_t number;
	uint32_t flow;
	char rest[1400];
};

struct order {
	uint64_t at, time, rate;
	uint32_t flow, size, prio, mark, tos, clock, gso;
};

static int fds[MAX_FLOWS];
static uint64_t offsets[CLOCK_TAI + 1]; /* of the clocks, from CLOCK_MONOTONIC, ns */

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

static int open_flow(uint32_t flow)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)(PORT + 1 + flow)) };
	struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 26;

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	/* Another sender may have the port. */
	(void)bind(fd, (struct sockaddr *)&from, sizeof(from));
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
		o->clock = CLOCK_MONOTONIC;
		o->at = strtoull(strtok(line, " \n"), NULL, 10);
		o->flow = (uint32_t)atoi(strtok(NULL, " \n")) % MAX_FLOWS;
		o->size = (uint32_t)atoi(strtok(NULL, " \n"));
		while ((word = strtok(NULL, " \n")) && (value = strtok(NULL, " \n"))) {
			uint64_t v = strtoull(value, NULL, 10);

			if (!strcmp(word, "prio"))
				o->prio = (uint32_t)v;
			else if (!strcmp(word, "mark"))
				o->mark = (uint32_t)v;
			else if (!strcmp(word, "tos"))
				o->tos = (uint32_t)v;
			else if (!strcmp(word, "clock"))
				o->clock = (uint32_t)(v % (CLOCK_TAI + 1));
			else if (!strcmp(word, "gso"))
				o->gso = (uint32_t)v;
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

/* Return CLOCK less CLOCK_MONOTONIC, measured in the fastest of several tries. */
static uint64_t clock_offset(clockid_t clock)
{
	uint64_t before, there, after, best = UINT64_MAX, offset = 0;
	int i;

	for (i = 0; i < 100; i++) {
		before = now_of(CLOCK_MONOTONIC);
		there = now_of(clock);
		after = now_of(CLOCK_MONOTONIC);
		if (after - before >= best)
			continue;
		best = after - before;
		offset = there - (before + after) / 2;
	}
	return offset;
}

/* Set the clock of FD's time stamps. */
static void set_clock(int fd, uint32_t clock)
{
	struct sock_txtime txtime = { .clockid = (clockid_t)clock };

	if (setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		die("SO_TXTIME");
}

/* Copy the beginning of D to each segment. */
static void cut(int fd, uint32_t bytes, struct datagram *d)
{
	int size = (int)bytes;
	size_t at;

	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		die("UDP_SEGMENT");
	for (at = bytes; at + offsetof(struct datagram, rest) <= sizeof(*d); at += bytes)
		memcpy((char *)d + at, d, offsetof(struct datagram, rest));
}

static ssize_t send_one(int fd, const struct order *o, struct datagram *d)
{
	char control[CMSG_SPACE(sizeof(uint64_t))] = { 0 };
	struct iovec iov = { d, o->size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint64_t time = d->start + o->time + offsets[o->clock];
	ssize_t len;

	if (o->rate != UINT64_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &o->rate, sizeof(o->rate)))
		die("SO_MAX_PACING_RATE");
	if (o->prio != UINT32_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &o->prio, sizeof(o->prio)))
		die("SO_PRIORITY");
	if (o->mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &o->mark, sizeof(o->mark)))
		die("SO_MARK");
	if (o->tos && setsockopt(fd, IPPROTO_IP, IP_TOS, &o->tos, sizeof(o->tos)))
		die("IP_TOS");
	if (o->gso)
		cut(fd, o->gso, d);
	if (o->time)
		put_control(&msg, control, SCM_TXTIME, &time, sizeof(time));
	len = sendmsg(fd, &msg, MSG_DONTWAIT);
	/* A port without a socket is reported once, instead of sending. Send again. */
	return len < 0 && errno == ECONNREFUSED ? sendmsg(fd, &msg, MSG_DONTWAIT) : len;
}

/* Open the flows, and read the clocks that they use. */
static void ready(const struct order *orders, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!fds[orders[i].flow])
			fds[orders[i].flow] = open_flow(orders[i].flow);
		if (orders[i].clock == CLOCK_MONOTONIC)
			continue;
		set_clock(fds[orders[i].flow], orders[i].clock);
		if (!offsets[orders[i].clock])
			offsets[orders[i].clock] = clock_offset((clockid_t)orders[i].clock);
	}
}

static void sleep_until(uint64_t ns)
{
	const struct timespec ts = { (time_t)(ns / SECOND), (long)(ns % SECOND) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static int send_script(const char *path, bool in_phase)
{
	struct order *orders = calloc(MAX_PACKETS, sizeof(*orders));
	size_t i, n = read_script(path, orders), sent = 0;
	uint64_t late, most_late = 0;
	const struct sched_param first = { .sched_priority = 1 };
	struct datagram d = { 0 };

	ready(orders, n);
	mlockall(MCL_CURRENT);
	sched_setscheduler(0, SCHED_FIFO, &first);
	d.start = in_phase ? (now_of(CLOCK_MONOTONIC) / SECOND + 1) * SECOND + PHASE
			   : now_of(CLOCK_MONOTONIC) + 10000000;
	sleep_until(d.start - EARLY);
	for (i = 0; i < n; i++) {
		d.number = (uint32_t)i;
		d.flow = orders[i].flow;
		/* Spin for the last part: a sleep ends late. */
		if (now_of(CLOCK_MONOTONIC) + FAR < d.start + orders[i].at)
			sleep_until(d.start + orders[i].at - EARLY);
		while (now_of(CLOCK_MONOTONIC) < d.start + orders[i].at)
			;
		late = now_of(CLOCK_MONOTONIC) - d.start - orders[i].at;
		if (late > most_late)
			most_late = late;
		sent += send_one(fds[orders[i].flow], &orders[i], &d) >= 0;
	}
	/* The exit of the process takes 2 ms and would delay the packets that still wait. */
	if (in_phase)
		sleep_until(now_of(CLOCK_MONOTONIC) + SECOND);
	printf("{\"sent\":%zu,\"refused\":%zu,\"late_ns\":%llu}\n", sent, n - sent,
	       (unsigned long long)most_late);
	return 0;
}

static void end_of_wait(int signal)
{
	(void)signal;
}

/*
 * Use a ring, into which the kernel copies packets. A socket's queue keeps the packets, and the
 * kernel would allocate memory every few dozen packets.
 */
static char *open_ring(const char *dev, int *fd)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int version = TPACKET_V2, stamp = SOF_TIMESTAMPING_SOFTWARE, on = 1;
	struct tpacket_req req = {
		.tp_block_size = RING_BYTES / 64,
		.tp_block_nr = 64,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = RING_BYTES / FRAME_BYTES,
	};
	char *ring;

	from.sll_ifindex = (int)if_nametoindex(dev);
	*fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(*fd, SOL_PACKET, PACKET_TIMESTAMP, &stamp, sizeof(stamp)) ||
	    setsockopt(*fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(*fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		die("ring");
	ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (ring == MAP_FAILED || bind(*fd, (struct sockaddr *)&from, sizeof(from)))
		die(dev);
	return ring;
}

/* Accept only flows' datagrams. Other packets would soon fill the ring. */
static void filter(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* protocol */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 22), /* destination port */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		die("filter");
}

static void print_frame(const struct tpacket2_hdr *frame, uint64_t clocks)
{
	const struct {
		struct iphdr ip;
		struct udphdr udp;
		struct datagram d;
	} __attribute__((packed)) *f = (const void *)((const char *)frame + frame->tp_net);
	uint64_t time = frame->tp_sec * SECOND + frame->tp_nsec;

	if (frame->tp_snaplen >= sizeof(f->ip) + sizeof(f->udp) + 16 &&
	    f->ip.protocol == IPPROTO_UDP && f->udp.dest == htons(PORT))
		printf("%u %u %lld\n", f->d.number, f->d.flow,
		       (long long)(time - clocks - f->d.start));
}

/* Return the ring after SIGTERM. */
static const char *watch(const char *dev, bool only_datagrams)
{
	const struct sigaction end = { .sa_handler = end_of_wait };
	char *ring;
	int fd;

	sigaction(SIGTERM, &end, NULL);
	ring = open_ring(dev, &fd);
	if (only_datagrams)
		filter(fd);
	pause();
	return ring;
}

/* Return frame N, or NULL behind the last. */
static const struct tpacket2_hdr *frame_at(const char *ring, size_t n)
{
	const struct tpacket2_hdr *frame = (const void *)(ring + n * FRAME_BYTES);

	if (n >= RING_BYTES / FRAME_BYTES || !(frame->tp_status & TP_STATUS_USER))
		return NULL;
	return frame;
}

static int print_departures(const char *dev)
{
	uint64_t clocks = clock_offset(CLOCK_REALTIME);
	const struct tpacket2_hdr *frame;
	const char *ring = watch(dev, true);
	size_t n;

	for (n = 0; (frame = frame_at(ring, n)); n++)
		print_frame(frame, clocks);
	return 0;
}

/* Return the kernel's time of arrival, CLOCK_REALTIME. */
static uint64_t arrival(struct msghdr *msg)
{
	struct timespec ts = { 0 };
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int receive(const char *dev, int ms)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), on = 1, room = 1 << 30;
	uint64_t clocks = clock_offset(CLOCK_REALTIME);
	struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };
	struct {
		struct iphdr ip;
		struct udphdr udp;
		struct datagram d;
	} __attribute__((packed)) f;
	struct sockaddr_in port = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	char control[128];

	/* Bind the port. Without a socket, the sender gets ICMP errors. */
	if (bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&port, sizeof(port)))
		die("port");
	from.sll_ifindex = (int)if_nametoindex(dev);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)))
		die(dev);
	nanosleep(&nap, NULL);
	for (;;) {
		struct iovec iov = { &f, sizeof(f) };
		struct msghdr msg = { .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control) };
		ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);

		if (len < 0)
			return 0;
		if (len >= (ssize_t)(sizeof(f.ip) + sizeof(f.udp) + 16) &&
		    f.ip.protocol == IPPROTO_UDP && f.udp.dest == htons(PORT))
			printf("%u %u %lld\n", f.d.number, f.d.flow,
			       (long long)(arrival(&msg) - clocks - f.d.start));
	}
}

static uint64_t time_of(const struct tpacket2_hdr *frame)
{
	return frame->tp_sec * SECOND + frame->tp_nsec;
}

static int print_span(const char *dev, unsigned int least)
{
	const struct tpacket2_hdr *frame, *last = NULL;
	double gap, sum = 0, squares = 0, mean = 0;
	unsigned long long packets = 0, bytes = 0;
	const char *ring = watch(dev, false);
	size_t n;

	for (n = 0; (frame = frame_at(ring, n)); n++) {
		if (frame->tp_len < least)
			continue;
		if (packets++) {
			gap = (double)(time_of(frame) - time_of(last));
			sum += gap;
			squares += gap * gap;
			bytes += frame->tp_len;
		}
		last = frame;
	}
	if (packets > 1)
		mean = sum / (double)(packets - 1);
	printf("{\"packets\":%llu,\"ns\":%.0f,\"bytes\":%llu,\"gap_sd_ns\":%.0f}\n", packets, sum,
	       bytes, packets > 1 ? sqrt(squares / (double)(packets - 1) - mean * mean) : 0);
	return 0;
}

static int set_tai(int seconds)
{
	struct timex tx = { .modes = ADJ_TAI, .constant = seconds };

	if (adjtimex(&tx) < 0)
		die("adjtimex");
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && !strcmp(argv[1], "send"))
		return send_script(argv[2], false);
	if (argc == 4 && !strcmp(argv[1], "send") && !strcmp(argv[3], "in-phase"))
		return send_script(argv[2], true);
	if (argc == 3 && !strcmp(argv[1], "watch"))
		return print_departures(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive(argv[2], atoi(argv[3]));
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "span"))
		return print_span(argv[2], argc == 4 ? (unsigned int)atoi(argv[3]) : 0);
	if (argc == 3 && !strcmp(argv[1], "tai"))
		return set_tai(atoi(argv[2]));
	fprintf(stderr, "usage: flows send SCRIPT [in-phase] | watch DEV | receive DEV MS | "
			"span DEV [LEAST] | tai SECONDS\n");
	return 1;
}
