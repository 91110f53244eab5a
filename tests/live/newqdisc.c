// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * newqdisc: puts a qdisc at the root with any bytes as TCA_OPTIONS, as no tc would.
 *
 *   newqdisc DEV KIND HEX                        exits 0 when the kernel took it
 *   newqdisc --random SEED COUNT DEV KIND        COUNT random blobs and mutations of good ones;
 *                                                exits 0 when each was taken or got EINVAL
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bqdisc/instance.h>

#include "fifo.h"

#define MAX_OPTIONS 256

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

/* Half of them random, half of them ours with some bytes changed. */
static uint16_t invent(unsigned char *bytes)
{
	struct {
		struct bq_hello hello;
		struct fifo_config config;
	} good = {
		.hello = { .magic = BQ_MAGIC, .layout = BQ_LAYOUT, .size = sizeof(good) },
		.config = { .given = FIFO_GIVEN_LIMIT, .limit = 5 },
	};
	uint16_t i, len = (uint16_t)(rand() % 80);

	for (i = 0; i < len; i++)
		bytes[i] = (unsigned char)rand();
	if (rand() & 1)
		return len;
	memcpy(bytes, &good, sizeof(good));
	for (i = (uint16_t)(rand() % 4); i; i--)
		bytes[(size_t)rand() % sizeof(good)] = (unsigned char)rand();
	return sizeof(good);
}

static int try_random(unsigned int seed, int count, unsigned int ifindex, const char *kind)
{
	unsigned char bytes[MAX_OPTIONS];
	int i, err, taken = 0;

	srand(seed);
	for (i = 0; i < count; i++) {
		err = new_qdisc(ifindex, kind, bytes, invent(bytes));
		if (err && err != EINVAL) {
			fprintf(stderr, "seed %u, blob %d: %s\n", seed, i, strerror(err));
			return 1;
		}
		taken += !err;
	}
	printf("%d of %d were taken\n", taken, count);
	return 0;
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
	if (argc != 4)
		return 2;
	len = from_hex(argv[3], bytes);
	err = new_qdisc(if_nametoindex(argv[1]), argv[2], bytes, len);
	if (err)
		fprintf(stderr, "%s\n", strerror(err));
	return err ? 1 : 0;
}
