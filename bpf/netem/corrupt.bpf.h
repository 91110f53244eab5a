/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Corruption on the egress hook: inverts one bit so that the receiver detects it.
 *
 * The bit lies where a checksum covers it: outside the link header, the first 8 bytes of IPv6's
 * header, and tunnel headers. Local receivers trust a packet with CHECKSUM_PARTIAL, and a device
 * completes its checksum from the corrupted data. As in net/sched/sch_netem.c, this program
 * therefore computes the checksum first and sets CHECKSUM_NONE: see netem_give_up_partial().
 *
 * Otherwise it inverts a bit of the IP header that every receiver verifies. This applies to packets
 * still to be segmented, packets of more than NETEM_MAX_SUMMED bytes, and packets with a VLAN tag
 * in their data. It also applies to packets with SCTP's checksum and to short ones in a tunnel. All
 * segments of such a packet are lost.
 */
#ifndef BQDISC_NETEM_CORRUPT_BPF_H
#define BQDISC_NETEM_CORRUPT_BPF_H

#include <bqdisc/match.bpf.h>

#define CHECKSUM_PARTIAL 3

/* Flags of linux/bpf.h. */
#define NETEM_ADJ_ROOM_MAC 1
#define NETEM_ADJ_ROOM_NO_CSUM_RESET (1 << 5)
#define NETEM_CSUM_LEVEL_RESET 3
#define NETEM_RECOMPUTE_CSUM 1

/*
 * Sizes in bytes: of a packet that can grow again (BPF_SKB_MAX_LEN), and of its headers, read at
 * once.
 */
#define NETEM_MAX_SUMMED 15000
#define NETEM_MAX_HEADERS 256
#define NETEM_CHUNK 512

#define NETEM_NO_SUM (1u << 16)

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u8[NETEM_CHUNK]);
} scratch SEC(".maps");

static __always_inline u32 netem_headroom(const struct sk_buff *skb)
{
	return (u64)skb->data - (u64)skb->head;
}

static __always_inline bool netem_is_partial(struct sk_buff *skb)
{
	return BPF_CORE_READ_BITFIELD(skb, ip_summed) == CHECKSUM_PARTIAL;
}

/*
 * Return true for SCTP's CRC, which is no sum of 16-bit words. A kernel without SCTP lacks the
 * field.
 */
static __always_inline bool netem_is_crc(struct sk_buff *skb)
{
	return bpf_core_field_exists(skb->csum_not_inet) &&
	       BPF_CORE_READ_BITFIELD(skb, csum_not_inet);
}

static __always_inline int netem_turn_over(struct __sk_buff *skb, u32 at, u32 bit)
{
	u8 byte;

	if (bpf_skb_load_bytes(skb, at, &byte, sizeof(byte)))
		return 0;
	byte ^= 1u << (bit & 7);
	return !bpf_skb_store_bytes(skb, at, &byte, sizeof(byte), NETEM_RECOMPUTE_CSUM);
}

/*
 * Return the offset in bytes from which checksums cover the packet. The outer headers of a tunnel
 * are excluded, because outer UDP often has no checksum.
 */
static __always_inline u32 netem_first_covered(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	u32 network = whole->network_header;
	u8 version;

	if (BPF_CORE_READ_BITFIELD(whole, encapsulation))
		network = whole->inner_network_header;
	network -= netem_headroom(whole);
	if (bpf_skb_load_bytes(skb, network, &version, sizeof(version)))
		return 0;
	if (version >> 4 == 4)
		return network;
	return version >> 4 == 6 ? network + 8 : 0;
}

/* Invert a random bit that a checksum covers. As in the kernel, the draw ignores the seed. */
static __noinline int netem_corrupt_anywhere(struct __sk_buff *skb)
{
	u32 first = netem_first_covered(skb), random = bpf_get_prandom_u32();

	if (first >= skb->len)
		first = 0;
	if (!skb->len)
		return 0;
	return netem_turn_over(skb, first + (random >> 3) % (skb->len - first), random);
}

/*
 * Invert a bit of IPv4's checksum, or of the IP version. Segmentation recomputes the former and
 * keeps the latter. Also invert a bit of the pseudo-header sum, because a device that segments
 * completes the segments' checksums from it.
 */
static __noinline int netem_corrupt_header(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	u32 network = whole->network_header - netem_headroom(whole), random = bpf_get_prandom_u32();
	u8 version;

	if (skb->gso_size && netem_is_partial(whole))
		netem_turn_over(skb, whole->csum_start + whole->csum_offset - netem_headroom(whole),
				random >> 3);
	if (bpf_skb_load_bytes(skb, network, &version, sizeof(version)))
		return 0;
	if (version >> 4 == 4 && !skb->gso_size)
		return netem_turn_over(skb, network + offsetof(struct bq_ipv4, check), random);
	if (version >> 4 == 4 || version >> 4 == 6)
		return netem_turn_over(skb, network, 4 + (random & 3));
	return netem_corrupt_anywhere(skb);
}

/* Return the sum of 16-bit words from START to the packet's end, or NETEM_NO_SUM. */
static __noinline u32 netem_sum(struct __sk_buff *skb, u32 start)
{
	u32 zero = 0, i, at, left, len = skb->len;
	u8 *chunk = bpf_map_lookup_elem(&scratch, &zero);
	u64 sum = 0;

	if (!chunk)
		return NETEM_NO_SUM;
	bpf_for(i, 0, NETEM_MAX_SUMMED / NETEM_CHUNK + 1) {
		at = start + i * NETEM_CHUNK;
		if (at >= len)
			break;
		left = len - at;
		if (left > NETEM_CHUNK)
			left = NETEM_CHUNK;
		else
			__builtin_memset(chunk, 0, NETEM_CHUNK);
		left = ((left - 1) & (NETEM_CHUNK - 1)) + 1;
		if (bpf_skb_load_bytes(skb, at, chunk, left))
			return NETEM_NO_SUM;
		sum = (u32)bpf_csum_diff(NULL, 0, (void *)chunk, NETEM_CHUNK, sum);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)((sum & 0xffff) + (sum >> 16));
}

/*
 * Remove LEN bytes after the link header of HEADER bytes, including the checksum start, and restore
 * them. The kernel then clears CHECKSUM_PARTIAL (skb_postpull_rcsum()). Return false on failure.
 */
static __always_inline bool netem_cut_and_restore(struct __sk_buff *skb, u32 header, u32 len)
{
	u32 zero = 0;
	u8 *kept = bpf_map_lookup_elem(&scratch, &zero);

	/* Verifiers before 7.x bound only the register in use, so keep LEN out of sums. */
	barrier_var(len);
	if (!kept || len > NETEM_MAX_HEADERS)
		return false;
	barrier_var(len);
	if (!len)
		return false;
	return !bpf_skb_load_bytes(skb, header, kept, len) &&
	       !bpf_skb_adjust_room(skb, -(s32)len, NETEM_ADJ_ROOM_MAC,
				    NETEM_ADJ_ROOM_NO_CSUM_RESET) &&
	       !bpf_skb_adjust_room(skb, len, NETEM_ADJ_ROOM_MAC, NETEM_ADJ_ROOM_NO_CSUM_RESET) &&
	       !bpf_skb_store_bytes(skb, header, kept, len, 0);
}

/* Set CHECKSUM_NONE. Grow a short packet meanwhile, because an IP header must remain. */
static __noinline int netem_give_up_partial(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	u32 header = whole->network_header - netem_headroom(whole), len = skb->len;
	u32 cut = whole->csum_start - netem_headroom(whole) + 1;
	u32 least = header + cut + sizeof(struct bq_ipv6);
	bool done;

	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return 0;
	if (len < least && bpf_skb_change_tail(skb, least, 0))
		return 0;
	done = netem_cut_and_restore(skb, header, cut) && !netem_is_partial(whole);
	if (len < least)
		bpf_skb_change_tail(skb, len, 0);
	return done;
}

/*
 * Write the whole checksum, as skb_checksum_help() does. Return false if the packet does not allow
 * it.
 */
static __noinline int netem_complete_checksum(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	u32 start = whole->csum_start - netem_headroom(whole), sum;
	u16 check;

	if (skb->len > NETEM_MAX_SUMMED || netem_is_crc(whole))
		return 0;
	sum = netem_sum(skb, start);
	if (sum == NETEM_NO_SUM || !netem_give_up_partial(skb))
		return 0;
	check = ~sum;
	if (!check)
		check = 0xffff;
	return !bpf_skb_store_bytes(skb, start + whole->csum_offset, &check, sizeof(check), 0);
}

/* Corrupt the packet. Return 1 if corrupted, 0 if unchanged. */
static __noinline int netem_corrupt(struct __sk_buff *skb)
{
	if (skb->gso_size)
		return netem_corrupt_header(skb);
	/*
	 * Reset the level: otherwise the receiver trusts what the receiving device verified before.
	 */
	bpf_csum_level(skb, NETEM_CSUM_LEVEL_RESET);
	if (netem_is_partial(bpf_cast_to_kern_ctx(skb)) && !netem_complete_checksum(skb))
		return netem_corrupt_header(skb);
	return netem_corrupt_anywhere(skb);
}

#endif
