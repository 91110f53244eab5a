// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets by their addresses and ports. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "netlink/request.h"
#include "netlink/sockets.h"
#include "util/array.h"

/* States of linux/net/tcp_states.h without a socket of a process. */
#define WITHOUT_OWNER (1u << 6 /* TIME_WAIT */ | 1u << 10 /* LISTEN */ | 1u << 12 /* SYN_RECV */)

struct reading {
	struct bq_sockets *sockets;
	uint8_t protocol;
};

/* Let a socket of IPv6 that sends IPv4 have the addresses of its packets. */
static void unmap(uint8_t address[16])
{
	memmove(address, address + 12, 4);
	memset(address + 4, 0, 12);
}

static void read_key(const struct inet_diag_msg *msg, uint8_t protocol, struct bqdisc_flow_key *key)
{
	const size_t size = msg->idiag_family == AF_INET ? 4 : 16;

	*key = (struct bqdisc_flow_key){
		.family = msg->idiag_family == AF_INET ? 4 : 6,
		.protocol = protocol,
		.sport = ntohs(msg->id.idiag_sport),
		.dport = ntohs(msg->id.idiag_dport),
	};
	memcpy(key->src, msg->id.idiag_src, size);
	memcpy(key->dst, msg->id.idiag_dst, size);
	if (key->family != 6 || !IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)msg->id.idiag_dst))
		return;
	key->family = 4;
	unmap(key->src);
	unmap(key->dst);
}

static int read_cgroup(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == INET_DIAG_CGROUP_ID &&
	    mnl_attr_get_payload_len(attr) == sizeof(uint64_t))
		*(uint64_t *)arg = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

static int add_socket(const struct nlmsghdr *nlh, void *arg)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct reading *reading = arg;
	struct bq_sockets *sockets = reading->sockets;
	struct bq_socket *grown, *s;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg))
		return MNL_CB_OK;
	grown = bq_array_extend(sockets->v, sockets->n, &sockets->room, sizeof(*grown));
	if (!grown)
		return MNL_CB_ERROR;
	sockets->v = grown;
	s = &sockets->v[sockets->n++];
	*s = (struct bq_socket){ .uid = msg->idiag_uid, .inode = msg->idiag_inode };
	read_key(msg, reading->protocol, &s->key);
	mnl_attr_parse(nlh, sizeof(*msg), read_cgroup, &s->cgroup);
	return MNL_CB_OK;
}

static int dump(struct bq_sockets *sockets, uint8_t family, uint8_t protocol)
{
	struct reading reading = { sockets, protocol };
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req;
	int err;

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->sdiag_family = family;
	req->sdiag_protocol = protocol;
	req->idiag_states = ~WITHOUT_OWNER;
	err = bq_netlink_dump_bus(NETLINK_SOCK_DIAG, nlh, "sockets", add_socket, &reading, NULL);
	return err == -ENOMEM ? err : 0;
}

/* Compare what all packets of a socket have in common, connected or not. */
static int compare_ports(const struct bqdisc_flow_key *a, const struct bqdisc_flow_key *b)
{
	int difference = a->protocol - b->protocol;

	return difference ? difference : a->sport - b->sport;
}

static int compare(const void *a, const void *b)
{
	const struct bq_socket *one = a, *other = b;
	int difference = compare_ports(&one->key, &other->key);

	/* Connected sockets go first. */
	return difference ? difference : other->key.dport - one->key.dport;
}

int bq_sockets_read(struct bq_sockets *sockets)
{
	int err = dump(sockets, AF_INET, IPPROTO_TCP);

	if (!err)
		err = dump(sockets, AF_INET6, IPPROTO_TCP);
	if (!err)
		err = dump(sockets, AF_INET, IPPROTO_UDP);
	if (!err)
		err = dump(sockets, AF_INET6, IPPROTO_UDP);
	if (sockets->n)
		qsort(sockets->v, sockets->n, sizeof(*sockets->v), compare);
	return err;
}

void bq_sockets_free(struct bq_sockets *sockets)
{
	free(sockets->v);
	*sockets = (struct bq_sockets){ 0 };
}

static bool is_any(const uint8_t address[16])
{
	static const uint8_t any[16];

	return !memcmp(address, any, sizeof(any));
}

/* Return true if a socket with this key sends packets of KEY. One without address sends any. */
static bool sends(const struct bqdisc_flow_key *socket, const struct bqdisc_flow_key *key)
{
	if (socket->dport &&
	    (socket->dport != key->dport || memcmp(socket->dst, key->dst, sizeof(key->dst)) != 0))
		return false;
	if (is_any(socket->src))
		return socket->family == 6 || key->family == 4;
	return socket->family == key->family && !memcmp(socket->src, key->src, sizeof(key->src));
}

/* Return the first socket that is not before the ports of KEY. */
static size_t find_first(const struct bq_sockets *sockets, const struct bqdisc_flow_key *key)
{
	size_t low = 0, high = sockets->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (compare_ports(&sockets->v[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct bq_socket *bq_sockets_find(const struct bq_sockets *sockets,
					const struct bqdisc_flow_key *key)
{
	size_t i;

	for (i = find_first(sockets, key); i < sockets->n; i++) {
		if (compare_ports(&sockets->v[i].key, key) != 0)
			break;
		if (sends(&sockets->v[i].key, key))
			return &sockets->v[i];
	}
	return NULL;
}
