/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Headers of a packet: bq_headers_read() parses them once.
 *
 * It parses IPv4 with options, and IPv6 with up to BQ_MAX_EXTENSIONS extension headers. Both may be
 * inside one VLAN tag, in the packet or beside it. Ports are those of TCP, UDP, UDP-Lite, DCCP and
 * SCTP; only the first fragment has them. Tunnelled packets are not parsed further. A non-IP packet
 * has a mark and nothing else.
 *
 * Guarantees: no read passes a packet's end, and a truncated field counts as absent. Cost:
 * bq_headers_read 213 for UDP over IPv4, once a packet.
 */
#ifndef BQDISC_HEADERS_BPF_H
#define BQDISC_HEADERS_BPF_H

#include <bqdisc/kernel.bpf.h>
#include <bqdisc/match.h>
#include <bpf/bpf_endian.h>

#define ETH_P_8021Q 0x8100
#define ETH_P_8021AD 0x88a8
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define ETH_HLEN 14
#define VLAN_HLEN 4

/* Protocol numbers of IANA. */
#define BQ_PROTO_HOPOPTS 0
#define BQ_PROTO_TCP 6
#define BQ_PROTO_UDP 17
#define BQ_PROTO_DCCP 33
#define BQ_PROTO_ROUTING 43
#define BQ_PROTO_FRAGMENT 44
#define BQ_PROTO_AH 51
#define BQ_PROTO_ICMPV4 1
#define BQ_PROTO_ICMPV6 58
#define BQ_PROTO_DSTOPTS 60
#define BQ_PROTO_SCTP 132
#define BQ_PROTO_UDPLITE 136

#define BQ_MAX_EXTENSIONS 8

/* Parsed headers of a packet. */
struct bq_headers {
	struct bq_address src, dst;
	u32 mark;
	u16 sport, dport;
	u8 fields; /* enum bq_match_field: fields it has */
	u8 family; /* 4, 6, or 0: it is not IP */
	u8 proto;
	u8 dscp;
};

/* --- wire formats, in network byte order --- */

struct bq_ipv4 {
	u8 version_ihl, tos;
	u16 len, id, fragment;
	u8 ttl, proto;
	u16 check;
	u32 src, dst;
};

struct bq_ipv6 {
	u8 version_class, class_label;
	u16 label, len;
	u8 next, hops;
	struct bq_address src, dst;
};

struct bq_extension {
	u8 next, len;
	u16 fragment; /* of a fragment header */
	u32 rest;
};

struct bq_port_pair {
	u16 src, dst;
};

/* Headers of nearly all packets, which one call reads. */
struct bq_ipv4_ports {
	struct bq_ipv4 ip; /* without options */
	struct bq_port_pair ports;
};

/* Position in the packet being read. */
struct bq_reader {
	struct bpf_dynptr packet;
	u32 at; /* bytes from the start of the packet */
};

/*
 * Return the header in place, which is nearly always possible, or its copy in BUF if it is
 * scattered. NULL: the packet is shorter.
 */
#define bq_read(reader, buf) bpf_dynptr_slice(&(reader)->packet, (reader)->at, buf, sizeof(*(buf)))

static __always_inline bool bq_has_ports(u8 proto)
{
	return proto == BQ_PROTO_TCP || proto == BQ_PROTO_UDP || proto == BQ_PROTO_SCTP ||
	       proto == BQ_PROTO_DCCP || proto == BQ_PROTO_UDPLITE;
}

static __always_inline void bq_set_ports(struct bq_headers *h, const struct bq_port_pair *ports)
{
	h->sport = bpf_ntohs(ports->src);
	h->dport = bpf_ntohs(ports->dst);
	h->fields |= BQ_MATCH_PORTS;
}

static __always_inline void bq_read_ports(struct bq_reader *r, struct bq_headers *h)
{
	struct bq_port_pair buf, *ports;

	if (!bq_has_ports(h->proto))
		return;
	ports = bq_read(r, &buf);
	if (ports)
		bq_set_ports(h, ports);
}

static __always_inline void bq_read_ipv4(struct bq_reader *r, struct bq_headers *h)
{
	struct bq_ipv4_ports buf, *both = bq_read(r, &buf);
	const struct bq_ipv4 *ip = both ? &both->ip : bq_read(r, &buf.ip);

	if (!ip || ip->version_ihl >> 4 != 4)
		return;
	h->family = 4;
	h->fields |= BQ_MATCH_IP;
	h->src.word[0] = ip->src;
	h->dst.word[0] = ip->dst;
	h->proto = ip->proto;
	h->dscp = ip->tos >> 2;
	/* The low 13 bits are the fragment's offset. */
	if (ip->fragment & bpf_htons(0x1fff))
		return;
	r->at += (ip->version_ihl & 15) * 4;
	if (!both || ip->version_ihl != 0x45)
		bq_read_ports(r, h);
	else if (bq_has_ports(h->proto))
		bq_set_ports(h, &both->ports);
}

/* Return the bytes of an extension header, or 0 if PROTO is none that can be skipped. */
static __always_inline u32 bq_extension_size(u8 proto, u8 len)
{
	if (proto == BQ_PROTO_HOPOPTS || proto == BQ_PROTO_ROUTING || proto == BQ_PROTO_DSTOPTS)
		return (len + 1) * 8;
	if (proto == BQ_PROTO_AH)
		return (len + 2) * 4;
	return proto == BQ_PROTO_FRAGMENT ? 8 : 0;
}

/* Skip the extension headers. Return false if no upper-layer header follows. */
static __always_inline bool bq_skip_extensions(struct bq_reader *r, struct bq_headers *h)
{
	struct bq_extension buf, *ext;
	u32 i, size;
	u8 proto;

	for (i = 0; i < BQ_MAX_EXTENSIONS; i++) {
		proto = h->proto;
		if (!bq_extension_size(proto, 0))
			return true;
		ext = bq_read(r, &buf);
		if (!ext)
			return false;
		size = bq_extension_size(proto, ext->len);
		h->proto = ext->next;
		r->at += size;
		/* The high 13 bits are the fragment's offset. */
		if (proto == BQ_PROTO_FRAGMENT && ext->fragment & bpf_htons(0xfff8))
			return false;
	}
	return true;
}

static __always_inline void bq_read_ipv6(struct bq_reader *r, struct bq_headers *h)
{
	struct bq_ipv6 buf, *ip = bq_read(r, &buf);

	if (!ip || ip->version_class >> 4 != 6)
		return;
	h->family = 6;
	h->fields |= BQ_MATCH_IP;
	h->src = ip->src;
	h->dst = ip->dst;
	h->proto = ip->next;
	h->dscp = (ip->version_class & 15) << 2 | ip->class_label >> 6;
	r->at += sizeof(*ip);
	if (bq_skip_extensions(r, h))
		bq_read_ports(r, h);
}

/*
 * Seek to the network header and return its EtherType. A tag beside the packet is not visible here:
 * skb->protocol is the inner type. For a tag in the packet skb->protocol is the tag's type. The
 * network header offset may then be before or after the tag.
 */
static __always_inline u16 bq_find_network(struct bq_reader *r, const struct sk_buff *skb)
{
	u16 buf, *inner, protocol = skb->protocol;

	if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD)) {
		r->at = skb->network_header - (u32)(skb->data - skb->head);
		return protocol;
	}
	r->at = ETH_HLEN + VLAN_HLEN - sizeof(buf);
	inner = bq_read(r, &buf);
	r->at = ETH_HLEN + VLAN_HLEN;
	return inner ? *inner : 0;
}

/* Parse the headers. CTX is the program's packet: SKB in a qdisc, struct __sk_buff on a hook. */
static __always_inline void bq_headers_read(void *ctx, const struct sk_buff *skb,
					    struct bq_headers *h)
{
	struct bq_reader r;
	u16 protocol;

	*h = (struct bq_headers){ .mark = skb->mark, .fields = BQ_MATCH_MARK };
	/* Keep it in memory: in registers, clang zeroes the absent fields on each path. */
	asm volatile("" ::"r"(h) : "memory");
	if (bpf_dynptr_from_skb(ctx, 0, &r.packet))
		return;
	protocol = bq_find_network(&r, skb);
	if (protocol == bpf_htons(ETH_P_IP))
		bq_read_ipv4(&r, h);
	else if (protocol == bpf_htons(ETH_P_IPV6))
		bq_read_ipv6(&r, h);
}

#endif
