/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hash of a packet's flow: addresses, protocol and ports.
 *
 * The kernel's bpf_skb_get_hash() dissects packets of any shape, for 660 to 780 instructions.
 * Nearly all packets are TCP or UDP over IPv4 or IPv6, whose five words are cheap to read. This
 * header hashes those and leaves the others to the kernel. All packets of a flow must take the same
 * path, so only their headers decide. A fragment is hashed without ports, as in the kernel.
 *
 * The hash is multilinear-HM of Lemire and Kaser, "Strongly universal string hashing is fast"
 * (2014). Its keys are secret, so that no sender can target a flow.
 *
 * Guarantees: reads nothing outside of the packet's linear part. Cost: bq_hash_of 123 for IPv4.
 */
#ifndef BQDISC_HASH_BPF_H
#define BQDISC_HASH_BPF_H

#include <bqdisc/hash.h>
#include <bqdisc/kernel.bpf.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IP_FRAGMENT 0x3fff /* MF and the offset */

static __always_inline void bq_hash_init(struct bq_hash *hash)
{
	u32 i;

	for (i = 0; i < BQ_HASH_KEYS; i++)
		hash->keys[i] = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();
}

/* Wire formats of the headers. */
struct bq_hash_v4 {
	u8 words_of_header : 4, version : 4;
	u8 tos;
	u16 length, id, fragment;
	u8 ttl, protocol;
	u16 checksum;
	u32 from, to;
};

struct bq_hash_v6 {
	u32 version_class_label;
	u16 length;
	u8 protocol, hop_limit;
	u32 from[4], to[4];
};

/* Return LEN bytes from OFFSET of the packet's head, or NULL if not all are linear. */
static __always_inline const void *bq_hash_bytes(const struct sk_buff *skb, u32 offset, u32 len)
{
	u64 at = (u64)skb->head + offset;

	if (at + len > (u64)skb->data + skb->len - skb->data_len)
		return NULL;
	return bpf_rdonly_cast((void *)at, 0);
}

/* Return the hash of words 2N and 2N + 1. */
static __always_inline u64 bq_hash_pair(const struct bq_hash *hash, u32 n, u32 a, u32 b)
{
	return (hash->keys[2 * n + 1] + a) * (hash->keys[2 * n + 2] + b);
}

static __always_inline u32 bq_hash_end(const struct bq_hash *hash, u64 sum)
{
	return (hash->keys[0] + sum) >> 32;
}

static __always_inline bool bq_hash_ipv4(const struct bq_hash *hash, const struct sk_buff *skb,
					 u32 *result)
{
	u32 offset = skb->network_header, ports = 0;
	const struct bq_hash_v4 *ip = bq_hash_bytes(skb, offset, sizeof(*ip));
	const u32 *after;

	if (!ip || (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP))
		return false;
	if (!(ip->fragment & bpf_htons(IP_FRAGMENT))) {
		after = bq_hash_bytes(skb, offset + ip->words_of_header * 4, sizeof(*after));
		if (!after)
			return false;
		ports = *after;
	}
	*result = bq_hash_end(hash, bq_hash_pair(hash, 0, ip->from, ip->to) +
					    bq_hash_pair(hash, 1, ports, ip->protocol));
	return true;
}

static __always_inline bool bq_hash_ipv6(const struct bq_hash *hash, const struct sk_buff *skb,
					 u32 *result)
{
	u32 offset = skb->network_header;
	const struct bq_hash_v6 *ip = bq_hash_bytes(skb, offset, sizeof(*ip) + sizeof(u32));
	u64 sum;

	if (!ip || (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP))
		return false;
	sum = bq_hash_pair(hash, 0, ip->from[0], ip->from[1]) +
	      bq_hash_pair(hash, 1, ip->from[2], ip->from[3]) +
	      bq_hash_pair(hash, 2, ip->to[0], ip->to[1]) +
	      bq_hash_pair(hash, 3, ip->to[2], ip->to[3]) +
	      bq_hash_pair(hash, 4, *(const u32 *)(ip + 1), ip->protocol);
	*result = bq_hash_end(hash, sum);
	return true;
}

/* Hash a packet whose headers are supported; return false if the kernel must dissect it. */
static __always_inline bool bq_hash_read(const struct bq_hash *hash, const struct sk_buff *skb,
					 u32 *result)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bq_hash_ipv4(hash, skb, result);
	return skb->protocol == bpf_htons(ETH_P_IPV6) && bq_hash_ipv6(hash, skb, result);
}

/* Return the hash of SKB's flow. A packet that already has a hash keeps it. */
static __always_inline u32 bq_hash_of(const struct bq_hash *hash, struct sk_buff *skb)
{
	u32 result;

	if (!skb->hash && bq_hash_read(hash, skb, &result))
		return result;
	return bpf_skb_get_hash(skb);
}

#endif
