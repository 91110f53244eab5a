// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys of flows, as text. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "qdisc/flows.h"
#include "util/array.h"

void bq_flow_key_copy(const struct bq_flow_key *from, struct bqdisc_flow_key *key)
{
	*key = (struct bqdisc_flow_key){
		.family = from->family,
		.protocol = from->proto,
		.ethertype = from->ethertype,
		.sport = from->sport,
		.dport = from->dport,
	};
	memcpy(key->src, &from->src, sizeof(key->src));
	memcpy(key->dst, &from->dst, sizeof(key->dst));
}

/* Names as in `match proto`, and of protocols that it takes as numbers. */
static const char *protocol_name(uint8_t protocol)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
		{ IPPROTO_ICMP, "icmp" },       { IPPROTO_TCP, "tcp" },
		{ IPPROTO_UDP, "udp" },         { IPPROTO_DCCP, "dccp" },
		{ IPPROTO_SCTP, "sctp" },       { IPPROTO_ICMPV6, "icmp6" },
		{ IPPROTO_UDPLITE, "udplite" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	return NULL;
}

char *bqdisc_flow_key__protocol(const struct bqdisc_flow_key *key, char *buf, size_t size)
{
	const char *name = protocol_name(key->protocol);

	if (!key->family)
		snprintf(buf, size, "0x%04x", key->ethertype);
	else if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%u", key->protocol);
	return buf;
}

static char *write_address(const struct bqdisc_flow_key *key, const uint8_t address[16], char *buf,
			   size_t size)
{
	if (!key->family ||
	    !inet_ntop(key->family == 4 ? AF_INET : AF_INET6, address, buf, (socklen_t)size))
		*buf = '\0';
	return buf;
}

char *bqdisc_flow_key__src(const struct bqdisc_flow_key *key, char *buf, size_t size)
{
	return write_address(key, key->src, buf, size);
}

char *bqdisc_flow_key__dst(const struct bqdisc_flow_key *key, char *buf, size_t size)
{
	return write_address(key, key->dst, buf, size);
}

/* Write "10.0.0.1:80", "[fe80::1]:80", or the address alone. */
static void write_end(const struct bqdisc_flow_key *key, const uint8_t address[16], uint16_t port,
		      char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	write_address(key, address, text, sizeof(text));
	if (!port)
		snprintf(buf, size, "%s", text);
	else
		snprintf(buf, size, key->family == 6 ? "[%s]:%u" : "%s:%u", text, port);
}

char *bqdisc_flow_key__format(const struct bqdisc_flow_key *key, char *buf, size_t size)
{
	char protocol[32], src[64], dst[64];

	bqdisc_flow_key__protocol(key, protocol, sizeof(protocol));
	write_end(key, key->src, key->sport, src, sizeof(src));
	write_end(key, key->dst, key->dport, dst, sizeof(dst));
	if (key->family)
		snprintf(buf, size, "%s %s > %s", protocol, src, dst);
	else
		snprintf(buf, size, "%s", protocol);
	return buf;
}
