// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * decisions: numbered UDP datagrams, and what became of each on its way.
 *
 *   decisions send ADDRESS COUNT  sends so many, all of which could be marked with ECN's CE
 *   decisions flood ADDRESS COUNT BYTES
 *                                 sends so many of so many bytes; prints ns a datagram
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

#define PORT 9001
#define MAX_PACKETS 100000
#define BYTES 1000
#define ECT 2
#define CE 3
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

/* Returns the ns that it took. */
static uint64_t send_all(const char *address, uint32_t count, size_t bytes)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), tos = ECT, room = 1 << 26;
	struct datagram d = { 0 };
	uint64_t start = now();

	inet_pton(AF_INET, address, &to.sin_addr);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		die("socket");
	for (d.number = 0; d.number < count; d.number++)
		if (sendto(fd, &d, bytes, 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
			die("sendto");
	return now() - start;
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

/* Whether the sums of one's complement that end in a checksum come out. */
static bool is_right(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total == 0xffff;
}

static bool is_ours(const struct packet *p, ssize_t len)
{
	return len == (ssize_t)sizeof(*p) && is_right(sum(&p->ip, sizeof(p->ip))) &&
	       p->ip.protocol == IPPROTO_UDP && p->udp.dest == htons(PORT) &&
	       is_right(sum(&p->ip.saddr, 8) + IPPROTO_UDP + ntohs(p->udp.len) +
			sum(&p->udp, sizeof(p->udp) + sizeof(p->d)));
}

/* Somebody must listen, or the sender is told that nobody does. */
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

/* From now on it waits no longer than MS for the next one. */
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
		if (!is_ours(&p, len) || p.d.number >= MAX_PACKETS)
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

/* What is sent behind the number is zeros. */
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
	uint32_t count = argc > 3 ? (uint32_t)atoi(argv[3]) : 0;
	size_t bytes = argc > 4 ? (size_t)atoi(argv[4]) : BYTES;

	if (argc == 4 && !strcmp(argv[1], "send"))
		return !send_all(argv[2], count, bytes);
	if (argc == 5 && !strcmp(argv[1], "flood") && count && bytes <= BYTES) {
		printf("%llu\n", (unsigned long long)send_all(argv[2], count, bytes) / count);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive(argv[2], atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "bits"))
		return receive_bits(argv[2], atoi(argv[3]));
	fprintf(stderr, "usage: decisions send ADDRESS COUNT | flood ADDRESS COUNT BYTES | "
			"receive DEV MS | bits DEV MS\n");
	return 1;
}
