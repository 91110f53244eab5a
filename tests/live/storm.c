// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * storm: random traffic, and the proof that nothing of it stays behind.
 *
 *   storm SEED     sends from many sockets until SIGTERM: packets of random sizes and priorities,
 *                  some with time stamps, some of sockets with a pacing rate, some of sockets that
 *                  are closed and opened again. Then waits until no packet weighs on a socket (20 s
 *                  at most), and prints {"sent":N,"refused":N,"held_bytes":N}. Exit status 1: some
 *                  packet still does.
 *
 * The device may come and go meanwhile: what cannot be sent is counted and forgotten.
 */
#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../lib/control.h"

#define SOCKETS 256
#define PORT 9000
#define LARGEST 1400 /* bytes */
#define PATIENCE 200 /* tenths of a second */

static volatile sig_atomic_t ended;
static uint64_t seed;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* xorshift64* */
static uint32_t draw(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static void nap(long ns)
{
	const struct timespec ts = { 0, ns };

	nanosleep(&ts, NULL);
}

/* -1: the device is not there, or its address is not. */
static int open_socket(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC };
	const uint64_t rate = 20000 + draw(2000000);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime));
	if (!draw(3))
		setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	close(fd);
	return -1;
}

static bool send_one(int fd)
{
	static char data[LARGEST];
	char control[CMSG_SPACE(sizeof(uint64_t))] = { 0 };
	struct iovec iov = { data, 1 + draw(LARGEST - 1) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int prio = (int)draw(16);
	struct timespec ts;
	uint64_t time;

	setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &prio, sizeof(prio));
	if (!draw(2)) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
		time = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec + draw(200000000);
		put_control(&msg, control, SCM_TXTIME, &time, sizeof(time));
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT) >= 0;
}

/* Bytes of packets that were sent from the sockets and are still somewhere on this machine. */
static long held_bytes(const int *fds)
{
	long sum = 0;
	int i, one;

	for (i = 0; i < SOCKETS; i++)
		if (fds[i] >= 0 && !ioctl(fds[i], SIOCOUTQ, &one))
			sum += one;
	return sum;
}

int main(int argc, char *argv[])
{
	const struct sigaction action = { .sa_handler = end };
	unsigned long sent = 0, refused = 0;
	int fds[SOCKETS], i;

	if (argc != 2) {
		fprintf(stderr, "usage: storm SEED\n");
		return 1;
	}
	seed = (strtoull(argv[1], NULL, 10) + 1) * 0x9e3779b97f4a7c15ull;
	sigaction(SIGTERM, &action, NULL);
	memset(fds, -1, sizeof(fds));
	while (!ended) {
		i = (int)draw(SOCKETS);
		if (fds[i] >= 0 && !draw(200)) {
			close(fds[i]);
			fds[i] = -1;
		}
		if (fds[i] < 0)
			fds[i] = open_socket();
		if (fds[i] >= 0 && send_one(fds[i]))
			sent++;
		else
			refused++;
		/* The rest of the machine is to have its turns. */
		if (!draw(20))
			nap(2000000);
	}
	for (i = 0; i < PATIENCE && held_bytes(fds); i++)
		nap(100000000);
	printf("{\"sent\":%lu,\"refused\":%lu,\"held_bytes\":%ld}\n", sent, refused,
	       held_bytes(fds));
	return held_bytes(fds) != 0;
}
