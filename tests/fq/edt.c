// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * edt: TCP flows to 10.9.0.2 in the namespace `peer`, and the rates at which they arrive.
 *
 *   edt FLOWS BYTES [US]   sends BYTES through each of FLOWS connections at the same time, with
 *                     TCP_TX_DELAY of US microseconds. Prints
 *                     {"rates":[N,...],"bytes":N,"packets":N,"ns":N}: of each flow the bytes a
 *                     second from its first arrival to its last, those of the first not counted;
 *                     the bytes and packets that left ve0, and the time from the first send() to
 *                     the last arrival
 *
 * Rates are those of the packets with their headers, as a program at the egress hook sees them: a
 * GSO packet has one. Both ends are one thread, so that nothing else decides when they run. No byte
 * is copied: an emulated CPU is too slow for that at 500 MB/s.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef TCP_TX_DELAY
#define TCP_TX_DELAY 37
#endif

#define PORT 9100
#define MAX_FLOWS 64
#define TIMEOUT_MS 60000
#define CHUNK (1u << 18) /* bytes */

struct flow {
	int sender, receiver;
	uint64_t to_send, to_receive; /* bytes */
	uint64_t first_ns, last_ns, first_bytes;
};

static struct flow flows[MAX_FLOWS];
static struct pollfd polled[2 * MAX_FLOWS];
static int file; /* CHUNK zeroes, to send */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t sent_by_device(const char *what)
{
	unsigned long long n = 0;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/ve0/statistics/tx_%s", what);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%llu", &n) != 1)
		die(path);
	fclose(f);
	return n;
}

static void enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* The listener belongs to the peer's namespace. The thread returns to its own. */
static int listen_in_peer(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd, on = 1;

	enter("/run/netns/peer");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, MAX_FLOWS))
		die("listen");
	if (home < 0 || setns(home, CLONE_NEWNET))
		die("setns");
	close(home);
	return fd;
}

static void open_flows(size_t n, uint64_t bytes, int tx_delay)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int listener = listen_in_peer();
	size_t i;

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	for (i = 0; i < n; i++) {
		struct flow *f = &flows[i];

		f->sender = socket(AF_INET, SOCK_STREAM, 0);
		if (f->sender < 0 || connect(f->sender, (struct sockaddr *)&to, sizeof(to)))
			die("connect");
		f->receiver = accept(listener, NULL, NULL);
		if (f->receiver < 0 || fcntl(f->sender, F_SETFL, O_NONBLOCK) ||
		    fcntl(f->receiver, F_SETFL, O_NONBLOCK))
			die("accept");
		if (tx_delay &&
		    setsockopt(f->sender, IPPROTO_TCP, TCP_TX_DELAY, &tx_delay, sizeof(tx_delay)))
			die("TCP_TX_DELAY");
		f->to_send = f->to_receive = bytes;
		polled[2 * i] = (struct pollfd){ .fd = f->sender, .events = POLLOUT };
		polled[2 * i + 1] = (struct pollfd){ .fd = f->receiver, .events = POLLIN };
	}
}

static void send_some(struct flow *f, struct pollfd *p)
{
	size_t most = f->to_send < CHUNK ? f->to_send : CHUNK;
	off_t from = 0;
	ssize_t n = sendfile(f->sender, file, &from, most);

	if (n > 0)
		f->to_send -= (uint64_t)n;
	if (!f->to_send)
		p->events = 0;
}

/* Return 1 when everything has arrived. */
static size_t receive_some(struct flow *f, struct pollfd *p)
{
	uint64_t now = now_ns(), got = 0;
	ssize_t n;

	while ((n = recv(f->receiver, NULL, CHUNK, MSG_TRUNC)) > 0)
		got += (uint64_t)n;
	if (!got)
		return 0;
	if (!f->first_ns) {
		f->first_ns = now;
		f->first_bytes = got;
	}
	f->last_ns = now;
	f->to_receive -= got;
	if (f->to_receive)
		return 0;
	p->events = 0;
	return 1;
}

static void transfer(size_t n)
{
	size_t i, done = 0, turn = 0;

	while (done < n) {
		if (poll(polled, 2 * n, TIMEOUT_MS) <= 0)
			die("poll");
		for (i = 0; i < n; i++)
			if (polled[2 * i + 1].revents & POLLIN)
				done += receive_some(&flows[i], &polled[2 * i + 1]);
		/*
		 * Send one chunk at a time. Sending takes long, and delays the reading of arrived
		 * data.
		 */
		for (i = 0; i < n && !(polled[2 * (turn % n)].revents & POLLOUT); i++)
			turn++;
		if (i < n)
			send_some(&flows[turn % n], &polled[2 * (turn % n)]);
		turn++;
	}
}

static void print_rates(size_t n, uint64_t bytes, uint64_t sent)
{
	double with_headers = (double)sent / (double)(bytes * n);
	size_t i;

	printf("{\"rates\":[");
	for (i = 0; i < n; i++)
		printf("%s%.0f", i ? "," : "",
		       (double)(bytes - flows[i].first_bytes) * with_headers * 1e9 /
			       (double)(flows[i].last_ns - flows[i].first_ns));
	printf("],");
}

int main(int argc, char *argv[])
{
	size_t n = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0, i;
	uint64_t bytes = argc >= 3 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t start, end = 0, sent, packets;

	if (!n || n > MAX_FLOWS || !bytes) {
		fputs("usage: see the top of edt.c\n", stderr);
		return 1;
	}
	file = memfd_create("zeroes", MFD_CLOEXEC);
	if (file < 0 || fallocate(file, 0, 0, CHUNK))
		die("memfd");
	mlockall(MCL_CURRENT);
	open_flows(n, bytes, argc > 3 ? atoi(argv[3]) : 0);
	sent = sent_by_device("bytes");
	packets = sent_by_device("packets");
	start = now_ns();
	transfer(n);
	sent = sent_by_device("bytes") - sent;
	packets = sent_by_device("packets") - packets;
	for (i = 0; i < n; i++)
		end = flows[i].last_ns > end ? flows[i].last_ns : end;
	print_rates(n, bytes, sent);
	printf("\"bytes\":%llu,\"packets\":%llu,\"ns\":%llu}\n", (unsigned long long)sent,
	       (unsigned long long)packets, (unsigned long long)(end - start));
	return 0;
}
