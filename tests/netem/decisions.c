// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * decisions: numbered UDP datagrams, and what became of each on its way.
 *
 *   decisions send ADDRESS COUNT  sends COUNT ECN-capable packets
 *   decisions flood ADDRESS BEFORE COUNT BYTES NS
 *                                 sends one of so many bytes in each NS, at random in it, from a
 *                                 socket as it comes; prints how many ns of CPU time COUNT of them
 *                                 cost each, after BEFORE others, on a machine of one CPU
 *   decisions receive DEV MS      what comes in from DEV until nothing more has come for MS;
 *                                 prints a line a number, in their order: NUMBER COPIES MARKED,
 *                                 where a copy that is damaged does not count
 *   decisions bits DEV MS         the same of datagrams of which one bit behind the number was
 *                                 flipped; prints a line for each: BYTE BIT, from 0 on
 *
 * A checksum that the device was to complete is not: switch that off at the sender.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <bqdisc/random.h>

#define PORT 9001
#define MAX_PACKETS 100000
#define BYTES 1000
#define ECT 2
#define CE 3
#define MILLION 1000000ull
#define SEED 1
#define FIRST 20 /* s: so long a receiver waits for the first one */

struct datagram {
	uint32_t number;
	char rest[BYTES - sizeof(uint32_t)];
};

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	struct datagram d;
} __attribute__((packed));

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The destination of all datagrams. */
static struct sockaddr_in to = { .sin_family = AF_INET };

/* Open a socket whose packets are ECN-capable. */
static int open_sender(const char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), tos = ECT;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)))
		die("socket");
	to.sin_port = htons(PORT);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die(address);
	return fd;
}

static void send_one(int fd, uint32_t number, size_t bytes)
{
	static struct datagram d;

	d.number = number;
	if (sendto(fd, &d, bytes, 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die("sendto");
}

/* Send all without waiting for the send buffer. */
static int send_all(const char *address, uint32_t count)
{
	int fd = open_sender(address), room = 1 << 26;
	uint32_t n;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		die("socket");
	for (n = 0; n < count; n++)
		send_one(fd, n, BYTES);
	return 0;
}

/* Read the clock until TIME. Return the number of reads. */
static uint64_t spin_until(uint64_t time)
{
	uint64_t looks = 1;

	while (now() < time)
		looks++;
	return looks;
}

/*
 * A sender at full speed falls in step with the departures, and gets faster and slower in turns,
 * because departures of earlier packets take CPU time. So this sender spins for a random time, and
 * subtracts the known cost of the clock reads.
 */
static int flood(const char *address, uint32_t before, uint32_t count, size_t bytes, uint64_t ns)
{
	uint64_t next, start = 0, looks = 0, spinning = 100 * MILLION, in_it;
	struct bq_random random;
	int fd = open_sender(address);
	uint32_t n;

	bq_random_seed(&random, SEED);
	in_it = spin_until(now() + spinning);
	next = now();
	for (n = 0; n < before + count; n++, next += ns) {
		if (n == before) {
			start = now();
			looks = 0;
		}
		looks += spin_until(next + bq_random_draw(&random) % ns);
		send_one(fd, n, bytes);
	}
	printf("%llu\n", (unsigned long long)((now() - start - looks * spinning / in_it) / count));
	return 0;
}

/* The sum of 16-bit words in network byte order, of an even number of bytes. */
static uint32_t sum(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	uint32_t total = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		total += (uint32_t)b[i] << 8 | b[i + 1];
	return total;
}

/* Check that a one's complement sum including its checksum is correct. */
static bool is_right(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total == 0xffff;
}

static bool is_datagram(const struct packet *p, ssize_t len)
{
	return len == (ssize_t)sizeof(*p) && is_right(sum(&p->ip, sizeof(p->ip))) &&
	       p->ip.protocol == IPPROTO_UDP && p->udp.dest == htons(PORT) &&
	       is_right(sum(&p->ip.saddr, 8) + IPPROTO_UDP + ntohs(p->udp.len) +
			sum(&p->udp, sizeof(p->udp) + sizeof(p->d)));
}

/* Bind the port. Without a socket, the sender gets ICMP errors. */
static int open_receiver(const char *dev)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	struct sockaddr_in port = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), room = 1 << 28;
	struct timeval first = { FIRST, 0 };

	from.sll_ifindex = (int)if_nametoindex(dev);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &first, sizeof(first)) ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)))
		die(dev);
	if (bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&port, sizeof(port)))
		die("port");
	return fd;
}

/* From now on, wait at most MS for the next packet. */
static void hurry(int fd, int ms)
{
	struct timeval most = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
}

static int receive(const char *dev, int ms)
{
	static unsigned int copies[MAX_PACKETS], marked[MAX_PACKETS];
	int fd = open_receiver(dev);
	uint32_t number, n = 0;
	struct packet p;
	ssize_t len;

	while ((len = recv(fd, &p, sizeof(p), 0)) >= 0) {
		if (!is_datagram(&p, len) || p.d.number >= MAX_PACKETS)
			continue;
		if (!n)
			hurry(fd, ms);
		number = p.d.number;
		copies[number]++;
		marked[number] += (p.ip.tos & 3) == CE;
		n = number >= n ? number + 1 : n;
	}
	for (number = 0; number < n; number++)
		printf("%u %u %u\n", number, copies[number], marked[number]);
	return 0;
}

/* The payload behind the number is sent as zeros. */
static void print_bit(const struct packet *p)
{
	const char *rest = p->d.rest;
	size_t i, at = 0, bits = 0;

	for (i = 0; i < sizeof(p->d.rest); i++) {
		bits += (size_t)__builtin_popcount((unsigned char)rest[i]);
		at = rest[i] ? i : at;
	}
	if (bits == 1)
		printf("%zu %d\n", at, __builtin_ctz((unsigned char)rest[at]));
}

static int receive_bits(const char *dev, int ms)
{
	int fd = open_receiver(dev);
	bool any = false;
	struct packet p;
	ssize_t len;

	while ((len = recv(fd, &p, sizeof(p), 0)) >= 0) {
		if (len != (ssize_t)sizeof(p) || p.ip.protocol != IPPROTO_UDP)
			continue;
		if (!any)
			hurry(fd, ms);
		any = true;
		print_bit(&p);
	}
	return 0;
}

int main(int argc, char *argv[])
{
	uint32_t n[4] = { 0 };
	int i;

	for (i = 3; i < argc && i < 7; i++)
		n[i - 3] = (uint32_t)atoi(argv[i]);
	if (argc == 4 && !strcmp(argv[1], "send"))
		return send_all(argv[2], n[0]);
	if (argc == 7 && !strcmp(argv[1], "flood") && n[1] && n[2] <= BYTES && n[3])
		return flood(argv[2], n[0], n[1], n[2], n[3]);
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive(argv[2], (int)n[0]);
	if (argc == 4 && !strcmp(argv[1], "bits"))
		return receive_bits(argv[2], (int)n[0]);
	fprintf(stderr,
		"usage: decisions send ADDRESS COUNT | flood ADDRESS BEFORE COUNT BYTES NS | "
		"receive DEV MS | bits DEV MS\n");
	return 1;
}
