// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * frames: sends frames with any headers, which need no valid receiver.
 *
 *   frames DEV COUNT [WORD VALUE]...
 *
 * from as many as are needed of
 *   family 4|6|0   IPv4, IPv6, or neither (default 4)
 *   src dst        addresses; 192.0.2.1 and 192.0.2.2, 2001:db8::1 and 2001:db8::2
 *   proto N        default 17; sport, dport: 1000 and 2000, in the first four bytes behind headers
 *   dscp N mark N
 *   vlan N         a tag in the packet; a second one with `vlan2 N`
 *   options N      N words of IPv4 options
 *   frag N         a fragment at N * 8 bytes, of more
 *   ext N          an IPv6 extension header of that number; several in their order
 *   cut N          the frame ends N bytes after its network header begins
 *   size N         bytes of payload (default 26)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_EXT 16
#define MAX_FRAME 4096
#define PROTO_FRAGMENT 44
#define PROTO_AH 51

static struct {
	int family, proto, sport, dport, dscp, mark, vlan, vlan2, options, frag, cut, size;
	int ext[MAX_EXT], n_ext;
	const char *src, *dst;
} want = { .family = 4, .proto = 17, .sport = 1000, .dport = 2000, .frag = -1, .size = 26 };

static uint8_t frame[MAX_FRAME];
static size_t len;

static void add(int byte)
{
	if (len < sizeof(frame))
		frame[len++] = (uint8_t)byte;
}

static void add16(int value)
{
	add(value >> 8);
	add(value);
}

static void add_bytes(const void *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add(((const uint8_t *)bytes)[i]);
}

static void add_address(const char *text, int family)
{
	struct in6_addr a;

	if (inet_pton(family == 4 ? AF_INET : AF_INET6, text, &a) != 1) {
		fprintf(stderr, "no address: %s\n", text);
		exit(1);
	}
	add_bytes(&a, family == 4 ? 4 : 16);
}

static void add_ethernet(void)
{
	const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8 };
	int type = want.family == 4 ? 0x0800 : want.family == 6 ? 0x86dd : 0x88b5;

	add_bytes(addresses, sizeof(addresses));
	if (want.vlan) {
		add16(0x8100);
		add16(want.vlan);
	}
	if (want.vlan2) {
		add16(0x8100);
		add16(want.vlan2);
	}
	add16(type);
}

static void add_ipv4(void)
{
	int i;

	add(0x45 + want.options);
	add(want.dscp << 2);
	add16(20 + 4 * want.options + 4 + want.size);
	add16(1);
	add16(want.frag < 0 ? 0 : 0x2000 | want.frag);
	add(64);
	add(want.proto);
	add16(0);
	add_address(want.src ? want.src : "192.0.2.1", 4);
	add_address(want.dst ? want.dst : "192.0.2.2", 4);
	for (i = 0; i < want.options; i++)
		add16(0x0101), add16(0x0101);
}

/* Each is the shortest of its kind. */
static void add_extension(int number, int next)
{
	int i, bytes = number == PROTO_AH ? 12 : 8;

	add(next);
	add(number == PROTO_AH ? 1 : 0);
	add16(number == PROTO_FRAGMENT && want.frag >= 0 ? want.frag << 3 | 1 : 0);
	for (i = 4; i < bytes; i++)
		add(0);
}

static void add_ipv6(void)
{
	int i;

	add(0x60 | want.dscp >> 2);
	add((want.dscp & 3) << 6);
	add16(0);
	add16(8 * want.n_ext + 4 + want.size);
	add(want.n_ext ? want.ext[0] : want.proto);
	add(64);
	add_address(want.src ? want.src : "2001:db8::1", 6);
	add_address(want.dst ? want.dst : "2001:db8::2", 6);
	for (i = 0; i < want.n_ext; i++)
		add_extension(want.ext[i], i + 1 < want.n_ext ? want.ext[i + 1] : want.proto);
}

static void build(void)
{
	size_t network;
	int i;

	add_ethernet();
	network = len;
	if (want.family == 4)
		add_ipv4();
	else if (want.family == 6)
		add_ipv6();
	add16(want.sport);
	add16(want.dport);
	for (i = 0; i < want.size; i++)
		add(0);
	if (want.cut)
		len = network + (size_t)want.cut;
}

static const struct {
	const char *name;
	int *value;
} numbers[] = {
	{ "family", &want.family }, { "proto", &want.proto }, { "sport", &want.sport },
	{ "dport", &want.dport },   { "dscp", &want.dscp },   { "mark", &want.mark },
	{ "vlan", &want.vlan },     { "vlan2", &want.vlan2 }, { "options", &want.options },
	{ "frag", &want.frag },     { "cut", &want.cut },     { "size", &want.size },
};

static int take(const char *word, const char *value)
{
	size_t i;

	if (!strcmp(word, "src"))
		want.src = value;
	else if (!strcmp(word, "dst"))
		want.dst = value;
	else if (!strcmp(word, "ext") && want.n_ext < MAX_EXT)
		want.ext[want.n_ext++] = atoi(value);
	else
		for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			if (!strcmp(word, numbers[i].name)) {
				*numbers[i].value = (int)strtol(value, NULL, 0);
				return 0;
			}
	return strcmp(word, "src") && strcmp(word, "dst") && strcmp(word, "ext");
}

int main(int argc, char *argv[])
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int i, fd = socket(AF_PACKET, SOCK_RAW, 0);

	for (i = 3; i + 1 < argc; i += 2)
		if (take(argv[i], argv[i + 1]))
			return 1;
	if (argc < 3 || fd < 0)
		return 1;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	build();
	if (want.mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &want.mark, sizeof(want.mark)))
		return 1;
	for (i = 0; i < atoi(argv[2]); i++)
		/* A frame that the qdisc drops counts as sent. */
		if (sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
		    errno != ENOBUFS) {
			perror("frames");
			return 1;
		}
	return 0;
}
