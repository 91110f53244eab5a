// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * newqdisc: makes a root qdisc with arbitrary bytes as TCA_OPTIONS.
 *
 *   newqdisc DEV KIND HEX                   exits 0 when the kernel accepts it
 *   newqdisc --random SEED COUNT DEV KIND   COUNT random blobs and mutations of good ones; exits 0
 *                                           when each was accepted, or refused with EINVAL or
 *                                           ERANGE, like in-tree kinds. Sends a packet through
 *                                           each new qdisc if DEV is up
 *   newqdisc --steal DEV KIND               valid options but for an unknown cookie,
 *                                           for every index; exits 0 when none was accepted
 */
#include <errno.h>
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bqdisc/instance.h>

#include "fifo.h"
#include "fq.h"
#include "netem.h"

#define MAX_OPTIONS 2048

static struct mnl_socket *nl;

/* A handle of its own each time: else the kernel would change the qdisc that is there. */
static uint32_t next_handle(void)
{
	static uint32_t major = 0x100;

	major = major == 0x1000 ? 0x100 : major + 1;
	return major << 16;
}

/* Returns 0 or the kernel's errno. */
static int new_qdisc(unsigned int ifindex, const char *kind, const void *options, uint16_t len)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;
	ssize_t n;

	nlh->nlmsg_type = RTM_NEWQDISC;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = TC_H_ROOT;
	tcm->tcm_handle = next_handle();
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	mnl_attr_put(nlh, TCA_OPTIONS, len, options);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0)
		return errno;
	return mnl_cb_run(buf, (size_t)n, 0, mnl_socket_get_portid(nl), NULL, NULL) < 0 ? errno : 0;
}

static uint16_t from_hex(const char *hex, unsigned char *bytes)
{
	uint16_t n = 0;

	for (; hex[0] && hex[1] && n < MAX_OPTIONS; hex += 2)
		sscanf(hex, "%2hhx", &bytes[n++]);
	return n;
}

/* --- hostile options --- */

static const struct {
	const char *kind;
	size_t config_size;
} kinds[] = {
	{ "bq_pfifo", sizeof(struct fifo_config) },
	{ "bq_bfifo", sizeof(struct fifo_config) },
	{ "bq_pfifo_hdrop", sizeof(struct fifo_config) },
	{ "bq_fq", sizeof(struct fq_config) },
	{ "bq_netem", sizeof(struct netem_config) },
};

/* Return the size of a kind's config struct, or any size for an unknown kind. */
static size_t config_size(const char *kind)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].kind, kind))
			return kinds[i].config_size;
	return 64;
}

static void fill(unsigned char *bytes, size_t n)
{
	while (n--)
		*bytes++ = (unsigned char)rand();
}

/* Write bqdisc's options with all defaults. Return their length. */
static uint16_t write_header(unsigned char *bytes, const char *kind, uint32_t index,
			     uint64_t cookie)
{
	struct bq_options_header header = {
		.magic = BQ_MAGIC,
		.layout = BQ_LAYOUT,
		.index = index,
		.size = (uint32_t)(sizeof(header) + config_size(kind)),
		.cookie = cookie,
	};

	memset(bytes, 0, header.size);
	memcpy(bytes, &header, sizeof(header));
	return (uint16_t)header.size;
}

/*
 * Write options with random values, some of them set. Or set few of them, because of many random
 * options one is nearly always out of range.
 */
static uint16_t invent_options(unsigned char *bytes, const char *kind)
{
	uint16_t len = write_header(bytes, kind, 0, 0);
	bool few = rand() % 2;
	int i;

	if (few)
		bytes[sizeof(struct bq_options_header) + (size_t)rand() % 4] =
			(unsigned char)(1 << rand() % 8);
	else
		fill(bytes + sizeof(struct bq_options_header), sizeof(uint64_t));
	for (i = rand() % (few ? 3 : 16); i; i--)
		fill(bytes + sizeof(struct bq_options_header) +
			     (size_t)rand() % (len - sizeof(struct bq_options_header)),
		     1);
	if (rand() % 4 == 0)
		fill(bytes + (size_t)rand() % len, 1);
	return len;
}

/* As the kernel's own qdiscs have them: perhaps a struct, then attributes, true ones and others. */
static uint16_t invent_native(unsigned char *bytes)
{
	uint16_t len = rand() % 2 ? (uint16_t)sizeof(struct tc_netem_qopt) : 0;
	int i;

	fill(bytes, len);
	for (i = rand() % 8; i; i--) {
		uint16_t body = (uint16_t)(rand() % 40);
		struct nlattr head = { .nla_len = (uint16_t)(body + sizeof(head)),
				       .nla_type = (uint16_t)(rand() % 24) };

		if (rand() % 8 == 0)
			head.nla_len = (uint16_t)rand();
		memcpy(bytes + len, &head, sizeof(head));
		fill(bytes + len + sizeof(head), body);
		len = (uint16_t)(len + MNL_ALIGN(body + sizeof(head)));
	}
	return len;
}

static uint16_t invent(unsigned char *bytes, const char *kind)
{
	uint16_t len = (uint16_t)(rand() % 200);

	memset(bytes, 0, MAX_OPTIONS);
	switch (rand() % 4) {
	case 0:
		fill(bytes, len);
		return len;
	case 1:
		fill(bytes, sizeof(struct tc_fifo_qopt));
		return sizeof(struct tc_fifo_qopt);
	case 2:
		return invent_native(bytes);
	default:
		return invent_options(bytes, kind);
	}
}

/* One short packet. A device that is down, or a full qdisc, refuses it: so be it. */
static void send_packet(unsigned int ifindex)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)ifindex,
				  .sll_halen = ETH_ALEN,
				  .sll_protocol = htons(ETH_P_IP) };
	static const char packet[60];
	static int fd = -1;

	if (fd < 0)
		fd = socket(AF_PACKET, SOCK_RAW, 0);
	sendto(fd, packet, sizeof(packet), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

static int try_random(unsigned int seed, int count, unsigned int ifindex, const char *kind)
{
	static unsigned char bytes[MAX_OPTIONS];
	int i, err, taken = 0;

	srand(seed);
	for (i = 0; i < count; i++) {
		err = new_qdisc(ifindex, kind, bytes, invent(bytes, kind));
		if (err && err != EINVAL && err != ERANGE) {
			fprintf(stderr, "seed %u, blob %d: %s\n", seed, i, strerror(err));
			return 1;
		}
		if (!err)
			send_packet(ifindex);
		taken += !err;
	}
	printf("%d of %d were taken\n", taken, count);
	return taken ? 0 : 1;
}

static int try_to_steal(unsigned int ifindex, const char *kind)
{
	static unsigned char bytes[MAX_OPTIONS];
	uint32_t index;

	for (index = 1; index < BQ_INSTANCES + 64; index++) {
		if (new_qdisc(ifindex, kind, bytes, write_header(bytes, kind, index, index % 3)))
			continue;
		fprintf(stderr, "index %u was taken\n", index);
		return 1;
	}
	/* The same is good when it asks for no index: so it was the index that was refused. */
	return new_qdisc(ifindex, kind, bytes, write_header(bytes, kind, 0, 0)) ? 1 : 0;
}

int main(int argc, char *argv[])
{
	unsigned char bytes[MAX_OPTIONS];
	uint16_t len;
	int err;

	nl = mnl_socket_open(NETLINK_ROUTE);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return 2;
	if (argc == 6 && !strcmp(argv[1], "--random"))
		return try_random((unsigned int)atoi(argv[2]), atoi(argv[3]),
				  if_nametoindex(argv[4]), argv[5]);
	if (argc == 4 && !strcmp(argv[1], "--steal"))
		return try_to_steal(if_nametoindex(argv[2]), argv[3]);
	if (argc != 4)
		return 2;
	len = from_hex(argv[3], bytes);
	err = new_qdisc(if_nametoindex(argv[1]), argv[2], bytes, len);
	if (err)
		fprintf(stderr, "%s\n", strerror(err));
	return err ? 1 : 0;
}
